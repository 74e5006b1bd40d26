"""Conversions through the API in batches, attributed, priced and booked, against a bare ORM `create()` of each.

On SQLite, and on PostgreSQL where BENCH_DATABASE_URL names a database that may be filled. Both kinds of round alternate
in one process; a bare round creates as many rows as a batch has orders, in one transaction, as a batch is one. Then the
same batch, and the attribution in it alone, over few and over many stored clicks and orders.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench.servers import ROOT

FULL = os.environ.get("BENCH_SIZE") == "full"
ORDERS = int(os.environ.get("BENCH_ORDERS", "100000"))
#: Stored clicks and orders: few, some, many.
FEW = int(os.environ.get("BENCH_FEW", "10000"))
SOME = int(os.environ.get("BENCH_SOME", "100000"))
MANY = int(os.environ.get("BENCH_MANY", "10000000" if FULL else "1000000"))
#: Stored orders at most; ten millions of them would be two hundred million rows.
MOST_ORDERS = 1_000_000
BATCH = 1000
CREATORS = 100
ROUNDS = 5


def main() -> list[dict[str, Any]]:
    """Rows for each database: the rate and its ratio, and what many stored rows cost."""
    rows: list[dict[str, Any]] = []
    for name, database in (("SQLite", ""), ("PostgreSQL", os.environ.get("BENCH_DATABASE_URL", ""))):
        if name == "PostgreSQL" and not database:
            continue
        with tempfile.TemporaryDirectory(prefix="vitrina-orders-") as folder:
            environment = {
                "DATA_DIR": str(Path(folder)), "DEMO_SHOP": "0", "RATE_LIMITS": "off",
                "DJANGO_SETTINGS_MODULE": "cms.settings.production",
                **({"DATABASE_URL": database} if database else {}),
            }  # fmt: skip
            output = subprocess.run(
                [sys.executable, "-m", "tests.bench.orders", name],
                cwd=ROOT,
                env={**os.environ, **environment},
                check=True,
                stdout=subprocess.PIPE,
                text=True,
            ).stdout
        rows += json.loads(output.splitlines()[-1])
    return rows


class Bench:
    """A site with a shop that pays ten per cent, a hundred creators' links, and as many clicks as are asked for."""

    def __init__(self) -> None:
        from django.core.management import call_command
        from django.db.models import Max
        from django.test import Client
        from django.utils import timezone

        from affiliates.parties.services import create_api_key
        from affiliates.tracking.models import Link
        from community.models import Creator, User
        from tests.factories.earnings import make_shop

        call_command("migrate", verbosity=0, interactive=False)
        # New names each time: a PostgreSQL database may be filled again.
        slug = f"bench-{time.time_ns()}"
        creators = [
            Creator.objects.create(
                user=User.objects.create(email=f"{slug}-{number}@example.org"),
                handle=f"{slug}-{number}",
                display_name=f"Creator {number}",
            )
            for number in range(CREATORS)
        ]
        shop = make_shop(slug, creator=creators[0])
        for creator in creators[1:]:
            shop.program.enrolments.create(creator=creator)
            Link.objects.create(merchant=shop.merchant, creator=creator, url=f"https://{slug}.example/thing")
        self.merchant = shop.merchant
        self.links = list(Link.objects.filter(merchant=self.merchant).values_list("pk", "creator_id"))
        key = create_api_key(merchant=self.merchant)[1]
        self.client = Client(headers={"authorization": f"Bearer {key}"}, SERVER_NAME="127.0.0.1")
        self.now = timezone.now()
        _befores.update(
            {model._meta.db_table: model.objects.aggregate(top=Max("pk"))["top"] or 0 for model in _of_orders()}
        )
        self.clicks: list[tuple[str, dt.datetime]] = []
        self.stored = self.orders = self.used = 0

    # What is stored -------------------------------------------------------------------------------------------------

    def fill_clicks(self, wanted: int) -> None:
        """Stored clicks of the last twenty days, a third of them a visitor's second; every tenth can be ordered on."""
        from django.db import transaction

        from affiliates.tracking.domain.codes import click_id
        from affiliates.tracking.domain.validity import Reason, Verdict
        from affiliates.tracking.services import click_store as store

        end = int(self.now.timestamp() * 1_000_000)
        while self.stored < wanted:
            count = min(20_000, wanted - self.stored)
            with transaction.atomic():
                ids = store.reserve_ids(count)
                rows, verdicts = [], []
                for number, pk in enumerate(ids, self.stored):
                    link, creator = self.links[number * 31 % len(self.links)]
                    at = end - (number * 7919 % (20 * 86_400)) * 1_000_000 - 60_000_000
                    made, visitor = click_id(), f"{number - number % 3 // 2:032x}"
                    rows.append(
                        (
                            pk, made, store.stored_time(at), link, creator, self.merchant.pk, None, None, "", "DE",
                            "desktop", "Firefox", "", "GET", "", visitor, "public4",
                        )
                    )  # fmt: skip
                    verdicts.append((pk, Verdict(Reason.VALID, at)))
                    if number % 10 == 0 or number < FEW:
                        self.clicks.append((made, store.moment(at)))
                store.insert_clicks(rows)
                store.insert_verdicts(verdicts, end)
            self.stored += count

    def fill_orders(self, wanted: int) -> None:
        """Copies of the stored orders with all that belongs to them, until there are so many."""
        from django.db import transaction

        from affiliates.earnings.models import Conversion

        base = self.orders
        while self.orders < min(wanted, MOST_ORDERS):
            number = self.orders // base
            with transaction.atomic():
                shift = Conversion.objects.order_by("-pk").values_list("pk", flat=True)[0]
                for model in _of_orders():
                    _copy_rows(model, number, base_shift=shift)
            self.orders += base
        _after_filling()

    # What is measured -----------------------------------------------------------------------------------------------

    def _next_clicks(self) -> list[tuple[str, dt.datetime]]:
        start = self.used * 997
        self.used += BATCH
        return [self.clicks[(start + number * 13) % len(self.clicks)] for number in range(BATCH)]

    def post_batch(self) -> None:
        """A batch of new orders, each with a click."""
        batch = [
            {
                "order_id": f"B-{self.orders + number}-{self.used}", "click_id": click, "status": "pending",
                "currency": "EUR", "occurred_at": (at + dt.timedelta(minutes=1)).isoformat(),
                "lines": [{"line_id": "1", "sku": f"S{number}", "amount": "89.90", "quantity": 1}],
            }
            for number, (click, at) in enumerate(self._next_clicks())
        ]  # fmt: skip
        body = json.dumps(batch)
        answer = self.client.post("/api/v1/conversions", body, content_type="application/json")
        assert answer.status_code == 207, answer.content[:500]
        first = answer.json()["results"][0]
        assert first["status"] == 201, first
        assert first["conversion"]["commission"]["total"] == "8.99", first
        self.orders += BATCH

    def create_bare(self) -> None:
        """As many rows of orders as a batch has, and nothing else."""
        from django.db import transaction

        from affiliates.earnings.models import Conversion

        self.used += BATCH
        with transaction.atomic():
            for number in range(BATCH):
                Conversion.objects.create(
                    merchant=self.merchant, order_id=f"bare-{self.used}-{number}", status="pending",
                    reported_status="pending", currency="EUR", occurred_at=self.now, received_at=self.now,
                    updated_at=self.now,
                )  # fmt: skip

    def attribute(self) -> None:
        """The touches of a thousand new orders, and who is credited."""
        from affiliates.earnings.domain.reports import parse_report
        from affiliates.earnings.services.touches import find_touches, join_touches

        reports = [
            parse_report(
                {
                    "order_id": f"A-{number}", "click_id": click, "status": "pending", "currency": "EUR",
                    "occurred_at": (at + dt.timedelta(minutes=1)).isoformat(),
                    "lines": [{"line_id": "1", "amount": "1.00"}],
                },
                now=self.now,
            )
            for number, (click, at) in enumerate(self._next_clicks())
        ]  # fmt: skip
        started = time.perf_counter()
        found = join_touches(found=find_touches(reports=reports), windows=[(report, 30) for report in reports])
        self.took = time.perf_counter() - started
        assert len(found.rows) >= len({report.click_id for report in reports})

    def attribution_seconds(self) -> float:
        """The median of several rounds."""
        took = []
        for _ in range(ROUNDS + 1):
            self.attribute()
            took.append(self.took)
        return statistics.median(took[1:])

    def batch_seconds(self) -> float:
        """The median of several rounds."""
        return statistics.median([timed(self.post_batch) for _ in range(ROUNDS + 1)][1:])


def _of_orders() -> list[Any]:
    from affiliates.earnings.models import (
        Assist,
        Attribution,
        Conversion,
        ConversionLine,
        OrderChange,
        ReportOutcome,
        Transfer,
    )

    return [Conversion, ConversionLine, Attribution, Assist, OrderChange, ReportOutcome, Transfer]


#: table → the last row that was there before the bench, and the last before any copy.
_befores: dict[str, int] = {}
_firsts: dict[str, int] = {}


def _copy_rows(model: Any, number: int, *, base_shift: int) -> None:
    """The rows that were there first once more, their numbers and texts moved so that nothing is there twice."""
    from django.db import connection
    from django.db.models import Max

    from affiliates.earnings.models import Conversion

    table, key = model._meta.db_table, model._meta.pk.column
    top = model.objects.aggregate(top=Max("pk"))["top"] or 0
    before, first = _befores[table], _firsts.setdefault(table, top)
    if first == before:
        return
    conversions = _firsts[Conversion._meta.db_table]
    moved = {key: f'"{key}" + {top}', "conversion_id": f'"conversion_id" + {base_shift}'}
    moved |= {name: f"\"{name}\" || '-{number}'" for name in ("order_id", "source_key")}
    moved["index"] = f'"index" + {number * BATCH}'
    columns = [field.column for field in model._meta.local_concrete_fields]
    into = ", ".join(f'"{column}"' for column in columns)
    values = ", ".join(moved.get(column, f'"{column}"') for column in columns)
    where = f'"{key}" > {before} AND "{key}" <= {first}'
    if "conversion_id" in columns:
        where += f' AND "conversion_id" <= {conversions}'
    with connection.cursor() as cursor:
        cursor.execute(f'INSERT INTO "{table}" ({into}) SELECT {values} FROM "{table}" WHERE {where}')
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence(%s, %s), (SELECT max(" + f'"{key}"' + f') FROM "{table}"))',
                [f'"{table}"', key],
            )


def _after_filling() -> None:
    """PostgreSQL's statistics are those of a table that has been there for a while."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def timed(work: Callable[[], None]) -> float:
    """Seconds of one call."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def measure(name: str) -> list[dict[str, Any]]:
    """All rows of one database, in this process."""
    import django

    django.setup()
    bench = Bench()
    bench.fill_clicks(FEW)
    while bench.orders < min(FEW, MOST_ORDERS):
        bench.post_batch()
    few = bench.batch_seconds()
    bench.fill_clicks(SOME)
    _after_filling()
    some = bench.attribution_seconds()
    bench.fill_clicks(MANY)
    bench.fill_orders(MANY)
    stored, orders = bench.stored, bench.orders
    many, attributed = bench.batch_seconds(), bench.attribution_seconds()
    rounds = [(timed(bench.post_batch), timed(bench.create_bare)) for _ in range(max(3, ORDERS // BATCH))]
    batch, bare = (statistics.median(column) for column in zip(*rounds, strict=True))
    return [
        {
            "what": f"orders through the API, {len(rounds) * BATCH:,} in batches of {BATCH:,} ({name})",
            "per_second": round(BATCH / batch),
            "bare_per_second": round(BATCH / bare),
            "ratio": round(statistics.median(one / other for one, other in rounds), 2),
            "target": "at most 8",
        },
        {
            "what": f"an order over {stored:,} clicks and {orders:,} orders against {FEW:,} of each ({name})",
            "per_second": round(BATCH / many),
            "bare_per_second": round(BATCH / few),
            "ratio": round(many / few, 2),
            "target": "at most 1.5",
        },
        {
            "what": f"attribution of {BATCH:,} orders over {stored:,} clicks against {SOME:,} ({name})",
            "per_second": round(BATCH / attributed),
            "bare_per_second": round(BATCH / some),
            "ratio": round(attributed / some, 2),
            "target": "at most 2",
        },
    ]


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1]) if len(sys.argv) > 1 else main()))
