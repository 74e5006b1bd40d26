from __future__ import annotations

from django.test import Client
from django.urls import reverse

import pytest

from affiliates.parties.models import Merchant, MerchantMember, Program
from tests.factories.community import make_creator, make_editor, make_operator, make_user
from tests.factories.parties import make_member, make_merchant, make_program

pytestmark = pytest.mark.django_db
LISTS = ["parties_merchants", "parties_programs", "parties_members"]
MERCHANT = {"slug": "acme", "name": "Acme", "home_country": "DE", "currency": "EUR", "is_active": "on"}


@pytest.fixture
def operator(client: Client) -> Client:
    client.force_login(make_operator())
    return client


@pytest.mark.parametrize("name", LISTS)
def test_an_operator_sees_the_lists(operator: Client, name: str) -> None:
    make_member(make_program().merchant, make_user())
    assert operator.get(reverse(f"{name}:index")).status_code == 200
    assert operator.get(reverse(f"{name}:add")).status_code == 200


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("make_person", [make_editor, make_user, lambda: make_creator().user])
def test_nobody_else_does(client: Client, name: str, make_person) -> None:
    client.force_login(make_person())
    for view in ("index", "add"):
        assert client.get(reverse(f"{name}:{view}")).status_code in {302, 403, 404}


@pytest.mark.parametrize("name", LISTS)
def test_strangers_are_asked_to_log_in(client: Client, name: str) -> None:
    answer = client.get(reverse(f"{name}:index"))
    assert (answer.status_code, "login" in answer["Location"]) == (302, True)


def test_a_merchant_is_made_with_its_hosts(operator: Client) -> None:
    operator.post(reverse("parties_merchants:add"), {**MERCHANT, "hosts": "acme.example\nWWW.acme.example\n"})
    hosts = Merchant.objects.get().hosts.values_list("host", flat=True)
    assert list(hosts) == ["acme.example", "www.acme.example"]


def test_hosts_are_changed_with_the_merchant(operator: Client) -> None:
    merchant = make_merchant("acme")
    address = reverse("parties_merchants:edit", args=[merchant.pk])
    assert "www.acme.example" in operator.get(address).content.decode()
    operator.post(address, {**MERCHANT, "slug": "other", "hosts": "new.acme.example"})
    merchant.refresh_from_db()
    assert (merchant.slug, [host.host for host in merchant.hosts.all()]) == ("acme", ["new.acme.example"])


@pytest.mark.parametrize("hosts", ["https://acme.example", "other.example"])
def test_a_wrong_or_foreign_host_is_said_in_the_form(operator: Client, hosts: str) -> None:
    make_merchant("other")
    answer = operator.post(reverse("parties_merchants:add"), {**MERCHANT, "hosts": hosts})
    assert "hosts" in answer.context["form"].errors
    assert not Merchant.objects.filter(slug="acme").exists()


def test_nobody_deletes_a_merchant(operator: Client) -> None:
    merchant = make_merchant()
    operator.post(reverse("parties_merchants:delete", args=[merchant.pk]))
    assert Merchant.objects.filter(pk=merchant.pk).exists()


def test_a_programme_is_changed(operator: Client) -> None:
    program = make_program()
    fields = {
        field: getattr(program, field)
        for field in ("name", "kind", "currency", "attribution_model", "coupon_policy", "hold_days")
    }
    fields |= {
        "merchant": program.merchant_id,
        "payout_lag_days": 7,
        "creator_share_percent": "70",
        "click_param": "ref",
    }
    operator.post(reverse("parties_programs:edit", args=[program.pk]), {**fields, "window_days": 45, "is_active": "on"})
    program.refresh_from_db()
    assert (program.window_days, program.creator_share_percent, Program.objects.count()) == (45, 70, 1)


def test_a_member_is_named_by_address(operator: Client) -> None:
    merchant, user = make_merchant(), make_user("Ana@example.org")
    fields = {"merchant": merchant.pk, "email": "ana@EXAMPLE.org", "role": "manager"}
    operator.post(reverse("parties_members:add"), fields)
    member = MerchantMember.objects.get()
    assert (member.user, member.role) == (user, "manager")


def test_somebody_without_account_cannot_be_a_member(operator: Client) -> None:
    fields = {"merchant": make_merchant().pk, "email": "nobody@example.org", "role": "viewer"}
    answer = operator.post(reverse("parties_members:add"), fields)
    assert "email" in answer.context["form"].errors


def test_a_second_membership_is_refused_in_the_form(operator: Client) -> None:
    member = make_member(make_merchant(), make_user())
    fields = {"merchant": member.merchant_id, "email": member.user.email, "role": "viewer"}
    assert operator.post(reverse("parties_members:add"), fields).context["form"].errors


def test_a_role_is_changed_but_not_the_person(operator: Client) -> None:
    member = make_member(make_merchant(), make_user())
    fields = {"merchant": make_merchant().pk, "email": make_user().email, "role": "manager"}
    operator.post(reverse("parties_members:edit", args=[member.pk]), fields)
    after = MerchantMember.objects.get()
    assert (after.role, after.user, after.merchant) == ("manager", member.user, member.merchant)
