from __future__ import annotations

import io
import urllib.error
from pathlib import Path

from django.core.management import CommandError, call_command

import pytest

from affiliates.catalogue.models import Offer
from tests.factories.parties import make_merchant

pytestmark = pytest.mark.django_db
HEAD = "id\ttitle\tlink\tavailability\tprice\n"


def rows(bad: int = 0, count: int = 100) -> str:
    prices = ["free" if number < bad else "5.00 EUR" for number in range(count)]
    return HEAD + "".join(
        f"A-{number}\tThing {number}\thttps://acme.example/{number}\tin stock\t{price}\n"
        for number, price in enumerate(prices)
    )


def run(*args: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("import_feed", *args, "--format", "google", stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    make_merchant("acme", name="Acme")
    path = tmp_path / "feed.tsv"
    path.write_text(rows())
    return path


def test_it_says_what_it_did(file: Path) -> None:
    out, _ = run("acme", str(file))
    assert out.startswith("Acme: imported. 100 rows")
    assert "100 new, 0 changed, 0 unchanged, 0 gone, 0 bad." in out


def test_the_second_time_it_says_unchanged(file: Path) -> None:
    run("acme", str(file))
    assert run("acme", str(file))[0].startswith("Acme: unchanged.")


def test_bad_rows_are_named_on_the_error_stream(file: Path) -> None:
    file.write_text(rows(bad=1))
    assert run("acme", str(file))[1].startswith("row 1 (A-0), price: 'free' is not an amount")


def test_a_refused_feed_ends_with_an_error(file: Path) -> None:
    file.write_text(rows(bad=3))
    with pytest.raises(CommandError, match="3 of 100 rows are bad") as caught:
        run("acme", str(file))
    assert caught.value.returncode == 1
    assert not Offer.objects.exists()


def test_what_a_complete_feed_lacks_is_gone(file: Path) -> None:
    run("acme", str(file))
    file.write_text(rows(count=60))
    assert "40 gone" in run("acme", str(file), "--complete")[0]


@pytest.mark.parametrize("args", [("nobody", "feed.tsv"), ("acme", "/nowhere/feed.tsv")])
def test_a_merchant_or_file_that_is_not_there_is_an_error(file: Path, args: tuple[str, str]) -> None:
    with pytest.raises(CommandError):
        run(*args)


def test_a_feed_is_fetched_from_an_address(file: Path, monkeypatch) -> None:
    monkeypatch.setattr("urllib.request.urlopen", lambda request, timeout: io.BytesIO(rows().encode()))
    run("acme", "https://feeds.example/acme.tsv")
    assert Offer.objects.count() == 100


def test_an_address_that_fails_is_not_repeated_since_it_may_hold_a_key(file: Path, monkeypatch) -> None:
    def refuse(request: object, timeout: float) -> io.BytesIO:
        raise urllib.error.URLError("unreachable: https://feeds.example/apikey/s3cret")

    monkeypatch.setattr("urllib.request.urlopen", refuse)
    with pytest.raises(CommandError) as caught:
        run("acme", "https://feeds.example/apikey/s3cret")
    assert "s3cret" not in str(caught.value)
