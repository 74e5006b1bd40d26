"""What time brings about: orders approve themselves, holds end, clicks that came late are found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from affiliates.earnings.domain.attribution import UNKNOWN_CLICK
from affiliates.earnings.domain.states import Status
from affiliates.earnings.domain.validation import Channel
from affiliates.earnings.models import Conversion, IdempotentAnswer, VolumeBonus
from affiliates.earnings.models.conversions import ConversionQuerySet
from affiliates.earnings.selectors.ledger import booked_for
from affiliates.earnings.services.booking import bookings_for, settle_state
from affiliates.earnings.services.changes import Change, record_changes, snapshot
from affiliates.earnings.services.conversions import credit_late_click
from affiliates.earnings.services.ledger import book
from affiliates.earnings.services.volume_tiers import bonus_bookings, release_bonuses, touched_by
from affiliates.parties.models import Merchant
from affiliates.tracking.models import Click

CHUNK = 500
#: How long an order waits for its click, and how long an answer to an Idempotency-Key is kept.
CLICKS_ARE_AWAITED = dt.timedelta(days=1)
ANSWERS_ARE_KEPT = dt.timedelta(days=30)


def _chunks(due: ConversionQuerySet) -> Iterator[list[int]]:
    last = 0
    while pks := list(due.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        last = pks[-1]
        yield pks


def _move_on(due: Callable[[], ConversionQuerySet], *, now: dt.datetime, brand_has_paid: bool = False) -> int:
    """Approve all that is due, and book it; each chunk is a transaction and asks again under its locks what
    is due.
    """
    moved = 0
    for pks in _chunks(due()):
        with transaction.atomic():
            orders = list(
                due().filter(pk__in=pks).select_for_update(of=("self",)).order_by("pk").prefetch_related("lines")
            )
            booked = booked_for([conversion.pk for conversion in orders])
            bookings = []
            changes = []
            pending = any(conversion.status == Status.PENDING for conversion in orders)
            for conversion in orders:
                lines = list(conversion.lines.all())
                changes.append(Change(conversion, lines, snapshot(conversion, lines), Channel.CLOCK))
                settle_state(conversion, status=Status.APPROVED, now=now, brand_has_paid=brand_has_paid)
                conversion.updated_at = now
                bookings += bookings_for(conversion, lines, booked[conversion.pk], now=now)
            Conversion.objects.rewrite(orders, ["status", "approved_at", "released_at", "updated_at", "booking"])
            counted = {key for conversion in orders for key in touched_by(conversion)} if pending else set()
            book(bookings=[*bookings, *bonus_bookings(keys=counted, now=now)], now=now)
            record_changes(changes=changes, now=now)
            moved += len(orders)
    return moved


def approve_due(*, now: dt.datetime) -> int:
    """Approve the pending orders whose day of approving themselves has come; returns how many. May be
    repeated.
    """
    return _move_on(lambda: Conversion.objects.due_for_approval(now), now=now)


def release_holds(*, now: dt.datetime) -> int:
    """Make the money of approved orders available whose hold is over; returns how many. May be repeated."""
    return _move_on(lambda: Conversion.objects.due_for_release(now.date()), now=now, brand_has_paid=True)


def credit_late_clicks(*, now: dt.datetime) -> int:
    """Credit orders of the last day whose click was stored after they came; returns how many. May be repeated."""
    stored = Click.objects.filter(click_id=OuterRef("reported_click_id"))
    waiting = Conversion.objects.filter(
        Exists(stored),
        Q(awaits_click=True) | Q(reason=UNKNOWN_CLICK),
        received_at__gte=now - CLICKS_ARE_AWAITED,
        received_at__lte=now,
        locked_at__isnull=True,
    )
    orders = waiting.select_related("merchant").prefetch_related("lines").order_by("pk")
    return sum(credit_late_click(conversion=conversion, now=now) for conversion in orders)


@transaction.atomic
def lock_orders(*, merchant: Merchant, before: dt.datetime, now: dt.datetime) -> int:
    """Refuse further restatements of a merchant's orders placed before a moment; returns how many. May be
    repeated.
    """
    return (
        Conversion.objects.of_merchant(merchant.pk)
        .filter(occurred_at__lt=before, locked_at__isnull=True)
        .exclude(disputes__decided_at__isnull=True, disputes__isnull=False)
        .update(locked_at=now)
    )


@transaction.atomic
def lock_due(*, now: dt.datetime) -> int:
    """Lock the orders whose lock date has come and nobody has to answer for; returns how many. May be repeated."""
    return Conversion.objects.due_for_locking(now).update(locked_at=now)


def forget_answers(*, now: dt.datetime) -> int:
    """Drop answers to idempotency keys after thirty days; returns how many. May be repeated."""
    return IdempotentAnswer.objects.filter(at__lt=now - ANSWERS_ARE_KEPT).delete()[0]


def waiting_orders() -> int:
    """Orders and bonuses whose time to be approved or to become available has come. Three queries."""
    now = timezone.now()
    orders = Conversion.objects.due_for_approval(now).count() + Conversion.objects.due_for_release(now.date()).count()
    return orders + VolumeBonus.objects.due_for_release(now.date()).count()


def tick() -> None:
    """All of it, as the worker does. May be repeated."""
    now = timezone.now()
    approve_due(now=now)
    release_holds(now=now)
    release_bonuses(now=now)
    credit_late_clicks(now=now)
    lock_due(now=now)
    forget_answers(now=now)
