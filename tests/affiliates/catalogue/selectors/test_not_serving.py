"""What could not serve a reader, however much there is that could."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

import pytest

from affiliates.catalogue.models import Offer, ProductMention
from affiliates.catalogue.selectors import not_serving
from tests.factories.catalogue import make_offer, make_policy
from tests.factories.community import make_page

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def named(offer: Offer) -> Offer:
    ProductMention.objects.create(
        product=offer.product, named=offer.product, page=make_page(f"Page {offer.pk}"), role="top_pick"
    )
    return offer


def found() -> list[str]:
    return [trouble.what for trouble in not_serving.troubles(now=NOW) if trouble.kind == "no_price"]


def test_an_offer_never_priced_and_one_of_a_strict_source_are_found_behind_many_older_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(not_serving, "MOST_OF_A_KIND", 2)
    patient, strict = make_policy("patient", max_price_age_hours=720), make_policy("strict", max_price_age_hours=2)
    for _number in range(5):
        named(make_offer(seen_at=NOW - dt.timedelta(days=9), policy=patient))
    named(make_offer(title="Strict", seen_at=NOW - dt.timedelta(hours=3), policy=strict))
    named(make_offer(title="Never", price_minor=None, price_seen_at=None))
    assert [what.split(",")[0] for what in found()] == ["Never", "Strict"]
