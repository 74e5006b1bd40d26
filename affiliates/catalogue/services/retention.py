"""Keeping readings cheap: old ones are rolled up by day, and what remains of checks and imports is cleared away."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from django.db import transaction
from django.db.models import Max, Q, QuerySet

from affiliates.catalogue.models import DeliveryProfile, FeedRun, OfferCheck, Reading, ReadingDay, SourcePolicy

#: A year of history and a month to spare stays reading by reading.
KEPT_DAYS = 400
CHECKS_KEPT_DAYS = 90
RUNS_KEPT_DAYS = 90
_BATCH = 5000
#: A backlog is counted among so many of the oldest rows, lest a page for people read a table of millions.
COUNTED = 50_000


def roll_up_readings(*, now: dt.datetime, limit: int = _BATCH) -> int:
    """Roll up readings older than 400 days into a row for each day, offer, currency and source. Returns how many went.

    May be repeated and interrupted: the days' sums and the deletion of their readings are one transaction, and a day
    that is met again joins its sum. The database lets nothing go that was not summed up. Five statements a call.
    """
    with transaction.atomic():
        lock_policies()
        # Keys grow with time, so the oldest are met first without sorting everything.
        rows = list(_old_readings(now).order_by("pk").select_for_update()[:limit])
        days: dict[tuple[int, dt.date, str, int], list[Reading]] = defaultdict(list)
        for row in sorted(rows, key=lambda row: (row.observed_at, row.pk)):
            on = row.observed_at.astimezone(dt.UTC).date()
            days[row.offer_id, on, row.currency, row.policy_id].append(row)
        offers = {offer_id for offer_id, *_rest in days}
        met = ReadingDay.objects.filter(offer__in=offers, on__in={on for _offer_id, on, *_rest in days})
        known = {(day.offer_id, day.on, day.currency, day.policy_id): day for day in met}
        new: list[ReadingDay] = []
        grown: list[ReadingDay] = []
        for key, readings in days.items():
            day = known.get(key)
            if day is None:
                offer_id, on, currency, policy_id = key
                day = ReadingDay(offer_id=offer_id, on=on, currency=currency, policy_id=policy_id, readings=0)
            (grown if day.pk else new).append(_with(day, readings))
        ReadingDay.objects.bulk_create(new, batch_size=500)
        ReadingDay.objects.bulk_update(
            grown, ["low_minor", "high_minor", "last_minor", "availability", "readings"], batch_size=500
        )
        Reading.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


def lock_policies() -> None:
    """Sources first, then their history: who forbids one locks them in that order, and so do imports."""
    list(SourcePolicy.objects.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))


def _old_readings(now: dt.datetime) -> QuerySet[Reading]:
    edge = (now - dt.timedelta(days=KEPT_DAYS)).replace(hour=0, minute=0, second=0, microsecond=0)
    return Reading.objects.filter(observed_at__lt=edge)


def _with(day: ReadingDay, readings: list[Reading]) -> ReadingDay:
    """The day with these readings, in order of time, in its sums."""
    seen = [day.low_minor, day.high_minor, *(row.price_minor for row in readings)]
    prices = [price for price in seen if price is not None]
    day.low_minor, day.high_minor = min(prices, default=None), max(prices, default=None)
    day.last_minor, day.availability = readings[-1].price_minor, readings[-1].availability
    day.readings += len(readings)
    return day


def readings_to_roll_up(*, now: dt.datetime) -> int:
    """How many readings wait to be rolled up, counted among the 50,000 oldest. One query."""
    # Without an index by time: keys grow with it, and what is rolled up is gone from the front.
    oldest = Reading.objects.order_by("pk").values("pk")[:COUNTED]
    return _old_readings(now).filter(pk__in=oldest).count()


def clear_old_checks(*, now: dt.datetime, limit: int = _BATCH) -> int:
    """Delete checks older than ninety days, and deliveries that no offer states any more. Returns how many went."""
    keys = list(_old_checks(now).order_by("pk").values_list("pk", flat=True)[:limit])
    OfferCheck.objects.filter(pk__in=keys).delete()
    unused = list(DeliveryProfile.objects.filter(offers__isnull=True).values_list("pk", flat=True)[:limit])
    DeliveryProfile.objects.filter(pk__in=unused, offers__isnull=True).delete()
    return len(keys) + len(unused)


def _old_checks(now: dt.datetime) -> QuerySet[OfferCheck]:
    return OfferCheck.objects.filter(checked_at__lt=now - dt.timedelta(days=CHECKS_KEPT_DAYS))


def prune_runs(*, now: dt.datetime, limit: int = _BATCH) -> int:
    """Delete imports of which nothing was heard for ninety days, at most `limit`. Returns how many went.

    Kept whatever their age: imports that still have to be done or whose file is still there, and the last success and
    the last failure of each feed, and of each merchant's imports by hand. May be repeated. Three queries.
    """
    keys = list(_old_runs(now).order_by("pk").values_list("pk", flat=True)[:limit])
    return _old_runs(now).filter(pk__in=keys).delete()[0] if keys else 0


def _old_runs(now: dt.datetime) -> QuerySet[FeedRun]:
    edge = now - dt.timedelta(days=RUNS_KEPT_DAYS)
    status = FeedRun.Status
    ended = FeedRun.objects.filter(status__in=[status.DONE, status.REFUSED])
    last = ended.order_by().values("merchant", "feed", "status").annotate(last=Max("pk")).values("last")
    # An import at somebody's terminal that was killed says that it is running for ever; nobody takes it up again.
    over = Q(status__in=[status.DONE, status.REFUSED]) | Q(status=status.RUNNING)
    unheard = (Q(finished_at__isnull=True) | Q(finished_at__lt=edge)) & (
        Q(heartbeat_at__isnull=True) | Q(heartbeat_at__lt=edge)
    )
    return FeedRun.objects.filter(over, unheard, file="", created_at__lt=edge, started_at__lt=edge).exclude(pk__in=last)


def rows_to_clear(*, now: dt.datetime) -> int:
    """How many old checks and imports wait to be cleared away, the checks counted among the 50,000 oldest.

    Deliveries that nobody states are not counted: one would have to read every offer. Two queries.
    """
    oldest = OfferCheck.objects.order_by("pk").values("pk")[:COUNTED]
    return _old_checks(now).filter(pk__in=oldest).count() + _old_runs(now).count()


@transaction.atomic
def forget_history() -> int:
    """Delete every reading and every rolled-up day of the site. Returns how many.

    The database refuses it while the sources allow history and price tracking is on: this is for sites whose terms have
    forbidden it.
    """
    lock_policies()
    readings, _by_model = Reading.objects.all().delete()
    days, _by_model = ReadingDay.objects.all().delete()
    return days + readings
