"""Authors hear of it when a button moved or a card has nothing to buy: of their own pages, and of nobody else's."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import pytest

from affiliates.catalogue.models import Offer, OfferHealth, Product, Reading
from affiliates.tracking.models import LinkHealth
from cms.core.models import site_defaults
from guides.models import GuidePage
from guides.selectors.needs import Need, offers_in_need
from tests.factories.catalogue import make_lane, make_offer, make_product
from tests.factories.community import make_member_of, make_user
from tests.factories.guides import make_guide, make_review, make_storefront, pick
from tests.factories.parties import make_merchant
from tests.factories.tracking import make_click, make_link

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


def home() -> str:
    return site_defaults().country


def listing(product: Product, shop: str, price: int = 5000, **fields: Any) -> Offer:
    """An offer of a shop that ships to the site's own country."""
    merchant = make_merchant(shop)
    make_lane(merchant, home(), price_minor=0, currency=merchant.currency)
    return make_offer(product, merchant, price_minor=price, **fields)


def needs_of(page: GuidePage, *, later: dt.timedelta = HOUR) -> list[Need]:
    assert page.creator is not None
    return offers_in_need(page.creator, now=timezone.now() + later)


def run_out(offer: Offer, *, noted: bool = True) -> None:
    Offer.objects.filter(pk=offer.pk).update(availability="out_of_stock")
    if noted:
        OfferHealth.objects.create(offer=offer, state="sold_out", since_at=timezone.now())


@pytest.fixture
def product() -> Product:
    return make_product("Kettle One")


@pytest.fixture
def cheap(product: Product) -> Offer:
    return listing(product, "cheap", 4000)


@pytest.fixture
def dear(product: Product) -> Offer:
    return listing(product, "dear", 6000)


@pytest.fixture
def guide(product: Product, cheap: Offer, dear: Offer) -> GuidePage:
    return make_guide(products=[product])


def test_a_page_whose_offers_serve_needs_nobody(guide: GuidePage) -> None:
    assert needs_of(guide) == []


def test_a_button_that_moved_is_told_with_both_shops(guide: GuidePage, cheap: Offer, dear: Offer) -> None:
    run_out(cheap)
    (need,) = needs_of(guide)
    assert (need.kind, need.shop, need.shop_now) == ("moved", cheap.merchant.name, dear.merchant.name)
    assert need.since_at == OfferHealth.objects.get(offer=cheap).since_at


def test_a_dead_page_moves_the_button_long_after_its_price_is_too_old(guide: GuidePage, cheap: Offer) -> None:
    OfferHealth.objects.create(offer=cheap, state="gone", since_at=timezone.now())
    Offer.objects.filter(pk=cheap.pk).update(price_seen_at=timezone.now() - 96 * HOUR)
    assert [(need.kind, need.fault) for need in needs_of(guide)] == [("moved", "gone")]


def test_a_listing_that_left_the_feed_moved_the_button(guide: GuidePage, cheap: Offer) -> None:
    Offer.objects.filter(pk=cheap.pk).update(gone_at=timezone.now())
    assert [(need.kind, need.fault) for need in needs_of(guide)] == [("moved", "gone")]


def test_a_dearer_shop_that_sold_out_is_no_news(guide: GuidePage, dear: Offer) -> None:
    run_out(dear)
    assert needs_of(guide) == []


def test_publishing_again_puts_a_move_away(guide: GuidePage, cheap: Offer) -> None:
    run_out(cheap)
    guide.save_revision().publish()
    assert needs_of(guide) == []


def test_publishing_again_does_not_put_an_empty_card_away(guide: GuidePage, cheap: Offer, dear: Offer) -> None:
    run_out(cheap)
    run_out(dear)
    guide.save_revision().publish()
    assert [need.kind for need in needs_of(guide)] == ["sold_out"]


def test_an_empty_card_is_empty_since_the_last_shop_ran_out(guide: GuidePage, cheap: Offer, dear: Offer) -> None:
    run_out(cheap)
    run_out(dear)
    (need,) = needs_of(guide)
    assert need.since_at == OfferHealth.objects.get(offer=dear).since_at


def test_a_feed_that_ran_out_is_dated_by_its_reading(guide: GuidePage, cheap: Offer) -> None:
    at = timezone.now()
    run_out(cheap, noted=False)
    for state, when in (("in_stock", at - HOUR), ("out_of_stock", at), ("out_of_stock", at + HOUR / 2)):
        Reading.objects.create(
            offer=cheap, price_minor=4000, currency=cheap.currency, availability=state, observed_at=when,
            policy=cheap.policy,
        )  # fmt: skip
    assert [need.since_at for need in needs_of(guide)] == [at]


def test_where_nobody_noted_the_time_none_is_told(guide: GuidePage, cheap: Offer) -> None:
    run_out(cheap, noted=False)
    assert [need.since_at for need in needs_of(guide)] == [None]


def test_every_page_gone_leaves_nothing_to_buy(guide: GuidePage, cheap: Offer, dear: Offer) -> None:
    for offer in (cheap, dear):
        OfferHealth.objects.create(offer=offer, state="soft_gone", since_at=timezone.now())
    assert [need.kind for need in needs_of(guide)] == ["off"]


def test_a_product_no_shop_lists_has_nothing_to_buy(product: Product) -> None:
    assert [need.kind for need in needs_of(make_guide(products=[product]))] == ["unlisted"]


def test_the_reviewed_product_counts(product: Product) -> None:
    review = make_review(product=product)
    assert [need.product for need in needs_of(review)] == [product]


def test_it_is_told_for_the_countries_the_readers_come_from(guide: GuidePage, cheap: Offer, dear: Offer) -> None:
    for merchant in (cheap.merchant, dear.merchant):
        make_lane(merchant, "NO", "no")
    make_click(link=make_link(merchant=cheap.merchant, creator=guide.creator), country="NO")
    assert [(need.kind, need.countries) for need in needs_of(guide)] == [("not_shipped", ("NO",))]


def test_a_button_the_author_holds_stays_and_says_so(product: Product, cheap: Offer, dear: Offer) -> None:
    held = make_guide(body=[pick(product, switch_shops=False)])
    run_out(cheap)
    assert [(need.kind, need.shop) for need in needs_of(held)] == [("stays", cheap.merchant.name)]


def test_the_authors_own_shop_is_told_though_it_was_not_first(product: Product, cheap: Offer, dear: Offer) -> None:
    page = make_guide(body=[pick(product, preferred_shop="dear")])
    run_out(dear)
    assert [(need.kind, need.shop) for need in needs_of(page)] == [("own_shop", dear.merchant.name)]


def test_a_shop_that_drops_our_click_id_is_told(guide: GuidePage, cheap: Offer, dear: Offer) -> None:
    for offer in (cheap, dear):
        OfferHealth.objects.create(offer=offer, state="tag_stripped")
    assert [(need.kind, need.shop) for need in needs_of(guide)] == [("untracked", cheap.merchant.name)]


def test_a_rejected_pick_and_a_draft_need_nothing(product: Product) -> None:
    storefront = make_storefront()
    page = make_guide(storefront=storefront, body=[pick(product, role="rejected")])
    make_guide(storefront=storefront, products=[product], live=False)
    assert needs_of(page) == []


def test_the_front_page_tells_the_author(guide: GuidePage, cheap: Offer, client: Client) -> None:
    run_out(cheap)
    client.force_login(guide.creator.user)
    shown = client.get("/cms/").content.decode()
    assert "Offers that need you" in shown
    assert f"/cms/pages/{guide.pk}/edit/" in shown
    assert f"The button moved from {cheap.merchant.name}" in shown


def test_the_front_page_says_when_there_is_nothing(guide: GuidePage, client: Client) -> None:
    client.force_login(guide.creator.user)
    assert "every product in your live pages can be bought" in client.get("/cms/").content.decode()


def test_another_creator_reads_nothing_of_it(guide: GuidePage, cheap: Offer, client: Client) -> None:
    run_out(cheap)
    client.force_login(make_storefront().creator.user)
    for address in ("/cms/", "/cms/needs/"):
        assert guide.title not in client.get(address).content.decode()


def test_the_whole_list_is_the_authors(guide: GuidePage, cheap: Offer, client: Client) -> None:
    run_out(cheap)
    client.force_login(guide.creator.user)
    assert guide.title in client.get("/cms/needs/").content.decode()


def test_a_reader_and_an_anonymous_visitor_have_no_such_list(client: Client) -> None:
    assert client.get("/cms/needs/").status_code == 302
    client.force_login(make_user())
    assert client.get("/cms/needs/").status_code in (302, 403, 404)


def test_the_operator_finds_the_list_of_all_authors(client: Client) -> None:
    client.force_login(make_member_of("Operators"))
    assert 'href="/cms/reports/not-serving/"' in client.get("/cms/").content.decode().split('id="studio-queue"')[1]


# Links without an offer -------------------------------------------------------------------------------------------
@pytest.fixture
def dead_link(guide: GuidePage, cheap: Offer) -> LinkHealth:
    link = make_link(merchant=cheap.merchant, creator=guide.creator, label="My newsletter")
    return LinkHealth.objects.create(link=link, state="gone")


def test_a_link_that_leads_nowhere_is_told(dead_link: LinkHealth, client: Client) -> None:
    client.force_login(dead_link.link.creator.user)
    assert "My newsletter" in client.get("/cms/").content.decode()


def test_a_link_switched_off_is_told_no_longer(dead_link: LinkHealth, client: Client) -> None:
    client.force_login(dead_link.link.creator.user)
    shown = client.post(f"/cms/needs/links/{dead_link.link.code}/off/", follow=True)
    assert list(shown.context["links"]) == []


@pytest.mark.parametrize("known", [True, False])
def test_nobody_else_switches_it_off(dead_link: LinkHealth, client: Client, known: bool) -> None:
    if known:
        client.force_login(make_storefront().creator.user)
    answer = client.post(f"/cms/needs/links/{dead_link.link.code}/off/")
    dead_link.link.refresh_from_db()
    assert answer.status_code == (404 if known else 302) and dead_link.link.is_active


def test_another_creators_link_is_not_listed(dead_link: LinkHealth, client: Client) -> None:
    client.force_login(make_storefront().creator.user)
    assert "My newsletter" not in client.get("/cms/needs/").content.decode()


def test_it_asks_as_much_for_many_products_as_for_few(client: Client) -> None:
    storefront = make_storefront()

    def add(number: int) -> None:
        product = make_product()
        run_out(listing(product, f"cheap-{number}", 4000), noted=False)
        listing(product, f"dear-{number}", 6000)
        make_guide(storefront=storefront, products=[product])

    add(0)
    client.force_login(storefront.creator.user)
    client.get("/cms/needs/")
    with CaptureQueriesContext(connection) as few:
        client.get("/cms/needs/")
    for number in range(1, 8):
        add(number)
    client.get("/cms/needs/")
    with CaptureQueriesContext(connection) as many:
        client.get("/cms/needs/")
    assert len(many) == len(few)
