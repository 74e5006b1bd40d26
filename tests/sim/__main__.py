"""`make sim`: as many steps as asked on a database of its own, and what broke where something did.

`BUG=<name>` plants a fault first and succeeds when it is caught, `BUGS=all` does so with one after the other.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

#: Longest that the steps of a failing run are thinned out.
SHRINK_SECONDS = 90.0


@contextlib.contextmanager
def own_database() -> Iterator[str]:
    """An empty migrated database: a file in memory where there is such a place, or one on the server."""
    from django.conf import settings
    from django.db import connections

    from tests import conftest

    connection = connections["default"]
    connection.close()
    kept = dict(connection.settings_dict)
    try:
        if connection.vendor != "sqlite":
            os.environ["PYTEST_XDIST_WORKER"] = f"sim{os.getpid()}"
            connection.settings_dict["NAME"] = mine = conftest._copied_database(connection)
            connection.settings_dict["OPTIONS"] = {"options": "-c lock_timeout=10000 -c synchronous_commit=off"}
            yield "PostgreSQL"
            connection.close()
            with conftest._server(kept) as cursor:
                cursor.execute(f'DROP DATABASE IF EXISTS "{mine}" WITH (FORCE)')
            return
        shm = Path("/dev/shm")
        with tempfile.TemporaryDirectory(dir=shm if shm.is_dir() else None, prefix="vitrina-sim-") as directory:
            template = conftest.migrated_template()
            copy = Path(directory) / "sim.sqlite3"
            copy.write_bytes(template.read_bytes())
            connection.close()
            quick = kept["OPTIONS"]["init_command"].replace("synchronous=FULL", "synchronous=OFF")
            quick = quick.replace(f"journal_mode={settings.SQLITE_JOURNAL}", "journal_mode=MEMORY")
            connection.settings_dict["NAME"] = str(copy)
            connection.settings_dict["OPTIONS"] = {**kept["OPTIONS"], "init_command": quick}
            yield "SQLite"
            connection.close()
    finally:
        connection.close()
        connection.settings_dict.update(kept)


def told(total: int) -> Callable[[int, Any], None]:
    """A bar on a terminal, a plain line now and then elsewhere."""
    shown = [time.monotonic(), 0]

    def show(step: int, result: Any) -> None:
        now = time.monotonic()
        rate = step / max(result.seconds, 0.001)
        if sys.stderr.isatty():
            if now - shown[0] > 0.2:
                filled = 30 * step // total
                print(f"\r[{'#' * filled:<30}] {step:,}/{total:,}  {rate:.0f}/s ", end="", file=sys.stderr, flush=True)
                shown[0] = now
        elif now - shown[0] > 30:
            print(f"{step:,} of {total:,} steps, {rate:.0f} a second", flush=True)
            shown[0] = now

    return show


def simulate(seed: int, steps: int, *, plant: str = "", **given: Any) -> tuple[str, Any]:
    """One run on a database of its own."""
    from tests.sim.bugs import BUGS
    from tests.sim.driver import run

    with own_database() as kind, BUGS[plant].plant() if plant else contextlib.nullcontext():
        return kind, run(seed, steps, restart=True, at_once=kind == "PostgreSQL", **given)


def report(seed: int, result: Any, plant: str) -> None:
    """Say what broke, the fewest steps found that lead there, and how to see it again."""
    from tests.sim.driver import shrink

    failure = result.failure
    print(f"\nBROKEN at step {failure.step}: {failure.why}\n")
    print("\n".join(failure.tail))
    again = f"make sim SEED={seed} STEPS={failure.step}" + (f" BUG={plant}" if plant else "")
    if os.environ.get("DATABASE_URL"):
        again += " DATABASE_URL=$DATABASE_URL"
    print(f"\nagain:    {again}")
    if failure.step > 20_000:
        return

    def fails(chosen: set[int]) -> bool:
        found = simulate(seed, failure.step, plant=plant, only=chosen)[1].failure
        return found is not None and found.kind == failure.kind

    print(f"thinning the steps out, {SHRINK_SECONDS:.0f} s at most ...", flush=True)
    kept = shrink(fails, list(result.done), seconds=SHRINK_SECONDS)
    last = simulate(seed, failure.step, plant=plant, only=kept)[1].failure
    if last is not None:
        print(f"\n{len(kept)} steps suffice: {last.why}\n")
        print("\n".join(last.tail))
        print(f"\nagain:    {again} ONLY={','.join(map(str, kept))}")


def all_bugs(seed: int, steps: int) -> int:
    """Plant one fault after the other; 0 when each is caught."""
    from django.db import connection

    from tests.sim.bugs import BUGS

    missed = 0
    print(f"{'fault':<30} {'caught at step':>14}  by")
    for name, bug in BUGS.items():
        if bug.postgres and connection.vendor != "postgresql":
            print(f"{name:<30} {'-':>14}  needs PostgreSQL: set DATABASE_URL")
            continue
        failure = simulate(seed, steps, plant=name, audit_every=250)[1].failure
        missed += failure is None
        print(
            f"{name:<30} {failure.step if failure else 'NOT CAUGHT':>14}  {failure.why[:90] if failure else ''}",
            flush=True,
        )
    return missed


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.test")
    parser = argparse.ArgumentParser(prog="make sim", description=__doc__)
    parser.add_argument("--steps", type=int, default=20_000)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--only", default="", help="the only steps to take, by number")
    parser.add_argument("--bug", default="", help="a fault to plant")
    parser.add_argument("--bugs", default="", help="all: plant each fault in turn")
    options = parser.parse_args()

    import django

    django.setup()
    from django.conf import settings

    from tests.sim.bugs import BUGS

    logging.getLogger("affiliates").setLevel(logging.CRITICAL)
    settings.PAYOUT_PROVIDER = "tests.sim.provider.SimProvider"
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(10**6)
    if options.bug and options.bug not in BUGS:
        parser.error(f"there is no fault {options.bug!r}; there are {', '.join(BUGS)}")
    print(f"{options.steps:,} steps, seed {seed}", flush=True)
    if options.bugs:
        return 1 if all_bugs(seed, options.steps) else 0
    only = [int(step) for step in options.only.split(",") if step] or None
    kind, result = simulate(seed, options.steps, plant=options.bug, only=only, progress=told(options.steps))
    rate = result.steps / max(result.seconds, 0.001)
    print(
        f"\n{kind}: {result.steps:,} steps in {result.seconds:.0f} s ({rate:.0f} a second), {result.transfers:,} "
        f"transfers, {result.crashes:,} crashes, {result.races:,} races, {result.audits} audits"
    )
    print("  ".join(f"{name} {count:,}" for name, count in result.counts.most_common()))
    if result.failure:
        if only is None:
            report(seed, result, options.bug)
        else:
            print(f"\nBROKEN: {result.failure.why}\n" + "\n".join(result.failure.tail))
    else:
        print("no violation" if not options.bug else f"{options.bug} was NOT caught")
    return 0 if (result.failure is None) == (not options.bug) else 1


if __name__ == "__main__":
    sys.exit(main())
