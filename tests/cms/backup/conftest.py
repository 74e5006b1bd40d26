"""Sites of a test's own: a migrated database, files and a journal each, to back up and to restore into."""

from __future__ import annotations

import contextlib
import itertools
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.files.storage import storages
from django.core.management import call_command
from django.db import connection

import pytest

from tests.conftest import CACHE, _digest, _migrations, _server

_numbers = itertools.count(1)


@dataclass
class Place:
    """Where a site lives. `enter()` makes it the one that this process works on."""

    name: str
    root: Path
    settings: Any

    def enter(self) -> None:
        connection.close()
        connection.settings_dict["NAME"] = self.name
        self.settings.DATA_DIR = self.root
        self.settings.JOURNAL_DIR = self.root / "journal"
        self.settings.MEDIA_ROOT = self.root / "media"
        private: Any = storages["private"]
        private.location = private.base_location = str(self.root / "private")


@pytest.fixture
def places(
    django_db_setup: None, django_db_blocker: Any, settings: Any, tmp_path: Path
) -> Iterator[Callable[[], Place]]:
    """Makes empty sites; afterwards the database is again the one of all tests."""
    before = str(connection.settings_dict["NAME"])
    private: Any = storages["private"]
    locations = private.location, private.base_location
    made: list[Place] = []

    def make() -> Place:
        number = next(_numbers)
        root = tmp_path / f"site-{number}"
        root.mkdir()
        made.append(Place(_database(before, number, root), root, settings))
        return made[-1]

    with django_db_blocker.unblock():
        try:
            yield make
        finally:
            connection.close()
            private.location, private.base_location = locations
            connection.settings_dict["NAME"] = before
            if connection.vendor != "sqlite":
                with _server(connection.settings_dict) as cursor:
                    for place in made:
                        cursor.execute(f'DROP DATABASE IF EXISTS "{place.name}" WITH (FORCE)')


def _database(before: str, number: int, root: Path) -> str:
    if connection.vendor == "sqlite":
        path = root / "vitrina.sqlite3"
        shutil.copyfile(CACHE / f"full-{_digest(_migrations())}.sqlite3", path)
        return str(path)
    connection.close()
    base = before.removeprefix("test_").rpartition("_")[0]
    mine = f"{before}_place{number}"
    with _server(connection.settings_dict | {"NAME": "postgres"}) as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{mine}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{mine}" TEMPLATE "test_{base}_{_digest(_migrations())}"')
    return mine


@pytest.fixture
def site(places: Callable[[], Place]) -> Place:
    """An empty site, entered."""
    place = places()
    place.enter()
    return place


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Restores without what Wagtail and Django do after the rows are there."""
    real = call_command

    def called(name: str, *arguments: Any, **options: Any) -> Any:
        return None if name in {"migrate", "update_index"} else real(name, *arguments, **options)

    monkeypatch.setattr("cms.backup.services.restoring.call_command", called)


@contextlib.contextmanager
def unchanged(directory: Path) -> Iterator[None]:
    """Fails where a name below a directory came or went within the block."""
    before = sorted(path for path in directory.rglob("*") if ".sqlite3" not in path.name)
    yield
    assert sorted(path for path in directory.rglob("*") if ".sqlite3" not in path.name) == before
