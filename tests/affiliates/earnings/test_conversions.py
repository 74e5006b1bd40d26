"""An order comes in, is credited, priced and booked."""

from __future__ import annotations

import datetime as dt

import pytest

from affiliates.earnings.models import Account, Conversion, Transfer
from affiliates.earnings.services.clockwork import approve_due, credit_late_clicks, lock_orders, release_holds
from affiliates.earnings.services.conversions import Fate, accept_reports, new_raw
from tests.factories.earnings import NOON, Shop, make_rule, make_shop
from tests.factories.tracking import make_click, make_link

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def balances() -> dict[str, int]:
    """kind → balance of every account that is not empty."""
    return {a.kind: a.balance_minor for a in Account.objects.with_balance() if a.balance_minor}


def test_a_pending_order_books_what_creator_and_platform_will_get(shop: Shop) -> None:
    shop.order(click=shop.click())
    assert balances() == {"merchant_receivable": -1000, "creator_pending": 700, "platform_pending": 300}


def test_the_same_report_again_books_nothing(shop: Shop) -> None:
    report = shop.report(click=shop.click())
    first, again = shop.accept(report), shop.accept(report)
    assert (first.fate, again.fate, Transfer.objects.count()) == (Fate.CREATED, Fate.KNOWN, 2)


def test_approval_moves_the_money_between_accounts_of_its_owners(shop: Shop) -> None:
    click = shop.click()
    shop.order(click=click)
    shop.order(click=click, status="approved")
    assert balances() == {"merchant_receivable": -1000, "creator_approved": 700, "platform_margin": 300}
    assert list(Transfer.objects.values_list("kind", flat=True)) == [
        "accrual",
        "accrual",
        "approval",
        "approval",
    ]


def test_an_approved_order_may_go_back_to_pending(shop: Shop) -> None:
    click = shop.click()
    shop.order(click=click, status="approved")
    shop.order(click=click, status="pending")
    assert balances() == {"merchant_receivable": -1000, "creator_pending": 700, "platform_pending": 300}


def test_refunds_in_thirds_take_back_exactly_everything(shop: Shop) -> None:
    click = shop.click()
    for refunded in ("0", "33.33", "66.67", "100.00"):
        shop.order(click=click, status="approved", lines=[("1", "100.00", refunded)])
    assert balances() == {}


def test_a_reversal_takes_everything_back(shop: Shop) -> None:
    click = shop.click()
    shop.order(click=click, status="approved")
    shop.order(click=click, status="reversed", note="Parcel came back")
    assert balances() == {}


def test_an_order_without_a_click_earns_nothing(shop: Shop) -> None:
    conversion = shop.order()
    assert (conversion.reason, conversion.creator, conversion.commission_minor, balances()) == (
        "no_click_or_coupon", None, 0, {},
    )  # fmt: skip


def test_a_robots_click_is_not_credited(shop: Shop) -> None:
    assert shop.order(click=shop.click(reason="bot")).reason == "invalid_click:bot"


def test_a_repeated_click_is_credited(shop: Shop) -> None:
    assert shop.order(click=shop.click(reason="repeat")).creator == shop.creator


def test_a_click_of_another_merchant_is_not_credited(shop: Shop) -> None:
    assert shop.order(click=make_shop().click()).reason == "click_of_other_merchant"


def test_a_link_of_the_house_earns_for_the_platform_alone(shop: Shop) -> None:
    shop.order(click=make_click(link=make_link(merchant=shop.merchant), at=NOON - DAY))
    assert balances() == {"merchant_receivable": -1000, "platform_pending": 1000}


def test_a_rate_change_leaves_a_booked_line_alone(shop: Shop) -> None:
    click = shop.click()
    shop.order(click=click)
    make_rule(shop.program, percent="20")
    conversion = shop.order(click=click, lines=[("1", "100.00", "50.00"), ("2", "100.00")])
    assert [line.commission_minor for line in conversion.lines.all()] == [500, 2000]


def test_a_restatement_without_a_line_drops_it(shop: Shop) -> None:
    click = shop.click()
    shop.order(click=click, lines=[("1", "100.00"), ("2", "50.00")])
    conversion = Conversion.objects.get(pk=shop.order(click=click, lines=[("2", "50.00")]).pk)
    assert (conversion.commission_minor, balances()["merchant_receivable"]) == (500, -500)


def test_an_older_version_changes_nothing(shop: Shop) -> None:
    click = shop.click()
    shop.order(click=click, version=2, lines=[("1", "80.00")])
    late = shop.accept(shop.report(click=click, version=1))
    assert (late.fate, balances()["merchant_receivable"]) == (Fate.OLDER, -800)


def test_the_same_version_with_another_content_is_refused(shop: Shop) -> None:
    shop.order(version=2)
    assert shop.accept(shop.report(version=2, status="approved")).fate is Fate.CONFLICT


def test_a_locked_order_refuses_and_answers_its_own_report(shop: Shop) -> None:
    shop.order()
    lock_orders(merchant=shop.merchant, before=NOON + DAY, now=NOON)
    fates = [shop.accept(shop.report(status=status)).fate for status in ("pending", "approved")]
    assert fates == [Fate.KNOWN, Fate.LOCKED]


def test_an_order_in_another_currency_earns_percents_in_that_currency(shop: Shop) -> None:
    shop.order(click=shop.click(), currency="JPY", lines=[("1", "12345")])
    assert set(Transfer.objects.values_list("currency", "amount_minor")) == {("JPY", 864), ("JPY", 370)}


def test_a_restated_currency_is_taken_back_and_booked_anew(shop: Shop) -> None:
    click = shop.click()
    shop.order(click=click)
    shop.order(click=click, currency="USD")
    found = {(a.kind, a.currency): a.balance_minor for a in Account.objects.with_balance() if a.balance_minor}
    assert found == {
        ("merchant_receivable", "USD"): -1000,
        ("creator_pending", "USD"): 700,
        ("platform_pending", "USD"): 300,
    }


def test_a_flat_rule_parks_an_order_in_another_currency(shop: Shop) -> None:
    make_rule(shop.program, flat_minor=150)
    conversion = shop.order(click=shop.click(), currency="USD")
    assert [line.reason for line in conversion.lines.all()] == ["flat_rule_in_other_currency"]
    assert conversion.outcomes.get().result == "parked"


def test_an_order_approves_itself_on_the_day_fixed_when_it_came(shop: Shop) -> None:
    shop.program.auto_approve_days = 30
    shop.program.save()
    shop.order(click=shop.click())
    shop.program.auto_approve_days = 5
    shop.program.save()
    assert [approve_due(now=NOON + days * DAY) for days in (29, 30, 31)] == [0, 1, 0]
    assert balances()["creator_available"] == 700


def test_money_becomes_available_when_the_hold_is_over(shop: Shop) -> None:
    shop.order(click=shop.click(), status="approved")
    assert [release_holds(now=NOON + days * DAY) for days in (13, 14, 15)] == [0, 1, 0]
    assert balances() == {"merchant_receivable": -1000, "creator_available": 700, "platform_margin": 300}


def test_an_order_that_came_before_its_click_is_credited_when_the_click_is_there(shop: Shop) -> None:
    late = shop.click()
    conversion = shop.order(click_id="1" * 22)
    assert conversion.reason == "unknown_click"
    Conversion.objects.filter(pk=conversion.pk).update(reported_click_id=late.click_id)
    assert credit_late_clicks(now=NOON) == 1
    assert Conversion.objects.get().creator == shop.creator


def test_an_order_twice_in_a_batch_ends_in_its_last_state(shop: Shop) -> None:
    click = shop.click()
    reports = [shop.report(click=click, lines=[("1", amount)]) for amount in ("10.00", "20.00", "30.00")]
    raw = new_raw(merchant=shop.merchant, body=b"[]", channel="api", now=NOON)
    results = accept_reports(merchant=shop.merchant, reports=reports, raw=raw, now=NOON)
    assert [result.fate for result in results] == [Fate.CREATED, Fate.CHANGED, Fate.CHANGED]
    assert balances()["merchant_receivable"] == -300


def test_taking_in_many_orders_costs_as_many_queries_as_a_few(shop: Shop, django_assert_num_queries) -> None:
    clicks = [shop.click() for _ in range(12)]
    shop.order("warm", click=clicks[0])
    for number, (low, high) in enumerate(((0, 2), (2, 12))):
        reports = [shop.report(f"{number}-{i}", click=clicks[i]) for i in range(low, high)]
        raw = new_raw(merchant=shop.merchant, body=b"[]", channel="api", now=NOON)
        with django_assert_num_queries(18):
            accept_reports(merchant=shop.merchant, reports=reports, raw=raw, now=NOON)
