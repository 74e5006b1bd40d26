"""The worker: every app's periodic jobs, each when it is due."""

from __future__ import annotations

import logging
import signal
import time
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections

from cms.core import periodic

logger = logging.getLogger("vitrina.worker")
LONGEST_PAUSE_SECONDS = 0.25


class Command(BaseCommand):
    """`manage.py work`: runs beside the web server."""

    help = "Run the periodic jobs of all apps until stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stopping = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        due = {job.name: 0.0 for job in periodic.jobs()}
        while not self.stopping:
            for job in periodic.jobs():
                if self.stopping or time.monotonic() < due[job.name]:
                    continue
                close_old_connections()
                try:
                    job.run()
                except Exception:
                    logger.exception("job %s failed", job.name)
                due[job.name] = time.monotonic() + job.seconds
            pause = min(due.values(), default=1.0) - time.monotonic()
            time.sleep(max(0.01, min(LONGEST_PAUSE_SECONDS, pause)))

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True
