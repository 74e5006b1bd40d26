"""What a backup or a restore refuses, and that nothing half done is left."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Callable
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

import pytest

from affiliates.parties.models import Merchant
from affiliates.tracking.models import Click
from affiliates.tracking.services.loader import load_pending
from cms.backup.domain.manifest import MANIFEST, SUMS, read_manifest
from cms.backup.services import restoring, taking
from cms.backup.services.restoring import RestoreRefused, restore_backup
from cms.backup.services.taking import BackupRefused, take_backup
from cms.core.models import JobState, SiteDocument
from tests.cms.backup.conftest import Place
from tests.factories.earnings import Shop, make_shop
from tests.factories.tracking import journal_clicks, payload

pytestmark = pytest.mark.usefixtures("quick")


@pytest.fixture
def shop(site: Place) -> Shop:
    made = make_shop("acme")
    made.order(click=made.click())
    SiteDocument.objects.create(title="Terms", file=ContentFile(b"%PDF-1", name="terms.pdf"))
    return made


@pytest.fixture
def kept(shop: Shop, tmp_path: Path) -> Path:
    take_backup(directory=tmp_path / "kept", now=timezone.now())
    return tmp_path / "kept"


@pytest.fixture
def elsewhere(kept: Path, places: Callable[[], Place]) -> Place:
    place = places()
    place.enter()
    return place


def restore(kept: Path, **options: bool) -> None:
    restore_backup(directory=kept, now=timezone.now(), **options)


def refused(kept: Path, **options: bool) -> str:
    """Why a restore is refused; the database is as empty as before."""
    with pytest.raises(RestoreRefused) as refusal:
        restore(kept, **options)
    assert not Merchant.objects.exists()
    return str(refusal.value)


def resealed(kept: Path, **changes: object) -> None:
    """A manifest that says something else and is whole."""
    manifest = read_manifest((kept / MANIFEST).read_text())
    (kept / MANIFEST).write_text(type(manifest)(**{**manifest.__dict__, **changes}).text())


# Taking --------------------------------------------------------------------------------------------------------------


def test_a_directory_that_holds_something_is_not_written_over(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "mine.txt").write_text("mine")
    with pytest.raises(BackupRefused, match="not empty"):
        take_backup(directory=tmp_path / "kept", now=timezone.now())
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["mine.txt"]


def test_an_empty_directory_becomes_the_backup(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    take_backup(directory=tmp_path / "kept", now=timezone.now())
    assert (tmp_path / "kept" / MANIFEST).exists()


def test_a_backup_that_fails_leaves_nothing(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(taking, "_write_sums", full)
    with pytest.raises(BackupRefused, match="No space left on device"):
        take_backup(directory=tmp_path / "kept", now=timezone.now())
    assert not list(tmp_path.glob("kept*"))


def test_an_interrupted_backup_leaves_nothing(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(taking, "_copy_tables", stopped)
    with pytest.raises(KeyboardInterrupt):
        take_backup(directory=tmp_path / "kept", now=timezone.now())
    assert not list(tmp_path.glob("kept*"))


def test_what_a_killed_backup_left_is_no_backup(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "kept.unfinished").mkdir()
    with pytest.raises(BackupRefused, match="interrupted"):
        take_backup(directory=tmp_path / "kept", now=timezone.now())


def test_a_backup_does_not_lie_among_what_it_keeps(site: Place) -> None:
    with pytest.raises(BackupRefused, match="among the files"):
        take_backup(directory=site.root / "media" / "kept", now=timezone.now())


def test_a_file_that_is_gone_is_told_of(shop: Shop, tmp_path: Path) -> None:
    name = SiteDocument.objects.get().file.name
    default_storage.delete(name)
    manifest = take_backup(directory=tmp_path / "kept", now=timezone.now())
    assert (manifest.missing, manifest.missing_names) == (1, [f"media/{name}"])


# Restoring -----------------------------------------------------------------------------------------------------------


def test_a_database_with_rows_is_never_written_over(kept: Path) -> None:
    with pytest.raises(RestoreRefused, match="not empty"):
        restore(kept)
    assert Merchant.objects.count() == 1


def test_a_second_restore_is_refused(elsewhere: Place, kept: Path) -> None:
    restore(kept)
    with pytest.raises(RestoreRefused, match="not empty"):
        restore(kept)


def test_a_running_worker_is_noticed(elsewhere: Place, kept: Path) -> None:
    JobState.objects.create(name="load clicks", started_at=timezone.now())
    assert "Stop the site first" in refused(kept)


def test_a_directory_without_a_manifest_is_no_backup(elsewhere: Place, kept: Path) -> None:
    (kept / MANIFEST).unlink()
    assert "no whole backup" in refused(kept)


def test_a_backup_that_is_not_there_is_named(elsewhere: Place, tmp_path: Path) -> None:
    assert "no directory" in refused(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "name", ["manifest.json", "SHA256SUMS", "tables/earnings_transfer.jsonl.gz", "media/documents/terms.pdf"]
)
@pytest.mark.parametrize("damage", ["flipped", "cut", "gone"])
def test_damage_to_any_file_is_found_before_anything_is_written(
    elsewhere: Place, kept: Path, name: str, damage: str
) -> None:
    path = kept / name
    data = path.read_bytes()
    middle = len(data) // 2
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(
            data[:middle] + (bytes([data[middle] ^ 1]) + data[middle + 1 :] if damage == "flipped" else b"")
        )
    assert path.name in refused(kept)
    assert not (elsewhere.root / "media").exists()


def test_fewer_rows_than_the_manifest_says_are_refused(elsewhere: Place, kept: Path) -> None:
    """As a backup looks that was changed and whose sums were made again."""
    manifest = read_manifest((kept / MANIFEST).read_text())
    path = kept / "tables" / "earnings_transfer.jsonl.gz"
    lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    before = taking.digest_of(path)
    path.write_bytes(gzip.compress(b"".join(lines[:-1])))
    sums = (kept / SUMS).read_text().replace(before, taking.digest_of(path))
    (kept / SUMS).write_text(sums)
    resealed(kept, sums=taking.digest_of(kept / SUMS))
    assert "the manifest says" in refused(kept)
    assert manifest.rows > 0


def test_a_backup_of_a_newer_version_is_refused(elsewhere: Place, kept: Path) -> None:
    manifest = read_manifest((kept / MANIFEST).read_text())
    resealed(kept, migrations={**manifest.migrations, "earnings": ["0001_initial", "9999_more"]})
    assert "earnings.9999_more" in refused(kept)


def test_a_database_ahead_of_the_backup_is_refused(elsewhere: Place, kept: Path) -> None:
    manifest = read_manifest((kept / MANIFEST).read_text())
    resealed(kept, migrations={**manifest.migrations, "demo": []})
    assert "ahead of the backup" in refused(kept)


def test_an_unknown_format_is_refused(elsewhere: Place, kept: Path) -> None:
    body = json.loads((kept / MANIFEST).read_text())
    (kept / MANIFEST).write_text(json.dumps({**body, "format": 2}))
    assert "format 2" in refused(kept)


def test_a_file_in_the_way_is_not_written_over(elsewhere: Place, kept: Path) -> None:
    name = default_storage.save("documents/terms.pdf", ContentFile(b"another"))
    assert name in refused(kept)
    with default_storage.open(name) as file:
        assert file.read() == b"another"


def test_an_interrupted_restore_can_be_done_again(
    elsewhere: Place, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = restoring.load_tables

    def interrupted(**arguments: object) -> None:
        real(**arguments)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(restoring, "load_tables", interrupted)
        restore(kept)
    assert not Merchant.objects.exists()
    restore(kept)
    assert Merchant.objects.count() == 1


def test_clicks_of_another_database_are_not_mixed_in(elsewhere: Place, kept: Path, shop: Shop) -> None:
    journal_clicks(payload(shop.link))
    assert "--keep-journal" in refused(kept)


def test_clicks_that_waited_when_the_database_was_lost_can_be_kept(elsewhere: Place, kept: Path, shop: Shop) -> None:
    journal_clicks(payload(shop.link))
    restore(kept, keep_journal=True)
    load_pending()
    assert Click.objects.count() == 2


def test_a_name_that_leads_out_of_the_backup_is_refused(elsewhere: Place, kept: Path) -> None:
    shutil.copyfile(kept / MANIFEST, kept.parent / "outside")
    line = f"{taking.digest_of(kept.parent / 'outside')}  media/../../outside\n"
    (kept / SUMS).write_text((kept / SUMS).read_text() + line)
    resealed(kept, sums=taking.digest_of(kept / SUMS))
    assert "names no file of a backup" in refused(kept)
