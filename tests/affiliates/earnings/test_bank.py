"""The bank's lines and the books: matched where nothing else can be meant, looked at otherwise, always adding up."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

import pytest

from affiliates.earnings.domain.bank_lines import BankFileFault
from affiliates.earnings.models import (
    BankLine,
    BankMatch,
    BankStatement,
    BrandPayment,
    PayoutAccount,
    SuspenseItem,
    Transfer,
)
from affiliates.earnings.selectors.audit import violations
from affiliates.earnings.selectors.bank import reconciliations, waiting_lines
from affiliates.earnings.selectors.bank_matching import suggestions
from affiliates.earnings.services.bank_lines import BankRefused, Imported, import_bank_file, settle_line
from affiliates.earnings.services.brand_accounts import issue_statement, record_brand_payment
from affiliates.earnings.services.payout_ends import confirm_payout
from community.models import User
from tests.affiliates.earnings.bank_files import IBAN, camt, entry, make_bank_mapping
from tests.affiliates.earnings.payday import LATER, earn, handed
from tests.factories.community import make_creator, make_finance
from tests.factories.earnings import NOON, Shop

pytestmark = pytest.mark.django_db
THEN = LATER + dt.timedelta(days=10)


@pytest.fixture
def finance(db: None) -> User:
    PayoutAccount(name="Vitrina", iban=IBAN).save()
    return make_finance()


def bring(finance: User, body: bytes, **fields: Any) -> Imported:
    return import_bank_file(body=body, name="march.xml", by=finance, now=THEN, **fields)


def may_be() -> list[str]:
    [line] = waiting_lines()
    return [one.action.partition(":")[0] for one in suggestions([line])[line.pk]]


def agrees() -> bool:
    """Books and bank agree up to what is listed, and check_ledger finds nothing."""
    return [str(v) for v in violations()] == [] and all(one.difference_minor == 0 for one in reconciliations())


def pay(shop: Shop, by: User, amount: int = 10_000, reference: str = "BR-1") -> BrandPayment:
    return record_brand_payment(
        merchant=shop.merchant, currency="EUR", amount_minor=amount, reference=reference, paid_on=NOON.date(), by=by,
        now=LATER,
    )  # fmt: skip


def test_a_payout_that_arrived_is_known_by_its_end_to_end_id(shop: Shop, finance: User) -> None:
    earn(shop)
    payout, _person = handed(shop, method="sepa")
    made = bring(finance, camt(entry(-7000, "R1", end_to_end=payout.ref), opening=9000, closing=2000))
    payout.refresh_from_db()
    assert (made.new, made.matched, payout.state, payout.sent_reference) == (1, 1, "paid", "R1")
    [one] = reconciliations()
    assert (one.books_minor, one.closing_minor, one.opening_minor, one.difference_minor) == (-7000, 2000, 9000, 0)
    assert agrees()


def test_a_payout_that_came_back_is_the_creators_again(shop: Shop, finance: User) -> None:
    earn(shop)
    payout, _person = handed(shop, method="sepa")
    body = camt(entry(-7000, "R1", end_to_end=payout.ref), entry(7000, "R2", end_to_end=payout.ref, on="2026-04-02"))
    assert bring(finance, body).matched == 1
    line = waiting_lines().get()
    [one] = suggestions([line])[line.pk]
    settle_line(line=line, action=one.action, by=finance, now=THEN)
    payout.refresh_from_db()
    assert payout.state == "returned" and BankMatch.objects.count() == 2 and agrees()


def test_a_whole_batch_in_one_line_is_known_by_its_message_id(shop: Shop, finance: User) -> None:
    earn(shop)
    payout, _person = handed(shop, method="sepa")
    assert bring(finance, camt(entry(-7000, "R1", text=f"Batch {payout.batch.ref}"))).matched == 1
    payout.refresh_from_db()
    assert payout.state == "paid" and agrees()


def test_another_amount_than_the_payouts_is_not_its_line(shop: Shop, finance: User) -> None:
    earn(shop)
    payout, _person = handed(shop, method="sepa")
    assert bring(finance, camt(entry(-6999, "R1", end_to_end=payout.ref))).matched == 0
    payout.refresh_from_db()
    assert payout.state == "underway" and may_be() == []


def test_a_payout_confirmed_before_is_matched_and_not_paid_twice(shop: Shop, finance: User) -> None:
    earn(shop)
    payout, person = handed(shop, method="sepa")
    confirm_payout(payout=payout, by=person, now=LATER, reference="R1")
    before = Transfer.objects.count()
    assert bring(finance, camt(entry(-7000, "R1", end_to_end=payout.ref))).matched == 1
    assert Transfer.objects.count() == before and agrees()


def test_a_brand_that_names_its_statement_has_paid_it(shop: Shop, finance: User) -> None:
    shop.order(click=shop.click(), status="approved")
    stated = issue_statement(merchant=shop.merchant, currency="EUR", ends_at=NOON + dt.timedelta(days=1), now=LATER)
    assert stated
    assert bring(finance, camt(entry(1000, "R1", text=f"Statement {stated.ref.upper()}"))).matched == 1
    assert BrandPayment.objects.get().reference == "R1"
    assert stated.lines.get().settled_at == THEN and agrees()


def test_a_brand_that_pays_the_right_amount_without_a_word_is_only_suggested(shop: Shop, finance: User) -> None:
    shop.order(click=shop.click(), status="approved")
    issue_statement(merchant=shop.merchant, currency="EUR", ends_at=NOON + dt.timedelta(days=1), now=LATER)
    assert bring(finance, camt(entry(1000, "R1"))).matched == 0
    assert may_be() == ["statement"] and not BrandPayment.objects.exists()


def test_a_payment_recorded_by_hand_is_matched_by_amount_and_day_when_it_is_the_only_one(
    shop: Shop, finance: User
) -> None:
    earn(shop)
    pay(shop, finance)
    assert bring(finance, camt(entry(10_000, "R1"))).matched == 1 and agrees()


def test_two_payments_of_one_amount_are_told_apart_by_a_person(shop: Shop, finance: User) -> None:
    earn(shop)
    pay(shop, finance)
    pay(shop, finance, reference="BR-2")
    assert bring(finance, camt(entry(10_000, "R1"))).matched == 0
    assert may_be() == ["transfer", "transfer"]


def test_two_lines_of_one_amount_are_told_apart_by_a_person(shop: Shop, finance: User) -> None:
    earn(shop)
    pay(shop, finance)
    assert bring(finance, camt(entry(10_000, "R1"), entry(10_000, "R2"))).matched == 0


def test_a_payment_of_long_ago_is_not_matched_by_its_amount(shop: Shop, finance: User) -> None:
    earn(shop)
    pay(shop, finance)
    assert bring(finance, camt(entry(10_000, "R1", on="2026-04-08"))).matched == 0 and may_be() == ["transfer"]


def test_what_nobody_can_explain_goes_to_suspense(shop: Shop, finance: User) -> None:
    bring(finance, camt(entry(4200, "R1", text="Thanks")))
    [one] = reconciliations()
    assert (one.books_minor, one.only_bank_minor, one.difference_minor) == (0, 4200, 0)
    settle_line(line=waiting_lines().get(), action="suspense", by=finance, now=THEN)
    item = SuspenseItem.objects.get()
    assert (item.amount_minor, item.reference, item.words) == (4200, "R1", "Thanks")
    assert reconciliations()[0].books_minor == 4200 and agrees()


def test_the_same_file_twice_changes_nothing(shop: Shop, finance: User) -> None:
    earn(shop)
    payout, _person = handed(shop, method="sepa")
    body = camt(entry(-7000, "R1", end_to_end=payout.ref), entry(4200, "R2"), opening=0, closing=-2800)
    bring(finance, body)
    tables = (BankStatement, BankLine, BankMatch, Transfer)
    before = [model.objects.count() for model in tables]  # type: ignore[attr-defined]
    again = bring(finance, body)
    after = [model.objects.count() for model in tables]  # type: ignore[attr-defined]
    assert (after, again.new, again.matched) == (before, 0, 0)


def test_statements_that_overlap_bring_each_line_once(finance: User) -> None:
    bring(finance, camt(entry(100, "R1"), entry(200, "R2"), opening=0, closing=300))
    made = bring(finance, camt(entry(200, "R2"), entry(50, "R3"), opening=100, closing=350, number="2"))
    assert (made.new, BankLine.objects.count(), made.statements[0].known) == (1, 3, 1)
    [one] = reconciliations()
    assert (one.closing_minor, one.gap_minor, one.difference_minor) == (350, 0, 0)


def test_a_missing_statement_is_named(finance: User) -> None:
    bring(finance, camt(entry(100, "R1"), opening=0, closing=100))
    bring(finance, camt(entry(50, "R3", on="2026-04-02"), opening=300, closing=350, number="3"))
    assert reconciliations()[0].gap_minor == 200


def test_a_reference_that_meant_another_amount_before_is_refused(finance: User) -> None:
    bring(finance, camt(entry(100, "R1")))
    with pytest.raises(BankFileFault, match="another amount or day before"):
        bring(finance, camt(entry(101, "R1"), entry(5, "R2"), number="2"))
    assert BankLine.objects.count() == 1 and BankStatement.objects.count() == 1


def test_a_bad_row_leaves_nothing_behind(finance: User) -> None:
    body = b"Day;Amount;Ref;Text;Balance\n31.03.2026;5,00;A;x;5,00\n31.03.2026;moon;B;x;5,00\n"
    with pytest.raises(BankFileFault, match="Row 3"):
        bring(finance, body, mapping=make_bank_mapping())
    assert not BankLine.objects.exists()


def test_a_day_to_come_is_refused(finance: User) -> None:
    with pytest.raises(BankFileFault, match="day to come"):
        bring(finance, camt(entry(100, "R1", on="2027-01-01")))


def test_a_line_is_matched_once_and_a_transfer_too(shop: Shop, finance: User) -> None:
    earn(shop)
    pay(shop, finance)
    bring(finance, camt(entry(10_000, "R1"), entry(10_000, "R2")))
    first, second = waiting_lines()
    seq = Transfer.objects.get(kind="brand_payment").seq
    settle_line(line=first, action=f"transfer:{seq}", by=finance, now=THEN)
    for line in (first, second):
        with pytest.raises(BankRefused):
            settle_line(line=line, action=f"transfer:{seq}", by=finance, now=THEN)
    assert BankMatch.objects.count() == 1 and agrees()


def test_a_line_is_not_matched_with_another_amount(shop: Shop, finance: User) -> None:
    earn(shop)
    pay(shop, finance)
    bring(finance, camt(entry(9_999, "R1")))
    with pytest.raises(BankRefused, match="amounts differ"):
        settle_line(
            line=waiting_lines().get(), action=f"transfer:{Transfer.objects.latest('seq').seq}", by=finance, now=THEN
        )


def test_lines_and_matches_are_written_once(finance: User) -> None:
    bring(finance, camt(entry(100, "R1")))
    for change in (lambda: BankLine.objects.update(amount_minor=5), lambda: BankStatement.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_finance_imports_looks_and_matches_on_screen(finance: User) -> None:
    client = Client()
    client.force_login(finance)
    mapping = make_bank_mapping().pk
    bad = SimpleUploadedFile("m.csv", b"Day;Amount;Ref;Text;Balance\n31.03.2026;moon;B;x;5,00\n")
    page = client.post("/cms/money/bank/", {"mapping": mapping, "file": bad})
    assert page.status_code == 422 and "Row 2" in page.content.decode()
    good = SimpleUploadedFile("m.csv", b"Day;Amount;Ref;Text;Balance\n31.03.2026;42,00;B;Thanks;50,00\n")
    assert client.post("/cms/money/bank/", {"mapping": mapping, "file": good}).status_code == 302
    assert "Thanks" in client.get("/cms/money/bank/lines/").content.decode()
    line = waiting_lines().get()
    assert client.post(f"/cms/money/bank/lines/{line.pk}/", {"action": "transfer:1"}).status_code == 302
    assert waiting_lines().exists()
    client.post(f"/cms/money/bank/lines/{line.pk}/", {"action": "suspense", "words": "Ask them"})
    page = client.get("/cms/money/bank/").content.decode()
    assert not waiting_lines().exists() and "agree, and nothing is on its way" in page and "€50.00" in page
    ref = BankStatement.objects.get().ref
    assert "/cms/money/ledger/transfers/" in client.get(f"/cms/money/bank/statements/{ref}/").content.decode()


def test_only_finance_sees_the_bank(finance: User) -> None:
    bring(finance, camt(entry(100, "R1")))
    creator = Client()
    creator.force_login(make_creator().user)
    ref, line = BankStatement.objects.get().ref, BankLine.objects.get().pk
    for path in ("/cms/money/bank/", "/cms/money/bank/lines/", f"/cms/money/bank/statements/{ref}/"):
        assert creator.get(path).status_code in {302, 403, 404}
        assert Client().get(path).status_code == 302
    assert creator.post(f"/cms/money/bank/lines/{line}/", {"action": "suspense"}).status_code in {302, 403, 404}
    assert waiting_lines().exists()


def test_the_bank_asks_as_often_for_many_as_for_few(finance: User) -> None:
    client = Client()
    client.force_login(finance)
    bring(finance, camt(entry(100, "R0")))

    def count(path: str) -> int:
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    paths = ["/cms/money/bank/", "/cms/money/bank/lines/"]
    few = [count(path) for path in paths]
    bring(finance, camt(*[entry(100 + number, f"R{number}") for number in range(1, 12)], number="2"))
    assert [count(path) for path in paths] == few
