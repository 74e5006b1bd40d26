"""The rules of docs/money: each row of its tables, and what must hold for every input."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affiliates.earnings.domain.attribution import Policy, Touch, decide
from affiliates.earnings.domain.commission_rules import (
    Choice,
    Facts,
    Rule,
    Terms,
    choose_rule,
    creator_part,
    earn,
    terms_of,
)
from affiliates.earnings.domain.ledger import Slot, moves, target
from affiliates.earnings.domain.payouts import batch_digest, minimum_minor
from affiliates.earnings.domain.states import Stage, Status, effective_status, may_change, stage_of
from cms.core.domain.money import decimal_string, parse_amount
from tests.affiliates.earnings.worked_tables import rows

NOON = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)
CREATORS = {"marta": 1, "jonas": 2}


def named(document: str, name: str) -> list[object]:
    return [pytest.param(row, id=" ".join(row.values())[:60]) for row in rows(document, name)]


@pytest.mark.parametrize("row", named("attribution", "decisions"))
def test_a_click_is_credited_as_the_document_says(row: dict[str, str]) -> None:
    touch = Touch(
        click_id="c",
        at=dt.datetime.fromisoformat(row["click at"]),
        merchant_id=1 if row["merchant"] == "same" else 2,
        creator_id=7,
        flaw=row["flaw"],
        enrolled=row["enrolled"] == "yes",
    )
    decision = decide(
        merchant_id=1,
        occurred_at=NOON,
        click_id="c",
        coupon="",
        reported=touch,
        policy=Policy(window_days=30),
    )
    assert (decision.touches[0].why, decision.winner is not None) == (
        row["outcome"],
        row["outcome"] == "winner",
    )


@pytest.mark.parametrize(
    ("click_id", "coupon", "policy", "reason"),
    [
        ("", "", Policy(30), "no_click_or_coupon"),
        ("", "SUMMER", Policy(30), "unknown_coupon"),
        ("c", "", Policy(30), "unknown_click"),
        ("c", "", None, "no_programme"),
    ],
)
def test_an_order_without_a_usable_touch_says_why(
    click_id: str, coupon: str, policy: Policy | None, reason: str
) -> None:
    decision = decide(merchant_id=1, occurred_at=NOON, click_id=click_id, coupon=coupon, reported=None, policy=policy)
    assert (decision.winner, decision.reason) == (None, reason)


def touch(click_id: str, minutes: int) -> Touch:
    return Touch(click_id, NOON + dt.timedelta(minutes=minutes), 1, 7)


def test_other_touches_are_listed_latest_first_and_never_win() -> None:
    decision = decide(
        merchant_id=1,
        occurred_at=NOON,
        click_id="b",
        coupon="",
        reported=touch("b", -30),
        others=[touch("a", -60), touch("c", -10)],
        policy=Policy(30),
    )
    assert [(item.touch.click_id, item.why) for item in decision.touches] == [
        ("c", "not_the_reported_click"), ("b", "winner"), ("a", "earlier_click"),
    ]  # fmt: skip


@given(st.lists(st.integers(-50_000, 10), max_size=30), st.randoms())
def test_a_decision_is_the_same_in_whatever_order_touches_come(minutes: list[int], chance: random.Random) -> None:
    others = [touch(f"o{index}", minute) for index, minute in enumerate(minutes)]
    shuffled = [*others, *others[:3]]
    chance.shuffle(shuffled)
    decisions = [
        decide(
            merchant_id=1, occurred_at=NOON, click_id="r", coupon="", reported=touch("r", -5), others=found,
            policy=Policy(30),
        )
        for found in (others, shuffled)
    ]  # fmt: skip
    assert decisions[0] == decisions[1]


def rules_of(text: str) -> list[Rule]:
    """Reads "1: 5; 2: 7 category=Shoes"."""
    made = []
    for part in text.split("; "):
        version, _, rest = part.partition(": ")
        percent, _, condition = rest.partition(" ")
        name, _, value = condition.partition("=")
        made.append(
            Rule(
                pk=int(version),
                version=int(version),
                starts_at=NOON - dt.timedelta(days=1),
                percent=Decimal(percent),
                category=value if name == "category" else "",
                creator_id=CREATORS[value] if name == "creator" else None,
                country=value if name == "country" else "",
            )
        )
    return made


@pytest.mark.parametrize("row", named("commission", "choice"))
def test_a_line_is_priced_by_the_rule_the_document_names(row: dict[str, str]) -> None:
    for rules in itertools.permutations(rules_of(row["rules (version: percent, conditions)"])):
        creator_id = CREATORS[row["creator"]]
        facts = Facts(NOON, category=row["line's category"], creator_id=creator_id, country=row["country"])
        rule = choose_rule(rules, facts).rule
        assert str(rule.version if rule else "none") == row["version"]


@pytest.mark.parametrize(("seconds", "version"), [(-1, None), (0, 1), (59, 1), (60, 2)])
def test_a_rule_is_in_force_from_its_start_until_before_its_end(seconds: int, version: int | None) -> None:
    end = NOON + dt.timedelta(minutes=1)
    rules = [Rule(1, 1, NOON, ends_at=end, percent=Decimal(5)), Rule(2, 2, end, percent=Decimal(6))]
    at = NOON + dt.timedelta(seconds=seconds)
    rule = choose_rule(rules, Facts(at)).rule
    assert (rule.version if rule else None) == version


@pytest.mark.parametrize("row", named("commission", "lines"))
def test_a_line_earns_what_the_document_says(row: dict[str, str]) -> None:
    currency = row["currency"]
    earned = earn(
        amount_minor=parse_amount(row["amount"], currency),
        refunded_minor=parse_amount(row["refunded"], currency),
        terms=Terms(1, Decimal(row["percent"])),
        share_percent=Decimal(row["share"]),
        reversed_whole=False,
    )
    names = ("before refunds", "commission", "creator", "platform")
    found = (earned.gross_minor, earned.net_minor, earned.creator_minor, earned.platform_minor)
    assert {name: decimal_string(minor, currency) for name, minor in zip(names, found, strict=True)} == {
        name: row[name] for name in names
    }


def test_a_flat_rule_has_no_worth_in_another_currency() -> None:
    rule = Rule(1, 1, NOON, flat_minor=150)
    assert terms_of(Choice(rule), currency="EUR", program_currency="EUR").flat_minor == 150
    assert terms_of(Choice(rule), currency="USD", program_currency="EUR").reason == "flat_rule_in_other_currency"


AMOUNTS = st.integers(0, 10**13)
PERCENTS = st.integers(0, 1_000_000).map(lambda units: Decimal(units) / 10_000)


@given(AMOUNTS, PERCENTS, PERCENTS, st.lists(st.integers(0, 10**13), max_size=6))
def test_refunds_in_any_parts_take_back_exactly_everything(
    amount: int, percent: Decimal, share: Decimal, parts: list[int]
) -> None:
    refunds = sorted({min(part, amount) for part in parts} | {0, amount})
    nets = [
        earn(
            amount_minor=amount,
            refunded_minor=refund,
            terms=Terms(1, percent),
            share_percent=share,
            reversed_whole=False,
        )
        for refund in refunds
    ]
    assert all(0 <= later.net_minor <= earlier.net_minor for earlier, later in itertools.pairwise(nets))
    assert amount == 0 or nets[-1].net_minor == nets[-1].creator_minor == 0


@given(AMOUNTS, PERCENTS)
def test_a_share_and_its_rest_are_the_whole(commission: int, share: Decimal) -> None:
    part = creator_part(commission, share)
    assert 0 <= part <= commission
    assert abs(Decimal(part) - Decimal(commission) * share / 100) < 1


@given(st.lists(st.tuples(AMOUNTS, PERCENTS), min_size=1, max_size=20), PERCENTS)
def test_an_orders_commission_is_the_sum_of_its_lines_parts(lines: list[tuple[int, Decimal]], share: Decimal) -> None:
    earned = [
        earn(
            amount_minor=amount,
            refunded_minor=0,
            terms=Terms(1, percent),
            share_percent=share,
            reversed_whole=False,
        )
        for amount, percent in lines
    ]
    total = sum(line.net_minor for line in earned)
    assert total == sum(line.creator_minor for line in earned) + sum(line.platform_minor for line in earned)


STAGES = {"pending": Stage.PENDING, "approved": Stage.APPROVED, "available": Stage.AVAILABLE}


def wanted(creator: int, platform: int, stage: Stage, *, creator_id: int = 5) -> dict[Slot, int]:
    return target(merchant_id=9, creator_id=creator_id, creator_minor=creator, platform_minor=platform, stage=stage)


def test_the_books_move_as_the_document_says() -> None:
    booked: dict[Slot, int] = {}
    for row in rows("ledger", "bookings"):
        stage, _, parts = row["step"].partition(" ")
        creator, _, platform = parts.partition("/")
        steps = moves(booked, wanted(int(creator), int(platform), STAGES[stage]))
        for step in steps:
            booked[step.debit] = booked.get(step.debit, 0) - step.amount_minor
            booked[step.credit] = booked.get(step.credit, 0) + step.amount_minor
        said = sorted(part for part in row["transfers (debit > credit amount)"].split("; ") if part)
        assert sorted(f"{s.debit.kind} > {s.credit.kind} {s.amount_minor}" for s in steps) == said
        kinds = {slot.kind: amount for slot, amount in booked.items()}
        for kind in list(row)[2:]:
            assert kinds.get(kind, 0) == int(row[kind])


TARGETS = st.builds(
    wanted,
    st.integers(0, 10**9),
    st.integers(0, 10**9),
    st.sampled_from(list(Stage)),
    creator_id=st.integers(1, 3),
)


@given(st.lists(TARGETS, min_size=1, max_size=12))
def test_whatever_happened_before_the_books_end_where_the_last_state_says(
    history: list[dict[Slot, int]],
) -> None:
    booked: dict[Slot, int] = {}
    for state in history:
        for step in moves(booked, state):
            assert step.amount_minor > 0 and step.debit != step.credit
            booked[step.debit] = booked.get(step.debit, 0) - step.amount_minor
            booked[step.credit] = booked.get(step.credit, 0) + step.amount_minor
        assert {slot: amount for slot, amount in booked.items() if amount} == state
        assert moves(booked, state) == []


def test_money_from_nowhere_is_refused() -> None:
    with pytest.raises(ValueError, match="add up to nothing"):
        moves({Slot("creator_pending", creator_id=1): 5}, {})


@pytest.mark.parametrize("old", list(Status))
@pytest.mark.parametrize("new", list(Status))
def test_any_state_may_follow_any_until_the_order_is_locked(old: Status, new: Status) -> None:
    assert (may_change(old, new, locked=False), may_change(old, new, locked=True)) == (True, False)


def test_an_order_counts_as_approved_from_its_day_on() -> None:
    day = dt.timedelta(days=1)
    states = [effective_status(Status.PENDING, auto_approve_at=NOON, now=now) for now in (NOON - day, NOON, NOON + day)]
    assert states == [Status.PENDING, Status.APPROVED, Status.APPROVED]
    assert effective_status(Status.REVERSED, auto_approve_at=NOON, now=NOON) is Status.REVERSED


def test_what_was_released_stays_so_when_the_clock_runs_backwards() -> None:
    day = NOON.date()
    early = day - dt.timedelta(days=3)
    assert stage_of(Status.APPROVED, available_on=day, released=False, today=early) is Stage.APPROVED
    assert stage_of(Status.APPROVED, available_on=day, released=True, today=early) is Stage.AVAILABLE
    assert stage_of(Status.APPROVED, available_on=day, released=False, today=day) is Stage.AVAILABLE


@pytest.mark.parametrize("row", named("payout", "minimum"))
def test_the_minimum_is_the_documents(row: dict[str, str]) -> None:
    assert decimal_string(minimum_minor(row["currency"]), row["currency"]) == row["minimum"]


def test_a_batchs_fingerprint_is_of_its_items_not_of_their_order() -> None:
    items = [("a", "1", "EUR", 5), ("b", "2", "EUR", 6)]
    assert batch_digest(items) == batch_digest(items[::-1]) != batch_digest([("a", "1", "EUR", 6), items[1]])
