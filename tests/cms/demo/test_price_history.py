"""The demo's prices have a past that the real services told."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

import pytest

from affiliates.catalogue.models import Offer, Reading
from affiliates.catalogue.selectors.price_history import deals_for, price_history
from cms.demo.domain.content import load_content
from cms.demo.management.commands.demo import CONTENT
from cms.demo.services import shops

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def listed() -> None:
    content = load_content(CONTENT)
    shops.make_merchants(content, now=NOW)
    shops.list_products(content, now=NOW)


def test_a_dozen_products_have_a_chart_and_some_are_a_deal(listed: None) -> None:
    offers = list(Offer.objects.values_list("pk", "product_id"))
    drawn = [pk for pk in {pk for _offer, pk in offers} if price_history(pk, now=NOW).state == "shown"]
    assert len(drawn) >= 12 and deals_for([pk for pk, _product in offers], now=NOW)


def test_the_past_is_told_once(listed: None) -> None:
    before = Reading.objects.count()
    shops.list_products(load_content(CONTENT), now=NOW + dt.timedelta(hours=1))
    assert Reading.objects.count() == before


def test_a_week_in_which_no_feed_came_is_a_gap(listed: None) -> None:
    product = Offer.objects.filter(merchant__slug="harbourlane", readings__observed_at__lt=NOW - dt.timedelta(days=60))
    shown = price_history(product.values_list("product_id", flat=True)[0], now=NOW).by_currency["GBP"][0]
    assert [(NOW - a).days for a, _b in shown.summary.gaps] == [52]
