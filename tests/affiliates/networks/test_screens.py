"""Networks' reports in the admin: who may, and the way from the upload to the rows."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

import pytest

from affiliates.earnings.models import Conversion
from affiliates.networks.models import ReportFile, ReportMapping
from affiliates.networks.services.queue import process_due_reports
from affiliates.parties.models import MerchantMember
from tests.affiliates.networks.reports import as_json, awin, bring
from tests.factories.community import make_creator, make_editor, make_finance, make_operator, make_user
from tests.factories.earnings import Shop
from tests.factories.parties import make_member, make_merchant

pytestmark = pytest.mark.django_db
PAGES = ["", "upload/", "differences/", "{ref}/", "{ref}/compare/"]


def client_of(user: object) -> Client:
    client = Client()
    if user:
        client.force_login(user)  # type: ignore[arg-type]
    return client


def brand() -> object:
    person = make_user()
    make_member(make_merchant(), person, MerchantMember.Role.MANAGER)
    return person


def upload(client: Client, shop: Shop, body: bytes, **data: object) -> ReportFile:
    fields = {"network": "awin", "merchant": shop.merchant.pk, "file": SimpleUploadedFile("march.json", body), **data}
    answer = client.post("/cms/network-reports/upload/", fields)
    assert answer.status_code == 302, answer.content.decode()[-2000:]
    return ReportFile.objects.latest("pk")


@pytest.mark.parametrize("make", [make_finance, make_operator])
@pytest.mark.parametrize("path", [*("/cms/network-reports/" + page for page in PAGES), "/cms/report-mappings/"])
def test_finance_and_operators_see_reports(shop: Shop, make: object, path: str) -> None:
    file = bring(shop, as_json(awin(1), awin(2, type="Bonus")))
    assert client_of(make()).get(path.format(ref=file.ref)).status_code == 200  # type: ignore[operator]


STRANGERS = {"editor": make_editor, "creator": lambda: make_creator().user, "brand": brand, "nobody": lambda: None}


@pytest.mark.parametrize("who", STRANGERS)
def test_nobody_else_sees_or_imports_reports(shop: Shop, who: str) -> None:
    file = bring(shop, as_json(awin()), dry_run=True)
    client = client_of(STRANGERS[who]())
    paths = [*("/cms/network-reports/" + page.format(ref=file.ref) for page in PAGES), "/cms/report-mappings/"]
    answers = [client.get(path).status_code for path in paths]
    answers.append(client.post(f"/cms/network-reports/{file.ref}/import/").status_code)
    answers.append(client.post("/cms/network-reports/upload/", {"network": "awin"}).status_code)
    assert set(answers) <= {302, 403, 404}
    assert ReportFile.objects.count() == 1


def test_a_file_is_tried_and_then_imported(shop: Shop) -> None:
    client = client_of(make_finance())
    tried = upload(client, shop, as_json(awin(1), awin(2, type="Bonus")))
    assert process_due_reports() == 1
    page = client.get(f"/cms/network-reports/{tried.ref}/").content.decode()
    assert "Nothing was changed" in page
    assert "bonus" in page
    assert not Conversion.objects.exists()
    client.post(f"/cms/network-reports/{tried.ref}/import/")
    process_due_reports()
    made = ReportFile.objects.latest("pk")
    page = client.get(f"/cms/network-reports/{made.ref}/?result=created").content.decode()
    assert (made.created, made.parked, made.sha256) == (1, 1, tried.sha256)
    assert f"/cms/orders/{shop.merchant.slug}/A-1/" in page


def test_a_broken_file_says_why_and_cannot_be_imported(shop: Shop) -> None:
    client = client_of(make_operator())
    tried = upload(client, shop, as_json(awin())[:-9])
    process_due_reports()
    assert "cut off" in client.get(f"/cms/network-reports/{tried.ref}/").content.decode()
    client.post(f"/cms/network-reports/{tried.ref}/import/")
    assert ReportFile.objects.count() == 1


def test_an_import_that_broke_off_is_taken_up_where_it_was(shop: Shop) -> None:
    tried = upload(client_of(make_finance()), shop, as_json(awin(1), awin(2)))
    process_due_reports()
    client_of(make_finance(email="other@example.org")).post(f"/cms/network-reports/{tried.ref}/import/")
    made = ReportFile.objects.latest("pk")
    process_due_reports()
    ReportFile.objects.filter(pk=made.pk).update(status="queued", created=0)
    process_due_reports()
    made.refresh_from_db()
    assert (made.status, made.created, made.rows.count()) == ("done", 2, 2)


def test_a_mapping_names_only_fields_and_states_we_have(shop: Shop) -> None:
    client = client_of(make_finance())
    data = {
        "name": "Acme", "slug": "acme", "time_zone": "UTC", "states": '{"ok": "approved"}', "kinds": "{}",
        "columns": '{"external_id": "Id", "state": "State", "sale": "Sale", "event_at": "When"}',
    }  # fmt: skip
    for fault in ({"states": '{"ok": "fine"}'}, {"columns": '{"id": "Id"}'}, {"time_zone": "Mars"}):
        assert client.post("/cms/report-mappings/new/", data | fault).status_code == 200
    assert not ReportMapping.objects.exists()
    client.post("/cms/report-mappings/new/", data)
    assert ReportMapping.objects.get().states == {"ok": "approved"}
