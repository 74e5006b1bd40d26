from __future__ import annotations

import io
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management import CommandError, call_command

import pytest

from affiliates.catalogue.models import FeedMapping, Offer
from affiliates.parties.models import Merchant
from cms.core.fetch import Fetched, FetchFailed, FetchRefused
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


def answers(monkeypatch: pytest.MonkeyPatch, outcome: Exception | int, body: str = "") -> list[frozenset[str]]:
    """Every fetch ends so; the origins that each was allowed beyond the public ones."""
    allowed: list[frozenset[str]] = []

    def answer(url: str, *, sink: BinaryIO, allow: frozenset[str], **_: Any) -> Fetched:
        allowed.append(allow)
        if isinstance(outcome, Exception):
            raise outcome
        sink.write(body.encode())
        return Fetched(url, outcome, {}, b"", (), False, 1)

    monkeypatch.setattr("affiliates.catalogue.management.commands.import_feed.fetch", answer)
    return allowed


def test_a_feed_is_fetched_from_an_address(file: Path, monkeypatch) -> None:
    allowed = answers(monkeypatch, 200, rows())
    run("acme", "https://feeds.example/acme.tsv")
    assert (Offer.objects.count(), allowed) == (100, [frozenset()])


@pytest.mark.parametrize("outcome", [FetchFailed("connect"), FetchRefused("address"), 404])
def test_an_address_that_fails_is_not_repeated_since_it_may_hold_a_key(file: Path, monkeypatch, outcome) -> None:
    answers(monkeypatch, outcome)
    with pytest.raises(CommandError) as caught:
        run("acme", "https://feeds.example/apikey/s3cret")
    assert "s3cret" not in str(caught.value)


def test_our_own_network_is_closed_unless_it_is_named(file: Path) -> None:
    with pytest.raises(CommandError, match="--own-network"):
        run("acme", "http://127.0.0.1:9/feed.tsv")


def test_an_address_in_ones_own_network_is_fetched_where_that_is_said(file: Path, monkeypatch) -> None:
    allowed = answers(monkeypatch, 200, rows())
    run("acme", "http://127.0.0.1:9/feed.tsv", "--own-network")
    assert allowed == [frozenset({"http://127.0.0.1:9"})]


def test_a_complete_feed_that_cannot_be_sure_says_so(file: Path) -> None:
    file.write_text(rows() + "A-1\tThing\n" + rows(count=101).splitlines(keepends=True)[-1])
    assert "Nothing was marked gone" in run("acme", str(file), "--complete")[1]


def test_a_mapping_belongs_to_its_merchant(file: Path) -> None:
    FeedMapping.objects.create(slug="theirs", name="Theirs", merchant=make_merchant("other"), columns={})
    with pytest.raises(CommandError, match="no column mapping 'theirs'"):
        call_command("import_feed", "acme", str(file), "--format", "csv", "--mapping", "theirs")


def test_a_mapping_reads_a_table_of_its_merchant(file: Path) -> None:
    FeedMapping.objects.create(
        slug="ours", name="Ours", merchant=Merchant.objects.get(slug="acme"), currency="EUR", decimal_mark=",",
        columns={"external_id": "A", "title": "B", "price": "C", "url": "D", "availability": "E"},
        words={"quizás": "limited"},
    )  # fmt: skip
    file.write_text("A;B;C;D;E\nR1;Olla;1.234;https://acme.example/1;Quizás\n")
    call_command("import_feed", "acme", str(file), "--format", "csv", "--mapping", "ours", stdout=io.StringIO())
    offer = Offer.objects.get()
    assert (offer.price_minor, offer.currency, offer.availability) == (123_400, "EUR", "limited")
