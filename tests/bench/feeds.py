"""Feed import against reading and checking the same file with `csv.DictReader` alone, in the same run.

Rows a second for a first import and for the unchanged file again, and the import process's largest resident memory.
PostgreSQL is measured when BENCH_DATABASE_URL names a database that may be filled. Sizes: 10,000 and 100,000 rows, and
1,000,000 with `--size full` (or those that BENCH_FEED_ROWS lists).
"""

from __future__ import annotations

import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.bench.servers import ROOT

FIRST, AGAIN = 0.15, 0.4
MEMORY_MB = 300
COLUMNS = ("id", "title", "description", "link", "image_link", "availability", "price", "brand", "gtin", "mpn",
           "condition", "product_type", "shipping")  # fmt: skip
CONDITIONS = frozenset({"new", "refurbished", "used"})
STOCK = frozenset({"in_stock", "out_of_stock", "preorder", "backorder"})


def sizes() -> list[int]:
    if listed := os.environ.get("BENCH_FEED_ROWS"):
        return [int(rows) for rows in listed.split(",")]
    return [10_000, 100_000, *([1_000_000] if os.environ.get("BENCH_SIZE") == "full" else [])]


def check_digit(digits: str) -> int:
    return -sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits))) % 10


def write_feed(path: Path, rows: int) -> None:
    """A catalogue as a large shop sends it: every third thing has a GTIN, deliveries are the same few."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter="\t")
        writer.writerow(COLUMNS)
        for n in range(rows):
            digits = f"{400000000000 + n}"
            gtin = f"{digits}{check_digit(digits)}" if n % 3 == 0 else ""
            writer.writerow([
                f"SKU-{n}", f"Thing number {n} in steel", f"A thing made of steel, the {n}th of its kind.",
                f"https://bench.example/p/{n}", f"https://bench.example/i/{n}.jpg", "in_stock",
                f"{n % 900 + 1}.{n % 100:02} EUR", f"Brand {n % 500}", gtin, f"M-{n}", "new", f"category {n % 40}",
                f"DE::Standard:{n % 3 + 3}.90 EUR,AT::Standard:{n % 3 + 6}.90 EUR",
            ])  # fmt: skip


def baseline(path: Path) -> float:
    """Seconds a plain script takes to read the file and check what a feed must hold."""
    started = time.perf_counter()
    seen: set[str] = set()
    total = Decimal(0)
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if row["id"] in seen or not row["title"] or row["availability"] not in STOCK:
                raise ValueError(row["id"])
            seen.add(row["id"])
            amount, _, currency = row["price"].partition(" ")
            price = Decimal(amount)
            if price <= 0 or len(currency) != 3 or urlsplit(row["link"]).hostname != "bench.example":
                raise ValueError(row["id"])
            if row["condition"] not in CONDITIONS or not row["image_link"].startswith("https://"):
                raise ValueError(row["id"])
            for part in row["shipping"].split(","):
                country, _, rest = part.partition("::")
                cost, _, cost_currency = rest.partition(":")[2].partition(" ")
                if len(country) != 2 or Decimal(cost) < 0 or len(cost_currency) != 3:
                    raise ValueError(row["shipping"])
            if row["gtin"] and check_digit(row["gtin"][:-1]) != int(row["gtin"][-1]):
                raise ValueError(row["gtin"])
            total += price
    return time.perf_counter() - started


def main() -> list[dict[str, Any]]:
    """Rows of rates and ratios by database and size."""
    found = []
    for name, database in (("SQLite", ""), ("PostgreSQL", os.environ.get("BENCH_DATABASE_URL", ""))):
        if name == "PostgreSQL" and not database:
            continue
        for rows in sizes():
            found += _measure(name, database, rows)
    return found


def _measure(name: str, database: str, rows: int) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory(prefix="vitrina-feeds-") as folder:
        path = Path(folder) / "feed.tsv"
        write_feed(path, rows)
        environment = {**os.environ, "DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "cms.settings.production"}
        if database:
            environment["DATABASE_URL"] = database
        plain = baseline(path)
        results = []
        for what, target in (("first", FIRST), ("unchanged", AGAIN)):
            command = [sys.executable, "-m", "tests.bench.feeds", str(path), what]
            output = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
            answer = json.loads(output.stdout.splitlines()[-1])
            results.append(
                {
                    "what": f"feed, {rows:,} rows, {what} ({name})",
                    "per_second": round(rows / answer["seconds"]),
                    "bare_per_second": round(rows / plain),
                    "ratio": round(plain / answer["seconds"], 2),
                    "target": target,
                    "memory_mb": round(answer["memory_mb"]),
                    "memory_target_mb": MEMORY_MB,
                }
            )
        return results


def _import(path: str, what: str) -> None:
    """In a process of its own: import the file, and say how long it took and how large the process grew."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    from affiliates.catalogue.models import Offer
    from affiliates.catalogue.services.feeds import import_feed
    from affiliates.parties.models import Merchant, MerchantHost

    if what == "first":
        call_command("migrate", verbosity=0, interactive=False)
    # A merchant for each file, since a database may have seen others.
    merchant, _made = Merchant.objects.get_or_create(
        slug=Path(path).parent.name.lower().replace("_", "-"),
        defaults={"name": "Bench", "home_country": "DE", "currency": "EUR"},
    )
    MerchantHost.objects.update_or_create(host="bench.example", defaults={"merchant": merchant})
    started = time.perf_counter()
    with open(path, "rb") as source:
        run = import_feed(merchant=merchant, source=source, format="google", now=timezone.now())
    seconds = time.perf_counter() - started
    expected = run.created if what == "first" else run.unchanged
    assert expected == run.rows == Offer.objects.filter(merchant=merchant).count(), (
        run.created,
        run.unchanged,
        run.rows,
    )
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "memory_mb": memory}))


if __name__ == "__main__":
    if len(sys.argv) > 2:
        _import(sys.argv[1], sys.argv[2])
    else:
        for line in main():
            print(line)
