"""What an order would earn, and what a month's orders would have cost under a rule. Nothing is written or booked."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from affiliates.earnings.domain.attribution import NOT_ENROLLED
from affiliates.earnings.domain.commission_rules import (
    HUNDRED,
    Choice,
    Facts,
    Rule,
    Terms,
    choose_rule,
    earn,
    most_within,
    taken_back,
    terms_of,
)
from affiliates.earnings.models import CommissionRule, Conversion, ConversionLine
from affiliates.earnings.services.caps import Room, cut_to_room, month_of, room_of
from affiliates.earnings.services.pricing import (
    Tariff,
    facts_of,
    freeze_terms,
    gtins_of,
    price_line,
    products_by_sku,
    rule_of,
    tariff_of,
)
from affiliates.parties.models import Program
from cms.core.domain.money import exponent
from community.models import Creator

#: The most orders of a month that a draft is held against: the latest ones.
MOST_ORDERS = 20_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """A line of an order that is only thought of."""

    amount_minor: int
    sku: str = ""
    category: str = ""


@dataclass(frozen=True, slots=True)
class Left:
    """What a cap of a rule leaves after a line; `kind` is "order", "creator_month" or "budget"."""

    kind: str
    minor: int


@dataclass(frozen=True, slots=True)
class Priced:
    """What a line would earn, by which rule, what was rounded, and why no other rule prices it."""

    line: ConversionLine
    rule: CommissionRule | None
    boost: CommissionRule | None
    #: The commission before it is rounded to the currency's smallest unit, in units of the currency.
    exact: Decimal | None
    left: tuple[Left, ...]
    lost: tuple[tuple[CommissionRule, str], ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What an order would earn, line by line."""

    program: Program
    creator: Creator | None
    #: Why nobody would be credited; empty where somebody is, or the house.
    reason: str
    lines: tuple[Priced, ...]
    commission_minor: int = 0
    creator_minor: int = 0
    amount_minor: int = 0

    @property
    def platform_minor(self) -> int:
        """What the creator does not get."""
        return self.commission_minor - self.creator_minor


def preview_order(
    *,
    program: Program,
    occurred_at: dt.datetime,
    lines: Sequence[Wanted],
    creator: Creator | None = None,
    country: str = "",
    customer: str = "",
    coupon: str = "",
) -> Preview:
    """What an order in the programme's currency would earn if it were reported now, by what prices real ones.

    Up to seven queries, whatever the number of lines and rules. The creator is taken to have been credited; who was
    not in the programme at that moment is not.
    """
    tariff = tariff_of(program, creator_ids=[creator.pk] if creator else [])
    conversion = Conversion(
        merchant_id=program.merchant_id,
        program=program,
        status=Conversion.Status.PENDING,
        currency=program.currency,
        occurred_at=occurred_at,
        creator=creator,
        country=country,
        customer=customer,
        coupon=coupon,
        creator_share_percent=program.creator_share_percent,
        reason="" if tariff.was_in(creator.pk if creator else None, occurred_at) else NOT_ENROLLED,
    )
    products = products_by_sku(program.merchant, {line.sku for line in lines})
    gtins = gtins_of(products.values()) if tariff.asks_for_products else {}
    month = month_of(occurred_at)
    pricing = _Pricing(
        conversion=conversion,
        tariff=tariff,
        gtins=gtins,
        basket_minor=sum(line.amount_minor for line in lines),
        room=room_of(tariff.rules, months={month}, lock=False),
        share=(creator.pk if creator else None, month),
        rules={rule.pk: rule for rule in program.rules.select_related("creator", "group")},
    )
    priced = tuple(pricing.price(number, line, products.get(line.sku)) for number, line in enumerate(lines, 1))
    return Preview(
        program,
        creator,
        conversion.reason,
        priced,
        commission_minor=sum(one.line.commission_minor for one in priced),
        creator_minor=sum(one.line.creator_minor for one in priced),
        amount_minor=pricing.basket_minor,
    )


@dataclass(slots=True)
class _Pricing:
    """One order that is thought of, its lines priced one after the other as real ones are."""

    conversion: Conversion
    tariff: Tariff
    gtins: dict[int, str]
    basket_minor: int
    room: Room
    share: tuple[int | None, dt.date]
    rules: dict[int, CommissionRule]
    in_order: dict[int | None, int] = field(default_factory=lambda: defaultdict(int))

    def price(self, number: int, wanted: Wanted, product_id: int | None) -> Priced:
        line = ConversionLine(
            line_id=str(number),
            sku=wanted.sku,
            category=wanted.category,
            amount_minor=wanted.amount_minor,
            product_id=product_id,
        )
        tariff, basket, gtins = self.tariff, self.basket_minor, self.gtins
        freeze_terms(line=line, conversion=self.conversion, tariff=tariff, basket_minor=basket, gtins=gtins)
        exact = _exact(line, self.conversion.currency)
        used = self.in_order[line.rule_id]
        cut_to_room(line=line, room=self.room, share=self.share, in_order=used, is_reversed=False)
        price_line(line=line, conversion=self.conversion)
        self.room.add(line, share=self.share)
        self.in_order[line.rule_id] += line.commission_minor
        facts = facts_of(line, self.conversion, tariff=tariff, basket_minor=basket, gtins=gtins)
        choice = choose_rule(tariff.rules, facts)
        return Priced(
            line,
            self.rules.get(line.rule_id or 0),
            self.rules.get(line.boost_id or 0),
            exact,
            tuple(self._left(line.rule_id)),
            tuple((self.rules[lost.rule.pk], lost.why) for lost in choice.lost),
        )

    def _left(self, rule_id: int | None) -> Iterator[Left]:
        rule = self.room.rules.get(rule_id or 0)
        if rule is None:
            return
        for kind, most, used in (
            ("order", rule.order_minor, self.in_order[rule.pk]),
            ("creator_month", rule.creator_month_minor, self.room.of_creator[(rule.pk, *self.share)]),
            ("budget", rule.budget_minor, self.room.of_rule[rule.pk]),
        ):
            if most is not None:
                yield Left(kind, max(most - used, 0))


def _exact(line: ConversionLine, currency: str) -> Decimal | None:
    if line.percent is None:
        return None
    return (Decimal(line.amount_minor) * line.percent / HUNDRED).scaleb(-exponent(currency)).normalize()


@dataclass(frozen=True, slots=True)
class LineRules:
    """A line of a real order, and why no other rule prices it."""

    line: ConversionLine
    lost: tuple[tuple[CommissionRule, str], ...]


def rules_that_lost(conversion: Conversion) -> list[LineRules]:
    """Why each other rule of the programme did not price the order's lines. Up to seven queries.

    Only lines for which today's rules lead to the rule that was frozen then: for the others nobody knows any more.
    """
    program = conversion.program
    if program is None or conversion.reason:
        return []
    stored = list(program.rules.select_related("creator", "group"))
    rules = {rule.pk: rule for rule in stored}
    tariff = replace(tariff_of(program), rules=tuple(rule_of(rule) for rule in stored))
    lines = list(conversion.lines.order_by("pk"))
    gtins = gtins_of(line.product_id for line in lines if line.product_id) if tariff.asks_for_products else {}
    basket = sum(line.amount_minor for line in lines)
    found = []
    for line in lines:
        choice = choose_rule(tariff.rules, facts_of(line, conversion, tariff=tariff, basket_minor=basket, gtins=gtins))
        chosen = (choice.rule.pk if choice.rule else None, choice.boost.pk if choice.boost else None)
        if choice.lost and chosen == (line.rule_id, line.boost_id):
            found.append(LineRules(line, tuple((rules[lost.rule.pk], lost.why) for lost in choice.lost)))
    return found


@dataclass(slots=True)
class Cost:
    """What orders of one currency did cost, and would have cost under the draft; `priced` lines of `lines` by it."""

    currency: str
    orders: int = 0
    lines: int = 0
    priced: int = 0
    did_minor: int = 0
    would_minor: int = 0

    @property
    def more_minor(self) -> int:
        """How much more it would have been; negative for less."""
        return self.would_minor - self.did_minor


@dataclass(frozen=True, slots=True)
class MonthUnder:
    """A month's orders under a draft, per currency; `orders` of `orders_in_all` were looked at, the latest ones."""

    month: dt.date
    orders: int
    orders_in_all: int
    costs: tuple[Cost, ...]


def cost_under(*, draft: CommissionRule, month: dt.date, most: int = MOST_ORDERS) -> MonthUnder:
    """What a month's credited orders would have cost if the draft had been in force all month, in place of the rule
    with the same conditions. Reads only; five queries at most, whatever the number of orders.

    Lines that the draft would not have priced cost what they did. Its own caps begin empty with the month's first
    order that is looked at; of other rules' caps nothing comes free.
    """
    program = draft.program
    after = (month.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
    found = Conversion.objects.credited().filter(
        program=program, occurred_at__gte=_midnight(month.replace(day=1)), occurred_at__lt=_midnight(after)
    )
    in_all = found.count()
    latest = found.order_by("-occurred_at", "-pk").values("pk")[:most]
    lines = ConversionLine.objects.filter(conversion__in=latest).select_related("conversion", "product")
    tariff = replace(tariff_of(program, asks_for_groups=draft.group_id is not None), rules=_with_draft(program, draft))
    trial = _Trial(tariff, draft, {})
    ordered = lines.order_by("conversion__occurred_at", "conversion_id", "pk").iterator(chunk_size=2000)
    for _pk, group in itertools.groupby(ordered, key=lambda line: line.conversion_id):
        trial.weigh(list(group))
    costs = tuple(trial.costs[currency] for currency in sorted(trial.costs))
    return MonthUnder(month, sum(cost.orders for cost in costs), in_all, costs)


def _with_draft(program: Program, draft: CommissionRule) -> tuple[Rule, ...]:
    """The programme's rules, the draft always in force and instead of those with its conditions."""
    stored = list(program.rules.all())
    version = max((rule.version for rule in stored), default=0) + 1
    rules = [rule_of(rule) for rule in stored if not _same_conditions(rule, draft)]
    always = replace(rule_of(draft), pk=0, version=version, starts_at=_midnight(dt.date.min), ends_at=None)
    return (*rules, always)


def _same_conditions(rule: CommissionRule, draft: CommissionRule) -> bool:
    def plain(one: CommissionRule) -> dict[str, object]:
        return {**one.conditions(), "category": one.category.strip().casefold()}

    return plain(rule) == plain(draft)


@dataclass(slots=True)
class _Trial:
    """Orders weighed one after the other, in order of time."""

    tariff: Tariff
    draft: CommissionRule
    costs: dict[str, Cost]
    room: Room = field(init=False)

    def __post_init__(self) -> None:
        rule = rule_of(self.draft)
        self.room = Room({0: replace(rule, pk=0)} if rule.is_capped else {})

    def weigh(self, lines: list[ConversionLine]) -> None:
        """Count one order, whose lines these are."""
        order = lines[0].conversion
        cost = self.costs.setdefault(order.currency, Cost(order.currency))
        cost.orders += 1
        basket, in_order = sum(line.amount_minor for line in lines), 0
        for line in lines:
            cost.lines += 1
            cost.did_minor += line.commission_minor
            choice = choose_rule(self.tariff.rules, self._facts(line, order, basket))
            if not _prices(choice):
                cost.would_minor += line.commission_minor
                continue
            cost.priced += 1
            would = self._earns(line, order, choice, in_order)
            in_order += would if choice.rule is not None and choice.rule.pk == 0 else 0
            cost.would_minor += would

    def _facts(self, line: ConversionLine, order: Conversion, basket: int) -> Facts:
        gtins = {line.product_id: line.product.gtin} if line.product_id and line.product else {}
        return facts_of(line, order, tariff=self.tariff, basket_minor=basket, gtins=gtins)

    def _earns(self, line: ConversionLine, order: Conversion, choice: Choice, in_order: int) -> int:
        program = self.tariff.program
        terms = terms_of(choice, currency=order.currency, program_currency=program.currency if program else "")
        reversed_whole = order.status == Conversion.Status.REVERSED
        share = order.creator_id, month_of(order.occurred_at)
        rule = self.room.rules.get(choice.rule.pk if choice.rule else -1)
        if rule is not None and not reversed_whole:
            terms = self._capped(terms, line, self.room.left(rule, share=share, in_order=in_order))
        earned = earn(
            amount_minor=line.amount_minor,
            refunded_minor=line.refunded_minor,
            terms=terms,
            share_percent=Decimal(0),
            reversed_whole=reversed_whole,
        )
        if rule is not None:
            self.room.of_rule[0] += earned.net_minor
            self.room.of_creator[(0, *share)] += earned.net_minor
        return earned.net_minor

    def _capped(self, terms: Terms, line: ConversionLine, left: int) -> Terms:
        amounts = {"amount_minor": line.amount_minor, "refunded_minor": line.refunded_minor}
        full = earn(**amounts, terms=terms, share_percent=Decimal(0), reversed_whole=False).gross_minor
        if full - taken_back(full, **amounts) <= max(left, 0):
            return terms
        return replace(terms, cap_minor=most_within(left, wanted_minor=full, **amounts))


def _prices(choice: Choice) -> bool:
    """Whether the draft, which has no key, has a part in what the line earns."""
    return any(rule is not None and rule.pk == 0 for rule in (choice.rule, choice.boost))


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)


def last_month(now: dt.datetime) -> dt.date:
    """The first day of the month before a moment's, in UTC."""
    return (month_of(now) - dt.timedelta(days=1)).replace(day=1)
