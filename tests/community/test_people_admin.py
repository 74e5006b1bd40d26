"""People in the Wagtail admin."""

from __future__ import annotations

import pytest
from django.urls import reverse

from community.models import User
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
