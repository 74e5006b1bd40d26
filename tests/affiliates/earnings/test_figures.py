"""Every amount that is shown leads to exactly the transfers, or lines of orders, that it is the sum of."""

from __future__ import annotations

import csv
import io

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import pytest

from affiliates.earnings.models import Transfer
from affiliates.earnings.selectors.audit import violations
from affiliates.earnings.services.payouts import propose_payouts
from cms.core.domain.money import decimal_string
from tests.affiliates.earnings.books import Books, amounts_of, follow, keep_books
from tests.affiliates.earnings.payday import LATER
from tests.factories.community import make_finance
from tests.factories.earnings import NOON, make_shop

pytestmark = pytest.mark.django_db
YEAR = "start=2026-01-01&end=2026-12-31"
#: Who → the pages they read, and how many amounts with a way down each has at least.
PAGES = {
    "finance": {
        "/cms/payouts/": 10,
        "/cms/payouts/next/EUR/": 2,
        "/cms/payouts/{batch}/": 2,
        "/cms/money/months/2026-03/": 14,
        "/cms/money/months/2026-04/": 14,
        "/cms/money/statements/{march}/": 15,
        "/cms/money/statements/{april}/": 15,
        "/cms/brand-money/": 3,
        "/cms/brand-money/{brand}/": 3,
        "/cms/orders/acme/A-1/": 3,
        "/cms/money/ledger/": 8,
        "/cms/money/ledger/?on=2026-03-20": 8,
        "/cms/money/ledger/accounts/?currency=EUR&kind=creator_available&on=2026-04-20": 2,
    },
    "creator": {
        f"/cms/earnings/?{YEAR}": 20,
        "/cms/earnings/statements/": 8,
        "/cms/earnings/statements/{march}/": 15,
        "/cms/earnings/statements/{april}/": 15,
        "/cms/earnings/payout/": 2,
        "/cms/earnings/orders/acme/A-1/": 1,
    },
    "brand": {
        f"/brands/?{YEAR}&group=day": 12,
        f"/brands/?{YEAR}&group=product": 12,
        f"/brands/?{YEAR}&group=creator": 12,
        f"/brands/?{YEAR}&group=guide": 12,
        f"/brands/?{YEAR}&group=country": 12,
        "/brands/statements/": 5,
        "/brands/statements/{brand}/": 4,
        "/brands/orders/A-1/": 1,
    },
}


@pytest.fixture
def books(db: None) -> Books:
    return keep_books()


def _address(books: Books, path: str) -> str:
    march, april = books.statements
    return path.format(
        march=march.ref, april=april.ref, brand=books.brand_statement.ref, batch=books.payouts[1].batch.ref
    )


@pytest.mark.parametrize("who", PAGES)
def test_every_amount_leads_to_what_it_is_the_sum_of(books: Books, who: str) -> None:
    client, wrong = books.client(who), []
    for path, least in PAGES[who].items():
        answer = client.get(_address(books, path))
        assert answer.status_code == 200, path
        found = amounts_of(answer.content.decode())
        assert len(found) >= least, (path, len(found))
        wrong += [
            (path, address, shown, behind)
            for address, shown in found
            if (behind := follow(client, address)) != (shown, shown)
        ]
    assert not wrong


def test_the_books_of_these_tests_are_sound(books: Books) -> None:
    assert [str(fault) for fault in violations()] == []


def test_an_amount_on_hold_can_be_followed_by_its_owner_only(books: Books) -> None:
    balance = "/cms/earnings/transfers/?currency=EUR&part=available"
    mine = books.client("creator").get(balance).content.decode()
    theirs = books.client("other").get(balance).content.decode()
    assert "A-1" in mine and "A-1" not in theirs and "O-1" in theirs


OWN = [
    "/cms/earnings/statements/{march}/transfers/?part=closing",
    "/cms/earnings/payouts/{payout}/transfers/",
    "/cms/earnings/transfers/?part=order&merchant=acme&order=A-1",
]


FINANCES = [
    "/cms/money/ledger/",
    "/cms/money/ledger/transfers/{transfer}/",
    "/cms/money/ledger/figures/books/?currency=EUR&column=paid",
    "/cms/money/ledger/transfers/csv/?currency=EUR",
]
BRANDS = [
    "/brands/statements/{brand}/transfers/",
    "/brands/transfers/?part=order&ref=A-1",
    "/brands/transfers/?part=owed&currency=EUR",
    f"/brands/lines/?{YEAR}&group=day&column=commission&currency=EUR",
]


def first_transfer() -> int:
    return Transfer.objects.order_by("seq").values_list("seq", flat=True)[0]


def _answers(books: Books, client: Client, paths: list[str]) -> set[int]:
    names = {"march": books.statements[0].ref, "payout": books.payouts[0].ref, "brand": books.brand_statement.ref,
             "transfer": first_transfer()}  # fmt: skip
    return {client.get(path.format(**names)).status_code for path in paths}


def test_a_creators_figures_are_read_by_their_owner_alone(books: Books) -> None:
    assert _answers(books, books.client("creator"), OWN) == {200}
    assert _answers(books, books.client("other"), OWN) == {404}
    assert _answers(books, books.client("brand"), OWN) <= {302, 403, 404}
    everybodys = ["/cms/earnings/transfers/?currency=EUR&part=paid", "/cms/earnings/lines/"]
    assert _answers(books, Client(), [*OWN, *everybodys]) == {302}


def test_only_finance_reads_the_ledger(books: Books) -> None:
    assert _answers(books, books.client("finance"), FINANCES) == {200}
    assert _answers(books, books.client("creator"), FINANCES) <= {302, 403, 404}
    assert _answers(books, books.client("brand"), FINANCES) <= {302, 403, 404}
    assert _answers(books, Client(), FINANCES) == {302}


def test_a_brands_figures_are_read_by_its_own_people_alone(books: Books) -> None:
    assert _answers(books, books.client("brand"), BRANDS) == {200}
    assert _answers(books, books.client("other"), BRANDS) == {404}
    assert _answers(books, Client(), BRANDS) == {302}


def test_a_brand_reads_nothing_of_another_brand(books: Books) -> None:
    client = books.client("brand")
    assert client.get("/brands/transfers/?part=order&ref=O-1").status_code == 404
    assert client.get("/brands/transfers/?part=owed&currency=EUR&merchant=other").status_code == 404


def test_a_brand_cannot_ask_for_a_creators_balance(books: Books) -> None:
    client = books.client("brand")
    for part in ("available", "pending", "creator_share", "closing"):
        assert client.get(f"/brands/transfers/?part={part}&currency=EUR").status_code == 404
    assert client.get(f"/brands/lines/?{YEAR}&group=day&column=creator_share&currency=EUR").status_code == 404


def test_a_figure_that_is_none_is_not_found(books: Books) -> None:
    asked = [
        "nothing/?currency=EUR", "books/?currency=EUR&column=moon", "books/?column=paid",
        "books/?currency=XXQ&column=paid", "month/?currency=EUR&month=2026-13&side=brand",
        "month/?currency=EUR&month=2026-03&side=moon", "statement/?ref=none&part=paid",
        "statement/?ref={march}&part=moon", "batch/?ref=none",
    ]  # fmt: skip
    paths = [f"/cms/money/ledger/figures/{one}" for one in asked]
    assert _answers(books, books.client("finance"), paths) == {404}


def test_transfers_are_found_by_account_cause_day_and_reference(books: Books) -> None:
    wanted = {
        "account=creator_available&creator=maria&cause=payout": 2,
        "account=merchant_receivable&merchant=other": 2,
        "cause=adjustment": 1,
        "ref=nothing": 0,
        "ref=A-3": 2,
        "account=creator_available&counter=platform_margin": 1,
        "account=bank&since=2026-04-01&until=2026-04-30": 2,
    }
    client = books.client("finance")
    found = {
        asked: client.get(f"/cms/money/ledger/transfers/?currency=EUR&{asked}").context["total"].transfers
        for asked in wanted
    }
    assert found == wanted


def test_a_wrong_filter_is_named_and_nothing_is_shown(books: Books) -> None:
    asked = "currency=EUR&creator=nobody&since=2026-04-02&until=2026-04-01"
    page = books.client("finance").get(f"/cms/money/ledger/transfers/?{asked}").content.decode()
    assert "There is no creator of this handle." in page and "not before the first" in page and "<tfoot>" not in page


def test_a_file_of_transfers_adds_up_to_the_page(books: Books) -> None:
    client, asked = books.client("finance"), "currency=EUR&account=creator_available&creator=maria"
    total = client.get(f"/cms/money/ledger/transfers/?{asked}").context["total"]
    answer = client.get(f"/cms/money/ledger/transfers/csv/?{asked}")
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert len(rows) == total.transfers + 2
    assert rows[-1][-1] == decimal_string(total.amount_minor, "EUR")


def test_older_transfers_follow_without_a_gap(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("affiliates.earnings.views.ledger.ROWS_A_PAGE", 7)
    client, seen, before = books.client("finance"), [], ""
    while True:
        context = client.get(f"/cms/money/ledger/transfers/?currency=EUR&before={before}").context
        seen += [row.seq for row in context["rows"]]
        if not context["older"]:
            break
        before = str(context["older"])
    assert seen == list(Transfer.objects.order_by("-seq").values_list("seq", flat=True))


def test_a_transfer_leads_to_order_message_click_and_rule(books: Books) -> None:
    transfer = Transfer.objects.filter(conversion__order_id="A-2").earliest("seq")
    page = books.client("finance").get(f"/cms/money/ledger/transfers/{transfer.seq}/").content.decode()
    click = transfer.conversion and transfer.conversion.click
    assert click and click.click_id in page and "10 % of a line" in page and "/cms/orders/acme/A-2/" in page
    assert "&quot;order_id&quot;: &quot;A-2&quot;" in page and "account=merchant_receivable&amp;merchant=acme" in page


def test_the_ledger_asks_as_often_for_many_as_for_few(shop: object) -> None:
    client = Client()
    client.force_login(make_finance())

    def count(path: str) -> int:
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    first = make_shop("first")
    first.order("F-1", click=first.click(), status="approved", now=LATER, lines=[("1", "1000.00")])
    propose_payouts(by=make_finance(), currency="EUR", now=LATER)
    paths = [
        "/cms/money/ledger/", "/cms/money/ledger/accounts/?currency=EUR&kind=creator_available",
        "/cms/money/ledger/transfers/?currency=EUR", "/cms/money/ledger/figures/books/?currency=EUR&column=available",
        f"/cms/money/ledger/transfers/{first_transfer()}/",
    ]  # fmt: skip
    few = [count(path) for path in paths]
    for number in range(6):
        more = make_shop(f"more-{number}")
        more.order("M", click=more.click(), status="approved", now=LATER, lines=[("1", "1000.00")])
        first.order(f"F-{number}-more", click=first.click(), now=NOON)
    assert [count(path) for path in paths] == few
