"""What is backed up and restored is the same site, on either database."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.utils import timezone

import pytest

from affiliates.earnings.domain.periods import Month
from affiliates.earnings.models import Conversion, Transfer
from affiliates.earnings.selectors.audit import violations
from affiliates.earnings.services.decisions import approve_order
from affiliates.earnings.services.periods import close_period
from affiliates.earnings.services.seals import seal_books
from affiliates.tracking.models import Click
from affiliates.tracking.services.loader import load_pending
from cms.backup.services.restoring import restore_backup
from cms.backup.services.taking import take_backup
from cms.core.models import SiteDocument
from tests.cms.backup.conftest import Place
from tests.factories.community import make_bare_creator, make_finance
from tests.factories.earnings import make_shop
from tests.factories.tracking import journal_clicks, payload


@pytest.fixture
def filled(site: Place) -> Place:
    """A site with orders in two currencies, a sealed stretch of the books, files, and a click not yet stored."""
    for currency, amount in (("EUR", "100.00"), ("JPY", "9800")):
        shop = make_shop(f"in-{currency.lower()}", currency=currency, creator=make_bare_creator())
        shop.order("A-1", click=shop.click(), lines=[("1", amount), ("ñ €", amount)])
        shop.order("A-2", lines=[("1", amount)], status="approved")
    seal_books(now=timezone.now())
    shop.order("A-3", click=shop.click(), lines=[("1", amount)])
    SiteDocument.objects.create(title="Terms", file=ContentFile(b"%PDF-1", name="terms.pdf"))
    storages["private"].save("feeds/waiting.csv", ContentFile(b"id,title"))
    journal_clicks(payload(shop.link))
    return site


def backed_up(directory: Path) -> dict[str, tuple[int, str]]:
    manifest = take_backup(directory=directory, now=timezone.now())
    return {entry.name: (entry.rows, entry.content) for entry in manifest.tables}


def test_the_restored_site_has_every_row_of_the_other(
    filled: Place, places: Callable[[], Place], tmp_path: Path
) -> None:
    first = backed_up(tmp_path / "first")
    places().enter()
    restore_backup(directory=tmp_path / "first", now=timezone.now())
    second = backed_up(tmp_path / "second")
    assert sum(rows for rows, _content in first.values()) > 100
    assert {name: first[name] for name in first if first[name] != second[name]} == {}


def test_the_restored_ledger_holds_with_its_seals(filled: Place, places: Callable[[], Place], tmp_path: Path) -> None:
    take_backup(directory=tmp_path / "kept", now=timezone.now())
    places().enter()
    out = io.StringIO()
    call_command("restore", str(tmp_path / "kept"), stdout=out)
    assert "sealed through transfer" in out.getvalue()
    assert "The ledger holds." in out.getvalue()


@pytest.mark.usefixtures("quick")
class TestRestored:
    @pytest.fixture(autouse=True)
    def _restored(self, filled: Place, places: Callable[[], Place], tmp_path: Path) -> None:
        take_backup(directory=tmp_path / "kept", now=timezone.now())
        places().enter()
        restore_backup(directory=tmp_path / "kept", now=timezone.now())

    def test_files_of_both_storages_are_there(self) -> None:
        document = SiteDocument.objects.get()
        with default_storage.open(document.file.name) as file, storages["private"].open("feeds/waiting.csv") as other:
            assert (file.read(), other.read()) == (b"%PDF-1", b"id,title")

    def test_a_click_from_the_journal_is_there_once(self) -> None:
        load_pending()
        load_pending()
        assert Click.objects.count() == 4

    def test_the_books_go_on_where_they_were(self) -> None:
        order = Conversion.objects.filter(order_id="A-3").get()
        before = Transfer.objects.order_by("-seq").values_list("seq", flat=True)[0]
        approve_order(conversion=order, by=None, now=timezone.now())
        assert Transfer.objects.order_by("-seq").values_list("seq", flat=True)[0] > before
        assert list(violations()) == []

    @pytest.mark.parametrize(
        "statement",
        ["UPDATE earnings_transfer SET amount_minor = 1", "DELETE FROM tracking_click", "DELETE FROM earnings_seal"],
    )
    def test_the_guards_stand_again(self, statement: str) -> None:
        with pytest.raises(DatabaseError), connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.mark.usefixtures("quick")
def test_a_number_that_was_given_out_is_not_given_out_again(
    site: Place, places: Callable[[], Place], tmp_path: Path
) -> None:
    shop = make_shop()
    gone = shop.placement.pk
    shop.placement.delete()
    take_backup(directory=tmp_path / "kept", now=timezone.now())
    places().enter()
    restore_backup(directory=tmp_path / "kept", now=timezone.now())
    assert make_shop().placement.pk > gone


@pytest.mark.usefixtures("quick")
def test_a_closed_month_does_not_refuse_its_own_transfers(
    site: Place, places: Callable[[], Place], tmp_path: Path
) -> None:
    shop = make_shop()
    shop.order(click=shop.click())
    close_period(month=Month(2026, 3), by=make_finance(), now=timezone.now())
    take_backup(directory=tmp_path / "kept", now=timezone.now())
    places().enter()
    restore_backup(directory=tmp_path / "kept", now=timezone.now())
    assert list(violations()) == []


def test_nobody_else_can_read_a_backup(site: Place, tmp_path: Path) -> None:
    call_command("backup", str(tmp_path / "kept"), stdout=io.StringIO())
    assert (tmp_path / "kept").stat().st_mode & 0o077 == 0
    assert (tmp_path / "kept" / "manifest.json").stat().st_mode & 0o077 == 0


def test_a_backup_holds_no_secret_of_this_machine(site: Place, tmp_path: Path) -> None:
    (site.root / "secret-key").write_text("secret")
    (site.root / "visitor-keys").mkdir()
    (site.root / "visitor-keys" / "2026-03-10").write_bytes(b"k" * 32)
    take_backup(directory=tmp_path / "kept", now=timezone.now())
    names = {path.name for path in (tmp_path / "kept").rglob("*")}
    assert not names & {"secret-key", "2026-03-10", "django_session.jsonl.gz"}
