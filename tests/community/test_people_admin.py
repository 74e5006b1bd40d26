"""People in the Wagtail admin."""

from __future__ import annotations

from django.urls import reverse

import pytest

from community.models import Creator, User
from tests.factories.community import make_creator, make_editor, make_operator, make_user

pytestmark = pytest.mark.django_db


def test_an_operator_adds_and_edits_people(client):
    client.force_login(make_operator())
    assert client.get(reverse("wagtailusers_users:index")).status_code == 200
    fields = {"email": "New@Example.org", "display_name": "New One"}
    passwords = {"password1": "some-Long-words-9", "password2": "some-Long-words-9"}
    assert client.get(reverse("wagtailusers_users:add")).status_code == 200
    client.post(reverse("wagtailusers_users:add"), {**fields, **passwords})
    person = User.objects.get(email="new@example.org")
    address = reverse("wagtailusers_users:edit", args=[person.pk])
    assert "New One" in client.get(address).content.decode()
    client.post(address, {**fields, "display_name": "Newer", "is_active": "on"})
    person.refresh_from_db()
    assert person.display_name == "Newer"


@pytest.mark.parametrize("who", [make_editor, lambda: make_creator().user])
def test_others_do_not_manage_people(client, who):
    client.force_login(who())
    for name in ("wagtailusers_users:index", "wagtailusers_users:add"):
        assert client.get(reverse(name)).status_code != 200


def test_everybody_in_the_admin_has_an_account_page(client):
    client.force_login(make_creator().user)
    page = client.get(reverse("wagtailadmin_account"))
    assert page.status_code == 200
    assert "last_name" not in page.content.decode()


@pytest.mark.parametrize("door", ["/cms/password_reset/", "/cms/password_reset/done/"])
def test_the_admin_has_no_second_way_to_a_new_password(client, door):
    make_user()
    assert client.get(door).status_code != 200


def test_an_operator_makes_a_creator_and_trusts_them(client):
    client.force_login(make_operator())
    person = make_user()
    fields = {"display_name": "Marta Vidal", "bio": "", "country": "ES"}
    assert client.get(reverse("community_creators:add")).status_code == 200
    client.post(reverse("community_creators:add"), {**fields, "user": person.pk, "handle": "marta-vidal"})
    creator = Creator.objects.get(user=person)
    assert creator.collection is not None and not creator.is_trusted
    address = reverse("community_creators:edit", args=[creator.pk])
    assert client.get(address).status_code == 200
    client.post(address, {**fields, "is_trusted": "on"})
    creator.refresh_from_db()
    assert creator.is_trusted and creator.handle == "marta-vidal"
    assert "Marta Vidal" in client.get(reverse("community_creators:index")).content.decode()


@pytest.mark.parametrize("who", [make_operator, make_editor, make_user, lambda: make_creator().user])
def test_nobody_deletes_a_creator(client, who):
    creator = make_creator()
    client.force_login(who())
    client.post(reverse("community_creators:delete", args=[creator.pk]))
    assert Creator.objects.filter(pk=creator.pk).exists()


@pytest.mark.parametrize("who", [make_editor, lambda: make_creator().user])
def test_others_neither_list_nor_make_creators(client, who):
    client.force_login(who())
    for name in ("community_creators:index", "community_creators:add"):
        assert client.get(reverse(name)).status_code != 200
