"""What all tests share: databases copied from a migrated one, what runs where, what is skipped and why."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.metadata
import itertools
import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command

import pytest

from tests.browser.filled import CACHE, ROOT

SHARED = ROOT.parent / "shared"
OUR_APPS = ("cms", "guides", "affiliates", "community")
SUITES = ("postgres", "redis", "browser", "shared")
LEFT_OUT = pytest.StashKey[int]()
_journals = itertools.count(1)


def _digest(paths: list[Path]) -> str:
    digest = hashlib.sha256()
    for name in ("django", "wagtail", "django-allauth", "django-taggit", "django-tasks-db"):
        digest.update(importlib.metadata.version(name).encode())
    for path in sorted(paths):
        digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _migrations() -> list[Path]:
    return [path for app in OUR_APPS for path in (ROOT / app).rglob("migrations/*.py")]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "postgres: needs TEST_DATABASE_URL (a PostgreSQL server)")
    config.addinivalue_line(
        "markers", "sqlite: of SQLite alone: a statement it alone knows, a database file of its own"
    )
    config.addinivalue_line("markers", "redis: needs TEST_REDIS_URL (a Redis server)")
    config.addinivalue_line("markers", "browser: needs Chromium")
    config.addinivalue_line("markers", "shared: needs the folder of merchants' feeds beside the project")
    config.addinivalue_line("markers", "slow: starts real server processes")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("vitrina")
    group.addoption(
        "--round",
        choices=["first", "second"],
        help="one of two runs: the first on SQLite leaves to the second what needs PostgreSQL; the second, on "
        "PostgreSQL, leaves out what uses no database and what is SQLite's own",
    )
    group.addoption("--outcome", type=Path, help="a file to write the counts and the skipped tests to, as JSON")


def _on_sqlite() -> bool:
    return bool(settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"))


def uses_database(item: pytest.Item) -> bool:
    """Whether a test may touch the database at all; pytest-django shuts it to all others."""
    return item.get_closest_marker("django_db") is not None or "django_db_setup" in getattr(item, "fixturenames", ())


def _missing(item: pytest.Item) -> str | None:
    if item.get_closest_marker("postgres") and _on_sqlite():
        return "PostgreSQL suite: set TEST_DATABASE_URL=postgres://user@host/name and run make test"
    if item.get_closest_marker("sqlite") and not _on_sqlite():
        return "SQLite's own: run it without DATABASE_URL"
    if item.get_closest_marker("redis") and not os.environ.get("TEST_REDIS_URL"):
        return "Redis suite: set TEST_REDIS_URL=redis://127.0.0.1:6379/9"
    if item.get_closest_marker("browser") and not (os.environ.get("CHROMIUM") or shutil.which("chromium")):
        return "Browser suite: install Debian's chromium, or set CHROMIUM to its path"
    if item.get_closest_marker("shared") and not (SHARED / "data" / "feeds").is_dir():
        return "Feed suite: put the folder shared/data/feeds beside the project"
    return None


def _is_for_the_other_round(item: pytest.Item, turn: str | None) -> bool:
    if turn == "first":
        return item.get_closest_marker("postgres") is not None
    return turn == "second" and (item.get_closest_marker("sqlite") is not None or not uses_database(item))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    turn = config.getoption("round")
    others = [item for item in items if _is_for_the_other_round(item, turn)]
    if others:
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if not _is_for_the_other_round(item, turn)]
    config.stash[LEFT_OUT] = len(others)
    for item in items:
        # Told with the report: a report's keywords also hold the names of folders and of parameters.
        item.user_properties += [("suite", mark) for mark in SUITES if item.get_closest_marker(mark)]
        if reason := _missing(item):
            item.add_marker(pytest.mark.skip(reason=reason))


def pytest_sessionfinish(session: pytest.Session) -> None:
    if output := getattr(session.config, "workeroutput", None):
        output["left_out"] = session.config.stash.get(LEFT_OUT, 0)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Every worker collects everything, so that one worker's number is the number."""
    node.config.stash[LEFT_OUT] = getattr(node, "workeroutput", {}).get("left_out", 0)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    stats = terminalreporter.stats
    skipped = {
        report.nodeid: str(report.longrepr[2]).removeprefix("Skipped: ")
        for report in stats.get("skipped", [])
        if isinstance(report.longrepr, tuple)
    }
    if skipped:
        terminalreporter.section("not run here, and how to get it")
        for reason in sorted(set(skipped.values())):
            terminalreporter.line(f"- {reason}")
    if file := config.getoption("outcome"):
        passed = stats.get("passed", [])
        outcome = {
            "passed": len(passed),
            "failed": len(stats.get("failed", [])) + len(stats.get("error", [])),
            "skipped": skipped,
            "left_out": config.stash.get(LEFT_OUT, 0),
            "marked": {mark: sum(("suite", mark) in map(tuple, r.user_properties) for r in passed) for mark in SUITES},
        }
        file.write_text(json.dumps(outcome), encoding="utf-8")


def _template(name: str, source: Path | None, apps: list[str], blocker: object) -> Path:
    """A migrated SQLite file, made once per set of migrations and kept between runs."""
    from django.db import connections

    path = CACHE / f"{name}.sqlite3"
    if path.exists():
        return path
    part = path.with_suffix(f".{os.getpid()}.part")
    if source:
        shutil.copyfile(source, part)
    connection = connections["default"]
    connection.close()
    connection.settings_dict["NAME"] = str(part)
    for app in apps or [""]:
        call_command("migrate", *([app] if app else []), verbosity=0, interactive=False)
    connection.close()
    part.rename(path)
    return path


def migrated_template() -> Path:
    """The migrated SQLite file of the present migrations."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # Two steps, so that a change to our own migrations does not repeat Wagtail's ninety.
        first = [ROOT / "community" / "migrations" / "0001_initial.py"]
        third_party = ["wagtailcore", "wagtailadmin", "wagtaildocs", "wagtailembeds", "wagtailimages", "wagtailusers"]
        third_party += [
            "wagtailredirects",
            "wagtailsearch",
            "taggit",
            "sessions",
            "account",
            "mfa",
            "django_tasks_database",
        ]
        base = _template(f"base-{_digest(first)}", None, third_party, None)
        return _template(f"full-{_digest(_migrations())}", base, [], None)


@contextlib.contextmanager
def _server(settings_dict: dict[str, Any]) -> Iterator[Any]:
    """A cursor outside the databases of the tests, which holds the lock of all who make such databases."""
    import psycopg

    known = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    address = {name: settings_dict[key] for name, key in known.items() if settings_dict[key]}
    with psycopg.connect(**address, autocommit=True) as server, server.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext('vitrina tests'))")
        yield cursor


def _copied_database(connection: Any) -> str:
    """A PostgreSQL database of this worker's own, copied from a migrated one that is kept on the server.

    One is kept a project database, for the migrations of the last run.
    """
    base = str(connection.settings_dict["NAME"])
    template = f"test_{base}_{_digest(_migrations())}"
    mine = f"test_{base}_{os.environ.get('PYTEST_XDIST_WORKER', 'gw')}"
    with _server(connection.settings_dict) as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"test_{base}_%"])
        there = {name for (name,) in cursor.fetchall()}
        if template not in there:
            for name in there:
                if re.fullmatch(rf"test_{re.escape(base)}_([0-9a-f]{{16}}|part)", name):
                    cursor.execute(f'DROP DATABASE "{name}"')
            part = f"test_{base}_part"
            cursor.execute(f'CREATE DATABASE "{part}"')
            connection.settings_dict["NAME"] = part
            call_command("migrate", verbosity=0, interactive=False)
            connection.close()
            cursor.execute(f'ALTER DATABASE "{part}" RENAME TO "{template}"')
        cursor.execute(f'DROP DATABASE IF EXISTS "{mine}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{mine}" TEMPLATE "{template}"')
    return mine


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any) -> Iterator[None]:
    """A copy of a migrated database, which is made once per set of migrations and kept between runs."""
    from django.db import connections

    connection = connections["default"]
    if connection.vendor != "sqlite":
        base = dict(connection.settings_dict)
        with django_db_blocker.unblock():
            connection.close()
            connection.settings_dict["NAME"] = mine = _copied_database(connection)
        yield
        with django_db_blocker.unblock():
            connection.close()
            with _server(base) as cursor:
                cursor.execute(f'DROP DATABASE IF EXISTS "{mine}" WITH (FORCE)')
        return
    CACHE.mkdir(parents=True, exist_ok=True)
    copy = CACHE / f"test-{os.environ.get('PYTEST_XDIST_WORKER', 'gw')}-{os.getpid()}.sqlite3"
    with django_db_blocker.unblock():
        shutil.copyfile(migrated_template(), copy)
    connection.close()
    connection.settings_dict["NAME"] = str(copy)
    yield
    with django_db_blocker.unblock():
        connection.close()
    for path in CACHE.glob(copy.name + "*"):
        path.unlink()


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    from django.core.cache import caches

    yield
    for cache in caches.all():
        cache.clear()


@pytest.fixture(autouse=True)
def _own_journal(settings: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Each test has a click journal of its own, so that no loader stores another test's clicks."""
    from affiliates.tracking.handler import runtime

    settings.JOURNAL_DIR = tmp_path_factory.getbasetemp() / f"journal-{next(_journals)}"  # type: ignore[attr-defined]
    yield
    runtime.close()


@pytest.fixture(autouse=True)
def _one_at_a_time(request: pytest.FixtureRequest) -> Iterator[None]:
    """There is one Redis for all workers, and emptying it empties it for all."""
    if request.node.get_closest_marker("redis") is None:
        yield
        return
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / "redis-lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture
def feeds_dir() -> Path:
    """The merchants' feed files that lie beside the project."""
    return SHARED / "data" / "feeds"
