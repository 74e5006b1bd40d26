"""What the demo's shops state to machines about their listings."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

import pytest

from affiliates.catalogue.json_ld import listing_json_ld
from tests.factories.catalogue import make_offer

pytestmark = pytest.mark.django_db


def test_a_fresh_price_is_stated() -> None:
    assert listing_json_ld(make_offer(price_minor=4990), now=timezone.now())["offers"]["price"] == "49.90"


def test_a_stale_price_is_not_stated_so_that_no_look_at_the_page_renews_it() -> None:
    offer = make_offer(seen_at=timezone.now() - dt.timedelta(days=60))
    assert "price" not in listing_json_ld(offer, now=timezone.now())["offers"]
