"""A link earns from what is clicked while its creator is in the programme."""

from __future__ import annotations

import datetime as dt

import pytest

from affiliates.earnings.models import Conversion
from affiliates.earnings.selectors.explanations import explain
from affiliates.parties.models import Stay
from affiliates.parties.services.joining import join_program, leave_program
from tests.factories.community import make_bare_creator
from tests.factories.earnings import NOON, Shop, make_shop
from tests.factories.tracking import make_click, make_link

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def shop() -> Shop:
    return make_shop("acme")


def order(shop: Shop, *, clicked: dt.datetime) -> Conversion:
    return shop.order(click=shop.click(at=clicked))


@pytest.mark.parametrize(
    ("clicked", "reason"),
    [
        (NOON - 4 * HOUR - dt.timedelta(microseconds=1), "creator_not_enrolled"),
        (NOON - 4 * HOUR, ""),
        (NOON - 2 * HOUR - dt.timedelta(microseconds=1), ""),
        (NOON - 2 * HOUR, "creator_not_enrolled"),
    ],
)
def test_only_clicks_of_the_time_in_the_programme_earn(shop: Shop, clicked: dt.datetime, reason: str) -> None:
    Stay.objects.update(starts_at=NOON - 4 * HOUR, ends_at=NOON - 2 * HOUR)
    assert order(shop, clicked=clicked).reason == reason


def test_who_left_before_the_order_keeps_what_was_clicked_before(shop: Shop) -> None:
    leave_program(enrolment=shop.program.enrolments.get(), now=NOON - HOUR)
    assert order(shop, clicked=NOON - 2 * HOUR).creator == shop.creator


def test_who_comes_back_earns_nothing_from_the_gap(shop: Shop) -> None:
    leave_program(enrolment=shop.program.enrolments.get(), now=NOON - 5 * HOUR)
    join_program(program=shop.program, creator=shop.creator, now=NOON - 3 * HOUR)
    earned = [order(shop, clicked=NOON - hours * HOUR).reason for hours in (6,)]
    assert earned == [""] and shop.order("B", click=shop.click(NOON - 4 * HOUR)).reason == "creator_not_enrolled"


def test_an_open_programme_that_was_never_joined_pays_nothing(shop: Shop) -> None:
    link = make_link(merchant=shop.merchant, creator=None)
    link.creator = make_bare_creator()
    link.save()
    found = shop.order(click=make_click(link=link, at=NOON - HOUR))
    assert (found.reason, found.creator, found.commission_minor) == ("creator_not_enrolled", None, 0)


def test_the_order_says_that_the_creator_was_not_in_the_programme(shop: Shop) -> None:
    Stay.objects.update(starts_at=NOON)
    assert "not in this programme at the time of the click" in explain(order(shop, clicked=NOON - HOUR)).credit


def test_an_order_decided_before_somebody_joined_stays_as_it_is(shop: Shop) -> None:
    Stay.objects.update(starts_at=NOON)
    click = shop.click(at=NOON - HOUR)
    shop.order(click=click)
    Stay.objects.update(starts_at=NOON - 9 * HOUR)
    assert shop.order(click=click, status="approved").reason == "creator_not_enrolled"
