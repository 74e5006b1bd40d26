"""Looking at offers' pages: politely, twice before a thing is called dead, and taking in what they state."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.test import Client
from django.utils import timezone

import pytest

from affiliates.catalogue.models import HostPace, Lane, Offer, OfferCheck, OfferHealth, Reading
from affiliates.catalogue.selectors.cards import product_cards
from affiliates.catalogue.services import health
from affiliates.catalogue.services.problems import report_problem
from cms.core.fetch import Fetched, FetchFailed
from tests.affiliates.catalogue.shop_markup import product_page
from tests.factories.catalogue import make_offer, make_product
from tests.factories.community import make_member_of
from tests.factories.parties import make_program

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(microsecond=0)
MINUTE = dt.timedelta(minutes=1)
FINE = product_page("shopify", "en")


class Web:
    """A web of one page that notes who asked for what."""

    def __init__(self, html: str = FINE, status: int = 200, robots: str = "", error: str = "") -> None:
        self.html, self.status, self.robots, self.error = html, status, robots, error
        self.asked: list[str] = []

    def __call__(self, url: str, **options: Any) -> Fetched:
        self.asked.append(url)
        if url.endswith("/robots.txt"):
            return Fetched(url, 200 if self.robots else 404, {}, self.robots.encode(), (), False, 5)
        if self.error:
            raise FetchFailed(self.error)
        return Fetched(url, self.status, {"content-type": "text/html"}, self.html.encode(), (), False, 50)


@pytest.fixture
def offer() -> Offer:
    product = make_product("Flexo Lamp 60", brand="Acme", gtin="4006381333931")
    found = make_offer(product, price_minor=8990, seen_at=NOW - 10 * MINUTE, title="Flexo Lamp 60")
    make_program(found.merchant)
    OfferHealth.objects.create(offer=found, next_check_at=NOW)
    return found


def look(offer: Offer, web: Web, minutes: int = 0) -> OfferHealth:
    row = OfferHealth.objects.select_related("offer__product", "offer__merchant", "offer__policy").get(offer=offer)
    row.offer.refresh_from_db()
    health.check_offer(health=row, now=NOW + minutes * MINUTE, fetcher=web)
    offer.refresh_from_db()
    return OfferHealth.objects.get(offer=offer)


def test_a_fine_page_is_fine_and_looked_at_again_in_its_time(offer: Offer) -> None:
    row = look(offer, Web())
    assert row.state == "ok" and row.next_check_at > NOW + dt.timedelta(days=1)


def test_a_check_keeps_whether_it_had_anything_to_go_by(offer: Offer) -> None:
    look(offer, Web())
    look(offer, Web("<html><body><div id=app></div></body></html>"), 5)
    assert list(OfferCheck.objects.order_by("pk").values_list("state", "is_sure")) == [("ok", True), ("ok", False)]


def test_our_parameter_is_sent_along(offer: Offer) -> None:
    web = Web()
    look(offer, web)
    assert web.asked[-1].endswith("?click_ref=vitrina-check")


def test_a_missing_page_is_believed_the_second_time(offer: Offer) -> None:
    assert look(offer, Web(status=404)).state == "unchecked"
    assert look(offer, Web(status=404), 11).state == "gone"


def test_it_is_looked_at_again_soon_before_it_is_believed(offer: Offer) -> None:
    assert look(offer, Web(status=404)).next_check_at <= NOW + 12 * MINUTE


def test_what_may_pass_is_believed_after_an_hour_only(offer: Offer) -> None:
    states = [look(offer, Web(error="timeout"), minutes).state for minutes in (0, 21, 42, 63)]
    assert states == ["unchecked", "unchecked", "unchecked", "down"]


def test_a_page_that_is_back_is_fine_at_once(offer: Offer) -> None:
    look(offer, Web(status=404))
    look(offer, Web(status=404), 11)
    assert look(offer, Web(), 30).state == "ok"


def test_a_dead_offer_has_no_button(offer: Offer) -> None:
    for minutes in (0, 11):
        look(offer, Web(status=404), minutes)
    shown = product_cards([offer.product_id], reader_country="DE", now=NOW)[offer.product_id].offers[0]
    assert shown.block == "gone"


def test_the_button_moves_to_the_next_shop_when_the_first_sold_out(offer: Offer) -> None:
    other = make_offer(offer.product, price_minor=9900, seen_at=NOW)
    look(offer, Web(product_page("shopify", "en", sold_out=True)))
    first = product_cards([offer.product_id], reader_country="DE", now=NOW)[offer.product_id].offers[0]
    assert (offer.availability, first.offer_id) == ("out_of_stock", other.pk)


def test_a_price_on_the_page_is_taken_in_with_its_source(offer: Offer) -> None:
    look(offer, Web(product_page("shopify", "en", price="79.90")))
    assert (offer.price_minor, offer.price_seen_at, offer.source_kind) == (7990, NOW, "schema")
    assert offer.source_label.endswith("shop page") and Reading.objects.get().price_minor == 7990


def test_the_same_price_is_confirmed(offer: Offer) -> None:
    look(offer, Web())
    assert (offer.price_minor, offer.price_seen_at, Reading.objects.count()) == (8990, NOW, 0)


def test_where_it_ships_is_taken_in(offer: Offer) -> None:
    details = '"shippingDetails": {"shippingDestination": {"addressCountry": "NO"}, "doesNotShip": "true"}, "price":'
    look(offer, Web(FINE.replace('"price":', details, 1)))
    assert Lane.objects.get(country="NO").ships == "no"


def test_what_a_person_entered_stands(offer: Offer) -> None:
    Lane.objects.create(merchant=offer.merchant, country="NO", ships="yes", source="Their terms")
    details = '"shippingDetails": {"shippingDestination": {"addressCountry": "NO"}, "doesNotShip": "true"}, "price":'
    look(offer, Web(FINE.replace('"price":', details, 1)))
    assert Lane.objects.get(country="NO").ships == "yes"


def test_robots_txt_is_heeded(offer: Offer) -> None:
    HostPace.objects.create(host=f"{offer.merchant.slug}.example")
    web = Web(robots="User-agent: *\nDisallow: /p/")
    look(offer, web)
    assert not OfferCheck.objects.exists() and len(web.asked) == 1


def test_robots_txt_is_read_once_a_day(offer: Offer) -> None:
    HostPace.objects.create(host=f"{offer.merchant.slug}.example")
    web = Web(robots="User-agent: *\nCrawl-delay: 20")
    look(offer, web)
    look(offer, web, 5)
    assert sum(url.endswith("robots.txt") for url in web.asked) == 1
    assert HostPace.objects.get().delay_seconds == 20


def test_a_host_is_asked_once_in_a_while(offer: Offer) -> None:
    other = make_offer(merchant=offer.merchant)
    OfferHealth.objects.create(offer=other, next_check_at=NOW)
    assert health.check_due_offers(now=NOW, fetcher=Web()) == 1
    assert health.check_due_offers(now=NOW + dt.timedelta(seconds=2), fetcher=Web()) == 0
    assert health.check_due_offers(now=NOW + dt.timedelta(seconds=6), fetcher=Web()) == 1


def test_what_a_reader_reported_is_looked_at_before_what_waits_longer(offer: Offer) -> None:
    reported = make_offer(merchant=offer.merchant)
    OfferHealth.objects.filter(offer=offer).update(next_check_at=NOW - dt.timedelta(days=3))
    report_problem(offer=reported, kind="gone", country="DE", user=None, now=NOW)
    health.check_due_offers(now=NOW, fetcher=Web())
    assert OfferCheck.objects.get().offer == reported


def test_two_workers_do_not_ask_one_host_at_once(offer: Offer) -> None:
    assert [health.claim_host("shop.example", now=NOW) for _ in range(2)] == [True, False]


def test_a_failing_host_is_left_alone_longer(offer: Offer) -> None:
    health.claim_host(f"{offer.merchant.slug}.example", now=NOW)
    look(offer, Web(error="timeout"))
    assert not health.claim_host(f"{offer.merchant.slug}.example", now=NOW + dt.timedelta(seconds=4))


def test_new_offers_find_their_place_in_the_queue() -> None:
    make_offer()
    assert (health.make_missing_health(now=NOW), health.make_missing_health(now=NOW)) == (1, 0)


def test_editors_see_the_health_of_links_and_others_do_not(client: Client, offer: Offer) -> None:
    from django.urls import reverse

    address = reverse("catalogue_health:index")
    client.force_login(make_member_of("Editors"))
    finance = Client()
    finance.force_login(make_member_of("Finance"))
    assert (client.get(address).status_code, Client().get(address).status_code) == (200, 302)
    assert finance.get(address).status_code in {302, 403}


def test_the_operator_reads_what_could_not_serve(client: Client, offer: Offer) -> None:
    for minutes in (0, 11):
        look(offer, Web(status=404), minutes)
    client.force_login(make_member_of("Operators"))
    assert "Flexo Lamp 60" in client.get("/cms/reports/not-serving/").content.decode()
    assert b"Flexo Lamp 60" in client.get("/cms/reports/not-serving.csv").content


def test_nobody_else_reads_it(client: Client) -> None:
    client.force_login(make_member_of("Editors"))
    assert client.get("/cms/reports/not-serving/").status_code in {302, 403}
    assert Client().get("/cms/reports/not-serving/").status_code == 302
