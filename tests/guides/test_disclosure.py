"""What readers are told of money, where they live and in their language, before the first paid link (promise P3)."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from django.core.exceptions import ValidationError
from django.test import Client

import pytest

from cms.core.disclosure import EU_COUNTRIES, RULES, STRICTEST, Fact, disclosure_for, paid_label, rule_for
from guides.models import GuidePage
from tests.factories.catalogue import make_offer, make_product
from tests.factories.community import make_creator, make_operator
from tests.factories.earnings import make_rule, make_shop
from tests.factories.guides import make_guide, make_review, make_storefront, pick

pytestmark = pytest.mark.django_db

PAID_REL = {"sponsored", "nofollow", "noopener"}


class Reading(HTMLParser):
    """A page as a reader meets it, from top to bottom: disclosures, labels and paid links in their order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.met: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        classes = (found.get("class") or "").split()
        if "disclosure" in classes:
            self.met.append(("disclosure", found))
        if "paid-label" in classes:
            self.met.append(("label", found))
        if tag == "a" and "/go/" in (found.get("href") or ""):
            self.met.append(("paid link", found))

    @property
    def order(self) -> list[str]:
        return [kind for kind, _attributes in self.met]

    @property
    def links(self) -> list[dict[str, str | None]]:
        return [attributes for kind, attributes in self.met if kind == "paid link"]


@pytest.fixture
def guide() -> GuidePage:
    make_operator()
    several = make_product("Sold by two")
    make_offer(several)
    make_offer(several, make_shop("second-shop").merchant)
    return make_guide(products=[several, make_offer().product])


def _read(client: Client, page: GuidePage, **headers: str) -> Reading:
    return Reading(client.get(page.url, headers=headers).content.decode())


def test_the_disclosure_stands_above_the_first_paid_link(client: Client, guide: GuidePage) -> None:
    order = _read(client, guide).order
    assert order.index("disclosure") < order.index("paid link")


def test_a_review_discloses_above_its_products_own_card(client: Client) -> None:
    order = _read(client, make_review(product=make_offer().product)).order
    assert order.index("disclosure") < order.index("paid link")


def test_each_paid_link_says_what_it_is(client: Client, guide: GuidePage) -> None:
    html = client.get(guide.url).content.decode()
    anchors = re.findall(r'<a [^>]*href="/go/.*?</a>', html, re.DOTALL)
    assert len(anchors) >= 3
    label = paid_label(None, "en")
    assert all(label in anchor or label in html.split(anchor)[0][-400:] for anchor in anchors)


def test_search_engines_are_told_of_each_paid_link(client: Client, guide: GuidePage) -> None:
    links = _read(client, guide).links
    assert links
    assert all(set((link["rel"] or "").split()) >= PAID_REL for link in links)


def test_no_link_leads_to_a_shop_past_the_tracked_ones(client: Client, guide: GuidePage) -> None:
    assert ".example/" not in re.sub(r"<script.*?</script>", "", client.get(guide.url).content.decode(), flags=re.S)


def test_a_guide_without_paid_links_discloses_nothing(client: Client) -> None:
    assert _read(client, make_guide()).order == []


def test_a_rejected_pick_alone_needs_no_disclosure(client: Client) -> None:
    guide = make_guide(body=[pick(make_offer().product, role="rejected")], facts_confirmed=False)
    assert _read(client, guide).order == []


def test_a_gift_is_disclosed_with_its_giver(client: Client) -> None:
    guide = make_guide(disclosure=[("gift", {"by": "Kettle Works", "what": "the kettle"})])
    assert "free of charge by Kettle Works" in client.get(guide.url).content.decode()


def test_a_fee_is_named_before_the_commission(client: Client) -> None:
    guide = make_guide(products=[make_offer().product], disclosure=[("fee", {"by": "Kettle Works"})])
    html = client.get(guide.url).content.decode()
    assert html.index("Kettle Works paid a fee") < html.index("earns a commission")


def test_a_spanish_guide_discloses_in_spanish(client: Client) -> None:
    guide = make_guide(storefront=make_storefront(language="es"), products=[make_offer().product])
    html = client.get(guide.url).content.decode()
    assert "son de pago" in html
    assert "Publicidad" in html


def test_a_reader_in_the_united_states_reads_the_word_for_there(client: Client, guide: GuidePage) -> None:
    html = client.get(guide.url, headers={"Accept-Language": "en-US"}).content.decode()
    assert "“Ad”" in html


def test_markup_in_a_fact_is_text(client: Client) -> None:
    guide = make_guide(disclosure=[("gift", {"by": "<script>x</script>", "what": "it"})])
    assert "<script>x</script>" not in client.get(guide.url).content.decode()


@pytest.mark.parametrize("country", [None, "", "ZZ", "BR"])
def test_where_nobody_knows_the_strictest_serves(country: str | None) -> None:
    assert rule_for(country) is STRICTEST


def test_the_strictest_is_no_weaker_than_any(db: None) -> None:
    assert STRICTEST.at_head >= max(rule.at_head for rule in RULES.values())
    assert STRICTEST.label == "advertising"


@pytest.mark.parametrize("country", sorted(EU_COUNTRIES - set(RULES)))
def test_a_member_of_the_union_without_a_rule_of_its_own_has_the_unions(country: str) -> None:
    assert rule_for(country).country == "EU"


@pytest.mark.parametrize(
    ("country", "language", "label"),
    [
        ("US", "en", "Ad"),
        ("GB", "en", "Ad"),
        ("DE", "en", "Advertising"),
        ("DE", "de", "Anzeige"),
        ("FR", "fr", "Publicité"),
        ("ES", "es", "Publicidad"),
        ("US", "es", "Publi"),
        (None, "en", "Advertising"),
        (None, "es", "Publicidad"),
        ("JP", "ja", "Advertising"),
    ],
)
def test_the_label_by_country_and_language(country: str | None, language: str, label: str) -> None:
    assert paid_label(country, language) == label


@pytest.mark.parametrize("language", ["en", "es", "de", "fr", "ja"])
@pytest.mark.parametrize("kind", ["commission", "house", "gift", "fee", "own"])
def test_every_fact_has_a_sentence_in_every_language(language: str, kind: str) -> None:
    [sentence] = disclosure_for("DE", language, [Fact(kind, "Kettle Works", "a kettle")]).sentences
    assert "{" not in sentence
    assert kind in {"commission", "house"} or "Kettle Works" in sentence


def test_every_rule_names_its_source_and_day() -> None:
    assert all(rule.source and rule.since.year >= 2022 for rule in RULES.values())


def test_a_tracked_link_in_plain_text_is_refused() -> None:
    guide = make_guide(live=False, body=[("text", '<p><a href="/go/abc">buy</a></p>')])
    with pytest.raises(ValidationError):
        guide.latest_revision.publish()


def _cards(client: Client, page: GuidePage) -> list[str]:
    html = client.get(page.url).content.decode()
    return re.findall(r'class="product-card__name" id="[^"]*-(product-\d+)"', html) + re.findall(
        r'(?:class="offer__shop">.{0,900}?<span>|class="offer-line__shop">)([^<,]+)', html, re.DOTALL
    )


def test_ten_times_the_commission_moves_no_card_and_no_shop(client: Client) -> None:
    make_operator()
    creator = make_creator("ada", is_trusted=True)
    shops = [make_shop(f"shop-{letter}", percent=percent) for letter, percent in (("a", "1"), ("b", "5"), ("c", "3"))]
    products = [make_product() for _ in range(3)]
    for product in products:
        for shop in shops:
            make_offer(product, shop.merchant, price_minor=5000)
    guide = make_guide(storefront=make_storefront(creator), products=products)
    before = _cards(client, guide)
    for shop, percent in zip(shops, ("10", "50", "30"), strict=True):
        make_rule(shop.program, percent=percent)
    assert len(before) == 12
    assert _cards(client, guide) == before
