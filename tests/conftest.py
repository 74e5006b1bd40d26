"""Shared fixtures: the migrated database template, what is skipped and why, and the people of the tests."""

from __future__ import annotations

import fcntl
import hashlib
import importlib.metadata
import itertools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
CACHE = Path(os.environ.get("VITRINA_TEST_CACHE", "/tmp/vitrina-test-templates"))
OUR_APPS = ("cms", "guides", "affiliates", "community")
_skipped: dict[str, str] = {}
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
    config.addinivalue_line("markers", "redis: needs TEST_REDIS_URL (a Redis server)")
    config.addinivalue_line("markers", "browser: needs Chromium")
    config.addinivalue_line("markers", "shared: needs the folder of merchants' feeds beside the project")
    config.addinivalue_line("markers", "slow: starts real server processes")


def _missing(item: pytest.Item) -> str | None:
    if item.get_closest_marker("postgres") and settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        return "PostgreSQL suite: set TEST_DATABASE_URL=postgres://user@host/name and run make test"
    if item.get_closest_marker("redis") and not os.environ.get("TEST_REDIS_URL"):
        return "Redis suite: set TEST_REDIS_URL=redis://127.0.0.1:6379/9"
    if item.get_closest_marker("browser") and not (os.environ.get("CHROMIUM") or shutil.which("chromium")):
        return "Browser suite: install Debian's chromium, or set CHROMIUM to its path"
    if item.get_closest_marker("shared") and not (SHARED / "data" / "feeds").is_dir():
        return "Feed suite: put the folder shared/data/feeds beside the project"
    return None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if reason := _missing(item):
            _skipped[reason.split(":")[0]] = reason
            item.add_marker(pytest.mark.skip(reason=reason))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reasons = {
        str(report.longrepr[2]).removeprefix("Skipped: ")
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple)
    }
    if reasons:
        terminalreporter.section("not run here, and how to get it")
        for reason in sorted(reasons):
            terminalreporter.line(f"- {reason}")


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


@pytest.fixture(scope="session")
def django_db_setup(request: pytest.FixtureRequest, django_test_environment: None, django_db_blocker) -> Iterator[None]:
    """SQLite: a copy of a migrated template. PostgreSQL: Django's own test database, kept with --reuse-db."""
    from django.db import connections

    connection = connections["default"]
    if connection.vendor != "sqlite":
        from django.test.utils import setup_databases, teardown_databases

        keep = bool(request.config.getvalue("reuse_db"))
        with django_db_blocker.unblock():
            suffix = os.environ.get("PYTEST_XDIST_WORKER", "")
            if suffix:
                connection.settings_dict["TEST"]["NAME"] = f"test_vitrina_{suffix}"
            config = setup_databases(verbosity=0, interactive=False, keepdb=keep)
        yield
        if not keep:
            with django_db_blocker.unblock():
                teardown_databases(config, verbosity=0)
        return
    CACHE.mkdir(parents=True, exist_ok=True)
    mine = CACHE / f"test-{os.environ.get('PYTEST_XDIST_WORKER', 'gw')}-{os.getpid()}.sqlite3"
    with open(CACHE / "lock", "w") as lock, django_db_blocker.unblock():
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
        template = _template(f"full-{_digest(_migrations())}", base, [], None)
        shutil.copyfile(template, mine)
    connection.close()
    connection.settings_dict["NAME"] = str(mine)
    yield
    with django_db_blocker.unblock():
        connection.close()
    for path in CACHE.glob(mine.name + "*"):
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


@pytest.fixture
def feeds_dir() -> Path:
    """The merchants' feed files that lie beside the project."""
    return SHARED / "data" / "feeds"
