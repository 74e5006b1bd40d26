"""From one database to the other and back, by the real commands."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.utils import timezone

import pytest

from affiliates.earnings.selectors.audit import violations
from affiliates.earnings.services.seals import seal_books
from affiliates.tracking.models import Click
from affiliates.tracking.services.loader import load_pending
from cms.backup.domain.manifest import MANIFEST, read_manifest
from cms.backup.domain.tablefiles import read_table
from cms.backup.services.restoring import restore_backup
from cms.backup.services.taking import take_backup
from tests.browser.filled import manage
from tests.cms.backup.conftest import Place
from tests.conftest import CACHE, _digest, _migrations
from tests.factories.community import make_bare_creator
from tests.factories.earnings import make_shop
from tests.factories.tracking import journal_clicks, payload


def rows_of(directory: Path) -> dict[str, list[list[Any]]]:
    """Every table, JSON read, because PostgreSQL writes it in its own way."""
    found: dict[str, list[list[Any]]] = {}
    for entry in read_manifest((directory / MANIFEST).read_text()).tables:
        columns, batches = read_table(directory / entry.path, table=entry.name, batch=1000)
        found[entry.name] = [
            [json.loads(v) if kind == "json" and v else v for v, (_n, kind) in zip(row, columns, strict=True)]
            for batch in batches
            for row in batch
        ]
    return found


@pytest.mark.postgres
@pytest.mark.slow
def test_a_site_moves_from_postgresql_to_sqlite_and_back(
    site: Place, places: Callable[[], Place], tmp_path: Path
) -> None:
    for currency in ("EUR", "JPY"):
        shop = make_shop(f"in-{currency.lower()}", currency=currency, creator=make_bare_creator())
        shop.order("A-1", click=shop.click(), lines=[("ñ €", "900"), ("2", "1")])
    seal_books(now=timezone.now())
    journal_clicks(payload(shop.link))
    take_backup(directory=tmp_path / "first", now=timezone.now())

    other = tmp_path / "sqlite-site"
    other.mkdir()
    template = CACHE / f"full-{_digest(_migrations())}.sqlite3"
    if template.exists():
        shutil.copyfile(template, other / "vitrina.sqlite3")
    kept = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL"}}
    environment = kept | {"DATA_DIR": str(other), "DJANGO_SETTINGS_MODULE": "cms.settings.production"}
    said = manage(environment, "restore", str(tmp_path / "first"))
    assert "The ledger holds." in said
    manage(environment, "backup", str(tmp_path / "second"))

    places().enter()
    restore_backup(directory=tmp_path / "second", now=timezone.now())
    assert list(violations()) == []
    take_backup(directory=tmp_path / "third", now=timezone.now())
    # The second backup took the click out of the journal into the tables.
    first, second, third = (rows_of(tmp_path / name) for name in ("first", "second", "third"))
    assert second == third
    clicks = {name for name in first if name.startswith("tracking_")}
    # SQLite's search has a model of its own, which `migrate` adds to the content types.
    grown = {"django_content_type", "auth_permission"}
    assert all(row in second[name] for name in grown for row in first[name])
    assert {name for name in first if first[name] != second[name]} <= clicks | grown
    load_pending()
    assert Click.objects.count() == 3
