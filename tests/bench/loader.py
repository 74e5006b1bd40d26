"""The loader against bare inserts of the same rows: 100,000 journaled clicks in one go.

PostgreSQL (`COPY`) is measured when BENCH_DATABASE_URL names a database that may be filled.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.bench.click_data import BROWSER, VISITORS, click_site
from tests.bench.servers import ROOT

CLICKS = int(os.environ.get("BENCH_CLICKS", "100000"))


def main() -> list[dict[str, Any]]:
    """Rows of clicks a second, bare and loaded, and their ratio."""
    rows = []
    for name, database in (("SQLite", ""), ("PostgreSQL", os.environ.get("BENCH_DATABASE_URL", ""))):
        if name == "PostgreSQL" and not database:
            continue
        with tempfile.TemporaryDirectory(prefix="vitrina-loader-") as folder:
            environment, _codes = click_site(Path(folder), database)
            output = subprocess.run(
                [sys.executable, "-m", "tests.bench.loader", name],
                cwd=ROOT,
                env={**os.environ, **environment},
                check=True,
                capture_output=True,
                text=True,
            ).stdout
        rows.append(json.loads(output.splitlines()[-1]))
    return rows


def measure(name: str) -> dict[str, Any]:
    """Journal the clicks, load them, then insert copies of the same rows barely; in this process."""
    import time

    import django

    django.setup()
    from django.conf import settings
    from django.db import connection, transaction

    from affiliates.tracking.domain import codes, payloads
    from affiliates.tracking.models import Click, Link
    from affiliates.tracking.services import click_store
    from affiliates.tracking.services.journal import Journal
    from affiliates.tracking.services.loader import load_pending

    links = list(Link.objects.values_list("pk", flat=True))
    journal = Journal(settings.JOURNAL_DIR, sync="interval")
    start = time.time_ns() // 1000 - 3600 * 1_000_000
    for number in range(CLICKS):
        # As on a large site: most visitors are new, some come again.
        visitor = f"{number * 7919 % (CLICKS * 2 // 3):032x}"
        journal.append(
            payloads.encode(
                codes.click_id(), start + number * 20_000, links[number % len(links)], "GET", "", visitor, "public4",
                "abcdefghij.b1", "", "de-DE,de;q=0.9", "127.0.0.1", f"{BROWSER} v{number % VISITORS}",
            )
        )  # fmt: skip
    journal.close()
    started = time.perf_counter()
    loaded = load_pending()
    took = time.perf_counter() - started
    assert loaded.clicks == CLICKS, loaded
    columns = ", ".join(f'"{column}"' for column in click_store.CLICK_COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM tracking_click ORDER BY id DESC LIMIT {CLICKS}")
        rows = [list(row) for row in cursor.fetchall()]
    first = Click.objects.order_by("-pk").values_list("pk", flat=True)[0] + 1
    for number, row in enumerate(rows):
        row[0], row[1] = first + number, codes.click_id()
    started = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY tracking_click ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(click_store.CLICK_COLUMNS))
            cursor.executemany(f"INSERT INTO tracking_click ({columns}) VALUES ({marks})", rows)
    bare = time.perf_counter() - started
    return {
        "what": f"loader, {CLICKS:,} clicks ({name})",
        "per_second": round(CLICKS / took),
        "bare_per_second": round(CLICKS / bare),
        "ratio": round(bare / took, 2),
        "target": 0.5,
    }


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1])) if len(sys.argv) > 1 else main())
