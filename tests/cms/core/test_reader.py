"""For whom a page is made: the guess, the choice, and that strangers get no cookie."""

from __future__ import annotations

from django.test import RequestFactory
from django.urls import reverse
from django.utils import translation

from wagtail.models import Locale, Page, Site

import pytest

from cms.core.models import SiteSettings
from cms.core.reader import COOKIE, Reader, country_from_languages, reader_of
from tests.factories.catalogue import make_product
from tests.factories.community import make_page, make_user


@pytest.mark.parametrize(
    ("header", "country"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", "AT"),
        ("en,de-CH;q=0.8", "CH"),
        ("en-US;q=0.3,ja-JP;q=0.9", "JP"),
        ("ja", "JP"),
        ("it,en;q=0.5", "IT"),
        ("zh-Hant-TW", "TW"),
        ("en", None),
        ("de", None),
        ("es-419", None),
        ("en-EU", None),
        ("en-ZZ", None),
        ("*", None),
        ("", None),
        ("de-AT;q=0", None),
        ("x" * 3000, None),
        ("<script>", None),
    ],
)
def test_the_browser_s_languages_name_a_country_or_none(header, country):
    assert country_from_languages(header) == country


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def reader(rf: RequestFactory, **headers: str) -> Reader:
    return reader_of(rf.get("/", headers=headers))


def test_a_guess_is_not_a_choice(rf):
    assert reader(rf, accept_language="de-AT") == Reader("AT", "en", "EUR", chosen=False)


def test_nobody_known_stays_unknown(rf):
    assert reader(rf) == Reader(None, "en", None, chosen=False)


def test_a_proxy_s_header_counts_only_where_the_operator_named_it(rf, settings):
    assert reader(rf, cf_ipcountry="PT").country is None
    settings.COUNTRY_HEADER = "CF-IPCountry"
    assert reader(rf, cf_ipcountry="PT").country == "PT"
    assert reader(rf, cf_ipcountry="XX").country is None


@pytest.mark.parametrize("value", ["", ".", "..", "QQ.", "de.eur", "DE.EUR.x", "DE", "A" * 5000, "DÉ.EUR"])
def test_a_cookie_that_makes_no_sense_is_no_choice(rf, value):
    request = rf.get("/")
    request.COOKIES[COOKIE] = value
    assert not reader_of(request).chosen


def test_the_choice_outweighs_the_guess(rf):
    request = rf.get("/", headers={"accept-language": "de-AT"})
    request.COOKIES[COOKIE] = "JP."
    assert reader_of(request) == Reader("JP", "en", "JPY", chosen=True)


@pytest.mark.parametrize(("cookie", "own"), [("DE.", None), ("DE.USD", "USD")])
def test_a_currency_is_the_readers_own_only_where_it_was_chosen(rf, cookie, own):
    request = rf.get("/", headers={"accept-language": "en-US"})
    request.COOKIES[COOKIE] = cookie
    assert reader_of(request).own_currency == own


@pytest.mark.django_db
@pytest.mark.parametrize(("cookie", "selected"), [(None, False), ("US.", False), ("US.USD", True)])
def test_the_form_holds_a_currency_only_where_it_was_chosen(client, cookie, selected):
    """So that choosing a country chooses its currency, unless the reader chose another."""
    if cookie:
        client.cookies[COOKIE] = cookie
    shown = client.get(make_product().get_absolute_url(), headers={"accept-language": "en-US"}).content.decode()
    assert '<option value="US" selected>' in shown
    assert ('<option value="USD" selected>' in shown) is selected


@pytest.mark.django_db
def test_the_site_s_default_country_serves_the_unknown(rf):
    SiteSettings.objects.create(
        site=Site.objects.get(is_default_site=True), default_country="PT", default_currency="EUR"
    )
    assert reader(rf).country_for_offers == "PT"
    assert reader(rf, accept_language="ja").country_for_offers == "JP"


@pytest.mark.django_db
def test_a_signed_in_reader_s_profile_serves_without_a_cookie(client):
    client.force_login(make_user(country="NO", currency="NOK"))
    found = client.get(reverse("community:following")).wsgi_request.reader
    assert (found.country, found.currency, found.chosen) == ("NO", "NOK", True)


@pytest.mark.django_db
def test_the_choice_is_kept_and_the_same_page_comes_back(client):
    answer = client.post(reverse("community:choose"), {"country": "JP", "currency": "JPY", "next": "/guides/?page=2"})
    assert answer.headers["Location"] == "/guides/?page=2"
    assert answer.cookies[COOKIE].value == "JP.JPY"
    assert list(answer.cookies) == [COOKIE]
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "", "/\\evil.example"]
)
def test_next_stays_on_the_site(client, target):
    answer = client.post(reverse("community:choose"), {"country": "JP", "next": target})
    assert answer.headers["Location"] == "/"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_another_site_cannot_choose_for_the_reader(client, headers):
    assert client.post(reverse("community:choose"), {"country": "JP"}, headers=headers).status_code == 403


@pytest.mark.django_db
def test_a_choice_of_nonsense_chooses_nothing(client):
    answer = client.post(reverse("community:choose"), {"country": "<b>", "currency": "XXX", "language": "tlh"})
    assert answer.status_code == 302
    assert answer.cookies[COOKIE].value == "."


@pytest.mark.django_db
def test_a_signed_in_reader_s_choice_goes_into_the_profile(client):
    user = make_user()
    client.force_login(user)
    client.post(reverse("community:choose"), {"country": "JP", "currency": "JPY", "language": "es"})
    user.refresh_from_db()
    assert (user.country, user.currency, user.language) == ("JP", "JPY", "es")


@pytest.fixture
def spanish() -> Locale:
    locale, _ = Locale.objects.get_or_create(language_code="es")
    home = Page.objects.filter(depth=2).order_by("path").first()
    if not home.get_translations().filter(locale=locale).exists():
        home.copy_for_translation(locale).save_revision().publish()
    return locale


@pytest.mark.django_db
def test_another_language_shows_the_same_page_in_it(client, spanish):
    page = make_page("Kettles")
    other = page.copy_for_translation(spanish)
    other.slug = "hervidores"
    other.save_revision().publish()
    answer = client.post(reverse("community:choose"), {"language": "es", "next": page.url})
    assert answer.headers["Location"] == "/es/hervidores/"


@pytest.mark.django_db
def test_a_page_that_has_no_other_language_leads_to_that_language_s_front_page(client, spanish):
    page = make_page("Kettles")
    answer = client.post(reverse("community:choose"), {"language": "es", "next": page.url})
    assert answer.headers["Location"] == "/es/"


@pytest.mark.django_db
def test_a_view_s_address_is_the_same_in_the_other_language(client):
    answer = client.post(reverse("community:choose"), {"language": "es", "next": "/following/?x=1"})
    assert answer.headers["Location"] == "/es/following/?x=1"
    back = client.post("/es/choose/", {"language": "en", "next": "/es/following/"})
    assert back.headers["Location"] == "/following/"


@pytest.mark.django_db
def test_a_stranger_who_only_reads_gets_no_cookie(client):
    make_user()
    answer = client.get(reverse("community:following"))
    assert not answer.cookies


@pytest.mark.django_db
def test_a_page_that_depends_on_the_reader_says_so(client):
    make_user()
    answer = client.get(reverse("community:following"))
    assert {"Accept-Language", "Cookie"} <= {part.strip() for part in answer.headers["Vary"].split(",")}
