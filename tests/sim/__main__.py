"""`make sim`: as many steps as asked, on a database of its own, and what broke where something did."""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@contextlib.contextmanager
def own_database() -> Iterator[str]:
    """An empty migrated database: a file in memory where there is such a place, or one on the server."""
    from django.conf import settings
    from django.db import connections

    from tests import conftest

    connection = connections["default"]
    if connection.vendor != "sqlite":
        base = dict(connection.settings_dict)
        os.environ["PYTEST_XDIST_WORKER"] = f"sim{os.getpid()}"
        connection.settings_dict["NAME"] = mine = conftest._copied_database(connection)
        connection.settings_dict["OPTIONS"] = {"options": "-c lock_timeout=10000 -c synchronous_commit=off"}
        try:
            yield "PostgreSQL"
        finally:
            connection.close()
            with conftest._server(base) as cursor:
                cursor.execute(f'DROP DATABASE IF EXISTS "{mine}" WITH (FORCE)')
        return
    conftest.CACHE.mkdir(parents=True, exist_ok=True)
    template = conftest.migrated_template()
    shm = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shm if shm.is_dir() else None, prefix="vitrina-sim-") as directory:
        copy = Path(directory) / "sim.sqlite3"
        copy.write_bytes(template.read_bytes())
        connection.close()
        connection.settings_dict["NAME"] = str(copy)
        options = dict(connection.settings_dict["OPTIONS"])
        options["init_command"] = options["init_command"].replace("synchronous=FULL", "synchronous=OFF")
        options["init_command"] = options["init_command"].replace(
            f"journal_mode={settings.SQLITE_JOURNAL}", "journal_mode=MEMORY"
        )
        connection.settings_dict["OPTIONS"] = options
        try:
            yield "SQLite"
        finally:
            connection.close()


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.test")
    parser = argparse.ArgumentParser(prog="make sim", description=__doc__)
    parser.add_argument("--steps", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=None)
    options = parser.parse_args()

    import django

    django.setup()
    from django.conf import settings

    logging.getLogger("affiliates").setLevel(logging.CRITICAL)
    settings.PAYOUT_PROVIDER = "tests.sim.provider.SimProvider"
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(10**6)
    from tests.sim.driver import run

    with own_database() as kind:
        print(f"{options.steps:,} steps on {kind}, seed {seed}", flush=True)
        result = run(seed, options.steps, restart=True)
    rate = result.steps / max(result.seconds, 0.001)
    print(
        f"{result.steps:,} steps in {result.seconds:.0f} s ({rate:.0f} a second), {result.transfers:,} transfers, {result.crashes:,} crashes"
    )
    print(dict(result.counts), dict(result.refused))
    if result.failure:
        print(f"step {result.failure.step}: {result.failure.why}")
        print("\n".join(result.failure.tail))
        print(f"make sim SEED={seed} STEPS={result.failure.step}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
