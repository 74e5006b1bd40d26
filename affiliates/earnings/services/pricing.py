"""What a merchant's programme pays, read once for many orders, and the pricing of an order's lines
with it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from affiliates.catalogue.models import Offer, Product
from affiliates.earnings.domain import attribution
from affiliates.earnings.domain.commission_rules import (
    Earned,
    Facts,
    Rule,
    Terms,
    choose_rule,
    earn,
    same_word,
    terms_of,
)
from affiliates.earnings.domain.ledger import Slot, target
from affiliates.earnings.domain.states import Status, stage_now
from affiliates.earnings.models import CommissionRule, Conversion, ConversionLine
from affiliates.parties.models import GroupMembership, Merchant, Program, Stay
from cms.core.domain.money import largest_remainder

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Tariff:
    """A programme with its rules and who was in it when."""

    program: Program | None
    rules: tuple[Rule, ...] = ()
    #: creator → the times in which they were in the programme, (from, until)
    stays: Mapping[int, tuple[tuple[dt.datetime, dt.datetime | None], ...]] = field(default_factory=dict)
    #: (creator, group, from, until)
    memberships: tuple[tuple[int, int, dt.datetime, dt.datetime | None], ...] = ()

    @property
    def policy(self) -> attribution.Policy | None:
        """How the programme credits orders; None where there is no programme."""
        if self.program is None:
            return None
        return attribution.Policy(
            window_days=self.program.window_days,
            model=self.program.attribution_model,
            coupons=self.program.coupon_policy,
        )

    def was_in(self, creator_id: int | None, moment: dt.datetime) -> bool:
        """Whether a creator was in the programme at a moment; the house always is."""
        if creator_id is None or self.program is None:
            return True
        return any(
            since <= moment and (until is None or moment < until) for since, until in self.stays.get(creator_id, ())
        )

    def groups_of(self, creator_id: int | None, moment: dt.datetime) -> frozenset[int]:
        """The groups a creator was in at a moment."""
        return frozenset(
            group
            for creator, group, since, until in self.memberships
            if creator == creator_id and since <= moment and (until is None or moment < until)
        )

    @property
    def asks_for_products(self) -> bool:
        """Whether a rule is confined to a list of products."""
        return any(rule.products for rule in self.rules)


def rules_of(program_id: int) -> tuple[Rule, ...]:
    """All versions of a programme's rules. One query."""
    return tuple(rule_of(rule) for rule in CommissionRule.objects.filter(program_id=program_id))


def rule_of(rule: CommissionRule) -> Rule:
    """A stored rule, or one that is only thought of, as the domain knows it."""
    return Rule(
        pk=rule.pk or 0,
        version=rule.version,
        starts_at=rule.starts_at,
        ends_at=rule.ends_at,
        percent=rule.percent,
        flat_minor=rule.flat_minor,
        category=rule.category,
        creator_id=rule.creator_id,
        country=rule.country,
        effect=rule.effect,
        group_id=rule.group_id,
        products=rule.product_numbers,
        coupon=rule.coupon,
        customer=rule.customer,
        basket_min_minor=rule.basket_min_minor,
        basket_max_minor=rule.basket_max_minor,
        budget_minor=rule.budget_minor,
        creator_month_minor=rule.creator_month_minor,
        order_minor=rule.order_minor,
    )


def tariff_of(program: Program | None, *, creator_ids: Iterable[int] = (), asks_for_groups: bool = False) -> Tariff:
    """What an order of this programme is priced by. Two queries, three where a rule is for a group.

    A creator earns from clicks of the times in which they were in the programme; an open one must be joined too.
    """
    if program is None:
        return Tariff(None)
    stays: dict[int, tuple[tuple[dt.datetime, dt.datetime | None], ...]] = {}
    found = Stay.objects.filter(enrolment__program=program, enrolment__creator_id__in=set(creator_ids))
    for creator_id, since, until in found.values_list("enrolment__creator_id", "starts_at", "ends_at"):
        stays[creator_id] = (*stays.get(creator_id, ()), (since, until))
    rules = rules_of(program.pk)
    memberships: tuple[tuple[int, int, dt.datetime, dt.datetime | None], ...] = ()
    if asks_for_groups or any(rule.group_id for rule in rules):
        held = GroupMembership.objects.filter(group__program=program)
        memberships = tuple(held.values_list("creator_id", "group_id", "starts_at", "ends_at"))
    return Tariff(program, rules, stays, memberships)


def active_program(merchant: Merchant) -> Program | None:
    """The programme that new orders of a merchant belong to. One query."""
    return Program.objects.filter(merchant=merchant, is_active=True).first()


def products_by_sku(merchant: Merchant, skus: Iterable[str]) -> dict[str, int]:
    """The merchant's numbers that we know → their products. One query where there are any."""
    wanted = {sku for sku in skus if sku}
    if not wanted:
        return {}
    return dict(
        Offer.objects.filter(merchant=merchant, external_id__in=wanted).values_list("external_id", "product_id")
    )


def gtins_of(product_ids: Iterable[int]) -> dict[int, str]:
    """The products' GTINs. One query where there are any."""
    wanted = set(product_ids)
    return dict(Product.objects.filter(pk__in=wanted).values_list("pk", "gtin")) if wanted else {}


def facts_of(
    line: ConversionLine, conversion: Conversion, *, tariff: Tariff, basket_minor: int, gtins: Mapping[int, str]
) -> Facts:
    """What the rules are held against for a line."""
    numbers = (line.sku, gtins.get(line.product_id or 0, ""))
    return Facts(
        occurred_at=conversion.occurred_at,
        category=line.category,
        creator_id=conversion.creator_id,
        country=conversion.country,
        groups=tariff.groups_of(conversion.creator_id, conversion.occurred_at),
        products=frozenset(same_word(number) for number in numbers if number),
        coupon=conversion.coupon,
        customer=conversion.customer,
        basket_minor=basket_minor,
        in_program_currency=tariff.program is not None and conversion.currency == tariff.program.currency,
    )


def freeze_terms(
    *, line: ConversionLine, conversion: Conversion, tariff: Tariff, basket_minor: int, gtins: Mapping[int, str]
) -> None:
    """Choose what the line is paid by and write it onto the line; nothing for an order credited to nobody."""
    terms = Terms()
    if not conversion.reason:
        facts = facts_of(line, conversion, tariff=tariff, basket_minor=basket_minor, gtins=gtins)
        terms = terms_of(
            choose_rule(tariff.rules, facts),
            currency=conversion.currency,
            program_currency=tariff.program.currency if tariff.program else "",
        )
    line.rule_id, line.boost_id, line.percent = terms.rule_pk, terms.boost_pk, terms.percent
    line.flat_minor, line.cap_minor, line.reason = terms.flat_minor, None, terms.reason


def price_line(*, line: ConversionLine, conversion: Conversion) -> None:
    """Write onto the line what it earns in the order's present state, by the terms frozen on it."""
    earned = earned_by(line, conversion)
    line.gross_commission_minor, line.gross_creator_minor = earned.gross_minor, earned.gross_creator_minor
    line.commission_minor, line.creator_minor = earned.net_minor, earned.creator_minor
    line.platform_minor = earned.platform_minor


def earned_by(line: ConversionLine, conversion: Conversion) -> Earned:
    """What a line earns by its frozen terms. An order of a link of the house is all the platform's."""
    share = conversion.creator_share_percent if conversion.creator_id is not None else NOTHING
    return earn(
        amount_minor=line.amount_minor,
        refunded_minor=line.refunded_minor,
        terms=Terms(line.rule_id, line.percent, line.flat_minor, line.reason, line.boost_id, line.cap_minor),
        share_percent=share if share is not None else NOTHING,
        reversed_whole=conversion.status == Status.REVERSED,
    )


def target_of(conversion: Conversion, lines: Iterable[ConversionLine]) -> dict[Slot, int]:
    """What the order's accounts should hold in its present state. `settle_state` says what that is: a hold that is over
    moves no money by itself.
    """
    own = list(lines)
    return target(
        merchant_id=conversion.merchant_id,
        creator_id=conversion.creator_id,
        creator_minor=sum(line.creator_minor for line in own),
        platform_minor=sum(line.platform_minor for line in own),
        stage=stage_now(Status(conversion.status), released=conversion.released_at is not None),
    )


def spread_paid(lines: Sequence[ConversionLine], paid_minor: int) -> None:
    """Write onto the lines what was paid for the order, in proportion to what each had earned
    before refunds.
    """
    weights = [line.gross_creator_minor for line in lines]
    if not any(weights):
        weights = [1] * len(lines)
    for line, part in zip(lines, largest_remainder(paid_minor, weights), strict=True):
        line.paid_minor = part
