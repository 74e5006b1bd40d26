"""Volume tiers and bonuses on finance's, the brand's and the creator's pages, and in the API."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import pytest

from affiliates.earnings.domain.periods import Month
from affiliates.earnings.models import VolumeBonus, VolumeTiers
from affiliates.earnings.selectors.bonus_pages import bonus_page
from affiliates.parties.models import MerchantMember
from affiliates.parties.services import create_api_key
from tests.affiliates.earnings.test_volume_tiers import make_tiers, sell
from tests.factories.community import make_creator, make_finance, make_user
from tests.factories.earnings import Shop, make_shop

pytestmark = pytest.mark.django_db
PRIVATE = [
    "/cms/tiers/",
    "/cms/bonuses/{ref}/",
    "/cms/earnings/bonuses/",
    "/cms/earnings/bonuses/{ref}/",
    "/brands/tiers/",
    "/brands/bonuses/{ref}/",
]
NEXT_MONTH = Month(2026, 4)


@pytest.fixture
def shop(db: None) -> Shop:
    """A shop with tiers, whose creator sold 3,240.00 in March."""
    shop = make_shop("acme", creator=make_creator("marta"))
    make_tiers(shop)
    sell(shop, "A-1", "3240.00")
    return shop


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def member(shop: Shop, role: str = "manager") -> Client:
    user = make_user()
    MerchantMember.objects.create(merchant=shop.merchant, user=user, role=role)
    return signed_in(user)


def at(path: str) -> str:
    return path.format(ref=VolumeBonus.objects.get().ref)


@pytest.mark.parametrize("path", PRIVATE)
def test_nobody_sees_a_bonus_without_logging_in(shop: Shop, path: str) -> None:
    assert Client().get(at(path)).status_code == 302


@pytest.mark.parametrize("path", ["/cms/tiers/", "/cms/bonuses/{ref}/"])
def test_finance_sees_everybodys_bonus(shop: Shop, path: str) -> None:
    assert "€44.80" in signed_in(make_finance()).get(at(path)).content.decode()


@pytest.mark.parametrize("path", ["/cms/tiers/", "/cms/bonuses/{ref}/", "/brands/tiers/", "/brands/bonuses/{ref}/"])
def test_a_creator_sees_neither_finances_nor_the_brands_pages(shop: Shop, path: str) -> None:
    assert signed_in(shop.creator.user).get(at(path)).status_code in {302, 403, 404}


@pytest.mark.parametrize("path", ["/cms/earnings/bonuses/", "/cms/earnings/bonuses/{ref}/"])
def test_a_creator_sees_their_own_bonus(shop: Shop, path: str) -> None:
    assert "€31.36" in signed_in(shop.creator.user).get(at(path)).content.decode()


def test_a_creator_does_not_see_anothers_bonus(shop: Shop) -> None:
    assert signed_in(make_creator("jonas").user).get(at("/cms/earnings/bonuses/{ref}/")).status_code == 404


def test_another_creators_list_is_empty(shop: Shop) -> None:
    assert "2026-03" not in signed_in(make_creator("jonas").user).get("/cms/earnings/bonuses/").content.decode()


@pytest.mark.parametrize("path", ["/brands/tiers/", "/brands/bonuses/{ref}/"])
def test_a_brand_sees_what_its_tiers_cost(shop: Shop, path: str) -> None:
    assert "€44.80" in member(shop, "viewer").get(at(path)).content.decode()


def test_a_brand_does_not_see_anothers_bonus(shop: Shop) -> None:
    assert member(make_shop("other")).get(at("/brands/bonuses/{ref}/")).status_code == 404


def test_a_bonus_is_explained_part_by_part(shop: Shop) -> None:
    sell(shop, "A-2", "3000.00")
    assert bonus_page(VolumeBonus.objects.get()).sentences == (
        "Month 2026-03, Acme Partners: €6,240.00 of approved sales after refunds (volume tiers version 1).",
        "€4,000.00 of them lie between €1,000.00 and €5,000.00: +2 % of that is €80.00.",
        "€1,240.00 of them lie above €5,000.00: +5 % of that is €62.00.",
        "The bonus is €142.00; the creator's 70 % of it are €99.40.",
        "Approved and held until 15 April 2026.",
    )


def test_a_month_below_the_first_tier_says_how_much_is_missing(shop: Shop) -> None:
    sell(shop, "A-1", "640.00")
    assert bonus_page(VolumeBonus.objects.get()).sentences[-1] == (
        "+2 % is paid on what lies above €1,000.00: €360.00 more to go."
    )


def answers(shop: Shop, **fields: str) -> dict[str, str]:
    starts = Month.of(timezone.now()).next
    return {
        "program": str(shop.program.pk), "currency": "", "starts": str(starts), "above_1": "500.00", "percent_1": "1.5",
        **fields,
    }  # fmt: skip


def test_finance_writes_a_version_down(shop: Shop) -> None:
    answer = signed_in(make_finance()).post("/cms/tiers/", answers(shop, above_2="2000.00", percent_2="3"))
    assert answer.status_code == 302
    assert VolumeTiers.objects.get(version=2).steps == [[50000, "1.5"], [200000, "3"]]


def test_a_manager_writes_a_version_down(shop: Shop) -> None:
    assert member(shop).post("/brands/tiers/", answers(shop)).status_code == 302
    assert VolumeTiers.objects.get(version=1).ends == str(Month.of(timezone.now()).next)


def test_a_viewer_writes_nothing_down(shop: Shop) -> None:
    assert member(shop, "viewer").post("/brands/tiers/", answers(shop)).status_code == 404


def test_a_manager_writes_nothing_down_for_another_brand(shop: Shop) -> None:
    assert member(make_shop("other")).post("/brands/tiers/", answers(shop)).status_code == 422
    assert VolumeTiers.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"above_1": "much"}, "Write an amount in EUR, such as 1000.00."),
        ({"above_2": "2000.00"}, "A tier has a threshold and a percentage."),
        ({"above_2": "400.00", "percent_2": "3"}, "Each threshold is higher than the one before."),
        ({"starts": str(Month.of(timezone.now()))}, "A change of tiers begins with a month that has not begun."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(shop: Shop, fields: dict[str, str], said: str) -> None:
    answer = member(shop).post("/brands/tiers/", answers(shop, **fields))
    assert (answer.status_code, said in answer.content.decode()) == (422, True)
    assert VolumeTiers.objects.count() == 1


@pytest.mark.parametrize("address", ["/cms/tiers/{ref}/end/", "/brands/tiers/{ref}/end/"])
def test_a_version_is_ended(shop: Shop, address: str) -> None:
    tiers, ends = VolumeTiers.objects.get(), str(Month.of(timezone.now()).next)
    client = member(shop) if address.startswith("/brands") else signed_in(make_finance())
    client.post(address.format(ref=tiers.ref), {"ends": ends})
    tiers.refresh_from_db()
    assert tiers.ends == ends


@pytest.mark.parametrize("address", ["/cms/tiers/{ref}/end/", "/brands/tiers/{ref}/end/"])
def test_a_creator_ends_no_version(shop: Shop, address: str) -> None:
    tiers = VolumeTiers.objects.get()
    ends = str(Month.of(timezone.now()).next)
    signed_in(shop.creator.user).post(address.format(ref=tiers.ref), {"ends": ends})
    tiers.refresh_from_db()
    assert tiers.ends is None


def test_a_manager_of_another_brand_ends_no_version(shop: Shop) -> None:
    address = f"/brands/tiers/{VolumeTiers.objects.get().ref}/end/"
    assert member(make_shop("other")).post(address, {"ends": "2030-01"}).status_code == 404


def test_programmes_say_their_tiers(shop: Shop) -> None:
    _row, key = create_api_key(merchant=shop.merchant)
    (program,) = Client().get("/api/v1/programs", headers={"Authorization": f"Bearer {key}"}).json()["results"]
    assert program["tiers"] == [
        {
            "version": 1, "currency": "EUR", "from": "2026-03", "to": None, "creator_share_percent": "70",
            "hold_days": 14, "tiers": [{"above": "1000.00", "rate": "2"}, {"above": "5000.00", "rate": "5"}],
        }
    ]  # fmt: skip


def test_the_reports_answer_says_how_much_is_bonus(shop: Shop) -> None:
    _row, key = create_api_key(merchant=shop.merchant)
    address = "/api/v1/reports/commissions?from=2026-03-01&to=2026-03-31&group_by=merchant"
    (total,) = Client().get(address, headers={"Authorization": f"Bearer {key}"}).json()["totals"]
    assert (total["commission"], total["bonus"], total["bonus_creator_share"], total["assists"]) == (
        "368.80", "44.80", "31.36", 0,
    )  # fmt: skip


@pytest.mark.parametrize("path", ["/cms/tiers/", "/cms/earnings/bonuses/", "/brands/tiers/"])
def test_lists_ask_as_often_for_many_as_for_few(shop: Shop, path: str) -> None:
    who = {"/cms/tiers/": signed_in(make_finance()), "/brands/tiers/": member(shop)}
    client = who.get(path) or signed_in(shop.creator.user)
    client.get(path)
    with CaptureQueriesContext(connection) as few:
        client.get(path)
    bonus = VolumeBonus.objects.get()
    for number in range(1, 6):
        VolumeBonus.objects.create(
            program=bonus.program, creator=bonus.creator, tiers=bonus.tiers, month=f"2025-0{number}",
            currency="USD", available_on=dt.date(2026, 1, 1), created_at=timezone.now(), updated_at=timezone.now(),
            booking=1,
        )  # fmt: skip
    with CaptureQueriesContext(connection) as many:
        client.get(path)
    assert len(few) == len(many)
