"""What reports do to orders: imports through the whole intake."""

from __future__ import annotations

import random
from pathlib import Path

from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

import pytest

from affiliates.earnings.models import Conversion, RawReport, Transfer
from affiliates.networks.models import Change, Observation, ReportFile, ReportRow
from affiliates.networks.selectors.differences import differences
from affiliates.networks.services.reports import ReportRefused
from tests.affiliates.earnings.worked_tables import rows as table_rows
from tests.affiliates.networks.reports import as_json, awin, bring, counts, make_mapping
from tests.factories.earnings import NOON, Shop, make_shop

pytestmark = pytest.mark.django_db


def order(shop: Shop, order_id: str = "A-1") -> Conversion:
    return Conversion.objects.get(merchant=shop.merchant, order_id=order_id)


def many(number: int = 30) -> list[dict[str, object]]:
    return [awin(n, orderRef=f"A-{n // 2}", validationDate=f"2026-03-1{n % 9}T00:00:00") for n in range(number)]


def test_a_transaction_becomes_an_order_credited_to_its_click(shop: Shop) -> None:
    click = shop.click()
    file = bring(shop, as_json(awin(clickRefs={"clickRef": click.click_id})))
    made = order(shop)
    assert counts(file) == (1, 0, 0, 0, 0)
    assert (made.creator, made.amount_minor, made.creator_minor, made.status) == (shop.creator, 10000, 700, "pending")


def test_a_transaction_without_a_sub_id_is_unattributed(shop: Shop) -> None:
    bring(shop, as_json(awin()))
    assert (order(shop).creator, order(shop).reason) == (None, "no_click_or_coupon")


def test_a_sub_id_of_a_deleted_guide_still_credits_its_click(shop: Shop) -> None:
    click = shop.click()
    assert shop.placement.page is None  # as after the guide's deletion
    bring(shop, as_json(awin(clickRefs={"clickRef": click.click_id})))
    assert order(shop).creator == shop.creator


def test_the_same_file_twice_changes_nothing(shop: Shop) -> None:
    body = as_json(*many())  # type: ignore[arg-type]
    bring(shop, body)
    before = Transfer.objects.count(), Observation.objects.count(), RawReport.objects.count()
    assert counts(bring(shop, body)) == (0, 0, 30, 0, 0)
    assert (Transfer.objects.count(), Observation.objects.count(), RawReport.objects.count()) == before


def test_overlapping_and_shuffled_windows_change_only_what_is_new(shop: Shop) -> None:
    rows = many()
    bring(shop, as_json(*rows[:20]))  # type: ignore[arg-type]
    shuffled = rows[10:]
    random.Random(7).shuffle(shuffled)
    assert counts(bring(shop, as_json(*shuffled))) == (10, 0, 10, 0, 0)  # type: ignore[arg-type]


def test_shuffled_rows_make_the_same_orders() -> None:
    rows, shuffled = many(), many()
    random.Random(3).shuffle(shuffled)
    one, other = make_shop("one"), make_shop("other")
    bring(one, as_json(*rows))  # type: ignore[arg-type]
    for row in shuffled:
        row["id"] = int(str(row["id"])) + 10**6
    bring(other, as_json(*shuffled))  # type: ignore[arg-type]
    columns = ("order_id", "status", "lines__amount_minor")
    said = [
        list(Conversion.objects.filter(merchant=shop.merchant).order_by("order_id").values_list(*columns))
        for shop in (one, other)
    ]
    assert said[0] == said[1]


def test_an_approved_order_can_be_declined_afterwards(shop: Shop) -> None:
    reference = {"clickRef": shop.click().click_id}
    for status, day in (("pending", 11), ("approved", 12), ("declined", 13)):
        file = bring(
            shop,
            as_json(
                awin(clickRefs=reference, commissionStatus=status, validationDate=f"2026-03-{day}T00:00:00",
                     declineReason="Returned" if status == "declined" else None)
            ),
        )  # fmt: skip
    made = order(shop)
    assert counts(file) == (0, 1, 0, 0, 0)
    assert (made.status, made.note, made.creator_minor) == ("reversed", "Returned", 0)


def test_an_older_export_does_not_take_back_a_newer_one(shop: Shop) -> None:
    bring(shop, as_json(awin(commissionStatus="approved", validationDate="2026-03-12T00:00:00")))
    assert counts(bring(shop, as_json(awin()))) == (0, 0, 1, 0, 0)
    assert order(shop).status == "approved"
    assert ReportRow.objects.latest("pk").reason == "older"


def test_an_amendment_keeps_the_transaction_and_restates_the_sale(shop: Shop) -> None:
    bring(shop, as_json(awin(sale="100.00")))
    amended = awin(
        sale="60.00", amended=True, amendReason="Part returned", amendDate="2026-03-14T00:00:00",
        oldSaleAmount={"amount": 100.0, "currency": "EUR"},
    )  # fmt: skip
    assert counts(bring(shop, as_json(amended))) == (0, 1, 0, 0, 0)
    assert (order(shop).amount_minor, Conversion.objects.count()) == (6000, 1)


def test_transactions_of_one_order_are_its_lines(shop: Shop) -> None:
    rows = [awin(1, orderRef="A", sale="10.00"), awin(2, orderRef="A", sale="20.00", commissionStatus="declined")]
    bring(shop, as_json(*rows))
    made = order(shop, "A")
    assert (made.status, made.amount_minor, made.refunded_minor) == ("pending", 3000, 2000)


def test_a_sale_without_commission_is_a_sale(shop: Shop) -> None:
    assert counts(bring(shop, as_json(awin(commission="0.00")))) == (1, 0, 0, 0, 0)


def test_a_sale_without_an_order_number_is_an_order_by_itself(shop: Shop) -> None:
    bring(shop, as_json(awin(orderRef=None)))
    assert order(shop, "awin:259630001").amount_minor == 10000


PARKED = {
    "unknown_state": awin(commissionStatus="on hold"),
    "unknown_kind": awin(type="Mystery"),
    "bonus": awin(type="Bonus", orderRef=None, sale="0.00"),
    "negative_amount": awin(sale="-10.00"),
    "finer_than_currency": awin(sale="10.0001"),
}


@pytest.mark.parametrize("reason", PARKED)
def test_what_cannot_be_booked_is_parked_with_its_reason(shop: Shop, reason: str) -> None:
    for _ in range(2):
        assert counts(bring(shop, as_json(PARKED[reason]))) == (0, 0, 0, 1, 0)
    assert Change.objects.get().reason == reason
    assert not Conversion.objects.exists()


def test_the_table_of_parked_rows_is_whole() -> None:
    assert {row["reason"] for row in table_rows("reports", "parked")} == {*PARKED, "other_currency", "order_changed"}


def test_another_currency_in_one_order_is_parked(shop: Shop) -> None:
    bring(shop, as_json(awin(1, orderRef="A")))
    assert counts(bring(shop, as_json(awin(2, orderRef="A", currency="USD")))) == (0, 0, 0, 1, 0)
    assert order(shop, "A").amount_minor == 10000


def test_a_transaction_that_moves_to_another_order_is_parked(shop: Shop) -> None:
    bring(shop, as_json(awin(1, orderRef="A")))
    for status in ("pending", "approved"):
        assert counts(bring(shop, as_json(awin(1, orderRef="B", commissionStatus=status)))) == (0, 0, 0, 1, 0)
    assert not Conversion.objects.filter(order_id="B").exists()


def test_a_parked_word_leaves_the_order_as_it_was(shop: Shop) -> None:
    bring(shop, as_json(awin(commissionStatus="approved")))
    bring(shop, as_json(awin(commissionStatus="on hold")))
    assert order(shop).status == "approved"


@pytest.mark.parametrize(("currency", "sale", "minor"), [("JPY", "1980", 1980), ("KWD", "12.345", 12345)])
def test_currencies_keep_their_decimals(currency: str, sale: str, minor: int) -> None:
    shop = make_shop(currency=currency)
    bring(shop, as_json(awin(currency=currency, sale=sale, commission="1.2345")))
    made = order(shop)
    assert (made.currency, made.amount_minor) == (currency, minor)
    assert Observation.objects.get().commission_text == "1.2345"


def test_a_bad_row_is_rejected_and_the_others_apply(shop: Shop) -> None:
    file = bring(shop, as_json(awin(1), awin(2, transactionDate="soon"), awin(3, transactionDate="2030-01-01")))
    assert counts(file) == (1, 0, 0, 0, 2)
    assert [(fault["row"], fault["field"]) for fault in file.faults] == [(2, "transactionDate"), (3, "event_at")]


def test_a_locked_order_rejects_its_transaction(shop: Shop) -> None:
    bring(shop, as_json(awin()))
    Conversion.objects.update(locked_at=NOON)
    file = bring(shop, as_json(awin(sale="50.00")))
    assert (counts(file), file.faults[0]["reason"]) == ((0, 0, 0, 0, 1), "locked")
    assert order(shop).amount_minor == 10000


def test_a_transaction_of_another_merchant_is_rejected(shop: Shop) -> None:
    bring(shop, as_json(awin()))
    other = make_shop("other")
    assert counts(bring(other, as_json(awin()))) == (0, 0, 0, 0, 1)
    assert not Conversion.objects.filter(merchant=other.merchant).exists()


def test_a_file_of_two_advertisers_is_refused(shop: Shop) -> None:
    with pytest.raises(ReportRefused, match="more than one advertiser"):
        bring(shop, as_json(awin(1), awin(2, advertiserId=1)))


def test_a_truncated_file_changes_nothing(shop: Shop) -> None:
    with pytest.raises(ReportRefused, match="cut off"):
        bring(shop, as_json(*many())[:-30])  # type: ignore[arg-type]
    assert not Conversion.objects.exists()
    assert not ReportRow.objects.exists()
    assert ReportFile.objects.get().status == "refused"


def test_a_dry_run_counts_what_the_import_does_and_stores_nothing_else(shop: Shop) -> None:
    bring(shop, as_json(awin(1), awin(2), awin(5)))
    Conversion.objects.filter(order_id="A-5").update(locked_at=NOON)
    body = as_json(
        awin(1), awin(2, commissionStatus="approved"), awin(3), awin(3, commissionStatus="approved"),
        awin(4, type="Bonus"), awin(4, type="Bonus"), awin(5, sale="1.00"), awin(6, saleAmount=None),
    )  # fmt: skip
    before = [model.objects.count() for model in (Conversion, Observation, ReportRow, Change, Transfer, RawReport)]
    tried = bring(shop, body, dry_run=True)
    assert [
        model.objects.count() for model in (Conversion, Observation, ReportRow, Change, Transfer, RawReport)
    ] == before
    real = bring(shop, body)
    assert counts(tried) == counts(real) == (1, 2, 1, 2, 2)
    assert tried.faults == real.faults


def test_a_table_is_imported_by_its_mapping(shop: Shop) -> None:
    mapping = make_mapping(states={"confirmed": "approved"}, delimiter=";", encoding="cp1252")
    click = shop.click()
    body = (
        "Id;Order;State;Sale;Fee;When;Sub;Currency;Note\r\n"
        f'1;B-1;Confirmed;"1.250,50";"62,5250";10.03.2026 13:00;{click.click_id};EUR;"Größe\r\n42"\r\n'
        "2;B-2;strange;3,10;0,00;25.03.2026;;EUR;\r\n"
    )
    file = bring(shop, body.encode("cp1252"), mapping=mapping)
    made = order(shop, "B-1")
    assert counts(file) == (1, 0, 0, 1, 0)
    assert (made.status, made.amount_minor, made.creator) == ("approved", 125050, shop.creator)


def test_each_row_is_kept_to_the_byte_with_what_it_became(shop: Shop) -> None:
    bring(shop, as_json(awin()))
    row = ReportRow.objects.select_related("observation__change", "file").get()
    assert bytes(row.raw) in as_json(awin())
    assert row.observation
    assert row.observation.change.conversion == order(shop)
    assert (row.file.parser_version, len(row.file.sha256)) == (1, 64)


@pytest.mark.parametrize(
    "table", ["networks_reportrow", "networks_observation", "networks_change", "networks_reportfile"]
)
@pytest.mark.parametrize("verb", ["UPDATE {} SET id = id + 100", "DELETE FROM {}"])
def test_what_was_said_is_written_once(shop: Shop, table: str, verb: str) -> None:
    bring(shop, as_json(awin()))
    if table == "networks_reportfile":
        verb = verb.replace("id = id + 100", "name = 'other'")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(verb.format(table))


def test_what_the_network_pays_is_compared_and_never_booked(shop: Shop) -> None:
    click = {"clickRef": shop.click().click_id}
    rows = [
        awin(1, commission="10.00", clickRefs=click),
        awin(2, commission="8.0050", clickRefs=click),
        awin(3, type="Bonus"),
    ]
    bring(shop, as_json(*rows))
    assert order(shop).commission_minor == order(shop, "A-2").commission_minor == 1000
    found = [(item.external_id, item.what, item.booked) for item in differences(merchant=shop.merchant)]
    assert found == [("259630003", "bonus", ""), ("259630002", "commission", "10.00")]


def test_a_declined_commission_that_we_reversed_is_no_difference(shop: Shop) -> None:
    bring(shop, as_json(awin(commissionStatus="declined", clickRefs={"clickRef": shop.click().click_id})))
    assert differences(merchant=shop.merchant) == []


def test_more_rows_than_a_portion_are_imported_in_portions(shop: Shop) -> None:
    rows = [awin(n, orderRef=f"A-{n % 600}", sale="1.00") for n in range(1200)]
    body = as_json(*rows)
    assert counts(bring(shop, body, dry_run=True)) == (1200, 0, 0, 0, 0)
    assert counts(bring(shop, body)) == (1200, 0, 0, 0, 0)
    assert Conversion.objects.count() == 600
    assert counts(bring(shop, body)) == (0, 0, 1200, 0, 0)


def test_the_command_says_what_became_of_the_rows(
    shop: Shop, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "awin.json"
    path.write_bytes(as_json(awin(1), awin(2, type="Bonus")))
    call_command("import_report", "awin", str(path), account="acme")
    said = capsys.readouterr()
    assert "2 rows: 1 created, 0 changed, 0 unchanged, 1 parked, 0 rejected" in said.out
    assert "row 2 (259630002) parked: bonus" in said.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"network": "awin", "account": "nobody"}, "no merchant 'nobody'"),
        ({"network": "generic", "account": "acme"}, "say --mapping"),
        ({"network": "generic", "account": "acme", "mapping": "none"}, "no report mapping 'none'"),
        ({"network": "awin", "account": "acme", "mapping": "acme-net"}, "does not go with awin"),
        ({"network": "awin", "account": "acme"}, "cut off"),
    ],
)
def test_the_command_refuses_with_the_reason(
    shop: Shop, tmp_path: Path, arguments: dict[str, str], message: str
) -> None:
    path = tmp_path / "awin.json"
    path.write_bytes(as_json(awin(1))[:-5])
    with pytest.raises(CommandError, match=message):
        call_command("import_report", arguments.pop("network"), str(path), **arguments)
