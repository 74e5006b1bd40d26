"""Guides that name a product which was merged into another (promise S6)."""

from __future__ import annotations

import json
import re

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import pytest

from affiliates.catalogue.models import IdentityChange, Product
from affiliates.catalogue.services.merging import merge_products, undo_change
from affiliates.tracking.models import Link
from guides.models import GuidePage
from guides.services.publishing import announce_article, link_new_offers
from tests.factories.catalogue import make_offer, make_product
from tests.factories.guides import make_guide, make_review, pick

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def listed(name: str, **fields: object) -> Product:
    return make_offer(make_product(name, **fields)).product


def merge(keep: Product, absorb: Product) -> IdentityChange:
    return merge_products(keep=keep, absorb=absorb, by=None, now=NOW)


@pytest.fixture
def keep() -> Product:
    return listed("The one that stays", slug="stays")


@pytest.fixture
def guide(keep: Product) -> GuidePage:
    gone = listed("The one that goes", slug="goes")
    page = make_guide(products=[gone])
    merge(keep, gone)
    return page


def test_a_guide_shows_the_product_that_stays_with_all_its_shops(client: Client, guide: GuidePage) -> None:
    html = client.get(guide.url).content.decode()
    assert "The one that stays" in html and "The one that goes" not in html
    assert html.count('href="/go/') == 2


def test_a_review_shows_the_product_that_stays(client: Client, keep: Product) -> None:
    gone = listed("The one that goes")
    page = make_review(product=gone)
    merge(keep, gone)
    html = client.get(page.url).content.decode()
    assert "The one that stays" in html and "/products/stays/" in html


def test_a_guide_shows_its_own_product_again_after_the_undo(client: Client, keep: Product) -> None:
    gone = listed("The one that goes")
    page = make_guide(products=[gone])
    undo_change(change=merge(keep, gone), by=None, now=NOW)
    html = client.get(page.url).content.decode()
    assert "The one that goes" in html and html.count('href="/go/') == 1


def both_merged(keep: Product, *blocks: str) -> GuidePage:
    """A guide that names a product and another that became it, in these blocks."""
    gone = listed("The one that goes")
    named = [(keep, {"role": "budget", "reason": "First."}), (gone, {"role": "upgrade", "reason": "Second."})]
    body = [
        pick(product, **said) if kind == "pick" else ("product", {"product": product, "note": said["reason"]})
        for kind, (product, said) in zip(blocks, named, strict=True)
    ]
    page = make_guide(body=body)
    merge(keep, gone)
    return page


def ids_of(html: str) -> list[str]:
    return re.findall(r'\bid="([^"]+)"', html)


@pytest.mark.parametrize("blocks", [("pick", "pick"), ("product", "product"), ("pick", "product"), ("product", "pick")])
def test_a_guide_that_names_both_shows_one_card(client: Client, keep: Product, blocks: tuple[str, str]) -> None:
    html = client.get(both_merged(keep, *blocks).url).content.decode()
    assert html.count('class="product-card__sheet"') == 1
    assert len(ids_of(html)) == len(set(ids_of(html)))


def test_the_first_pick_of_both_keeps_its_role_and_text_and_the_other_points_to_it(
    client: Client, keep: Product
) -> None:
    html = client.get(both_merged(keep, "pick", "pick").url).content.decode()
    assert "First." in html and "Second." not in html
    assert "In this text as “Budget pick”:" in html and 'href="#pick-stays"' in html


@pytest.mark.parametrize("blocks", [("product", "product"), ("product", "pick"), ("pick", "product")])
def test_the_pointer_leads_to_a_place_on_the_page(client: Client, keep: Product, blocks: tuple[str, str]) -> None:
    html = client.get(both_merged(keep, *blocks).url).content.decode()
    (anchor,) = re.findall(r'<p class="notice">[^<]*<a href="#([^"]+)"', html)
    assert anchor in ids_of(html)


def test_a_comparison_has_one_column_for_both(client: Client, keep: Product) -> None:
    gone, third = listed("The one that goes"), listed("A third")
    columns = [{"product": product, "values": [value]} for product, value in ((keep, "a"), (gone, "b"), (third, "c"))]
    page = make_guide(body=[("comparison", {"caption": "All", "rows": ["Weight"], "columns": columns})])
    merge(keep, gone)
    table = client.get(page.url).content.decode().split("<table")[1].split("</table>")[0]
    assert table.count('scope="col"') == 2
    assert "<td>a</td><td>c</td>" in table


def test_machines_read_of_one_product_where_both_were_picked(client: Client, keep: Product) -> None:
    html = client.get(both_merged(keep, "pick", "pick").url).content.decode()
    data = json.loads(re.search(r'<script type="application/ld\+json"[^>]*>(.*?)</script>', html, re.DOTALL)[1])  # type: ignore[index]
    assert len(data["mainEntity"]["itemListElement"]) == 1


def test_both_are_shown_again_after_the_undo(client: Client, keep: Product) -> None:
    page = both_merged(keep, "pick", "pick")
    undo_change(change=IdentityChange.objects.get(), by=None, now=NOW)
    assert client.get(page.url).content.decode().count('class="product-card__sheet"') == 2


def test_twelve_merged_products_cost_as_many_queries_as_two(client: Client) -> None:
    def queries(number: int) -> int:
        gone = [listed(f"Gone {n}") for n in range(number)]
        page = make_guide(products=gone)
        for product in gone:
            merge(listed(f"Stays {product.pk}"), product)
        client.get(page.url)
        with CaptureQueriesContext(connection) as found:
            client.get(f"{page.url}?fresh=1")
        return len(found)

    assert queries(12) == queries(2)


def test_an_author_gets_links_to_the_shops_of_the_product_that_stays(guide: GuidePage, keep: Product) -> None:
    announce_article(article=guide)
    assert Link.objects.filter(creator=guide.creator, offer__product=keep).count() == 2


def test_an_offer_that_comes_later_is_linked_for_the_author_who_named_the_other(
    guide: GuidePage, keep: Product
) -> None:
    offer = make_offer(keep)
    link_new_offers(offer_ids=[offer.pk])
    assert Link.objects.filter(creator=guide.creator, offer=offer).exists()


def test_a_guide_warns_of_a_shop_that_lists_another_variant(client: Client) -> None:
    product = make_product("Shirt", variant={"colour": "white"})
    make_offer(product, variant={"colour": "black"})
    html = client.get(make_guide(products=[product]).url).content.decode()
    assert "Variant: colour white" in html
    assert "The shop lists another variant: colour black instead of white" in html


def test_a_guide_says_nothing_of_a_variant_nobody_pinned(client: Client) -> None:
    product = make_product("Shirt")
    make_offer(product, variant={"colour": "black"})
    assert "ariant" not in client.get(make_guide(products=[product]).url).content.decode()
