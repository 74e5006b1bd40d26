"""Twelve months through the real services: statements follow on each other, and brands tie to creators."""

from __future__ import annotations

import datetime as dt
import random

import pytest

from affiliates.earnings.domain.periods import Month
from affiliates.earnings.models import Conversion, Period, Statement
from affiliates.earnings.selectors.audit import violations
from affiliates.earnings.selectors.figures_finance import finance_figure
from affiliates.earnings.selectors.month_end import month_end
from affiliates.earnings.services.clockwork import approve_due, release_holds
from affiliates.earnings.services.decisions import reverse_order
from affiliates.earnings.services.payouts import approve_batch, mark_batch_sent, propose_payouts, reject_batch
from affiliates.earnings.services.periods import close_period
from community.models import User
from tests.factories.community import make_finance, make_operator
from tests.factories.earnings import Shop, make_shop

pytestmark = pytest.mark.django_db
MONTHS = [Month(2025, number) for number in range(1, 13)]


def _order(shop: Shop, rng: random.Random, name: str, at: dt.datetime) -> None:
    whole = shop.program.currency == "JPY"
    amounts = [rng.randint(100, 90000) for _ in range(rng.randint(1, 3))]
    shop.order(
        name,
        click=shop.click(at=at - dt.timedelta(hours=2)),
        now=at,
        occurred_at=at.isoformat(),
        status=rng.choice(["pending", "approved", "approved"]),
        lines=[(str(n), str(a) if whole else f"{a // 100}.{a % 100:02d}") for n, a in enumerate(amounts)],
    )


def _pay(rng: random.Random, one: User, other: User, now: dt.datetime) -> None:
    for currency in ("EUR", "JPY"):
        if batch := propose_payouts(by=one, currency=currency, now=now):
            if rng.random() < 0.2:
                reject_batch(batch=batch, by=other, reason="again", now=now)
                continue
            approve_batch(batch=batch, by=other, now=now)
            if rng.random() < 0.7:
                mark_batch_sent(batch=batch, by=one, now=now)


@pytest.fixture
def year(db: None) -> list[Period]:
    """Three shops, two creators and two currencies, closed month by month."""
    rng, one, other = random.Random(12), make_finance(), make_operator()
    first = make_shop(hold_days=10)
    shops = [first, make_shop(hold_days=0, creator=first.creator), make_shop(currency="JPY", hold_days=20)]
    periods = []
    for month in MONTHS:
        for day in range(4):
            now = month.starts_at + dt.timedelta(days=1 + 7 * day, hours=rng.randint(0, 20))
            for shop in shops:
                _order(shop, rng, f"{month}-{day}", now)
            if day % 2:
                conversion = rng.choice(list(Conversion.objects.order_by("pk")))
                reverse_order(conversion=conversion, reason="returned", now=now)
            approve_due(now=now)
            release_holds(now=now)
        _pay(rng, one, other, month.starts_at + dt.timedelta(days=25))
        periods.append(close_period(month=month, by=one, now=month.ends_at + dt.timedelta(hours=9)))
    return periods


def test_a_year_of_statements_follows_on_and_ties(year: list[Period]) -> None:
    closing: dict[tuple[int, str], int] = {}
    for period in year:
        for statement in period.statements.order_by("pk"):
            key = (statement.creator_id, statement.currency)
            assert statement.opening_minor == closing.get(key, 0)
            closing[key] = statement.closing_minor
        for figures in month_end(period.as_month()):
            assert figures.brands_minor == figures.creators_minor + figures.platform_minor + figures.rounding_minor
            asked = {"month": period.month, "currency": figures.currency, "side": "brand"}
            booked = sum(
                finance_figure("month", asked | {"key": part.key})[1].total().amount_minor for part in figures.brands
            )
            assert (booked, figures.difference_minor) == (figures.brands_minor, 0)
    assert set(Statement.objects.values_list("document", flat=True)) >= {"invoice"}
    assert [str(fault) for fault in violations()] == []
