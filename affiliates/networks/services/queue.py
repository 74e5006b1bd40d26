"""Uploaded reports as the worker's queue: the import's row is the order, its heartbeat the proof of work."""

from __future__ import annotations

import datetime as dt
import logging
import time
import traceback
from typing import BinaryIO, cast

from django.utils import timezone
from django.utils.translation import gettext as _

from affiliates.networks.models import ReportFile
from affiliates.networks.models.files import ReportFileQuerySet
from affiliates.networks.services.reports import ReportRefused, run_report, unfinished
from cms.core import periodic
from cms.core.masking import mask_text

logger = logging.getLogger("vitrina.reports")
SILENCE = dt.timedelta(minutes=2)
ATTEMPTS = 3
BEAT_EVERY_SECONDS = 1.0


class RunLost(Exception):
    """Another worker took the import up, since nothing was heard of this one."""


def waiting_reports() -> int:
    """Imports that wait, and those whose worker fell silent. Two queries."""
    silent = ReportFile.objects.filter(unfinished(timezone.now(), SILENCE))
    return ReportFile.objects.waiting().count() + silent.count()


def process_due_reports() -> int:
    """Import what waits, the oldest first; returns how many. May be repeated and killed at any moment.

    An import that broke off is taken up again from its first row not stored; after three times it is given up.
    """
    done = 0
    while (file := _claim(timezone.now())) is not None:
        _process(file)
        done += 1
        periodic.pulse()
    return done


def _claim(now: dt.datetime) -> ReportFile | None:
    due = [*ReportFile.objects.filter(unfinished(now, SILENCE)).order_by("pk")[:5]]
    due += ReportFile.objects.waiting().order_by("pk")[:5]
    for file in due:
        seen = ReportFile.objects.filter(pk=file.pk, status=file.status, attempts=file.attempts)
        if file.attempts >= ATTEMPTS:
            seen.update(status=ReportFile.Status.REFUSED, reason=_broke_off(), finished_at=now)
        elif seen.update(status=ReportFile.Status.RUNNING, attempts=file.attempts + 1, heartbeat_at=now):
            return ReportFile.objects.select_related("merchant", "mapping").get(pk=file.pk)
    return None


def _process(file: ReportFile) -> None:
    beaten = time.monotonic()

    def beat(step: str, number: int) -> None:
        nonlocal beaten
        periodic.pulse()
        if time.monotonic() - beaten < BEAT_EVERY_SECONDS:
            return
        beaten = time.monotonic()
        if not _mine(file).update(heartbeat_at=timezone.now()):
            raise RunLost

    try:
        with file.file.open("rb") as opened:
            # Parsers get the file itself; Django's wrapper breaks lines in its own way.
            source = cast(BinaryIO, getattr(opened.file, "file", opened))
            run_report(file=file, source=source, now=timezone.now(), progress=beat)
    except (ReportRefused, RunLost):
        return
    except periodic.Interrupted:
        ReportFile.objects.filter(pk=file.pk).update(status=ReportFile.Status.QUEUED)
        raise
    except Exception as error:  # noqa: BLE001  one file's fault is none of the next one's
        way = "".join(traceback.format_tb(error.__traceback__)).rstrip()
        logger.error("report %s broke off: %s\n%s", file.ref, mask_text(f"{type(error).__name__}: {error}"), way)
        values: dict[str, object] = {"status": ReportFile.Status.QUEUED}
        if file.attempts >= ATTEMPTS:
            values = {"status": ReportFile.Status.REFUSED, "reason": _broke_off(), "finished_at": timezone.now()}
        _mine(file).update(**values)


def _mine(file: ReportFile) -> ReportFileQuerySet:
    return ReportFile.objects.filter(pk=file.pk, status=ReportFile.Status.RUNNING, attempts=file.attempts)


def _broke_off() -> str:
    return _("The import broke off three times; a part of the file may have been applied.")
