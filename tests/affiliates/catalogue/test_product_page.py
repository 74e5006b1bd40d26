from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

import pytest

from affiliates.catalogue import paths
from affiliates.catalogue.models import OfferHealth, Product, Suspension
from affiliates.catalogue.services.mentions import Mention, replace_mentions
from affiliates.earnings.models import CommissionRule
from affiliates.parties.models import Program
from tests.factories.catalogue import make_delivery, make_lane, make_offer, make_policy, make_product, make_rates
from tests.factories.community import make_creator, make_page, make_user
from tests.factories.parties import make_merchant, make_program

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def house_links() -> Iterator[None]:
    before = paths._go_paths
    paths.register_go_paths(lambda ids: {number: f"/go/house{number}" for number in ids})
    yield
    paths.register_go_paths(before)


def show(client: Client, product: Product, country: str = "DE") -> str:
    """The page as made anew, not as kept."""
    caches["pages"].clear()
    client.cookies["vitrina_reader"] = f"{country}."
    answer = client.get(product.get_absolute_url())
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_names_shop_country_price_and_source(client: Client) -> None:
    offer = make_offer(merchant=make_merchant("acme", name="Acme", home_country="AT"), price_minor=4990)
    shown = show(client, offer.product)
    for words in (">Acme<", ">Austria<", "€49.90", "from Acme"):
        assert words in shown


def test_it_says_that_a_thing_is_used(client: Client) -> None:
    assert "Used</span>" in show(client, make_offer(condition="used").product)


@pytest.mark.parametrize("condition", ["new", "unknown"])
def test_of_a_new_thing_and_of_one_whose_shop_is_silent_nothing_is_said(client: Client, condition: str) -> None:
    shown = show(client, make_offer(condition=condition).product)
    assert "Used</span>" not in shown
    assert "Refurbished</span>" not in shown


@pytest.mark.parametrize(
    ("condition", "stated"), [("used", "UsedCondition"), ("new", "NewCondition"), ("unknown", None)]
)
def test_machines_read_the_condition_where_the_shop_states_one(client: Client, condition: str, stated: str) -> None:
    shown = show(client, make_offer(condition=condition).product)
    assert ("itemCondition" in shown) is bool(stated)
    assert str(stated or "") in shown


def test_it_names_who_says_that_a_shop_ships_here(client: Client) -> None:
    offer = make_offer()
    seen = dt.datetime(2026, 11, 3, 12, tzinfo=dt.UTC)
    make_lane(offer.merchant, "DE", "yes", source="Phone call with the shop", seen_at=seen)
    assert "said by: Phone call with the shop, 3 Nov 2026" in show(client, offer.product)


def test_within_a_sentence_a_country_has_its_article(client: Client) -> None:
    offer = make_offer()
    make_delivery(offer, "US")
    assert "Ships to the United States" in show(client, offer.product, "US")


def test_an_alternative_names_the_source_of_its_price(client: Client) -> None:
    wanted = make_offer(make_product(category="kitchen", kind="kettle"))
    make_lane(wanted.merchant, "DE", "no")
    other = make_offer(make_product(category="kitchen", kind="kettle"), source_label="Acme, shop page")
    make_delivery(other, "DE")
    assert "from Acme, shop page" in show(client, wanted.product).split('class="alternatives"')[1]


@pytest.mark.parametrize(("prefix", "words"), [("", "this site earns a commission"), ("/es", "este sitio cobra una")])
def test_its_commission_is_the_sites_own(client: Client, prefix: str, words: str) -> None:
    address = f"{prefix}{make_offer().product.get_absolute_url()}"
    with translation.override("en"):
        shown = client.get(address).content.decode()
    assert words in shown
    assert "the author earns" not in shown


def test_a_category_reads_as_words(client: Client) -> None:
    assert "· Mobile accessories" in show(client, make_offer(make_product(category="mobile-accessories")).product)


def test_its_links_are_marked_and_labelled_as_paid(client: Client) -> None:
    offer = make_offer()
    shown = show(client, offer.product)
    assert f'href="/go/house{offer.pk}" rel="sponsored nofollow noopener"' in shown
    assert 'class="paid-label"' in shown


def test_without_a_path_there_is_no_button(client: Client) -> None:
    paths.register_go_paths(lambda ids: {})
    shown = show(client, make_offer().product)
    assert "/go/" not in shown
    assert "sponsored" not in shown


def test_a_price_past_its_age_is_not_shown(client: Client) -> None:
    seen = timezone.now() - dt.timedelta(hours=3)
    offer = make_offer(price_minor=4990, seen_at=seen, policy=make_policy("brief", max_price_age_hours=2))
    shown = show(client, offer.product)
    assert "49.90" not in shown
    assert "too old to show" in shown


def test_it_ships_here_only_where_somebody_says_so(client: Client) -> None:
    offer = make_offer()
    assert "We do not know whether this ships to Germany" in show(client, offer.product)
    make_delivery(offer, "DE", 390, min_days=1, max_days=3)
    shown = show(client, offer.product)
    assert "Ships to Germany" in shown
    assert "1–3 days" in shown


def test_a_shop_that_does_not_ship_here_says_so(client: Client) -> None:
    offer = make_offer()
    make_lane(offer.merchant, "NO", "no")
    assert "Does not ship to Norway" in show(client, offer.product, "NO")


def test_a_reader_without_country_is_asked_for_it(client: Client) -> None:
    offer = make_offer()
    make_delivery(offer, "DE")
    shown = client.get(offer.product.get_absolute_url()).content.decode()
    assert "Ships to" not in shown
    assert "Choose your country" in shown


def test_guides_that_chose_it_and_guides_that_did_not_stand_apart(client: Client) -> None:
    product = make_product()
    chose, refused = make_page("Quiet kettles"), make_page("Loud kettles")
    replace_mentions(page_id=chose.pk, mentions=[Mention(product.pk, "top_pick", "The quietest of nine.")])
    replace_mentions(page_id=refused.pk, mentions=[Mention(product.pk, "rejected", "Not loud enough.")])
    first, second = show(client, product).split("Considered, not chosen")
    assert "Quiet kettles" in first
    assert "The quietest of nine." in first
    assert "Loud kettles" in second


def test_a_guide_that_did_both_is_mixed_and_named_once(client: Client) -> None:
    product, page = make_product(), make_page("Kettles")
    mentions = [Mention(product.pk, "budget", "Cheap."), Mention(product.pk, "rejected", "Not for tea.")]
    replace_mentions(page_id=page.pk, mentions=mentions)
    shown = show(client, product)
    assert "Mixed" in shown
    assert shown.count(">Kettles</a>") == 1


def test_a_verdict_says_whose_it_is_and_who_paid_for_what(client: Client) -> None:
    product, creator = make_product(), make_creator(handle="ida")
    page = make_page(owner=creator.user)
    facts = ({"kind": "gift", "by": "Acme", "what": "a kettle"},)
    replace_mentions(page_id=page.pk, mentions=[Mention(product.pk, "top_pick", "Quiet.", facts)])
    shown = show(client, product)
    assert 'href="/@ida"' in shown
    assert "The author was given a kettle free of charge by Acme." in shown


def test_drafts_and_their_verdicts_stay_private(client: Client) -> None:
    product = make_product()
    draft = make_page("Secret kettles", live=False)
    replace_mentions(page_id=draft.pk, mentions=[Mention(product.pk, "top_pick")])
    assert "Secret kettles" not in show(client, product)


def test_a_product_nobody_lists_has_a_page_all_the_same(client: Client) -> None:
    assert "No shop we know of" in show(client, make_product())


def test_a_product_that_does_not_exist_is_not_found(client: Client) -> None:
    assert client.get("/products/nothing/").status_code == 404


def test_what_a_feed_says_is_text(client: Client) -> None:
    product = make_product("<script>alert(1)</script>", description="</script><img src=x onerror=alert(2)>")
    make_offer(product, source_label="<b>bold</b>")
    shown = show(client, product)
    for markup in ("<script>alert", "<img src=x", "<b>bold"):
        assert markup not in shown


def test_an_estimate_stands_behind_the_shops_own_price_with_the_day_of_its_rate(client: Client) -> None:
    day = make_rates()
    offer = make_offer(merchant=make_merchant(home_country="GB", currency="GBP"), price_minor=8600)
    make_delivery(offer, "DE", 860)
    shown = show(client, offer.product)
    first, second = shown.index("£86.00"), shown.index("€100.00")
    assert first < second
    assert f"ECB rate of {day.day}\xa0" in shown
    assert "£94.60 with delivery" in shown
    assert "before import charges" in shown


def test_no_import_charges_are_spoken_of_within_the_union(client: Client) -> None:
    offer = make_offer(merchant=make_merchant(home_country="ES"))
    make_delivery(offer, "DE", 860)
    shown = show(client, offer.product)
    assert "€58.50 with delivery" in shown
    assert "import charges" not in shown


def test_a_price_without_a_rate_is_shown_and_said_not_to_be_compared(client: Client) -> None:
    offer = make_offer(merchant=make_merchant(home_country="CL", currency="CLP"), price_minor=8600)
    shown = show(client, offer.product)
    assert "no current exchange rate for CLP" in shown
    assert "≈" not in shown


def test_where_nobody_is_known_to_ship_it_says_so_and_offers_what_does(client: Client) -> None:
    product = make_offer(make_product(category="kitchen", kind="kettle")).product
    other = make_offer(make_product("Other Kettle", category="kitchen", kind="kettle"))
    make_delivery(other, "NO")
    shown = show(client, product, "NO")
    assert "No shop is known to send this to Norway" in shown
    assert "matched by attributes" in shown
    assert f'href="{other.product.get_absolute_url()}"' in shown
    assert "/search/?q" not in shown


def test_authors_who_chose_this_may_have_chosen_what_serves(client: Client) -> None:
    product = make_offer(make_product(kind="kettle")).product
    other = make_offer(make_product("Other Kettle", kind="kettle"))
    make_delivery(other, "NO")
    mentions = [Mention(product.pk, "top_pick"), Mention(other.product_id, "runner_up")]
    replace_mentions(page_id=make_page().pk, mentions=mentions)
    assert "chosen by the author" in show(client, product, "NO")


def test_what_the_same_author_rejected_is_not_offered_instead(client: Client) -> None:
    product = make_offer(make_product(category="kitchen", kind="kettle")).product
    other = make_offer(make_product("Other Kettle", category="kitchen", kind="kettle"))
    make_delivery(other, "NO")
    mentions = [Mention(product.pk, "top_pick"), Mention(other.product_id, "rejected")]
    replace_mentions(page_id=make_page().pk, mentions=mentions)
    assert "Other Kettle" not in show(client, product, "NO")


def test_a_shop_that_ships_elsewhere_only_says_no_shop_ships_it_here(client: Client) -> None:
    offer = make_offer()
    make_lane(offer.merchant, "NO", "no")
    assert "No shop we know ships this to Norway" in show(client, offer.product, "NO")


@pytest.mark.parametrize(
    ("state", "hidden", "words"),
    [("gone", False, "no longer shows this"), ("ok", True, "Readers reported a problem; we are checking.")],
)
def test_an_offer_whose_button_is_off_says_why(client: Client, state: str, hidden: bool, words: str) -> None:
    offer = make_offer()
    OfferHealth.objects.create(offer=offer, state=state, hidden_at=timezone.now() if hidden else None)
    shown = show(client, offer.product)
    assert words in shown
    assert "€49.90" not in shown
    assert "/go/" not in shown


def test_a_suspended_shop_says_so(client: Client) -> None:
    offer = make_offer()
    Suspension.objects.create(merchant=offer.merchant, reason="Fakes", object_by=timezone.now())
    assert "links are suspended" in show(client, offer.product)


@pytest.mark.parametrize(
    ("availability", "words"),
    [("in_stock", "In stock"), ("limited", "Few left"), ("preorder", "Order before release"),
     ("backorder", "Ships later"), ("out_of_stock", "Sold out"), ("discontinued", "Discontinued"),
     ("unknown", "Stock unknown")],
)  # fmt: skip
def test_each_stock_state_has_its_word(client: Client, availability: str, words: str) -> None:
    assert words in show(client, make_offer(availability=availability).product)


def test_the_order_of_shops_stays_whatever_commission_they_pay(client: Client) -> None:
    product = make_product()
    for price in (3000, 1000, 2000):
        program = make_program(make_offer(product, price_minor=price).merchant)
        CommissionRule.objects.create(
            program=program, version=1, kind="percent", percent=Decimal(price // 1000), starts_at=timezone.now()
        )
    before = show(client, product)
    for program in Program.objects.all():
        rule, now = CommissionRule.objects.get(program=program), timezone.now()
        CommissionRule.objects.filter(pk=rule.pk).update(ends_at=now)
        CommissionRule.objects.create(
            program=program, version=2, kind="percent", percent=rule.percent * 10, starts_at=now
        )
    assert show(client, product) == before


def test_queries_are_equal_for_one_and_twenty_offers_and_guides(client: Client) -> None:
    few, many = make_product(), make_product()
    for product, number in ((few, 1), (many, 20)):
        for _ in range(number):
            make_delivery(make_offer(product))
            page = make_page(owner=make_user())
            replace_mentions(page_id=page.pk, mentions=[Mention(product.pk, "top_pick")])
    show(client, few)
    counted = []
    for product in (few, many):
        with CaptureQueriesContext(connection) as queries:
            show(client, product)
        counted.append(len(queries))
    assert counted[0] == counted[1] <= 25
