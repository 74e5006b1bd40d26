"""What machines read of a guide and of a review."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

from django.test import Client
from django.utils import timezone

import pytest

from guides.models import GuidePage, ReviewPage
from tests.factories.catalogue import make_offer, make_product
from tests.factories.community import make_creator
from tests.factories.guides import make_guide, make_review, make_storefront, pick
from tests.factories.parties import make_merchant

pytestmark = pytest.mark.django_db

DAY = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)


def _data(client: Client, page: Any) -> dict[str, Any]:
    html = client.get(page.url).content.decode()
    [text] = re.findall(r'<script type="application/ld\+json"[^>]*>(.*?)</script>', html, re.DOTALL)
    return json.loads(text)


@pytest.fixture
def kettle() -> Any:
    merchant = make_merchant(slug="acme", currency="EUR")
    product = make_product("Kettle", slug="kettle", brand="Oru", gtin="4006381333931")
    make_offer(product, merchant, price_minor=4990)
    return product


def _ada() -> Any:
    return make_storefront(make_creator("ada", display_name="Ada", is_trusted=True))


def test_a_guide_is_an_article_with_its_picks_in_order(client: Client, kettle: Any) -> None:
    plain = make_product("Pot", slug="pot")
    guide = make_guide(
        storefront=_ada(),
        title="The kettles",
        slug="kettles",
        summary="Which one.",
        body=[pick(kettle), pick(plain), pick(make_product("Worse"), role="rejected")],
    )
    GuidePage.objects.filter(pk=guide.pk).update(first_published_at=DAY, last_published_at=DAY)
    assert _data(client, guide) == {
        "@context": "https://schema.org",
        "@type": "Article",
        "headline": "The kettles",
        "description": "Which one.",
        "author": {"@type": "Person", "name": "Ada", "url": "http://testserver/@ada"},
        "datePublished": "2026-03-10T12:00:00+00:00",
        "dateModified": "2026-03-10T12:00:00+00:00",
        "mainEntityOfPage": "http://testserver/creators/ada/kettles/",
        "mainEntity": {
            "@type": "ItemList",
            "itemListElement": [
                {
                    "@type": "ListItem",
                    "position": 1,
                    "item": {
                        "@type": "Product",
                        "name": str(kettle),
                        "url": "http://testserver/products/kettle/",
                        "brand": {"@type": "Brand", "name": "Oru"},
                        "gtin": "4006381333931",
                        "offers": {
                            "@type": "Offer",
                            "price": "49.90",
                            "priceCurrency": "EUR",
                            "seller": {"@type": "Organization", "name": kettle.offers.get().merchant.name},
                            "availability": "https://schema.org/InStock",
                        },
                    },
                },
                {
                    "@type": "ListItem",
                    "position": 2,
                    "item": {"@type": "Product", "name": "Pot", "url": "http://testserver/products/pot/"},
                },
            ],
        },
    }


def _review(kettle: Any, **fields: Any) -> ReviewPage:
    fields.setdefault(
        "body",
        [
            ("verdict", {"score": "8.4", "criteria": [], "text": "Good."}),
            ("pros_cons", {"pros": ["Quiet"], "cons": ["Short lead"]}),
        ],
    )
    review = make_review(storefront=_ada(), product=kettle, **fields)
    ReviewPage.objects.filter(pk=review.pk).update(first_published_at=DAY)
    return review


def test_a_review_is_its_product_with_our_judgement(client: Client, kettle: Any) -> None:
    data = _data(client, _review(kettle))
    assert data["@type"] == "Product"
    assert data["review"] == {
        "@type": "Review",
        "author": {"@type": "Person", "name": "Ada", "url": "http://testserver/@ada"},
        "datePublished": "2026-03-10T12:00:00+00:00",
        "reviewRating": {"@type": "Rating", "ratingValue": "8.4", "bestRating": "10", "worstRating": "0"},
        "positiveNotes": {
            "@type": "ItemList",
            "itemListElement": [{"@type": "ListItem", "position": 1, "name": "Quiet"}],
        },
        "negativeNotes": {
            "@type": "ItemList",
            "itemListElement": [{"@type": "ListItem", "position": 1, "name": "Short lead"}],
        },
    }


def test_a_review_without_a_score_claims_none(client: Client, kettle: Any) -> None:
    data = _data(client, _review(kettle, body=[("verdict", {"score": None, "criteria": [], "text": "Good."})]))
    assert "reviewRating" not in data["review"]


def test_nobody_but_the_author_rates(client: Client, kettle: Any) -> None:
    assert "aggregateRating" not in _data(client, _review(kettle))


def test_a_single_statement_is_too_few_to_be_marked_up(client: Client, kettle: Any) -> None:
    data = _data(client, _review(kettle, body=[("pros_cons", {"pros": ["Quiet"], "cons": []})]))
    assert "positiveNotes" not in data["review"]


def test_a_price_too_old_to_show_is_not_told_to_machines_either(client: Client) -> None:
    offer = make_offer(seen_at=timezone.now() - dt.timedelta(days=400))
    [item] = _data(client, make_guide(products=[offer.product]))["mainEntity"]["itemListElement"]
    assert "offers" not in item["item"]


@pytest.mark.parametrize("title", ["</script><script>alert(1)</script>", "<!-- x", "\u2028 & <b>", '"quoted"'])
def test_no_title_breaks_out_of_its_data(client: Client, title: str) -> None:
    guide = make_guide(title=title)
    assert _data(client, guide)["headline"] == title
