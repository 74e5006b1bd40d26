"""`/go/<code>` against a bare Django view on the same server program: one process, 32 threads, 32 connections.

Both are asked by the same thousand browsers, headers and all.

PostgreSQL rows are measured when BENCH_DATABASE_URL names a database that may be filled.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests.bench.click_data import click_site, requests_script
from tests.bench.servers import ROOT, ROUNDS, load, pinned, server

BARE = "bare view"
FSYNC, INTERVAL = "go, each click on disk before its answer", "go, on disk within 10 ms"
LOADER = ", loader beside it"
POSTGRES = " (PostgreSQL)"
TARGETS = {
    FSYNC: 2.2,
    INTERVAL: 3.5,
    FSYNC + LOADER: 2.2,
    FSYNC + LOADER + POSTGRES: 1.8,
    INTERVAL + LOADER + POSTGRES: 2.5,
}


def main() -> list[dict[str, Any]]:
    """Rows of requests a second, p99 and ratios to the bare view of the same run."""
    with tempfile.TemporaryDirectory(prefix="vitrina-go-") as folder, ExitStack() as stack:
        environment, codes = click_site(Path(folder))
        script = requests_script(Path(folder), codes)
        sites = {
            BARE: (stack.enter_context(server("tests.bench.bare:application")), script, {}),
            FSYNC: (_site(stack, environment, CLICK_SYNC="fsync"), script, {}),
            INTERVAL: (_site(stack, environment, CLICK_SYNC="interval"), script, {}),
            FSYNC + LOADER: (_site(stack, environment, CLICK_SYNC="fsync"), script, environment),
        }
        if database := os.environ.get("BENCH_DATABASE_URL"):
            other, codes = click_site(Path(folder) / "postgres", database)
            script = requests_script(Path(folder) / "postgres", codes)
            for name, sync in ((FSYNC, "fsync"), (INTERVAL, "interval")):
                sites[name + LOADER + POSTGRES] = (_site(stack, other, CLICK_SYNC=sync), script, other)
        rounds: dict[str, list[tuple[float, float]]] = {name: [] for name in sites}
        for _ in range(ROUNDS):
            for name, (url, requests, loading) in sites.items():
                with _loader(loading):
                    rounds[name].append(load(url, script=requests))
    return _table(rounds)


def _site(stack: ExitStack, environment: dict[str, str], **more: str) -> str:
    return stack.enter_context(server("cms.wsgi:application", **environment, **more))


@contextmanager
def _loader(environment: dict[str, str]) -> Iterator[None]:
    """A loader process while the round lasts, where an environment for one is given."""
    if not environment:
        yield
        return
    command = [sys.executable, "manage.py", "load_clicks", "--watch"]
    process = subprocess.Popen(
        [*pinned(1), *command], cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.kill()
        process.wait()


def _table(rounds: dict[str, list[tuple[float, float]]]) -> list[dict[str, Any]]:
    medians = {
        name: (statistics.median(rate for rate, _ in found), statistics.median(p99 for _, p99 in found))
        for name, found in rounds.items()
    }
    base_rate, base_p99 = medians[BARE]
    return [
        {
            "what": name,
            "per_second": round(rate),
            "p99_ms": round(p99, 1),
            "ratio": round(rate / base_rate, 2),
            "target": TARGETS.get(name),
            "p99_ratio": round(p99 / base_p99, 2),
        }
        for name, (rate, p99) in medians.items()
    ]


if __name__ == "__main__":
    for row in main():
        print(row)
