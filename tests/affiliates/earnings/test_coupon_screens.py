"""Codes on finance's screens and in the studio: who sees what, and what can be done there."""

from __future__ import annotations

import datetime as dt

from django.test import Client

import pytest

from affiliates.earnings.models import Coupon
from affiliates.earnings.selectors.answers import conversion_answers
from affiliates.earnings.selectors.explanations import explain
from affiliates.earnings.services.coupons import create_coupon
from tests.factories.community import make_creator, make_finance
from tests.factories.earnings import NOON, Shop, make_shop
from tests.factories.tracking import make_click, make_link

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def shop(db: None) -> Shop:
    return make_shop("acme", creator=make_creator("marta"))


@pytest.fixture
def coupon(shop: Shop) -> Coupon:
    return create_coupon(
        merchant=shop.merchant, code="Summer", creator=shop.creator, exclusive=True, from_at=NOON, until_at=None,
        by=None, now=NOON,
    )  # fmt: skip


def signed_in(user: object) -> Client:
    client = Client()
    client.force_login(user)  # type: ignore[arg-type]
    return client


PAGES = ["/cms/coupons/", "/cms/coupons/{ref}/"]


@pytest.mark.parametrize("path", PAGES)
def test_finance_sees_every_code(coupon: Coupon, path: str) -> None:
    assert "Summer" in signed_in(make_finance()).get(path.format(ref=coupon.ref)).content.decode()


@pytest.mark.parametrize("path", PAGES)
def test_a_creator_does_not_manage_codes(coupon: Coupon, shop: Shop, path: str) -> None:
    client = signed_in(shop.creator.user)
    assert client.get(path.format(ref=coupon.ref)).status_code in {302, 403, 404}
    assert client.post(path.format(ref=coupon.ref), {}).status_code in {302, 403, 404}


@pytest.mark.parametrize("path", [*PAGES, "/cms/earnings/codes/"])
def test_nobody_sees_codes_without_logging_in(coupon: Coupon, path: str) -> None:
    assert Client().get(path.format(ref=coupon.ref)).status_code == 302


def test_a_code_is_given_out_and_withdrawn(shop: Shop) -> None:
    client = signed_in(make_finance())
    client.post("/cms/coupons/", {"merchant": shop.merchant.pk, "code": " Winter ", "creator": "@marta"})
    coupon = Coupon.objects.get()
    assert (coupon.code, coupon.holdings.get().creator) == ("Winter", shop.creator)
    client.post(f"/cms/coupons/{coupon.ref}/", {"creator": ""})
    assert coupon.holdings.last().creator is None


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"code": "SUMMER"}, "__all__"),
        ({"creator": "nobody"}, "creator"),
        ({"creator": ""}, "creator"),
        ({"from_at": "2026-05-02 00:00", "until_at": "2026-05-01 00:00"}, "until_at"),
    ],
)
def test_a_wrong_code_is_refused_beside_its_field(coupon: Coupon, shop: Shop, data: dict[str, str], field: str) -> None:
    sent = {"merchant": shop.merchant.pk, "code": "NEW", "creator": "marta", **data}
    answer = signed_in(make_finance()).post("/cms/coupons/", sent)
    assert answer.status_code == 422 and field in answer.context["form"].errors
    assert Coupon.objects.count() == 1


def test_a_code_is_not_taken_from_somebody_in_hindsight(coupon: Coupon) -> None:
    answer = signed_in(make_finance()).post(
        f"/cms/coupons/{coupon.ref}/", {"creator": "marta", "from_at": "2026-01-01 00:00"}
    )
    assert answer.status_code == 422 and "from_at" in answer.context["form"].errors


def test_a_creator_sees_their_own_codes(coupon: Coupon, shop: Shop) -> None:
    assert "Summer" in signed_in(shop.creator.user).get("/cms/earnings/codes/").content.decode()


def test_another_creator_sees_none_of_them(coupon: Coupon) -> None:
    assert "Summer" not in signed_in(make_creator("jonas").user).get("/cms/earnings/codes/").content.decode()


def test_a_helper_sees_that_they_helped_and_not_whom(shop: Shop) -> None:
    helper = make_creator("jonas")
    make_click(link=make_link(merchant=shop.merchant, creator=helper), at=NOON - 2 * HOUR)
    shop.order(click=shop.click())
    page = signed_in(helper.user).get("/cms/earnings/codes/").content.decode()
    assert "You helped 1 order" in page and "marta" not in page and "€" not in page


def test_a_creator_is_told_no_other_creators_name(shop: Shop) -> None:
    helper = make_creator("jonas")
    make_click(link=make_link(merchant=shop.merchant, creator=helper), at=NOON - 2 * HOUR)
    order = shop.order(click=shop.click())
    told, all_of_it = explain(order, for_creator_id=shop.creator.pk), explain(order)
    assert [touch.creator for touch in told.touches] == ["marta", ""]
    assert [touch.text for touch in told.touches] == [touch.text for touch in all_of_it.touches]
    touches = conversion_answers([order], for_creator_id=shop.creator.pk)[0]["attribution"]["touches"]
    assert [touch["creator"] for touch in touches] == ["marta", None]


def test_an_order_by_code_is_answered_with_its_winner(coupon: Coupon, shop: Shop) -> None:
    answer = conversion_answers([shop.order(coupon="SUMMER")])[0]
    assert answer["attribution"]["winner"] == {
        "click_id": None, "coupon": "SUMMER", "creator": "marta", "guide": None, "guide_title": None,
        "at": "2026-03-10T12:00:00Z",
    }  # fmt: skip


def test_a_leaked_code_is_said_to_have_leaked(coupon: Coupon, shop: Shop) -> None:
    other = make_link(merchant=shop.merchant, creator=make_creator("jonas"))
    explanation = explain(shop.order(click=make_click(link=other, at=NOON - HOUR), coupon="summer"))
    assert "may have leaked" in explanation.touches[0].text and "Lost to a code" in explanation.touches[1].text
