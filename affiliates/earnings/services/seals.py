"""Sealing the books: each seal is a digest over the one before and the transfers since. `docs/money/periods.md`."""

from __future__ import annotations

import datetime as dt
import logging

from django.db import connection, transaction
from django.utils import timezone

from affiliates.earnings.domain.seals import START, seal
from affiliates.earnings.models import Seal
from affiliates.earnings.selectors.seals import last_seal, rows_between
from cms.core import periodic

logger = logging.getLogger(__name__)
CHUNK = 20_000
EVERY = dt.timedelta(days=1)


def stop_bookings() -> None:
    """Until the transaction ends nobody else books, seals or closes, and whoever had begun to book is done.

    Numbers are given out before transactions commit, so only now is it certain which ones there will be. SQLite
    has one writer at a time anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('earnings books'))")


@transaction.atomic
def seal_chunk(*, now: dt.datetime, limit: int = CHUNK) -> Seal | None:
    """Seal the oldest transfers that are not sealed yet; None when all are. May be repeated, also by two at once."""
    stop_bookings()
    head = last_seal()
    sealed = seal(head.digest if head else START, rows_between(head.through_seq if head else 0, limit=limit))
    if not sealed.count:
        return None
    made = Seal.objects.create(
        number=head.number + 1 if head else 1,
        through_seq=sealed.through_seq,
        count=sealed.count,
        previous=head.digest if head else START,
        digest=sealed.digest,
        leaves=sealed.leaves,
        sealed_at=now,
    )
    # The head has to be known outside of the database too: cutting it off would otherwise go unseen.
    logger.info("books sealed: seal %s through transfer %s, digest %s", made.number, made.through_seq, made.digest)
    return made


def seal_books(*, now: dt.datetime) -> int:
    """Seal all that is booked; returns how many transfers. May be repeated, and stopped between two seals."""
    count = 0
    while made := seal_chunk(now=now):
        count += made.count
        periodic.pulse()
    return count


def seal_daily() -> None:
    """As the worker does: nothing while the last seal is younger than a day. May be repeated."""
    now, head = timezone.now(), last_seal()
    if head is None or head.sealed_at <= now - EVERY:
        seal_books(now=now)
