"""kill -9 of server and loader under load: every click that got its 302 is stored once."""

from __future__ import annotations

import collections
import http.client
import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection

import pytest

from affiliates.tracking.domain import codes
from tests.factories.tracking import BROWSER

pytestmark = [pytest.mark.slow, pytest.mark.sqlite, pytest.mark.django_db]

KILLS = 2
CLIENTS = 8


class Site:
    """A server and a loader on a database and a journal of their own."""

    def __init__(self, directory: Path, sync: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.database = directory / "site.sqlite3"
        self.environment = {
            **{name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "SECRET_KEY")},
            "DATA_DIR": str(directory),
            "PORT": str(self.port),
            "DATABASE_URL": f"sqlite:///{self.database}",
            "DJANGO_SETTINGS_MODULE": "cms.settings.production",
            "CLICK_SYNC": sync,
            "DEMO_SHOP": "0",
        }
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        granian = ["granian", "--interface", "wsgi", "cms.wsgi:application", "--port", str(self.port)]
        granian += ["--blocking-threads", "16", "--log-level", "error", "--no-ws"]
        for command in (["-m", *granian], ["manage.py", "load_clicks", "--watch", "--every", "0.1"]):
            self.processes.append(
                subprocess.Popen(
                    [sys.executable, *command],
                    cwd=settings.PROJECT_DIR,
                    env=self.environment,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )
            )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
                connection.request("GET", "/healthz")
                if connection.getresponse().status == 200:
                    return
            except OSError:
                time.sleep(0.1)
        pytest.fail("the server did not start")

    def kill(self) -> None:
        for process in self.processes:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.processes.clear()

    def manage(self, *command: str) -> None:
        subprocess.run(
            [sys.executable, "manage.py", *command], cwd=settings.PROJECT_DIR, env=self.environment, check=True,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip

    def stored(self) -> collections.Counter[str]:
        with sqlite3.connect(self.database) as database:
            return collections.Counter(row[0] for row in database.execute("SELECT click_id FROM tracking_click"))


def seed(database: Path) -> list[str]:
    """A merchant with a programme and ten links; their codes."""
    made = [codes.link_code() for _ in range(10)]
    with sqlite3.connect(database) as rows:
        now = "2026-01-01 00:00:00"
        rows.execute(
            "INSERT INTO parties_merchant (id, slug, name, home_country, currency, is_active, postback_secret) "
            "VALUES (1, 'acme', 'Acme', 'DE', 'EUR', 1, 'x')"
        )
        rows.execute("INSERT INTO parties_merchanthost (merchant_id, host) VALUES (1, 'acme.example')")
        rows.execute(
            "INSERT INTO parties_program (merchant_id, name, kind, currency, attribution_model, "
            "coupon_policy, brand_pays_first, window_days, "
            "hold_days, payout_lag_days, creator_share_percent, click_param, is_open, is_active) "
            "VALUES (1, 'Acme', 'direct', 'EUR', 'last_click', 'code', 0, 30, 14, 7, 80, 'ref', 1, 1)"
        )
        rows.executemany(
            "INSERT INTO tracking_link (code, merchant_id, url, label, is_active, created_at, updated_at) "
            f"VALUES (?, 1, 'https://acme.example/x', '', 1, '{now}', '{now}')",
            [(code,) for code in made],
        )
    return made


@pytest.fixture(params=["fsync", "interval"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path, request.param)
    shutil.copyfile(connection.settings_dict["NAME"], made.database)
    yield made
    made.kill()


def follow_links(site: Site, links: list[str], acknowledged: set[str], stop: threading.Event) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
    while not stop.is_set():
        try:
            connection.request("GET", f"/go/{random.choice(links)}", headers={"User-Agent": BROWSER})
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            return
        if answer.status == 302:
            acknowledged.add(str(answer.getheader("Location")).rpartition("=")[2])


def test_no_acknowledged_click_is_lost_or_doubled(site: Site) -> None:
    links, acknowledged = seed(site.database), set[str]()
    for _ in range(KILLS):
        site.start()
        stop = threading.Event()
        clients = [
            threading.Thread(target=follow_links, args=(site, links, acknowledged, stop)) for _ in range(CLIENTS)
        ]
        for client in clients:
            client.start()
        time.sleep(random.uniform(0.8, 1.6))
        site.kill()
        stop.set()
        for client in clients:
            client.join()
    site.manage("load_clicks")
    stored = site.stored()
    assert len(acknowledged) > 200
    assert acknowledged - stored.keys() == set()
    assert [click for click, times in stored.items() if times > 1] == []
    with sqlite3.connect(site.database) as rows:
        assert rows.execute("SELECT count(*) FROM tracking_clickverdict").fetchone()[0] == stored.total()
        assert rows.execute("SELECT sum(count) FROM tracking_clicktally").fetchone()[0] == stored.total()
