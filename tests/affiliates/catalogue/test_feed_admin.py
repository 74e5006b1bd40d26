"""Operators add feeds, upload files and see what became of them; nobody else sees any of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

import pytest

from affiliates.catalogue.models import Feed, FeedMapping, FeedRun
from affiliates.catalogue.services.feed_runs import process_due_runs
from affiliates.catalogue.views import feed_admin
from tests.factories.catalogue import make_feed
from tests.factories.community import make_creator, make_editor, make_finance, make_operator, make_user
from tests.factories.parties import make_merchant

pytestmark = pytest.mark.django_db
SECRET = "https://shop.example/secret.xml?key=secret"
TSV = b"id\ttitle\tlink\tprice\tavailability\nA1\tKettle\thttps://kaufgarten.example/a1\t49.90 EUR\tin stock\n"
SPANISH = "Referencia;Título;Precio;Moneda;Disponibilidad;URL\n1;Tetera;9,90;EUR;Sí;https://s.example/1\n".encode(
    "cp1252"
)


@pytest.fixture
def operator(client: Client) -> Client:
    client.force_login(make_operator())
    return client


def run_with_faults(number: int = 1) -> FeedRun:
    return FeedRun.objects.create(
        merchant=make_merchant(), format="google", source="feed.xml", status="done", rows=100, bad=number, created=9,
        finished_at=timezone.now(),
        faults=[{"row": n, "id": f"A{n}", "field": "price", "reason": "is missing"} for n in range(1, number + 1)],
    )  # fmt: skip


def addresses() -> list[str]:
    feed, run = make_feed(), run_with_faults()
    return [
        reverse("catalogue_feeds:index"), reverse("catalogue_feeds:add"),
        reverse("catalogue_feeds:edit", args=[feed.pk]), reverse("catalogue_feeds:inspect", args=[feed.pk]),
        reverse("catalogue_feed_mappings:index"), reverse("catalogue_feed_mappings:add"),
        reverse("catalogue_feed_runs:index"), reverse("catalogue_feed_runs:inspect", args=[run.pk]),
        reverse("catalogue_feed_upload"), reverse("catalogue_feed_faults", args=[run.pk]), reverse("home_jobs"),
    ]  # fmt: skip


def test_an_operator_opens_every_page(operator: Client) -> None:
    assert [address for address in addresses() if operator.get(address).status_code != 200] == []


@pytest.mark.parametrize("make", [make_user, make_editor, make_finance, lambda: make_creator().user, None])
def test_nobody_else_opens_any(client: Client, make: Any) -> None:
    if make:
        client.force_login(make())
    assert {client.get(address).status_code for address in addresses()} <= {302, 403, 404}


@pytest.mark.parametrize("make", [make_editor, None])
def test_nobody_else_uploads_or_fetches(client: Client, make: Any) -> None:
    feed = make_feed()
    if make:
        client.force_login(make())
    file = SimpleUploadedFile("feed.tsv", TSV)
    client.post(reverse("catalogue_feed_upload"), {"merchant": feed.merchant.pk, "format": "google", "file": file})
    client.post(reverse("catalogue_feed_fetch", args=[feed.pk]))
    assert not FeedRun.objects.exists()
    assert Feed.objects.get().next_run_at == feed.next_run_at


# The address ------------------------------------------------------------------------------------------------------


def form_of(feed: Feed, **fields: Any) -> dict[str, Any]:
    return {
        "merchant": feed.merchant.pk, "name": feed.name, "format": "google", "mapping": "", "policy": "", "url": "",
        "every_minutes": 60, "is_active": "on", **fields,
    }  # fmt: skip


def test_no_page_shows_the_key_in_an_address(operator: Client) -> None:
    feed = make_feed(url=SECRET)
    run = FeedRun.objects.create(merchant=feed.merchant, feed=feed, format="google", source=feed.public_url)
    pages = [
        reverse("catalogue_feeds:index"), reverse("catalogue_feeds:edit", args=[feed.pk]),
        reverse("catalogue_feeds:inspect", args=[feed.pk]), reverse("catalogue_feed_runs:inspect", args=[run.pk]),
        reverse("catalogue_feeds:delete", args=[feed.pk]), reverse("catalogue_feeds:history", args=[feed.pk]),
        reverse("home_jobs"), "/cms/reports/site-history/",
    ]  # fmt: skip
    shown = "".join(operator.get(page).content.decode() for page in pages)
    assert "secret" not in shown
    assert "https://shop.example/…" in shown


def test_an_address_left_empty_stays(operator: Client) -> None:
    feed = make_feed(url=SECRET, content_hash="x")
    operator.post(reverse("catalogue_feeds:edit", args=[feed.pk]), form_of(feed, name="New name"))
    feed.refresh_from_db()
    assert (feed.name, feed.url, feed.content_hash) == ("New name", SECRET, "x")


def test_another_address_is_read_anew(operator: Client) -> None:
    feed = make_feed(content_hash="x", etag="y", last_modified="z")
    operator.post(reverse("catalogue_feeds:edit", args=[feed.pk]), form_of(feed, url="https://new.example/"))
    feed.refresh_from_db()
    assert (feed.url, feed.content_hash, feed.etag, feed.last_modified) == ("https://new.example/", "", "", "")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"url": "http://127.0.0.1/feed"}, "does not lead to a public host"),
        ({"url": "ftp://shop.example/feed"}, "Only http and https"),
        ({"url": "https://user:pw@shop.example/"}, "user name or password"),
        ({"url": "https://shop.example:8443/"}, "ports 80 and 443"),
        ({"url": ""}, "required"),
        ({"every_minutes": "1"}, "greater than or equal to 5"),
    ],
)
def test_a_feed_that_cannot_be_fetched_is_not_saved(operator: Client, fields: dict[str, str], said: str) -> None:
    feed = make_feed()
    fields = {"url": "https://shop.example/f", **fields}
    answer = operator.post(reverse("catalogue_feeds:add"), form_of(feed, **fields))
    assert said in answer.content.decode()
    assert Feed.objects.count() == 1


def test_fetch_now_makes_the_feed_due(operator: Client) -> None:
    feed = make_feed(next_run_at=timezone.now() + dt.timedelta(hours=5), content_hash="x")
    operator.post(reverse("catalogue_feed_fetch", args=[feed.pk]))
    assert list(Feed.objects.due(timezone.now()).values_list("content_hash", flat=True)) == [""]


def test_a_feed_that_is_off_is_not_fetched_now(operator: Client) -> None:
    feed = make_feed(is_active=False)
    answer = operator.post(reverse("catalogue_feed_fetch", args=[feed.pk]), follow=True)
    assert "switched off" in answer.content.decode()


# Uploads ----------------------------------------------------------------------------------------------------------


def upload(client: Client, content: bytes = TSV, **fields: Any) -> Any:
    fields.setdefault("merchant", make_merchant("kaufgarten").pk)
    fields.setdefault("format", "google")
    return client.post(
        reverse("catalogue_feed_upload"), {**fields, "file": SimpleUploadedFile("feed.tsv", content)}, follow=True
    )


def test_an_upload_is_queued_and_shows_its_progress(operator: Client) -> None:
    answer = upload(operator, complete="on")
    run = FeedRun.objects.get()
    assert answer.redirect_chain == [(reverse("catalogue_feed_runs:inspect", args=[run.pk]), 302)]
    assert (run.status, run.is_complete, run.source, run.file.read()) == ("queued", True, "feed.tsv", TSV)
    assert "The file waits for the worker." in answer.content.decode()


def test_an_upload_that_was_imported_says_what_it_did(operator: Client) -> None:
    upload(operator)
    process_due_runs()
    shown = operator.get(reverse("catalogue_feed_runs:inspect", args=[FeedRun.objects.get().pk])).content.decode()
    assert "The catalogue is what the file says." in shown
    assert 'every="2"' not in shown


@pytest.mark.parametrize(
    ("fields", "content", "said"),
    [
        ({"merchant": ""}, TSV, "required"),
        ({"format": "nonsense"}, TSV, "valid choice"),
        ({}, b"", "empty"),
    ],
)
def test_an_upload_that_lacks_something_says_what(
    operator: Client, fields: dict[str, Any], content: bytes, said: str
) -> None:
    answer = upload(operator, content, **fields)
    assert (answer.status_code, said in answer.content.decode()) == (422, True)
    assert not FeedRun.objects.exists()


def test_a_file_that_is_too_large_is_refused_unread(operator: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_admin, "LARGEST_FILE", 10)
    monkeypatch.setattr(feed_admin, "ENVELOPE", 0)
    assert upload(operator).status_code == 413


def test_an_upload_without_its_token_is_refused() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_operator())
    assert upload(client).status_code == 403


def test_a_mapping_of_another_format_or_merchant_is_refused(operator: Client) -> None:
    mapping = FeedMapping.objects.create(slug="m", name="M", merchant=make_merchant("other"))
    answer = upload(operator, mapping=mapping.pk)
    assert "Only a CSV of the merchant&#x27;s own is read by a mapping." in answer.content.decode()


# Imports ----------------------------------------------------------------------------------------------------------


def test_the_faults_are_shown_with_row_number_field_and_reason(operator: Client) -> None:
    shown = operator.get(reverse("catalogue_feed_runs:inspect", args=[run_with_faults(2).pk])).content.decode()
    assert all(text in shown for text in ("Row 2", "A2", "price", "is missing", "2 of 2 bad rows"))


def test_the_faults_can_be_taken_along(operator: Client) -> None:
    run = run_with_faults(2)
    FeedRun.objects.filter(pk=run.pk).update(faults=[{"row": 1, "id": "=1+1", "field": "price", "reason": "x, y"}])
    answer = operator.get(reverse("catalogue_feed_faults", args=[run.pk]))
    assert b"".join(answer.streaming_content).decode() == 'row,id,field,reason\r\n1,\'=1+1,price,"x, y"\r\n'


def test_the_page_of_an_import_asks_as_much_for_many_faults_as_for_few(operator: Client) -> None:
    counts = []
    for number in (1, 400):
        address = reverse("catalogue_feed_runs:inspect", args=[run_with_faults(number).pk])
        with CaptureQueriesContext(connection) as queries:
            operator.get(address)
        counts.append(len(queries))
    assert counts[0] == counts[1]


# Mappings ---------------------------------------------------------------------------------------------------------


def read_columns(client: Client, content: bytes = SPANISH) -> Any:
    file = SimpleUploadedFile("solymar.csv", content)
    return client.post(
        reverse("catalogue_feed_mappings:add"), {"name": "Solymar", "slug": "solymar", "sample": file, "read": "1"}
    )


def test_the_columns_of_a_sample_are_suggested_and_nothing_is_saved(operator: Client) -> None:
    form = read_columns(operator).context["form"]
    assert form["column_external_id"].value() == "Referencia"
    assert form["column_price"].value() == "Precio"
    assert (form["delimiter"].value(), form["encoding"].value(), form["name"].value()) == (";", "cp1252", "Solymar")
    assert not FeedMapping.objects.exists()


def test_what_is_no_table_is_said_to_be_none(operator: Client) -> None:
    assert "No columns could be found" in read_columns(operator, b"\x00\x01binary").content.decode()


def test_the_chosen_columns_and_words_are_saved(operator: Client) -> None:
    form = read_columns(operator).context["form"]
    chosen = {name: form[name].value() or "" for name in form.fields if name != "sample"}
    operator.post(reverse("catalogue_feed_mappings:add"), {**chosen, "word_0": "in_stock"})
    mapping = FeedMapping.objects.get()
    assert mapping.columns["availability"] == "Disponibilidad"
    assert mapping.words == {"Sí": "in_stock"}


def test_a_mapping_without_a_price_is_not_saved(operator: Client) -> None:
    form = read_columns(operator).context["form"]
    chosen = {name: form[name].value() or "" for name in form.fields if name != "sample"}
    operator.post(reverse("catalogue_feed_mappings:add"), {**chosen, "column_price": ""})
    assert not FeedMapping.objects.exists()


def test_a_mapping_without_a_sample_says_what_to_do(operator: Client) -> None:
    answer = operator.post(reverse("catalogue_feed_mappings:add"), {"name": "X", "slug": "x"})
    assert "read its columns first" in answer.content.decode()


def test_a_mapping_is_edited_without_its_sample(operator: Client) -> None:
    mapping = FeedMapping.objects.create(
        slug="m", name="M", columns={"external_id": "a", "title": "b", "url": "c", "price": "d"}
    )
    feed = make_feed(format="csv", mapping=mapping, content_hash="x")
    page = operator.get(reverse("catalogue_feed_mappings:edit", args=[mapping.pk])).context["form"]
    chosen = {name: page[name].value() or "" for name in page.fields if name != "sample"}
    operator.post(
        reverse("catalogue_feed_mappings:edit", args=[mapping.pk]), {**chosen, "column_title": "c", "column_url": "b"}
    )
    mapping.refresh_from_db()
    feed.refresh_from_db()
    assert (mapping.columns["title"], mapping.columns["url"], feed.content_hash) == ("c", "b", "")
