"""Closing months. There is no opening them again. `docs/money/periods.md`."""

from __future__ import annotations

import datetime as dt
from itertools import islice

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from affiliates.earnings.domain.periods import Month
from affiliates.earnings.models import Period
from affiliates.earnings.selectors.audit import violations
from affiliates.earnings.selectors.ledger import last_seq
from affiliates.earnings.selectors.periods import blockers
from affiliates.earnings.selectors.seals import last_seal
from affiliates.earnings.services.seals import seal_books, seal_chunk, stop_bookings
from affiliates.earnings.services.statements import issue_statements
from community.models import User

MOST_NAMED = 3


class PeriodRefused(Exception):
    """A month that may not be closed; the message says why, in the reader's language."""


def close_period(*, month: Month, by: User, now: dt.datetime) -> Period:
    """Close a month: nothing can become effective in it any more, it is sealed, and its statements are issued.

    May be repeated: what was left undone is done. Two at once close it once. PeriodRefused while the month has not
    ended or is not the next, while money is unexplained, and while `check_ledger` finds anything.
    """
    if closed := Period.objects.filter(month=str(month)).first():
        issue_statements(period=closed, now=now)
        return closed
    finish_statements(now=now)
    _refuse(blockers(month, now=now))
    faults = [str(fault) for fault in islice(violations(), MOST_NAMED)]
    if faults:
        _refuse([_("The ledger does not hold, so nothing can be closed."), *faults])
    seal_books(now=now)
    period = _shut(month, by, now)
    issue_statements(period=period, now=now)
    return period


def _refuse(reasons: list[str]) -> None:
    if reasons:
        raise PeriodRefused(" ".join(reasons))


@transaction.atomic
def _shut(month: Month, by: User, now: dt.datetime) -> Period:
    stop_bookings()
    if closed := Period.objects.filter(month=str(month)).first():
        return closed
    _refuse(blockers(month, now=now))
    while seal_chunk(now=now):
        pass
    return Period.objects.create(
        month=str(month),
        starts_at=month.starts_at,
        ends_at=month.ends_at,
        through_seq=last_seq(),
        seal=last_seal(),
        closed_at=now,
        closed_by=by,
    )


def unfinished_months() -> int:
    """Closed months whose statements are not all issued. One query."""
    return Period.objects.filter(run__isnull=True).count()


def finish_statements(*, now: dt.datetime | None = None) -> int:
    """Issue what an interruption left, the oldest month first; returns how many statements. May be repeated."""
    return sum(
        issue_statements(period=period, now=now or timezone.now())
        for period in Period.objects.filter(run__isnull=True).order_by("ends_at")
    )
