"""The worker: every app's periodic jobs, each when it is due."""

from __future__ import annotations

import signal
from typing import Any

from django.core.management.base import BaseCommand

from cms.home.worker import Worker


class Command(BaseCommand):
    """`manage.py work`: runs beside the web server; any number of them share the work."""

    help = "Run the periodic jobs of all apps until stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        worker = Worker()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: worker.stop())
        worker.work()
