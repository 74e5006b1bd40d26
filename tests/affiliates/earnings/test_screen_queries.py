"""Every list of finance's and of the studio's money asks the database as often for many rows as for few."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import pytest

from affiliates.earnings.domain.periods import Month
from affiliates.earnings.models import Dispute, SaleClaim, TaxIdentity, TaxRule
from affiliates.earnings.services.adjustments import propose_adjustment
from affiliates.earnings.services.brand_accounts import issue_statement, record_brand_payment
from affiliates.earnings.services.claims import claim_sale
from affiliates.earnings.services.coupons import create_coupon, hand_over_coupon
from affiliates.earnings.services.decisions import reverse_order
from affiliates.earnings.services.disputes import open_dispute
from affiliates.earnings.services.payouts import approve_batch, propose_payouts
from affiliates.earnings.services.periods import close_period
from affiliates.tracking.models import Click
from community.models import User
from tests.affiliates.earnings.payday import LATER, earn
from tests.factories.community import make_bare_creator, make_creator, make_finance
from tests.factories.earnings import NOON, Shop, make_profile, make_shop
from tests.factories.tracking import make_click, make_link

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
_numbers = itertools.count(1)


def new_shop(owner: Shop) -> Shop:
    """Another shop, of another creator."""
    return make_shop(creator=make_bare_creator())


def orders(owner: Shop) -> None:
    shop = new_shop(owner)
    for name in ("A", "B"):
        shop.order(name, click=shop.click())
    shop.order("C")


def one_order_more(owner: Shop) -> None:
    """The same order has more lines, touches, changes and transfers."""
    lines = [{"line_id": str(n), "amount": "10.00", "category": f"C{n}"} for n in range(next(_numbers) + 1)]
    make_click(link=make_link(merchant=owner.merchant, creator=make_bare_creator()), at=NOON - DAY)
    click = Click.objects.filter(creator=owner.creator).first() or owner.click()
    owner.order("ONE", click=click, lines=lines)


def disputes(owner: Shop) -> None:
    shop = new_shop(owner)
    for name in ("A", "B"):
        order = shop.order(name, click=shop.click())
        reverse_order(conversion=order, reason="returned", now=NOON)
        open_dispute(conversion=order, creator=shop.creator, evidence="Kept it", now=timezone.now())
    claims(shop)
    Dispute.objects.filter(pk__in=Dispute.objects.values("pk")[:1]).update(escalated_at=timezone.now())


def claims(owner: Shop) -> None:
    """Claims of this creator on several shops, open and decided."""
    for answer in ("", "No"):
        shop = make_shop(creator=owner.creator)
        shop.click()
        claim = claim_sale(
            creator=owner.creator, merchant=shop.merchant, order_id=f"LOST-{next(_numbers)}",
            ordered_on=NOON.date(), evidence="Receipt", now=timezone.now(),
        )  # fmt: skip
        if answer:
            SaleClaim.objects.filter(pk=claim.pk).update(
                decided_at=timezone.now(), decided_by=make_finance(), granted=False, answer=answer
            )


def adjustments(owner: Shop) -> None:
    for _ in range(2):
        propose_adjustment(
            creator=make_bare_creator(), currency="EUR", debit_kind="platform_margin",
            credit_kind="creator_available", amount_minor=500, reason="Goodwill", by=make_finance(), now=NOON,
        )  # fmt: skip


def brand_money(owner: Shop) -> None:
    shop = new_shop(owner)
    shop.order("A-1", click=shop.click(), status="approved")
    issue_statement(merchant=shop.merchant, currency="EUR", ends_at=NOON + DAY, now=NOON + 2 * DAY)
    record_brand_payment(
        merchant=shop.merchant, currency="EUR", amount_minor=100, reference=f"B-{next(_numbers)}",
        paid_on=NOON.date(), by=make_finance(), now=NOON + 3 * DAY,
    )  # fmt: skip


def coupons(owner: Shop) -> None:
    for shop in (new_shop(owner), owner):
        code = f"CODE{next(_numbers)}"
        coupon = create_coupon(
            merchant=shop.merchant, code=code, creator=owner.creator, exclusive=False, from_at=NOON - DAY,
            until_at=None, by=make_finance(), now=NOON,
        )  # fmt: skip
        if shop is not owner:
            hand_over_coupon(coupon=coupon, creator=make_bare_creator(), from_at=NOON, by=make_finance(), now=NOON)


def assists(owner: Shop) -> None:
    """Orders of other shops that this creator helped."""
    shop = make_shop(creator=make_bare_creator(), attribution_model="last_click")
    link = make_link(merchant=shop.merchant, creator=owner.creator)
    make_click(link=link, at=NOON - 2 * dt.timedelta(hours=1))
    shop.order(f"H-{next(_numbers)}", click=shop.click())


def payouts(owner: Shop) -> None:
    for _ in range(2):
        shop = new_shop(owner)
        make_profile(shop.creator, method="sepa", details={"iban": f"DE{next(_numbers):020d}"})
        earn(shop)
    batch = propose_payouts(by=make_finance(), currency="EUR", now=LATER)
    assert batch
    approve_batch(batch=batch, by=make_finance(), now=LATER)


def payable(owner: Shop) -> None:
    for amount in ("1000.00", "10.00"):
        shop = new_shop(owner)
        earn(shop, amount=amount)
    make_bare_creator()


def taxes(owner: Shop) -> None:
    for country in ("DE", "ES"):
        TaxIdentity.objects.create(
            creator=make_bare_creator(), legal_name="Ana", address="X", country=country, valid_from=NOON.date()
        )
    TaxRule.objects.create(
        platform_country="DE", creator_country="ES", treatment="outside_scope", percent=0,
        valid_from=NOON.date() + next(_numbers) * DAY,
    )  # fmt: skip


def months(owner: Shop) -> None:
    """Another closed month with a statement of this creator."""
    number = next(_months)
    at = dt.datetime(2025, number, 10, 12, tzinfo=dt.UTC)
    owner.order(f"M-{number}", click=owner.click(at), occurred_at=at.isoformat(), status="approved", now=at)
    after = dt.datetime(2025, number + 1, 3, tzinfo=dt.UTC)
    close_period(month=Month(2025, number), by=make_finance(), now=after)


_months = itertools.count(1)
Grow = Callable[[Shop], None]
FINANCE: list[tuple[str, Grow]] = [
    ("/cms/orders/", orders),
    ("/cms/orders/acme/ONE/", one_order_more),
    ("/cms/disputes/", disputes),
    ("/cms/adjustments/", adjustments),
    ("/cms/brand-money/", brand_money),
    ("/cms/coupons/", coupons),
    ("/cms/payouts/", payouts),
    ("/cms/payouts/next/EUR/", payable),
    ("/cms/money/tax/", taxes),
    ("/cms/money/months/", months),
]
STUDIO: list[tuple[str, Grow]] = [
    ("/cms/earnings/claims/", claims),
    ("/cms/earnings/codes/", coupons),
    ("/cms/earnings/codes/", assists),
    ("/cms/earnings/statements/", months),
]


@pytest.fixture(autouse=True)
def _from_january() -> None:
    global _months
    _months = itertools.count(1)


@pytest.fixture
def owner() -> Shop:
    return make_shop("acme", creator=make_creator())


def queries(person: User, path: str) -> list[str]:
    client = Client()
    client.force_login(person)
    client.get(path)
    with CaptureQueriesContext(connection) as caught:
        assert client.get(path).status_code == 200
    return [query["sql"] for query in caught]


def few_and_many(person: User, path: str, grow: Grow, owner: Shop) -> tuple[list[str], list[str]]:
    """What is asked for a few rows, and for three times as many."""
    grow(owner)
    few = queries(person, path)
    grow(owner)
    grow(owner)
    return few, queries(person, path)


@pytest.mark.parametrize(("path", "grow"), FINANCE, ids=[path for path, _ in FINANCE])
def test_finance_asks_as_often_for_many_rows_as_for_few(owner: Shop, path: str, grow: Grow) -> None:
    few, many = few_and_many(make_finance(), path, grow, owner)
    assert len(many) == len(few), sorted({sql[:300] for sql in many if many.count(sql) != few.count(sql)})


@pytest.mark.parametrize(("path", "grow"), STUDIO, ids=[f"{path}{grow.__name__}" for path, grow in STUDIO])
def test_a_creator_asks_as_often_for_many_rows_as_for_few(owner: Shop, path: str, grow: Grow) -> None:
    few, many = few_and_many(owner.creator.user, path, grow, owner)
    assert len(many) == len(few), sorted({sql[:300] for sql in many if many.count(sql) != few.count(sql)})
