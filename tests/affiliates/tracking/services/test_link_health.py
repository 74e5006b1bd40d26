"""Links to a bare address are looked at as offers are, and told of as soon as they are no use."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

import pytest

from affiliates.catalogue.selectors.not_serving import troubles
from affiliates.parties.models import Merchant
from affiliates.tracking.models import Link, LinkHealth
from affiliates.tracking.selectors.link_health import failing_links
from affiliates.tracking.services import link_health
from cms.core.fetch import Fetched, FetchFailed
from community.models import Creator
from tests.affiliates.catalogue.shop_markup import product_page
from tests.factories.catalogue import make_offer
from tests.factories.tracking import make_link

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(microsecond=0)
MINUTE = dt.timedelta(minutes=1)
FINE = product_page("shopify", "en")


class Web:
    """A web of one page that notes who asked for what; `lands` is where it leads."""

    def __init__(self, html: str = FINE, status: int = 200, lands: str = "", robots: str = "", error: str = "") -> None:
        self.html, self.status, self.lands, self.robots, self.error = html, status, lands, robots, error
        self.asked: list[str] = []

    def __call__(self, url: str, **options: Any) -> Fetched:
        self.asked.append(url)
        if url.endswith("/robots.txt"):
            return Fetched(url, 200 if self.robots else 404, {}, self.robots.encode(), (), False, 5)
        if self.error:
            raise FetchFailed(self.error)
        headers = {"content-type": "text/html"}
        return Fetched(self.lands or url, self.status, headers, self.html.encode(), (), False, 50)


@pytest.fixture
def bare(merchant: Merchant, creator: Creator) -> Link:
    link = make_link(merchant=merchant, creator=creator, url="https://acme.example/p/lamp", label="Lamp")
    LinkHealth.objects.create(link=link, next_check_at=NOW)
    return link


def look(link: Link, web: Web, *minutes: int) -> LinkHealth:
    for minute in minutes or (0,):
        row = LinkHealth.objects.select_related("link").get(link=link)
        link_health.check_link(health=row, now=NOW + minute * MINUTE, fetcher=web)
    return LinkHealth.objects.get(link=link)


def test_links_to_an_address_are_queued_once_and_links_to_offers_never(merchant: Merchant) -> None:
    make_link(merchant=merchant, url="https://acme.example/p/lamp")
    make_link(merchant=merchant, offer=make_offer(merchant=merchant))
    make_link(merchant=merchant, url="https://acme.example/p/old", is_active=False)
    assert [link_health.make_missing_link_health(now=NOW) for _ in range(2)] == [1, 0]


def test_a_fine_page_is_fine_and_our_parameter_is_sent_along(bare: Link) -> None:
    web = Web()
    assert look(bare, web).state == "ok"
    assert web.asked[-1] == "https://acme.example/p/lamp?acme_ref=vitrina-check"


def test_a_missing_page_is_believed_the_second_time(bare: Link) -> None:
    web = Web(status=404)
    assert [look(bare, web).state, look(bare, web, 11).state] == ["unchecked", "gone"]


def test_a_shop_that_is_down_for_now_is_no_dead_link(bare: Link) -> None:
    look(bare, Web(error="timeout"), 0, 21)
    assert not failing_links(bare.creator_id).exists()


def test_a_link_that_leads_to_the_front_page_is_told(bare: Link) -> None:
    look(bare, Web("<title>Acme</title><h1>Welcome</h1>", lands="https://acme.example/"), 0, 11)
    assert [row.state for row in failing_links(bare.creator_id)] == ["redirected"]


def test_a_shop_that_drops_our_click_id_is_told(bare: Link) -> None:
    look(bare, Web(lands="https://acme.example/p/lamp"), 0, 11)
    assert [row.state for row in failing_links(bare.creator_id)] == ["tag_stripped"]


def test_another_thing_than_first_seen_is_told(bare: Link) -> None:
    look(bare, Web())
    LinkHealth.objects.update(first_gtin="4012345678901")
    look(bare, Web(), 20, 31)
    assert [row.state for row in failing_links(bare.creator_id)] == ["title_mismatch"]


def test_robots_txt_is_heeded(bare: Link) -> None:
    web = Web(robots="User-agent: *\nDisallow: /p/")
    link_health.check_due_links(now=NOW, fetcher=web)
    assert web.asked == ["https://acme.example/robots.txt"]


def test_a_host_is_asked_once_in_a_while(bare: Link, merchant: Merchant) -> None:
    other = make_link(merchant=merchant, url="https://acme.example/p/other")
    LinkHealth.objects.create(link=other, next_check_at=NOW)
    times = (NOW, NOW + dt.timedelta(seconds=2), NOW + dt.timedelta(seconds=6))
    assert [link_health.check_due_links(now=at, fetcher=Web()) for at in times] == [1, 0, 1]


def test_a_check_does_not_make_link_maps_read_the_link_again(bare: Link) -> None:
    look(bare, Web(status=404), 0, 11)
    assert Link.objects.get(pk=bare.pk).updated_at == bare.updated_at


def test_the_operator_is_told_whose_link_it_is(bare: Link) -> None:
    look(bare, Web(status=410), 0, 11)
    (trouble,) = [row for row in troubles(now=NOW) if row.kind == "dead_link"]
    assert trouble.what.startswith("Lamp, ") and trouble.what.endswith("@alice-writes")


def test_a_link_that_is_off_troubles_nobody(bare: Link) -> None:
    look(bare, Web(status=410), 0, 11)
    Link.objects.update(is_active=False)
    assert not [row for row in troubles(now=NOW) if row.kind == "dead_link"]
