"""The programmes in the studio: terms, steps, warnings; a creator's own and nobody else's."""

from __future__ import annotations

import datetime as dt

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from wagtail.test.utils.form_data import nested_form_data, querydict_from_html, streamfield

import pytest

from affiliates.catalogue.models import Product
from affiliates.parties.models import Enrolment
from affiliates.parties.services.joining import apply_to_program, decline_application
from community.models import Creator
from guides.models import GuidePage
from tests.factories.catalogue import make_offer
from tests.factories.community import make_creator, make_user
from tests.factories.earnings import make_rule
from tests.factories.guides import make_guide, make_storefront
from tests.factories.parties import make_enrolment, make_merchant, make_program
from tests.factories.tracking import make_link

pytestmark = pytest.mark.django_db
LIST = "/cms/programmes/"


@pytest.fixture
def creator() -> Creator:
    return make_creator()


@pytest.fixture
def studio(creator: Creator, client: Client) -> Client:
    client.force_login(creator.user)
    return client


@pytest.fixture
def program() -> object:
    program = make_program(make_merchant("acme"), hold_days=21)
    make_rule(program, percent="7.5")
    return program


def status(creator: Creator) -> list[str]:
    return list(Enrolment.objects.filter(creator=creator).values_list("status", flat=True))


def test_a_creator_reads_what_a_programme_pays(studio: Client, program: object) -> None:
    html = studio.get(LIST).content.decode()
    assert all(words in html for words in ("7.5 %", "21 days", "30 days", "click_ref", "Last click"))


def test_a_creator_does_not_read_anothers_rate(studio: Client, program: object) -> None:
    make_rule(program, percent="66", creator=make_creator())
    assert "66 %" not in studio.get(LIST).content.decode()


@pytest.mark.parametrize("path", [LIST, f"{LIST}acme/join/"])
def test_a_reader_has_no_programmes(client: Client, program: object, path: str) -> None:
    client.force_login(make_user())
    assert client.get(path).status_code in (302, 403, 404)


@pytest.mark.parametrize("path", [LIST, f"{LIST}acme/join/"])
def test_an_anonymous_visitor_is_asked_to_log_in(client: Client, program: object, path: str) -> None:
    make_user()
    assert client.get(path).status_code == 302


def test_looking_at_a_step_does_not_take_it(studio: Client, creator: Creator, program: object) -> None:
    assert (studio.get(f"{LIST}acme/join/").status_code, status(creator)) == (200, [])


def test_a_creator_joins(studio: Client, creator: Creator, program: object) -> None:
    studio.post(f"{LIST}acme/join/")
    assert status(creator) == ["joined"]


def test_a_creator_leaves_and_joins_again(studio: Client, creator: Creator, program: object) -> None:
    make_enrolment(program, creator)
    studio.post(f"{LIST}acme/leave/")
    assert status(creator) == ["left"] and "Join again" in studio.get(LIST).content.decode()
    studio.post(f"{LIST}acme/join/")
    assert status(creator) == ["joined"]


def test_a_closed_programme_is_applied_to_in_words(studio: Client, creator: Creator) -> None:
    make_program(make_merchant("acme"), is_open=False)
    assert studio.post(f"{LIST}acme/apply/", {"message": ""}).status_code == 422
    studio.post(f"{LIST}acme/apply/", {"message": "Lamps"})
    assert status(creator) == ["applied"]


def test_a_closed_programme_is_not_joined_by_its_address(studio: Client, creator: Creator) -> None:
    make_program(make_merchant("acme"), is_open=False)
    studio.post(f"{LIST}acme/join/")
    assert status(creator) == []


def test_a_declined_creator_reads_why_and_when_to_ask_again(studio: Client, creator: Creator) -> None:
    program = make_program(make_merchant("acme"), is_open=False)
    now = timezone.now()
    enrolment = apply_to_program(program=program, creator=creator, message="Lamps", now=now)
    decline_application(enrolment=enrolment, reason="No lamps here", by=make_user(), now=now)
    html = studio.get(LIST).content.decode()
    assert "No lamps here" in html and (now + dt.timedelta(days=30)).strftime("%B %Y") in html


def test_links_to_a_shop_that_was_not_joined_are_named(studio: Client, creator: Creator, program: object) -> None:
    make_link(merchant=program.merchant, creator=creator)
    Enrolment.objects.update(status="left", left_at=timezone.now())
    assert all("earn you nothing" in studio.get(path).content.decode() for path in (LIST, "/cms/"))


def test_links_to_a_joined_shop_are_not_named(studio: Client, creator: Creator, program: object) -> None:
    make_link(merchant=program.merchant, creator=creator)
    assert "earn you nothing" not in studio.get(LIST).content.decode()


def test_without_programmes_the_page_says_what_will_happen(studio: Client) -> None:
    assert "No shop has a programme yet" in studio.get(LIST).content.decode()


def test_the_list_is_narrowed(studio: Client, creator: Creator, program: object) -> None:
    make_enrolment(make_program(make_merchant("other")), creator)
    html = studio.get(LIST, {"stands": "joined"}).content.decode()
    assert "Other partners" in html and "Acme partners" not in html


def test_the_page_asks_as_much_for_many_programmes_as_for_few(
    studio: Client, creator: Creator, program: object
) -> None:
    def queries() -> int:
        studio.get(LIST)
        with CaptureQueriesContext(connection) as caught:
            studio.get(LIST)
        return len(caught)

    make_link(merchant=make_program().merchant, creator=creator)
    few = queries()
    for _number in range(5):
        more = make_program()
        make_rule(more, percent="5", creator=creator)
        make_link(merchant=more.merchant, creator=creator)
    assert queries() == few


def saved(client: Client, guide: GuidePage, product: Product) -> str:
    """What the admin says when its author saves a guide that shows a product."""
    address = reverse("wagtailadmin_pages:edit", args=[guide.pk])
    html = client.get(address).content.decode()
    sent = {name: values[-1] for name, values in querydict_from_html(html, form_id="page-edit-form").lists()}
    comments = {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 1000}
    block = {"product": product.pk, "note": "", "preferred_shop": "", "shop_reason": "", "switch_shops": "on"}
    scripts = {"body": streamfield([("product", block)]), "disclosure": streamfield([]), "comments": comments}
    form = {**sent, **nested_form_data(scripts), "hero_image": "", "facts_confirmed": "on"}
    return client.post(address, form, follow=True).content.decode()


@pytest.mark.parametrize("joined", [False, True])
def test_saving_a_guide_names_the_shops_that_earn_nothing(client: Client, joined: bool) -> None:
    offer, storefront = make_offer(), make_storefront()
    program = make_program(offer.merchant)
    if joined:
        make_enrolment(program, storefront.creator)
    client.force_login(storefront.creator.user)
    page = saved(client, make_guide(storefront=storefront, live=False), offer.product)
    assert (f"Clicks to {offer.merchant} earn nothing" in page) is not joined
