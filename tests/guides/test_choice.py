"""What a guide's cards say of shops: the exact product or nothing, the author's shop, and no number without a date."""

from __future__ import annotations

import datetime as dt
import re

from django.core.cache import caches
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

import pytest

from affiliates.catalogue.models import Offer, OfferHealth, Product, ProductMention, Suspension
from guides.blocks.products import PickBlock
from guides.models import GuidePage
from tests.factories.catalogue import make_delivery, make_lane, make_offer, make_product, make_rates
from tests.factories.guides import make_guide, make_review, pick
from tests.factories.parties import make_merchant

pytestmark = pytest.mark.django_db
AMOUNT = re.compile(r"[€£$¥]\s?\d|\d\s?[€£$¥]|(EUR|USD|GBP|JPY|NOK)\s?\d")


def show(client: Client, page: GuidePage, country: str = "NO") -> str:
    caches["pages"].clear()
    client.cookies["vitrina_reader"] = f"{country}."
    return client.get(page.url).content.decode()


def kettle(name: str = "Kettle", **offer: object) -> Offer:
    return make_offer(make_product(name, category="kitchen", kind="kettle"), **offer)


# The exact product or nothing -------------------------------------------------------------------------------------
def test_not_sold_here_names_another_pick_of_the_same_guide(client: Client) -> None:
    first, second = kettle("First"), kettle("Second")
    make_delivery(second, "NO")
    shown = show(client, make_guide(products=[first.product, second.product]))
    assert "No shop is known to send this to Norway" in shown
    assert "chosen by the author" in shown
    assert f'href="#pick-{second.product.slug}"' in shown


def test_the_button_stays_quiet_and_names_what_is_not_known(client: Client) -> None:
    shown = show(client, make_guide(products=[kettle().product]))
    assert "button--quiet" in shown
    assert "delivery to Norway not known" in shown


def test_where_no_shop_ships_no_button_stands_in_front(client: Client) -> None:
    offer = kettle()
    make_lane(offer.merchant, "NO", "no")
    front = show(client, make_guide(products=[offer.product])).split('<details class="product-card__others"')[0]
    assert "No shop we know ships this to Norway" in front
    assert "/go/" not in front


def test_a_rejected_pick_is_never_an_alternative(client: Client) -> None:
    first, second = kettle("First"), kettle("Second")
    make_delivery(second, "NO")
    body = [pick(first.product), pick(second.product, role="rejected")]
    assert "chosen by the author" not in show(client, make_guide(body=body))


def test_nor_is_it_offered_for_being_alike(client: Client) -> None:
    first, second = kettle("First"), kettle("Second")
    make_delivery(second, "NO")
    columns = [{"product": offer.product, "values": []} for offer in (first, second)]
    table = ("comparison", {"caption": "Both", "rows": [], "columns": columns})
    shown = show(client, make_guide(body=[pick(first.product), pick(second.product, role="rejected"), table]))
    assert "We know of nothing like it that is in stock and ships to Norway." in shown
    assert "matched by attributes" not in shown


def test_a_review_of_what_does_not_serve_says_what_does(client: Client) -> None:
    reviewed, other = kettle("First"), kettle("Second")
    make_delivery(other, "NO")
    shown = show(client, make_review(product=reviewed.product, body=[("text", "<p>Words.</p>")]))
    assert "matched by attributes" in shown


def test_every_card_leads_to_the_choice_of_country(client: Client) -> None:
    shown = show(client, make_guide(products=[kettle().product]))
    assert '<a class="product-card__where" href="#reader-country">' in shown
    assert 'id="reader-country"' in shown


# The author's shop ------------------------------------------------------------------------------------------------
@pytest.fixture
def product() -> Product:
    """In Norway it costs less at Other than at Own."""
    product = make_product("Kettle")
    for slug, price in (("own", 6000), ("other", 5000)):
        make_delivery(make_offer(product, make_merchant(slug), price_minor=price), "NO", 0)
    return product


def first_button(shown: str) -> str:
    return re.findall(r"See (?:it|price) at (\w+)", shown)[0]


def test_the_authors_shop_is_marked_with_its_reason_and_not_moved_up(client: Client, product: Product) -> None:
    body = [pick(product, preferred_shop="own", shop_reason="they repair it")]
    shown = show(client, make_guide(body=body))
    assert first_button(shown) == "Other"
    assert "The author’s shop: they repair it" in shown


def test_a_shop_that_is_sold_out_gives_way(client: Client, product: Product) -> None:
    Offer.objects.filter(merchant__slug="own").update(price_minor=100, availability="out_of_stock")
    assert first_button(show(client, make_guide(body=[pick(product, preferred_shop="own")]))) == "Other"


def test_unless_its_author_stays_with_it(client: Client, product: Product) -> None:
    Offer.objects.filter(merchant__slug="own").update(price_minor=100, availability="out_of_stock")
    shown = show(client, make_guide(body=[pick(product, preferred_shop="own", switch_shops=False)]))
    assert first_button(shown) == "Own"
    assert "Sold out" in shown


def test_a_text_from_before_the_choice_lets_the_button_move() -> None:
    value = PickBlock().to_python({"role": "top_pick", "reason": "Good."})
    assert (value["preferred_shop"] or "", value["switch_shops"]) == ("", True)


def test_a_shop_that_does_not_list_the_product_is_refused(product: Product) -> None:
    make_merchant("stranger")
    block = PickBlock()
    value = block.to_python(
        {"product": product.pk, "role": "top_pick", "reason": "Good.", "preferred_shop": "stranger"}
    )
    with pytest.raises(ValidationError) as refused:
        block.clean(value)
    assert "preferred_shop" in refused.value.block_errors


# Numbers ----------------------------------------------------------------------------------------------------------
def test_with_every_feed_off_every_page_stands_and_no_card_shows_an_amount(client: Client) -> None:
    make_rates()
    offers = [kettle(merchant=make_merchant(currency=currency)) for currency in ("EUR", "GBP", "USD", "JPY")]
    for offer in offers:
        make_delivery(offer, "NO")
        make_delivery(offer, "DE")
    comparison = {"caption": "Both", "rows": [], "columns": [{"product": o.product, "values": []} for o in offers]}
    picks = [pick(offer.product) for offer in offers]
    pages = [make_guide(body=[*picks, ("comparison", comparison)]), make_review(product=offers[0].product, body=picks)]
    Offer.objects.update(price_seen_at=timezone.now() - dt.timedelta(days=60))
    addresses = [page.url for page in pages] + [offer.product.get_absolute_url() for offer in offers]
    for country in ("DE", "NO", "US"):
        client.cookies["vitrina_reader"] = f"{country}."
        for address in addresses:
            caches["pages"].clear()
            main = client.get(address).content.decode().split("<main")[1].split("</main>")[0]
            assert "too old to show" in main
            assert not AMOUNT.search(main), AMOUNT.search(main)


def test_a_comparison_says_when_and_where_its_prices_were_seen(client: Client) -> None:
    offer = kettle(merchant=make_merchant("acme", name="Acme"))
    make_delivery(offer, "NO")
    columns = [{"product": offer.product, "values": []}, {"product": kettle("Other").product, "values": []}]
    shown = show(client, make_guide(body=[("comparison", {"caption": "Both", "rows": [], "columns": columns})]))
    cell = shown.split('<th scope="row">Price</th>')[1].split("</td>")[0]
    assert "€49.90" in cell
    assert "at Acme, Germany" in cell
    assert "Price from" in cell
    assert "from Acme" in cell


def test_a_comparison_says_why_a_shop_is_off(client: Client) -> None:
    offer = kettle()
    Suspension.objects.create(merchant=offer.merchant, reason="Fakes", object_by=timezone.now())
    columns = [{"product": offer.product, "values": []}, {"product": kettle("Other").product, "values": []}]
    shown = show(client, make_guide(body=[("comparison", {"caption": "Both", "rows": [], "columns": columns})]))
    cell = shown.split('<th scope="row">Price</th>')[1].split("</td>")[0]
    assert "This shop’s links are suspended." in cell


def test_an_offer_whose_button_is_off_shows_neither_price_nor_button(client: Client) -> None:
    offer = kettle()
    make_delivery(offer, "NO")
    OfferHealth.objects.create(offer=offer, hidden_at=timezone.now())
    shown = show(client, make_guide(products=[offer.product]))
    assert "Readers reported a problem; we are checking." in shown
    assert "€49.90" not in shown
    assert "/go/" not in shown


def test_publishing_keeps_who_gave_the_author_what() -> None:
    gift = [("gift", {"by": "Acme", "what": "a kettle"})]
    make_guide(products=[kettle().product], disclosure=gift)
    assert ProductMention.objects.get().facts == [{"kind": "gift", "by": "Acme", "what": "a kettle"}]
