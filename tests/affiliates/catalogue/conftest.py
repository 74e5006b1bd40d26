"""Uploaded and fetched feeds of one test lie in its own folder; two products that may be one."""

from __future__ import annotations

from pathlib import Path

from django.core.files.storage import FileSystemStorage

import pytest

from affiliates.catalogue.models import FeedRun, Product
from tests.factories.catalogue import make_offer, make_product


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where the files of imports are."""
    monkeypatch.setattr(FeedRun._meta.get_field("file"), "storage", FileSystemStorage(tmp_path, base_url=None))
    return tmp_path / "feeds"


@pytest.fixture
def keep() -> Product:
    """The one that stays."""
    return make_offer(make_product("Flexo Lamp", brand="Acme", slug="flexo")).product


@pytest.fixture
def absorb() -> Product:
    """The one that is merged into it."""
    return make_offer(make_product("Lamp Flexo", brand="Acme", slug="lamp", description="Wobbles")).product
