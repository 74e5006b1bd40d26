"""A volume bonus on its way: paid by the brand, available, paid out, taken back, and on every statement."""

from __future__ import annotations

import datetime as dt

import pytest

from affiliates.earnings.domain.periods import Month
from affiliates.earnings.models import Account, BrandStatement, Payout, Statement, VolumeBonus
from affiliates.earnings.selectors.audit import violations
from affiliates.earnings.selectors.balances import creator_balances
from affiliates.earnings.selectors.month_end import month_end
from affiliates.earnings.selectors.reports import ReportFilter, Scope, commission_report
from affiliates.earnings.selectors.statement_pages import statement_page
from affiliates.earnings.services.brand_accounts import issue_statement, record_brand_payment
from affiliates.earnings.services.clockwork import release_holds
from affiliates.earnings.services.payout_sending import hand_over_batch
from affiliates.earnings.services.payouts import mark_batch_sent
from affiliates.earnings.services.periods import close_period
from affiliates.earnings.services.volume_tiers import release_bonuses
from tests.affiliates.earnings.payday import approved
from tests.affiliates.earnings.test_volume_tiers import APRIL, DAY, MARCH, bonus_of, make_tiers, sell
from tests.factories.community import make_finance
from tests.factories.earnings import NOON, Shop

MAY_DAY = dt.datetime(2026, 5, 2, tzinfo=dt.UTC)


def available(shop: Shop) -> int:
    return Account.objects.with_balance().get(kind="creator_available", creator=shop.creator).balance_minor


def paid_out(shop: Shop) -> Payout:
    """The creator's order of 3,000.00 and its bonus of 40.00, paid at the end of April."""
    make_tiers(shop)
    sell(shop, "A", "3000.00")
    now = MAY_DAY - 3 * DAY
    release_holds(now=now)
    release_bonuses(now=now)
    batch, finance = approved(shop, now=now)
    mark_batch_sent(batch=hand_over_batch(batch=batch, by=finance, now=now), by=finance, now=now, reference="x")
    return Payout.objects.get()


def test_a_bonus_is_paid_out_with_its_orders(shop: Shop) -> None:
    assert paid_out(shop).amount_minor == 21000 + 2800
    assert bonus_of(shop).paid_minor == 2800
    assert list(violations()) == []


def test_a_refund_after_the_payout_makes_the_balance_negative(shop: Shop) -> None:
    paid_out(shop)
    sell(shop, "A", "3000.00", refunded="2500.00", now=MAY_DAY)
    assert available(shop) == 3500 - 21000 - 2800
    assert list(violations()) == []


def test_a_later_month_sets_off_what_a_refund_took_back(shop: Shop) -> None:
    paid_out(shop)
    sell(shop, "A", "3000.00", refunded="3000.00", now=MAY_DAY)
    click = shop.click(NOON + 40 * DAY)
    sell(shop, "B", "9000.00", occurred_at="2026-04-20T12:00:00Z", click=click, now=MAY_DAY)
    release_holds(now=MAY_DAY + 30 * DAY)
    release_bonuses(now=MAY_DAY + 30 * DAY)
    assert available(shop) == -23800 + 63000 + 19600
    assert list(violations()) == []


def test_the_brand_is_told_line_by_line(shop: Shop) -> None:
    make_tiers(shop)
    sell(shop, "A", "3000.00")
    made = issue_statement(merchant=shop.merchant, currency="EUR", ends_at=NOON + DAY, now=NOON + 2 * DAY)
    assert made and [(line.bonus, line.amount_minor) for line in made.lines.all()] == [
        (None, 30000), (bonus_of(shop), 4000),
    ]  # fmt: skip
    assert made.total_minor == 34000
    assert list(violations()) == []


def test_a_bonus_taken_back_is_credit_on_the_next_statement(shop: Shop) -> None:
    make_tiers(shop)
    sell(shop, "A", "3000.00")
    issue_statement(merchant=shop.merchant, currency="EUR", ends_at=NOON + DAY, now=NOON + 2 * DAY)
    sell(shop, "A", "3000.00", refunded="3000.00", now=NOON + 3 * DAY)
    issue_statement(merchant=shop.merchant, currency="EUR", ends_at=NOON + 4 * DAY, now=NOON + 5 * DAY)
    last = BrandStatement.objects.order_by("pk").last()
    assert last and sorted(last.lines.values_list("amount_minor", flat=True)) == [-30000, -4000]
    assert list(violations()) == []


def gated(shop: Shop) -> None:
    """A bonus of 40.00 in March whose brand pays first, stated at the end of March."""
    shop.program.brand_pays_first = True
    shop.program.save()
    make_tiers(shop)
    sell(shop, "A", "3000.00")
    issue_statement(merchant=shop.merchant, currency="EUR", ends_at=MARCH.ends_at, now=MARCH.ends_at + DAY)


def test_a_bonus_waits_for_the_brands_payment(shop: Shop) -> None:
    gated(shop)
    assert release_bonuses(now=MAY_DAY) == 0


def test_the_brands_payment_makes_the_bonus_available(shop: Shop) -> None:
    gated(shop)
    record_brand_payment(
        merchant=shop.merchant, currency="EUR", amount_minor=34000, reference="x", paid_on=MAY_DAY.date(),
        by=make_finance(), now=MAY_DAY,
    )  # fmt: skip
    assert available(shop) == 23800
    assert list(violations()) == []


@pytest.fixture
def closed(shop: Shop) -> Shop:
    """March with an order and its bonus is closed; in April most of the order is refunded, and April is closed."""
    make_tiers(shop)
    sell(shop, "A", "3000.00")
    close_period(month=MARCH, by=make_finance(), now=MARCH.ends_at + DAY)
    sell(shop, "A", "3000.00", refunded="2000.00", now=NOON + 40 * DAY)
    close_period(month=APRIL, by=make_finance(), now=APRIL.ends_at + DAY)
    return shop


def test_a_statement_names_the_bonus_and_its_month(closed: Shop) -> None:
    first, second = Statement.objects.order_by("pk")
    bonus = bonus_of(closed)
    assert (first.earned_minor, second.earned_minor) == (23800, -16800)
    lines = [line for line in statement_page(second).lines if line.bonus]
    assert [(line.bonus, line.since, line.amount_minor) for line in lines] == [(bonus.ref, "2026-03", 2800)]
    assert lines[0].about == "volume bonus for 2026-03 · Acme"


def test_a_credit_note_names_the_invoice_of_the_bonus(closed: Shop) -> None:
    invoice, note = Statement.objects.order_by("pk")
    assert note.document == "credit_note"
    assert [one["number"] for one in note.content["originals"]] == [invoice.full_number]


def test_a_month_with_a_bonus_ties(closed: Shop) -> None:
    (found,) = month_end(MARCH)
    assert (found.brands_minor, found.creators_minor, found.platform_minor) == (34000, 23800, 10200)
    assert (found.difference_minor, found.rounding_minor) == (0, 0)
    assert list(violations()) == []


def test_a_months_tie_says_the_same_after_it_was_closed_as_before(shop: Shop) -> None:
    make_tiers(shop)
    sell(shop, "A", "3000.00")
    before = month_end(MARCH)
    close_period(month=MARCH, by=make_finance(), now=MARCH.ends_at + DAY)
    assert month_end(MARCH) == before


def report(shop: Shop, group_by: str, **fields: object) -> list[tuple[str, int, int, int]]:
    filters = ReportFilter(from_on=dt.date(2026, 3, 1), to_on=dt.date(2026, 3, 31), **fields)  # type: ignore[arg-type]
    found = commission_report(scope=Scope(), filters=filters, group_by=group_by, now=NOON)
    return [(row.key, row.conversions, row.commission_minor, row.bonus_minor) for row in found.rows if row.currency]


@pytest.mark.parametrize(
    ("group_by", "expected"),
    [
        ("merchant", [("acme", 1, 34000, 4000)]),
        ("day", [("2026-03-10", 1, 34000, 4000)]),
        ("product", [("", 1, 34000, 4000)]),
    ],
)
def test_a_report_says_how_much_of_a_row_is_bonus(
    shop: Shop, group_by: str, expected: list[tuple[str, int, int, int]]
) -> None:
    make_tiers(shop)
    sell(shop, "A", "3000.00")
    assert report(shop, group_by) == expected


def test_a_bonus_is_in_no_guides_row(shop: Shop) -> None:
    make_tiers(shop)
    sell(shop, "A", "3000.00")
    assert sorted(report(shop, "guide")) == [("", 0, 4000, 4000), (shop.placement.ref, 1, 30000, 0)]


def test_a_report_of_one_guide_has_no_bonus(shop: Shop) -> None:
    make_tiers(shop)
    sell(shop, "A", "3000.00")
    assert report(shop, "merchant", placement_id=shop.placement.pk) == [("acme", 1, 30000, 0)]


def test_a_report_of_pending_orders_has_no_bonus(shop: Shop) -> None:
    make_tiers(shop)
    sell(shop, "A", "3000.00")
    assert report(shop, "merchant", status="pending") == [("acme", 0, 0, 0)]


def test_a_report_of_another_month_has_no_bonus(shop: Shop) -> None:
    make_tiers(shop)
    sell(shop, "A", "3000.00")
    filters = ReportFilter(from_on=dt.date(2026, 4, 1), to_on=dt.date(2026, 4, 30))
    assert commission_report(scope=Scope(), filters=filters, group_by="day", now=NOON).totals == []


def test_a_creators_report_divides_their_part_of_the_bonus(shop: Shop) -> None:
    make_tiers(shop)
    sell(shop, "A", "3000.00")
    filters = ReportFilter(from_on=dt.date(2026, 3, 1), to_on=dt.date(2026, 3, 31))
    scope = Scope(creator_id=shop.creator.pk)
    (total,) = commission_report(scope=scope, filters=filters, group_by="day", now=NOON).totals
    assert (total.creator_share_minor, total.approved_minor, total.bonus_creator_share_minor) == (23800, 23800, 2800)


def test_a_bonus_that_was_paid_counts_as_paid(shop: Shop) -> None:
    paid_out(shop)
    filters = ReportFilter(from_on=dt.date(2026, 3, 1), to_on=dt.date(2026, 3, 31))
    (total,) = commission_report(scope=Scope(), filters=filters, group_by="day", now=NOON).totals
    assert (total.approved_minor, total.paid_minor) == (0, 34000)


def test_a_held_bonus_is_expected(shop: Shop) -> None:
    make_tiers(shop)
    sell(shop, "A", "3000.00")
    VolumeBonus.objects.update(available_on=dt.date(2026, 3, 20))
    (balance,) = creator_balances(shop.creator.pk, as_of=NOON)
    assert (balance.next_expected_on, balance.next_expected_minor) == (dt.date(2026, 3, 27), 2800)


def test_months_are_named_backwards_over_a_new_year() -> None:
    assert [str(Month(2026, 1).before), str(Month(2026, 3).before)] == ["2025-12", "2026-02"]
