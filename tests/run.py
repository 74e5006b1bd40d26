"""`make test`: all on SQLite, what uses the database once more on PostgreSQL, then the browser; a last line counts all.

What each suite needs is looked for first. What is not there is named at the end, with how to get it; with
REQUIRE_ALL_SUITES=1, as in `.ci/run`, it is a failure, and so is any test that was skipped; only the merchants' feeds,
which are lent to the project, may be absent there too.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FEEDS = ROOT.parent / "shared" / "data" / "feeds"


@dataclass(frozen=True)
class Suite:
    """Tests that need something that need not be there; `mark` is their mark."""

    name: str
    mark: str
    how: str
    #: What it needs is no part of the project and cannot be installed: nobody is to blame where it is absent.
    lent: bool = False


SUITES = (
    Suite("PostgreSQL", "postgres", "set TEST_DATABASE_URL=postgres://user@host/name to a server that answers"),
    Suite("Redis", "redis", "set TEST_REDIS_URL=redis://127.0.0.1:6379/9 to a server that answers"),
    Suite("browser", "browser", "install Debian's chromium, or set CHROMIUM to its path"),
    Suite("feeds", "shared", "put the folder shared/data/feeds beside the project", lent=True),
)


@dataclass(frozen=True)
class Outcome:
    """What one pytest run came to."""

    title: str
    code: int
    passed: int = 0
    failed: int = 0
    skipped: Mapping[str, str] = field(default_factory=dict)
    left_out: int = 0
    marked: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0


def faults(outcomes: Sequence[Outcome], missing: Sequence[Suite], *, all_required: bool) -> list[str]:
    """Why the whole is a failure, one line each; none where it is not."""
    found = [f"{o.title}: {o.failed} failed" for o in outcomes if o.failed]
    found += [f"{o.title}: pytest ended with {o.code}" for o in outcomes if o.code and not o.failed]
    if not all_required:
        return found
    found += [f"{suite.name} suite not run: {suite.how}" for suite in missing if not suite.lent]
    excused = [suite.how for suite in missing if suite.lent]
    found += [
        f"{suite.name} suite: none of its tests passed"
        for suite in SUITES
        if suite not in missing and not sum(o.marked.get(suite.mark, 0) for o in outcomes)
    ]
    found += [
        f"{o.title}: {test} was skipped: {why}"
        for o in outcomes
        for test, why in o.skipped.items()
        if not any(how in why for how in excused)
    ]
    return found


def last_line(outcomes: Sequence[Outcome]) -> str:
    """A run that ended badly without a failed test counts as one failure."""
    failed = sum(o.failed or bool(o.code) for o in outcomes)
    passed, skipped = sum(o.passed for o in outcomes), sum(len(o.skipped) for o in outcomes)
    return f"{passed} passed, {failed} failed, {skipped} skipped"


def _postgres_answers() -> bool:
    import psycopg

    try:
        psycopg.connect(os.environ.get("TEST_DATABASE_URL", ""), connect_timeout=5).close()
    except psycopg.Error as error:
        print(f"PostgreSQL: {error}")
        return False
    return True


def _redis_answers() -> bool:
    import redis

    try:
        return bool(redis.Redis.from_url(os.environ["TEST_REDIS_URL"], socket_connect_timeout=5).ping())
    except (redis.RedisError, ValueError) as error:
        print(f"Redis: {error}")
        return False


def _chromium_is_there() -> bool:
    """Debian's Chromium, installed where we may."""
    if os.environ.get("CHROMIUM") or shutil.which("chromium"):
        return True
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing Chromium for the browser tests ...", flush=True)
        command = "apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium"
        subprocess.run(["sh", "-c", command], stdout=subprocess.DEVNULL, check=False)
    return shutil.which("chromium") is not None


def missing_suites() -> list[Suite]:
    """The suites that cannot run here."""
    there: dict[str, Callable[[], bool]] = {
        "postgres": lambda: bool(os.environ.get("TEST_DATABASE_URL")) and _postgres_answers(),
        "redis": lambda: bool(os.environ.get("TEST_REDIS_URL")) and _redis_answers(),
        "browser": _chromium_is_there,
        "shared": FEEDS.is_dir,
    }
    return [suite for suite in SUITES if not there[suite.mark]()]


def run(title: str, *arguments: str, **environment: str) -> Outcome:
    """One pytest run. Exit 5, nothing collected, is a failure like any other."""
    print(f"== {title}", flush=True)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as directory:
        told = Path(directory) / "outcome.json"
        workers = os.environ.get("TEST_WORKERS", "2")
        command = [sys.executable, "-m", "pytest", "-q", "-n", workers, "--dist", "worksteal", f"--outcome={told}"]
        code = subprocess.call([*command, *arguments], cwd=ROOT, env={**os.environ, **environment})
        facts = json.loads(told.read_text(encoding="utf-8")) if told.exists() else {}
    return Outcome(title, code, seconds=time.monotonic() - started, **facts)


def _summary(outcomes: Sequence[Outcome], missing: Sequence[Suite]) -> None:
    for o in outcomes:
        left = f"; {o.left_out} left out" if o.left_out else ""
        print(f"{o.title}: {o.passed} passed in {o.seconds:.0f} s{left}")
    if len(outcomes) > 1 and any(o.title == "PostgreSQL" for o in outcomes):
        print(
            "Left out on SQLite: what needs PostgreSQL, run there. On PostgreSQL: what uses no database or is SQLite's"
        )
        print("own, run on SQLite. By hand: pytest runs all of it, with DATABASE_URL=$TEST_DATABASE_URL on PostgreSQL.")
    for suite in missing:
        print(f"{suite.name} suite not run: {suite.how}")


def main() -> int:
    missing = missing_suites()
    absent = {suite.mark for suite in missing}
    if "redis" in absent:
        os.environ.pop("TEST_REDIS_URL", None)
    outcomes: list[Outcome] = []
    # The demo that the browser looks at takes a minute to make, which the other suites need not wait for.
    demo = None if "browser" in absent else subprocess.Popen([sys.executable, "-m", "tests.browser.filled"], cwd=ROOT)
    try:
        first = [] if "postgres" in absent else ["--round=first"]
        outcomes.append(run("SQLite", "-m", "not browser", *first, "tests", DATABASE_URL=""))
        if "postgres" not in absent:
            url = os.environ["TEST_DATABASE_URL"]
            outcomes.append(run("PostgreSQL", "-m", "not browser", "--round=second", "tests", DATABASE_URL=url))
        if demo is not None:
            demo.wait()
            outcomes.append(run("browser", "-m", "browser", "tests/browser", DATABASE_URL=""))
    finally:
        if demo is not None:
            demo.terminate()
    _summary(outcomes, missing)
    found = faults(outcomes, missing, all_required=os.environ.get("REQUIRE_ALL_SUITES") == "1")
    for fault in found:
        print(f"FAILURE: {fault}")
    print(last_line(outcomes), flush=True)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
