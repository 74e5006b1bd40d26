"""Payments of brands, adjustments, exchange and returns in one month: its statements, its two ends and its audit."""

from __future__ import annotations

import datetime as dt

import pytest

from affiliates.earnings.domain.periods import Month
from affiliates.earnings.models import Period
from affiliates.earnings.selectors.audit import violations
from affiliates.earnings.selectors.month_end import month_end
from affiliates.earnings.services.adjustments import approve_adjustment, propose_adjustment
from affiliates.earnings.services.brand_accounts import issue_statement, record_brand_payment
from affiliates.earnings.services.payout_ends import confirm_payout, return_payout
from affiliates.earnings.services.periods import close_period
from tests.affiliates.earnings.payday import LATER, earn, handed
from tests.factories.community import make_finance
from tests.factories.earnings import Shop, make_shop

MARCH = Month(2026, 3)
HOUR = dt.timedelta(hours=1)
NEXT = MARCH.ends_at + dt.timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def month() -> Period:
    """A month in which all of it happened."""
    shop: Shop = make_shop()
    earn(shop)
    adjustment = propose_adjustment(
        creator=shop.creator, currency="EUR", debit_kind="platform_margin", credit_kind="creator_available",
        amount_minor=500,
        reason="A promise by telephone", by=make_finance(), now=LATER,
    )  # fmt: skip
    approve_adjustment(adjustment=adjustment, by=make_finance(), now=LATER)
    issue_statement(merchant=shop.merchant, currency="EUR", ends_at=LATER + HOUR, now=LATER + 2 * HOUR)
    record_brand_payment(
        merchant=shop.merchant, currency="EUR", amount_minor=10000, reference="B-1", paid_on=LATER.date(),
        by=make_finance(), now=LATER + 3 * HOUR,
    )  # fmt: skip
    payout, finance = handed(shop)
    paid = confirm_payout(payout=payout, reference="R-1", by=finance, now=LATER)
    return_payout(payout=paid, reason="The account is closed", by=finance, now=LATER)
    return close_period(month=MARCH, by=make_finance(), now=NEXT)


def test_the_books_of_such_a_month_hold(month: Period) -> None:
    assert list(violations()) == []


def test_both_ends_of_such_a_month_tie(month: Period) -> None:
    assert [(one.currency, one.difference_minor) for one in month_end(MARCH)] == [("EUR", 0)]


def test_its_statement_shows_the_adjustment_apart_and_no_payout_that_came_back(month: Period) -> None:
    statement = month.statements.get()
    assert (statement.earned_minor, statement.adjusted_minor, statement.paid_minor) == (7000, 500, 0)
