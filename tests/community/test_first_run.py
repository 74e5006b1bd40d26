"""The set-up page of an empty site."""

from __future__ import annotations

from django.urls import reverse

from wagtail.models import Site

import pytest

from cms.core.models import SiteSettings
from community.models import User
from community.selectors import accounts
from community.services.first_run import AlreadySetUp, set_up_site, setup_token
from tests.factories.community import make_user

pytestmark = pytest.mark.django_db

ANSWERS = {
    "site_name": "Kitchen Window",
    "display_name": "Olga",
    "email": "olga@example.org",
    "password": "some-Long-words-9",
    "country": "PT",
    "currency": "EUR",
}


@pytest.fixture(autouse=True)
def _nobody_known(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.BASE_IS_LOOPBACK = True
    accounts.forget()
    yield
    accounts.forget()


def test_the_front_page_of_an_empty_site_leads_to_the_set_up(client):
    assert client.get("/").headers["Location"] == reverse("community:first_run")


def test_the_first_person_becomes_operator_and_names_the_site(client):
    answer = client.post(reverse("community:first_run"), ANSWERS)
    assert answer.headers["Location"] == "/cms/"
    operator = User.objects.get()
    assert operator.is_superuser and operator.groups.get().name == "Operators"
    assert Site.objects.get(is_default_site=True).site_name == "Kitchen Window"
    assert SiteSettings.objects.get().default_country == "PT"


def test_the_page_is_closed_afterwards(client):
    make_user()
    assert client.get(reverse("community:first_run")).status_code == 404
    assert client.post(reverse("community:first_run"), ANSWERS).status_code == 404


def test_of_two_at_once_the_second_gets_nothing():
    fields = {**ANSWERS}
    set_up_site(**fields)
    with pytest.raises(AlreadySetUp):
        set_up_site(**{**fields, "email": "second@example.org"})


def test_from_elsewhere_it_asks_for_the_token(client):
    far = {"REMOTE_ADDR": "203.0.113.9"}
    assert client.get(reverse("community:first_run"), **far).status_code == 403
    assert client.post(reverse("community:first_run"), ANSWERS, **far).status_code == 403
    assert client.get(reverse("community:first_run"), {"token": "wrong"}, **far).status_code == 403
    assert client.get(reverse("community:first_run"), {"token": setup_token()}, **far).status_code == 200


def test_behind_a_proxy_everybody_is_elsewhere(client):
    answer = client.get(reverse("community:first_run"), headers={"X-Forwarded-For": "203.0.113.9"})
    assert answer.status_code == 403


def test_a_weak_password_is_refused_and_what_was_typed_is_kept(client):
    answer = client.post(reverse("community:first_run"), {**ANSWERS, "password": "12345"})
    assert answer.status_code == 422
    assert "Kitchen Window" in answer.content.decode()


def test_the_token_is_readable_by_the_owner_only(tmp_path):
    setup_token()
    assert (tmp_path / "setup-token").stat().st_mode & 0o077 == 0
