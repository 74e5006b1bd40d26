"""Old readings become days, exactly; checks are cleared away."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import Count, Max, Min, Sum
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from wagtail.models import Site

import pytest

from affiliates.catalogue.models import Offer, OfferCheck, Reading, ReadingDay
from affiliates.catalogue.services import retention
from affiliates.catalogue.services.retention import (
    KEPT_DAYS,
    clear_old_checks,
    readings_to_roll_up,
    roll_up_readings,
)
from cms.core.models import SiteSettings
from tests.factories.catalogue import make_offer, make_policy

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(microsecond=0)
OLD = (NOW - dt.timedelta(days=KEPT_DAYS + 9)).replace(hour=1, minute=0, second=0)


def reading(offer: Offer, minor: int | None, at: dt.datetime, **fields: Any) -> Reading:
    fields.setdefault("policy", offer.policy)
    return Reading(offer=offer, price_minor=minor, currency="EUR", availability="in_stock", observed_at=at, **fields)


def totals() -> tuple[Any, ...]:
    """Lowest, highest and number over readings and days together."""
    kept = Reading.objects.aggregate(low=Min("price_minor"), high=Max("price_minor"), number=Count("pk"))
    days = ReadingDay.objects.aggregate(low=Min("low_minor"), high=Max("high_minor"), number=Sum("readings"))
    lows = [row["low"] for row in (kept, days) if row["low"] is not None]
    highs = [row["high"] for row in (kept, days) if row["high"] is not None]
    return min(lows), max(highs), kept["number"] + (days["number"] or 0)


def old_ones(offer: Offer, number: int) -> None:
    step = dt.timedelta(minutes=20)
    Reading.objects.bulk_create(
        (reading(offer, 1000 + (n * 7919) % 503, OLD - n * step) for n in range(number)), batch_size=2000
    )


def test_a_hundred_thousand_readings_go_in_bounded_portions() -> None:
    old_ones(make_offer(), 100_000)
    with CaptureQueriesContext(connection) as queries:
        assert roll_up_readings(now=NOW, limit=2000) == 2000
    assert len(queries) < 12 and Reading.objects.count() == 98_000


def test_totals_are_the_same_before_and_after() -> None:
    old_ones(make_offer(), 500)
    before = totals()
    while roll_up_readings(now=NOW, limit=70):
        assert totals() == before
    assert (totals(), Reading.objects.count()) == (before, 0)


def test_a_call_that_dies_leaves_everything_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    old_ones(make_offer(), 10)

    def die(*args: Any) -> ReadingDay:
        raise KeyboardInterrupt

    monkeypatch.setattr(retention, "_with", die)
    with pytest.raises(KeyboardInterrupt):
        roll_up_readings(now=NOW)
    assert (Reading.objects.count(), ReadingDay.objects.count()) == (10, 0)


def test_what_waits_is_counted() -> None:
    old_ones(make_offer(), 3)
    assert readings_to_roll_up(now=NOW) == 3


def test_two_sources_of_one_day_stay_apart() -> None:
    offer = make_offer()
    other = make_policy("other")
    Reading.objects.bulk_create([reading(offer, 900, OLD), reading(offer, 800, OLD, policy=other)])
    roll_up_readings(now=NOW)
    other.may_keep_history = False
    other.save()
    assert [day.low_minor for day in ReadingDay.objects.all()] == [900]


def test_an_offer_that_went_over_to_a_strict_source_does_not_hold_up_the_others() -> None:
    offer = make_offer()
    old_ones(offer, 2)
    Offer.objects.filter(pk=offer.pk).update(policy=make_policy("strict", may_keep_history=False))
    assert roll_up_readings(now=NOW) == 2


def test_what_was_kept_is_rolled_up_though_the_sites_terms_forbid_new_ones() -> None:
    old_ones(make_offer(), 2)
    SiteSettings.objects.create(site=Site.objects.get(is_default_site=True), amazon_associates=True)
    assert roll_up_readings(now=NOW) == 2


def day_of(offer: Offer, **fields: Any) -> ReadingDay:
    stated: dict[str, Any] = {"low_minor": 1, "high_minor": 1, "last_minor": 1, "availability": "in_stock"}
    stated |= {"on": OLD.date(), "currency": "EUR", "readings": 1, "policy": offer.policy} | fields
    return ReadingDay.objects.create(offer=offer, **stated)


def test_a_day_without_readings_is_refused() -> None:
    with pytest.raises(DatabaseError, match="made of readings"), transaction.atomic():
        day_of(make_offer())


def test_a_reading_outside_its_days_range_is_not_deleted() -> None:
    offer = make_offer()
    Reading.objects.bulk_create([reading(offer, 500, OLD)])
    day_of(offer)
    with pytest.raises(DatabaseError, match="not deleted"), transaction.atomic():
        Reading.objects.all().delete()


def test_a_day_is_never_made_smaller() -> None:
    offer = make_offer()
    Reading.objects.bulk_create([reading(offer, 1, OLD), reading(offer, 1, OLD)])
    day = day_of(offer, readings=2)
    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
        ReadingDay.objects.filter(pk=day.pk).update(readings=1)


def test_a_day_is_not_deleted_while_its_source_allows_history() -> None:
    old_ones(make_offer(), 1)
    roll_up_readings(now=NOW)
    with pytest.raises(DatabaseError, match="not deleted"), transaction.atomic():
        ReadingDay.objects.all().delete()


def test_checks_older_than_ninety_days_are_cleared_away_in_portions() -> None:
    offer = make_offer()
    times = [NOW - dt.timedelta(days=days) for days in (95, 94, 93, 10)]
    OfferCheck.objects.bulk_create(OfferCheck(offer=offer, state="ok", checked_at=at) for at in times)
    assert [clear_old_checks(now=NOW, limit=2) for _ in range(3)] == [2, 1, 0]
