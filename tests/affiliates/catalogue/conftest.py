"""Uploaded and fetched feeds of one test lie in its own folder."""

from __future__ import annotations

from pathlib import Path

from django.core.files.storage import FileSystemStorage

import pytest

from affiliates.catalogue.models import FeedRun


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where the files of imports are."""
    monkeypatch.setattr(FeedRun._meta.get_field("file"), "storage", FileSystemStorage(tmp_path, base_url=None))
    return tmp_path / "feeds"
