"""Start the site on this machine: database, demo content, web server and worker in one process group."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from cms.demo.logins import DEMO_LOGINS, DEMO_PASSWORD
from cms.settings import env
from community.selectors.accounts import first_run_is_open
from community.services.first_run import setup_token

RESTART_PAUSE_SECONDS = 1.0
DIES_AT_ONCE_SECONDS = 3.0


class Command(BaseCommand):
    """`manage.py serve`: what `make run` does once the environment stands."""

    help = "Migrate, fill with demo content (DEMO=0: not) and serve on 127.0.0.1:$PORT with a worker beside it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-worker", action="store_true", help="serve pages only")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stopping = False
        self.started: dict[str, float] = {}
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        demo = env.env_bool("DEMO", True)
        begun = time.monotonic()
        self.stdout.write(f"Data in {settings.DATA_DIR}")
        call_command("migrate", verbosity=0, interactive=False)
        if demo:
            call_command("demo", if_needed=True)
        self._announce(demo, time.monotonic() - begun)
        commands = {"web": self._web()}
        if not options["no_worker"]:
            commands["worker"] = [sys.executable, "manage.py", "work"]
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        for name, command in commands.items():
            self._start(name, command)
        self._watch(commands)

    def _web(self) -> list[str]:
        workers = env.env_int("WEB_WORKERS", 1, low=1, high=64)
        threads = env.env_int("WEB_THREADS", 32, low=1, high=256)
        return [
            *(sys.executable, "-m", "granian", "--interface", "wsgi", "cms.wsgi:application"),
            *("--host", env.env_str("HOST", "127.0.0.1"), "--port", str(settings.PORT)),
            *("--workers", str(workers), "--blocking-threads", str(threads), "--backlog", "1024"),
            *("--respawn-failed-workers", "--log-level", "error", "--no-ws"),
        ]

    def _start(self, name: str, command: list[str]) -> None:
        # No new session: the children stay in our process group, so that one signal to it reaches all.
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        self.started[name] = time.monotonic()
        self.children[name] = subprocess.Popen(command, cwd=Path(settings.PROJECT_DIR), env=environment)  # noqa: S603

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _watch(self, commands: dict[str, list[str]]) -> None:
        """Restart a child that dies; on a signal stop them all, gently first."""
        while not self.stopping:
            time.sleep(0.2)
            for name, child in list(self.children.items()):
                if child.poll() is None or self.stopping:
                    continue
                if name == "web" and time.monotonic() - self.started[name] < DIES_AT_ONCE_SECONDS:
                    self._stop_children()
                    raise CommandError("The web server does not start; what it said stands above.")
                self.stderr.write(f"{name} ended with {child.returncode}; starting it again")
                time.sleep(RESTART_PAUSE_SECONDS)
                self._start(name, commands[name])
        self._stop_children()

    def _stop_children(self) -> None:
        for child in self.children.values():
            child.terminate()
        deadline = time.monotonic() + 15
        for child in self.children.values():
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()

    def _announce(self, demo: bool, seconds: float) -> None:
        write = self.stdout.write
        write(f"Ready after {seconds:.1f} s. Vitrina: {settings.BASE_URL}/")
        write(f"  studio and moderation: {settings.BASE_URL}/cms/   brands: {settings.BASE_URL}/brands/")
        if demo:
            write(f"  a tour for each role: {settings.BASE_URL}/tour/")
            write(f"  demo log-ins, password {DEMO_PASSWORD}:")
            for login in DEMO_LOGINS:
                write(f"    {login.email:<34} {login.role}")
        elif first_run_is_open():
            write(f"  set up this site: {settings.BASE_URL}/welcome/?token={setup_token()}")
        if not settings.SQLITE_WAL_IS_SAFE and settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
            write("  this Python's SQLite can corrupt a WAL database, so the rollback journal is used")
