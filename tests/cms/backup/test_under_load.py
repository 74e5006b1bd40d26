"""A backup of a site that goes on working is of one moment: nothing of before is lost, nothing is there twice."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

import pytest

from affiliates.earnings.models import Conversion
from affiliates.earnings.selectors.audit import violations
from affiliates.tracking.domain.codes import click_id
from affiliates.tracking.models import Click
from affiliates.tracking.services.journal import Journal
from affiliates.tracking.services.loader import LoaderBusy, load_pending
from cms.backup.services import taking
from cms.backup.services.restoring import restore_backup
from cms.backup.services.taking import take_backup
from cms.core.models import SiteDocument
from tests.cms.backup.conftest import Place
from tests.factories.earnings import Shop, make_shop
from tests.factories.tracking import journal_clicks, payload

pytestmark = pytest.mark.usefixtures("quick")


@contextlib.contextmanager
def going_on(*actions: Callable[[int], Any]) -> Iterator[list[list[Any]]]:
    """Each action in a thread of its own, again and again; what they answered so far. Errors end up there too."""
    stop = threading.Event()
    answers: list[list[Any]] = [[] for _ in actions]

    def run(action: Callable[[int], Any], answered: list[Any]) -> None:
        number = 0
        try:
            while not stop.is_set():
                number += 1
                answered.append(action(number))
        except Exception as error:  # noqa: BLE001  whatever it is, the test looks at it
            answered.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in zip(actions, answers, strict=True)]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        stop.set()
        for thread in threads:
            thread.join(timeout=60)


def pause(seconds: float) -> None:
    threading.Event().wait(seconds)


def await_three_of(*answers: list[Any]) -> None:
    for _ in range(600):
        if all(len(answered) >= 3 for answered in answers):
            return
        pause(0.05)


def test_a_busy_site_is_kept_as_of_one_moment(site: Place, places: Callable[[], Place], tmp_path: Path) -> None:
    shop = make_shop("busy")
    journal = Journal(Path(settings.JOURNAL_DIR))

    def book(number: int) -> str:
        pause(0.005)  # SQLite lets whoever writes in a tight loop go first
        return shop.order(f"A-{number}", lines=[("1", "10.00")]).order_id

    def click(_number: int) -> str:
        made = click_id()
        assert journal.append(payload(shop.link, click_id=made))
        return made

    def load(_number: int) -> None:
        with contextlib.suppress(LoaderBusy):
            load_pending(wait=0.0)
        pause(0.02)

    def upload(number: int) -> str:
        document = SiteDocument.objects.create(title="T", file=ContentFile(b"%PDF" * 99, name=f"{number}.pdf"))
        pause(0.05)
        return str(document.file.name)

    try:
        with going_on(book, click, load, upload) as (orders, clicks, _loads, files):
            await_three_of(orders, clicks, files)
            before = list(orders), list(clicks), list(files)
            manifest = take_backup(directory=tmp_path / "kept", now=timezone.now())
    finally:
        journal.close()
    assert not [answer for answer in [*orders, *clicks, *files] if isinstance(answer, Exception)]
    assert all(before)
    assert len(orders) > len(before[0])

    places().enter()
    restore_backup(directory=tmp_path / "kept", now=timezone.now())
    load_pending()
    stored = list(Click.objects.values_list("click_id", flat=True))
    assert set(before[1]) - set(stored) == set()
    assert len(stored) == len(set(stored))
    assert set(before[0]) - set(Conversion.objects.values_list("order_id", flat=True)) == set()
    assert list(violations()) == []
    assert manifest.missing == 0
    named = list(SiteDocument.objects.values_list("file", flat=True))
    assert set(before[2]) - set(named) == set()
    assert all(default_storage.size(name) == 4 * 99 for name in named)


def clicked_while(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, after_snapshot: Callable[[], Any], directory: Path
) -> None:
    """A backup during which a click is answered just before the snapshot, and something happens just after it."""
    real = taking.open_snapshot

    def open_snapshot(*arguments: Any) -> Any:
        journal_clicks(payload(shop.link))
        found = real(*arguments)
        after_snapshot()
        return found

    monkeypatch.setattr(taking, "open_snapshot", open_snapshot)
    take_backup(directory=directory, now=timezone.now())


def load_if_free() -> None:
    with contextlib.suppress(LoaderBusy):
        load_pending(wait=0.0)


def stored_after(directory: Path, place: Place) -> int:
    place.enter()
    restore_backup(directory=directory, now=timezone.now())
    load_pending()
    return Click.objects.count()


def test_without_the_loaders_lock_a_click_is_lost(
    site: Place, places: Callable[[], Place], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "loader_lock", lambda **_options: contextlib.nullcontext())
    clicked_while(make_shop(), monkeypatch, load_if_free, tmp_path / "kept")
    assert stored_after(tmp_path / "kept", places()) == 0


def test_with_it_the_click_is_kept(
    site: Place, places: Callable[[], Place], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clicked_while(make_shop(), monkeypatch, load_if_free, tmp_path / "kept")
    assert stored_after(tmp_path / "kept", places()) == 1


def test_a_picture_deleted_while_the_backup_runs_is_kept_with_its_row(
    site: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = SiteDocument.objects.create(title="Terms", file=ContentFile(b"%PDF-1", name="terms.pdf"))
    name = document.file.name
    clicked_while(make_shop(), monkeypatch, lambda: default_storage.delete(name), tmp_path / "kept")
    assert (tmp_path / "kept" / "media" / name).read_bytes() == b"%PDF-1"
