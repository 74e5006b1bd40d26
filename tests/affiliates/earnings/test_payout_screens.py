"""The studio's payment details and finance's payout pages: who gets in, and what can be done there."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

import pytest

from affiliates.earnings.models import Payout, PayoutProfile, SharedAccount
from affiliates.earnings.services.payout_outcomes import OutcomeFaults, record_outcomes
from affiliates.earnings.services.payout_sending import hand_over_batch
from tests.affiliates.earnings.payday import LATER, approved, earn, handed
from tests.factories.community import PASSWORD, make_creator, make_finance, make_user
from tests.factories.earnings import Shop, make_profile, make_shop

pytestmark = pytest.mark.django_db
IBAN = "DE89370400440532013000"
SEPA = "/cms/earnings/payout/change/?country=DE&method=sepa"


@pytest.fixture
def owner(db: None) -> Client:
    """A creator who has just given the password again."""
    creator, client = make_creator("ana-writes"), Client()
    client.force_login(creator.user)
    assert client.post("/account/reauthenticate/", {"password": PASSWORD}).status_code == 302
    return client


@pytest.fixture
def finance(db: None) -> Client:
    client = Client()
    client.force_login(make_finance())
    return client


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer
    return answer.content.decode()


def test_a_creator_enters_how_to_be_paid(owner: Client) -> None:
    assert 'name="country"' in page(owner, "/cms/earnings/payout/change/")
    assert 'value="sepa"' in page(owner, "/cms/earnings/payout/change/?country=DE")
    answer = owner.post(SEPA, {"holder": "Ana", "iban": "DE89 3704 0044 0532 0130 00", "currency": "EUR"})
    assert answer.status_code == 302
    profile = PayoutProfile.objects.get()
    assert (profile.creator.handle, profile.details) == ("ana-writes", {"iban": IBAN})
    shown = page(owner, "/cms/earnings/payout/")
    assert "•••• 3000" in shown and IBAN not in shown


@pytest.mark.parametrize(
    ("field", "value"), [("iban", "DE89370400440532013001"), ("bic", "COBADE"), ("currency", "USD"), ("holder", "")]
)
def test_a_wrong_detail_is_named_beside_its_field(owner: Client, field: str, value: str) -> None:
    answer = owner.post(SEPA, {"holder": "Ana", "iban": IBAN, field: value})
    assert answer.status_code == 400 and f'id="id_{field}_error"'.encode() in answer.content
    assert not PayoutProfile.objects.exists()


def test_an_old_log_in_has_to_be_renewed_first(shop: Shop) -> None:
    creator, client = make_creator(), Client()
    client.force_login(creator.user)
    for answer in (client.get(SEPA), client.post(SEPA, {"holder": "x", "iban": IBAN})):
        assert answer.status_code == 302 and "/account/reauthenticate/" in answer["Location"]
    assert not creator.payout_profiles.exists()


def test_a_stranger_sees_and_changes_their_own_only(owner: Client, shop: Shop) -> None:
    earn(shop)
    payout, _finance = handed(shop, method="mail", country="DE")
    assert payout.ref not in page(owner, "/cms/earnings/payout/")
    owner.post(SEPA, {"holder": "Ana", "iban": IBAN})
    assert shop.creator.payout_profiles.filter(replaced_at=None).get().method == "mail"


@pytest.mark.parametrize("address", ["/cms/earnings/payout/", "/cms/earnings/payout/change/"])
def test_nobody_else_has_payment_details(address: str, finance: Client) -> None:
    reader = Client()
    reader.force_login(make_user())
    assert [client.get(address).status_code for client in (Client(), reader)] == [302, 302]
    assert finance.get(address).status_code in {302, 404}


def finance_pages(payout: Payout) -> list[tuple[str, str]]:
    return [
        ("get", "/cms/payouts/next/EUR/"),
        ("get", f"/cms/payouts/{payout.batch.ref}/file/manual/"),
        ("post", f"/cms/payouts/ends/{payout.ref}/"),
        ("post", f"/cms/payouts/{payout.batch.ref}/outcomes/"),
        ("post", "/cms/payouts/cases/abc/"),
    ]


def test_a_creator_and_a_stranger_reach_none_of_finances_pages(shop: Shop) -> None:
    earn(shop)
    payout, _finance = handed(shop)
    creator = Client()
    creator.force_login(shop.creator.user)
    for client in (Client(), creator):
        for method, address in finance_pages(payout):
            assert getattr(client, method)(address).status_code in {302, 403, 404}
    assert Payout.objects.get().state == "underway"


def test_the_preview_names_who_is_in_and_why_others_are_not(finance: Client, shop: Shop) -> None:
    earn(shop)
    poor = make_shop("poor")
    earn(poor, amount="10.00")
    shown = page(finance, "/cms/payouts/next/EUR/")
    assert shop.creator.display_name in shown and "Below the minimum" in shown
    assert finance.get("/cms/payouts/next/XYZ/").status_code == 404


def test_a_batch_is_handed_over_and_its_file_downloaded(finance: Client, shop: Shop) -> None:
    earn(shop)
    make_profile(shop.creator, method="bank", country="US")
    batch, _finance = approved(shop)
    finance.post(f"/cms/payouts/{batch.ref}/decide/", {"decision": "hand_over"})
    shown = page(finance, f"/cms/payouts/{batch.ref}/")
    assert f"/cms/payouts/{batch.ref}/file/bank/" in shown and "123456789" not in shown
    assert "123456789" in page(finance, f"/cms/payouts/{batch.ref}/file/bank/")
    assert finance.get(f"/cms/payouts/{batch.ref}/file/sepa/").status_code == 404


def test_finance_records_an_outcome(finance: Client, shop: Shop) -> None:
    earn(shop)
    payout, _finance = handed(shop)
    finance.post(f"/cms/payouts/ends/{payout.ref}/", {"ends": "returned", "words": "closed"})
    payout.refresh_from_db()
    assert (payout.state, payout.reason) == ("returned", "closed")
    assert "closed" in page(finance, f"/cms/payouts/{payout.batch.ref}/")


def test_finance_uploads_a_list_of_outcomes(finance: Client, shop: Shop) -> None:
    earn(shop)
    payout, _finance = handed(shop)
    body = f"payout,status,reference\n{payout.ref},paid,R-7\n".encode()
    finance.post(f"/cms/payouts/{payout.batch.ref}/outcomes/", {"file": SimpleUploadedFile("o.csv", body)})
    payout.refresh_from_db()
    assert (payout.state, payout.sent_reference) == ("paid", "R-7")


LISTS = [
    ("payout,status\n{ref},lost\n", "Row 2"),
    ("payout,status\nabc,paid\n", "Row 2"),
    ("payout,status\n{ref},paid\n{ref},paid\n", "Row 3"),
    ("payout,status,amount\n{ref},paid,70.01\n", "Row 2"),
    ("payout,status,currency\n{ref},paid,USD\n", "Row 2"),
    ("payout,status,reason\n{ref},returned,\n", "Row 2"),
    ("payout\n{ref}\n", "status"),
    ("payout,status\n", "no rows"),
    ('payout,status\n"{ref},paid\n', "no CSV"),
]


@pytest.mark.parametrize(("body", "named"), LISTS)
def test_a_list_with_a_fault_records_nothing_and_names_the_row(shop: Shop, body: str, named: str) -> None:
    earn(shop)
    payout, finance = handed(shop)
    with pytest.raises(OutcomeFaults, match=named):
        record_outcomes(batch=payout.batch, body=body.format(ref=payout.ref).encode(), by=finance, now=LATER)
    assert Payout.objects.get().state == "underway"


def test_one_wrong_row_keeps_the_good_ones_out(shop: Shop) -> None:
    other = make_shop("other")
    earn(shop), earn(other)
    batch, finance = approved(shop)
    batch = hand_over_batch(batch=batch, by=finance, now=LATER)
    first, second = batch.payouts.order_by("pk")
    body = f"payout,status,reason\n{first.ref},paid,\n{second.ref},returned,\n".encode()
    with pytest.raises(OutcomeFaults):
        record_outcomes(batch=batch, body=body, by=finance, now=LATER)
    assert {payout.state for payout in Payout.objects.all()} == {"underway"}


def test_finance_closes_a_case_that_names_both(finance: Client, shop: Shop) -> None:
    other = make_shop("other")
    for one in (shop, other):
        make_profile(one.creator, method="mail")
    case = SharedAccount.objects.create(fingerprint="a" * 64, opened_at=LATER)
    case.creators.set([shop.creator, other.creator])
    shown = page(finance, "/cms/payouts/")
    assert shop.creator.handle in shown and other.creator.handle in shown
    finance.post(f"/cms/payouts/cases/{case.fingerprint}/", {"note": "a couple"})
    assert SharedAccount.objects.get().closed_at


def test_erasing_a_person_empties_what_no_payout_was_sent_by(shop: Shop) -> None:
    from community.services.accounts import erase_person

    earn(shop)
    handed(shop, method="mail")
    make_profile(shop.creator, method="sepa")
    erase_person(user=shop.creator.user)
    assert not PayoutProfile.objects.filter(replaced_at=None).exists()
    kept = list(PayoutProfile.objects.order_by("version").values_list("details", flat=True))
    assert kept == [{}, {"email": "ana@example.org"}, {}]
