"""What a merchant's programme pays, read once for many orders, and the pricing of an order's lines
with it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from affiliates.catalogue.models import Offer
from affiliates.earnings.domain import attribution
from affiliates.earnings.domain.commission_rules import Earned, Rule, Terms, choose_rule, earn, terms_of
from affiliates.earnings.domain.ledger import Slot, target
from affiliates.earnings.domain.states import Status, stage_of
from affiliates.earnings.models import CommissionRule, Conversion, ConversionLine
from affiliates.parties.models import Enrolment, Merchant, Program
from cms.core.domain.money import largest_remainder

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Tariff:
    """A programme with its rules and who may not earn from it."""

    program: Program | None
    rules: tuple[Rule, ...] = ()
    shut_out: frozenset[int] = frozenset()

    @property
    def policy(self) -> attribution.Policy | None:
        """How the programme credits orders; None where there is no programme."""
        if self.program is None:
            return None
        return attribution.Policy(window_days=self.program.window_days, model=self.program.attribution_model)


def rules_of(program_id: int) -> tuple[Rule, ...]:
    """All versions of a programme's rules. One query."""
    return tuple(
        Rule(
            pk=rule.pk,
            version=rule.version,
            starts_at=rule.starts_at,
            ends_at=rule.ends_at,
            percent=rule.percent,
            flat_minor=rule.flat_minor,
            category=rule.category,
            creator_id=rule.creator_id,
            country=rule.country,
        )
        for rule in CommissionRule.objects.filter(program_id=program_id)
    )


def tariff_of(program: Program | None, *, creator_ids: Iterable[int] = ()) -> Tariff:
    """What an order of this programme is priced by. Two queries.

    A creator without an enrolment earns from an open programme; whoever left it or only applied does not.
    """
    if program is None:
        return Tariff(None)
    creators = set(creator_ids)
    states = dict(
        Enrolment.objects.filter(program=program, creator_id__in=creators).values_list("creator_id", "status")
    )
    out = {
        creator_id
        for creator_id in creators
        if states.get(creator_id, Enrolment.Status.JOINED if program.is_open else "") != Enrolment.Status.JOINED
    }
    return Tariff(program, rules_of(program.pk), frozenset(out))


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


def freeze_terms(*, line: ConversionLine, conversion: Conversion, rules: Sequence[Rule], program_currency: str) -> None:
    """Choose what the line is paid by and write it onto the line; nothing for an order credited to nobody."""
    terms = Terms()
    if not conversion.reason:
        rule = choose_rule(
            rules,
            occurred_at=conversion.occurred_at,
            category=line.category,
            creator_id=conversion.creator_id,
            country=conversion.country,
        )
        terms = terms_of(rule, currency=conversion.currency, program_currency=program_currency)
    line.rule_id, line.percent, line.flat_minor = terms.rule_pk, terms.percent, terms.flat_minor
    line.reason = terms.reason


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
        terms=Terms(line.rule_id, line.percent, line.flat_minor, line.reason),
        share_percent=share if share is not None else NOTHING,
        reversed_whole=conversion.status == Status.REVERSED,
    )


def target_of(conversion: Conversion, lines: Iterable[ConversionLine], *, today: dt.date) -> dict[Slot, int]:
    """What the order's accounts should hold in its present state."""
    own = list(lines)
    return target(
        merchant_id=conversion.merchant_id,
        creator_id=conversion.creator_id,
        creator_minor=sum(line.creator_minor for line in own),
        platform_minor=sum(line.platform_minor for line in own),
        stage=stage_of(
            Status(conversion.status),
            available_on=conversion.available_on,
            released=conversion.released_at is not None,
            today=today,
            brand_must_pay=conversion.is_gated,
        ),
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
