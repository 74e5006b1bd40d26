"""The log-in door, where it leads, and what it does not tell."""

from __future__ import annotations

import re

from django.core import mail
from django.test import Client
from django.urls import reverse

import pytest

from community import landing
from community.models import User
from tests.factories.community import (
    PASSWORD,
    make_creator,
    make_editor,
    make_finance,
    make_operator,
    make_user,
)

pytestmark = pytest.mark.django_db


def log_in(client: Client, user: User, **extra: str):
    return client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD, **extra})


def test_an_address_and_a_password_open_the_door(client):
    user = make_user()
    assert log_in(client, user).status_code == 302
    assert client.session["_auth_user_id"] == str(user.pk)


def test_a_wrong_password_keeps_it_shut_and_the_address_typed(client):
    user = make_user()
    answer = client.post(reverse("account_login"), {"login": user.email, "password": "wrong"})
    assert answer.status_code == 200
    assert "_auth_user_id" not in client.session
    assert user.email in answer.content.decode()


def test_the_log_in_page_is_in_the_site_s_own_frame(client):
    page = client.get(reverse("account_login")).content.decode()
    assert 'class="form-field' in page
    assert "Menu:" not in page


@pytest.mark.parametrize("door", ["/cms/login/", "/cms/", "/_util/login/"])
def test_every_other_door_leads_to_the_same_log_in(client, door):
    make_user()
    assert client.get(door).headers["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize(
    ("make", "place"),
    [
        (make_operator, "/cms/moderation/"),
        (make_editor, "/cms/moderation/"),
        (make_finance, "/cms/payouts/"),
        (make_user, "/following/"),
    ],
)
def test_each_role_lands_on_its_own_place(client, make, place):
    assert log_in(client, make()).headers["Location"] == place


def test_a_creator_lands_in_the_studio(client):
    assert log_in(client, make_creator().user).headers["Location"] == "/cms/"


def test_a_reader_goes_back_to_where_the_log_in_was_asked_for(client):
    assert log_in(client, make_user(), next="/guides/").headers["Location"] == "/guides/"


def test_next_does_not_lead_off_the_site(client):
    assert log_in(client, make_user(), next="https://evil.example/").headers["Location"] == "/following/"


def test_an_upper_app_can_claim_somebody_before_others(monkeypatch):
    monkeypatch.setattr(landing, "_claims", {})
    user = make_user()

    def claim(person: User) -> str | None:
        return "/brands/" if person.pk == user.pk else None

    landing.register(60, lambda person: "/elsewhere/")
    landing.register(40, claim)
    assert landing.landing_for(user) == "/brands/"
    assert landing.landing_for(make_user()) == "/elsewhere/"


def test_a_reader_who_knocks_at_the_admin_is_not_sent_round_in_circles(client):
    client.force_login(make_user())
    answer = client.get("/cms/", follow=True)
    assert answer.redirect_chain[-1][0] == "/following/"
    assert len(answer.redirect_chain) == 2


def test_signing_up_looks_the_same_for_a_known_and_an_unknown_address(client):
    known = make_user()
    answers = []
    for email in (known.email, "nobody@example.org"):
        answer = Client().post(reverse("account_signup"), {"email": email, "password1": "some-Long-words-9"})
        answers.append((answer.status_code, answer.headers["Location"], len(mail.outbox)))
    assert answers[0][:2] == answers[1][:2]
    assert [count for *_rest, count in answers] == [1, 2]


def test_asking_for_a_new_password_looks_the_same_for_a_known_and_an_unknown_address():
    known = make_user()
    answers = []
    for email in (known.email, "nobody@example.org"):
        answer = Client().post(reverse("account_reset_password"), {"email": email})
        answers.append((answer.status_code, answer.headers["Location"]))
    assert answers[0] == answers[1]


def test_a_new_account_starts_with_the_reader_s_country(client):
    client.post(
        reverse("account_signup"),
        {"email": "new@example.org", "password1": "some-Long-words-9", "display_name": "New One"},
        headers={"Accept-Language": "de-AT"},
    )
    user = User.objects.get(email="new@example.org")
    assert (user.country, user.currency, user.display_name) == ("AT", "EUR", "New One")


def test_a_sign_up_cannot_make_itself_staff(client):
    posted = {"email": "new@example.org", "password1": "some-Long-words-9"}
    client.post(reverse("account_signup"), {**posted, "is_staff": "1", "is_superuser": "1", "groups": "1"})
    user = User.objects.get(email="new@example.org")
    assert not user.is_staff and not user.is_superuser and not user.groups.exists()


def test_mails_link_to_the_site_s_own_address_whatever_host_was_asked(client, settings):
    settings.ALLOWED_HOSTS = ["*"]
    user = make_user()
    client.post(reverse("account_reset_password"), {"email": user.email}, headers={"Host": "evil.example"})
    links = re.findall(r"https?://\S+", str(mail.outbox[0].body))
    assert links and all(link.startswith(settings.BASE_URL) for link in links)


@pytest.mark.parametrize(
    "name",
    ["account_login", "account_signup", "account_reset_password", "account_email_verification_sent"],
)
def test_every_entrance_page_renders(client, name):
    make_user()
    assert client.get(reverse(name)).status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        "account_email",
        "account_change_password",
        "account_logout",
        "account_reauthenticate",
        "mfa_index",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_list_webauthn",
        "community:profile",
        "community:personal_data",
    ],
)
def test_every_page_of_the_account_renders_and_is_kept_by_no_cache(client, name):
    log_in(client, make_user())
    answer = client.get(reverse(name), follow=True)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("name", ["community:profile", "community:personal_data", "account_email"])
def test_a_stranger_is_asked_to_log_in(client, name):
    assert client.get(reverse(name)).status_code == 302
