"""The operator hears once of a job that does not get done, and again only after it was well in between."""

from __future__ import annotations

import datetime as dt
import time

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from cms.core import periodic
from cms.core.leases import PATIENCE, needs_a_person
from cms.core.models import JobState
from cms.core.periodic import Job
from community.services.operators import tell_operators

STARTED = time.monotonic()


def watch_jobs() -> None:
    """What the worker does about its own jobs. May be repeated."""
    # After a standstill of the whole site everything is late, and done in a minute.
    if time.monotonic() - STARTED < PATIENCE.total_seconds():
        return
    tell_of_jobs(now=timezone.now())


def tell_of_jobs(*, now: dt.datetime) -> int:
    """Afterwards the operator knows of every job that is overdue or keeps failing; returns how many were news.

    May be repeated, also by several workers at once: a job is told of by whoever marks it.
    """
    told = 0
    states = {state.name: state for state in JobState.objects.filter(told_overdue_at__isnull=True)}
    for job in periodic.jobs():
        state = states.get(job.name)
        if state is None or not needs_a_person(job, state, now):
            continue
        if JobState.objects.filter(pk=state.pk, told_overdue_at__isnull=True).update(told_overdue_at=now):
            _tell(job, state)
            told += 1
    return told


def _tell(job: Job, state: JobState) -> None:
    with translation.override(settings.LANGUAGE_CODE):
        subject = _("Vitrina: the job “%(job)s” does not get done") % {"job": job.title}
        success = f"{state.succeeded_at:%Y-%m-%d %H:%M} UTC" if state.succeeded_at else _("never")
        lines = [
            _("Last success: %(time)s") % {"time": success},
            _("Failures in a row: %(number)d") % {"number": state.failures},
            *([_("Last error: %(error)s") % {"error": state.last_error}] if state.last_error else []),
            "",
            _("All jobs: %(address)s") % {"address": settings.BASE_URL + reverse("home_jobs")},
            _("You will hear of it again only if it was well in between."),
        ]
    tell_operators(subject=subject, body="\n".join(lines))
