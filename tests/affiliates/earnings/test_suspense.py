"""Money nobody can explain: it waits in suspense, two people work it off, and it is never lost."""

from __future__ import annotations

import datetime as dt

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import pytest

from affiliates.earnings.domain.periods import Month
from affiliates.earnings.models import BrandStatementLine, SuspenseEnd, SuspenseItem, Transfer
from affiliates.earnings.selectors.audit import violations
from affiliates.earnings.selectors.periods import blockers, unexplained
from affiliates.earnings.selectors.ties import month_tie
from affiliates.earnings.services.brand_accounts import issue_statement
from affiliates.earnings.services.suspense import (
    SuspenseRefused,
    approve_end,
    propose_end,
    record_unexplained,
    reject_end,
    sign_unexplained,
)
from community.models import User
from tests.affiliates.earnings.books import amounts_of, follow
from tests.factories.community import make_creator, make_finance
from tests.factories.earnings import NOON, Shop

pytestmark = pytest.mark.django_db
MARCH = Month(2026, 3)


@pytest.fixture
def pair(db: None) -> tuple[User, User]:
    """Two people of finance."""
    return make_finance(), make_finance()


def unknown(by: User, amount: int = 1000, reference: str = "B-1") -> SuspenseItem:
    return record_unexplained(
        currency="EUR", amount_minor=amount, moved_on=NOON.date(), reference=reference, words="No reference", by=by,
        now=NOON,
    )  # fmt: skip


def sound() -> bool:
    return [str(fault) for fault in violations()] == []


def test_unexplained_money_stands_in_suspense(pair: tuple[User, User]) -> None:
    unknown(pair[0])
    unknown(pair[0], -300, "B-2")
    assert unexplained(MARCH.ends_at) == {"EUR": 700} and sound()


def test_one_bank_reference_is_recorded_once(pair: tuple[User, User]) -> None:
    unknown(pair[0])
    with pytest.raises(SuspenseRefused, match="recorded already"):
        unknown(pair[1])
    assert Transfer.objects.count() == 1


def test_whoever_proposes_does_not_approve(pair: tuple[User, User]) -> None:
    end = propose_end(item=unknown(pair[0]), target="fee", amount_minor=1000, reason="Interest", by=pair[0], now=NOON)
    with pytest.raises(SuspenseRefused, match="somebody else"):
        approve_end(end=end, by=pair[0], now=NOON)
    approve_end(end=end, by=pair[1], now=NOON)
    assert unexplained(MARCH.ends_at) == {} and sound()


@pytest.mark.parametrize(("amount", "target"), [(1000, "fee"), (1000, "back"), (-1000, "fee"), (-1000, "back")])
def test_each_way_out_empties_suspense(pair: tuple[User, User], amount: int, target: str) -> None:
    end = propose_end(
        item=unknown(pair[0], amount), target=target, amount_minor=1000, reason="Found", by=pair[0], now=NOON
    )
    approve_end(end=end, by=pair[1], now=NOON)
    assert unexplained(MARCH.ends_at) == {} and sound()


def test_a_brands_payment_found_in_suspense_settles_its_lines(shop: Shop, pair: tuple[User, User]) -> None:
    shop.order(click=shop.click(), status="approved")
    later = NOON + dt.timedelta(days=1)
    issue_statement(merchant=shop.merchant, currency="EUR", ends_at=NOON + dt.timedelta(hours=1), now=later)
    end = propose_end(
        item=unknown(pair[0]), target="brand", amount_minor=1000, reason="They wrote", by=pair[0], now=later,
        merchant=shop.merchant,
    )  # fmt: skip
    payment = approve_end(end=end, by=pair[1], now=later).payment
    assert payment and (payment.reference, payment.paid_on) == ("B-1", NOON.date())
    assert BrandStatementLine.objects.get().settled_at == later
    assert unexplained(MARCH.ends_at) == {} and sound()


def test_parts_of_an_amount_may_belong_to_one_brand(shop: Shop, pair: tuple[User, User]) -> None:
    shop.order(click=shop.click(), status="approved")
    item = unknown(pair[0])
    for amount in (400, 600):
        end = propose_end(
            item=item, target="brand", amount_minor=amount, reason="Part", by=pair[0], now=NOON, merchant=shop.merchant
        )
        approve_end(end=end, by=pair[1], now=NOON)
    assert unexplained(MARCH.ends_at) == {} and sound()


def test_not_more_is_explained_than_there_was(pair: tuple[User, User]) -> None:
    item = unknown(pair[0])
    propose_end(item=item, target="fee", amount_minor=600, reason="Part", by=pair[0], now=NOON)
    with pytest.raises(SuspenseRefused, match="Not more"):
        propose_end(item=item, target="fee", amount_minor=401, reason="Rest", by=pair[0], now=NOON)


def test_a_rejected_proposal_frees_its_amount_and_books_nothing(pair: tuple[User, User]) -> None:
    item = unknown(pair[0])
    end = propose_end(item=item, target="fee", amount_minor=1000, reason="Wrong", by=pair[0], now=NOON)
    reject_end(end=end, by=pair[1], now=NOON)
    propose_end(item=item, target="back", amount_minor=1000, reason="Right", by=pair[0], now=NOON)
    assert Transfer.objects.count() == 1


def test_money_that_went_out_is_no_brands_payment(shop: Shop, pair: tuple[User, User]) -> None:
    with pytest.raises(SuspenseRefused, match="went out"):
        propose_end(
            item=unknown(pair[0], -1000), target="brand", amount_minor=1000, reason="?", by=pair[0], now=NOON,
            merchant=shop.merchant,
        )  # fmt: skip


def test_a_month_closes_with_a_signed_list_only(pair: tuple[User, User]) -> None:
    unknown(pair[0])
    assert "unexplained" in blockers(MARCH, now=MARCH.ends_at)[0]
    assert sign_unexplained(month=MARCH, by=pair[1], now=MARCH.ends_at) == 1
    assert blockers(MARCH, now=MARCH.ends_at) == []
    unknown(pair[0], 5, "B-9")
    assert "unexplained" in blockers(MARCH, now=MARCH.ends_at)[0]


def test_what_is_unexplained_earns_nobody_anything(shop: Shop, pair: tuple[User, User]) -> None:
    shop.order(click=shop.click(), status="approved")
    unknown(pair[0])
    tie = month_tie(2026, 3)[0]
    assert (tie.brands_minor, tie.creators_minor, tie.platform_minor, tie.rounding_minor) == (1000, 700, 300, 0)


def test_finance_records_proposes_and_decides_on_screen(shop: Shop, pair: tuple[User, User]) -> None:
    one, two = Client(), Client()
    one.force_login(pair[0])
    two.force_login(pair[1])
    data = {
        "came": "in",
        "currency": "EUR",
        "amount": "10.00",
        "moved_on": "2026-03-10",
        "reference": "B-1",
        "words": "?",
    }
    assert one.post("/cms/money/suspense/", data).status_code == 302
    item = SuspenseItem.objects.get()
    address = f"/cms/money/suspense/{item.ref}/"
    end = {"target": "fee", "amount": "4.00", "reason": "Interest"}
    assert one.post(address, end | {"amount": "40.00"}).status_code == 422
    assert one.post(address, end).status_code == 302
    ref = SuspenseEnd.objects.get().ref
    page = one.post(f"/cms/money/suspense/ends/{ref}/", {"decision": "approve"}, follow=True).content.decode()
    assert "somebody else has to approve it" in page
    assert (
        "approved and booked"
        in two.post(f"/cms/money/suspense/ends/{ref}/", {"decision": "approve"}, follow=True).content.decode()
    )
    for path in ("/cms/money/suspense/", address):
        for behind, shown in amounts_of(one.get(path).content.decode()):
            assert follow(one, behind) == (shown, shown)
    age = (timezone.now().date() - NOON.date()).days
    listed = one.get("/cms/money/suspense/").content.decode()
    assert "€6.00" in listed and f">{age}" in listed


def test_only_finance_sees_what_is_unexplained(pair: tuple[User, User]) -> None:
    item = unknown(pair[0])
    creator = Client()
    creator.force_login(make_creator().user)
    for path in ("/cms/money/suspense/", f"/cms/money/suspense/{item.ref}/"):
        assert creator.get(path).status_code in {302, 403, 404}
        assert Client().get(path).status_code == 302


def test_suspense_asks_as_often_for_many_as_for_few(pair: tuple[User, User]) -> None:
    client = Client()
    client.force_login(pair[0])
    unknown(pair[0])

    def count() -> int:
        client.get("/cms/money/suspense/")
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/cms/money/suspense/").status_code == 200
        return len(queries)

    few = count()
    for number in range(8):
        item = unknown(pair[0], 100, f"M-{number}")
        propose_end(item=item, target="fee", amount_minor=50, reason="Part", by=pair[0], now=NOON)
    assert count() == few
