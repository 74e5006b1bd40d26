"""Keeping readings cheap: old ones are rolled up by day, and what remains of checks is cleared away."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from django.db import transaction
from django.db.models import Min

from affiliates.catalogue.models import DeliveryProfile, OfferCheck, Reading, ReadingDay

#: A year of history and a month to spare stays reading by reading.
KEPT_DAYS = 400
CHECKS_KEPT_DAYS = 90
_BATCH = 5000


def roll_up_readings(*, now: dt.datetime, limit: int = _BATCH) -> int:
    """Roll up readings older than 400 days, whole days of an offer at a time. Returns how many went.

    May be repeated and interrupted: a day's sum and the deletion of its readings are one transaction, and a day that is
    met again joins its sum. The database lets nothing go that was not summed up.
    """
    edge = (now - dt.timedelta(days=KEPT_DAYS)).replace(hour=0, minute=0, second=0, microsecond=0)
    old = Reading.objects.filter(observed_at__lt=edge)
    with transaction.atomic():
        rows = list(old.order_by("observed_at", "pk").select_for_update()[:limit])
        days: dict[tuple[int, dt.date, str], list[Reading]] = defaultdict(list)
        for row in rows:
            days[row.offer_id, row.observed_at.astimezone(dt.UTC).date(), row.currency].append(row)
        for (offer_id, on, currency), readings in days.items():
            _add_to_day(offer_id, on, currency, readings)
        Reading.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


def _add_to_day(offer_id: int, on: dt.date, currency: str, readings: list[Reading]) -> None:
    prices = [row.price_minor for row in readings if row.price_minor is not None]
    last = readings[-1]
    day = ReadingDay.objects.filter(offer_id=offer_id, on=on, currency=currency).first()
    if day is None:
        ReadingDay.objects.create(
            offer_id=offer_id, on=on, currency=currency, low_minor=min(prices, default=None),
            high_minor=max(prices, default=None), last_minor=last.price_minor, availability=last.availability,
            readings=len(readings), policy_id=last.policy_id,
        )  # fmt: skip
        return
    known = [price for price in (day.low_minor, day.high_minor) if price is not None]
    day.low_minor, day.high_minor = min([*prices, *known], default=None), max([*prices, *known], default=None)
    day.last_minor, day.availability = last.price_minor, last.availability
    day.readings += len(readings)
    day.save()


def readings_to_roll_up(*, now: dt.datetime) -> int:
    """How many days of readings wait. One query."""
    oldest = Reading.objects.aggregate(at=Min("observed_at"))["at"]
    return max(0, (now - oldest).days - KEPT_DAYS) if oldest else 0


def clear_old_checks(*, now: dt.datetime, limit: int = _BATCH) -> int:
    """Delete checks older than ninety days, and deliveries that no offer states any more. Returns how many went."""
    old = OfferCheck.objects.filter(checked_at__lt=now - dt.timedelta(days=CHECKS_KEPT_DAYS))
    keys = list(old.order_by("pk").values_list("pk", flat=True)[:limit])
    OfferCheck.objects.filter(pk__in=keys).delete()
    unused = list(DeliveryProfile.objects.filter(offers__isnull=True).values_list("pk", flat=True)[:limit])
    DeliveryProfile.objects.filter(pk__in=unused, offers__isnull=True).delete()
    return len(keys) + len(unused)


@transaction.atomic
def forget_history() -> int:
    """Delete every reading and every rolled-up day of the site. Returns how many.

    The database refuses it while the sources allow history and price tracking is on: this is for sites whose terms have
    forbidden it.
    """
    days, _by_model = ReadingDay.objects.all().delete()
    readings, _by_model = Reading.objects.all().delete()
    return days + readings
