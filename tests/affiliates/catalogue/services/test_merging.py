"""Merging, splitting, undoing, and what is proposed."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import pytest

from affiliates.catalogue.models import MatchSuggestion, Offer, Product
from affiliates.catalogue.selectors.cards import product_cards
from affiliates.catalogue.services.feeds import import_feed
from affiliates.catalogue.services.mentions import Mention, replace_mentions
from affiliates.catalogue.services.merging import MergeRefused, split_product, undo_change
from affiliates.catalogue.services.search_index import index_products
from affiliates.catalogue.services.suggestions import decide_different, suggest_matches
from tests.affiliates.catalogue.pairs import merge, shops
from tests.factories.catalogue import make_offer, make_product
from tests.factories.community import make_page, make_user
from tests.factories.parties import make_merchant

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def test_a_merge_moves_the_offers(keep: Product, absorb: Product) -> None:
    merge(keep, absorb)
    assert (shops(keep), shops(absorb)) == (2, 0)


def twin_split_off(keep: Product) -> tuple[Product, Any]:
    """A product with a GTIN, merged in and split off again; what it is then, and the split."""
    twin = make_product("Twin", gtin="4012345678901")
    offer = make_offer(twin)
    merge(keep, twin)
    change = split_product(product=keep, offers=[offer], by=None, now=NOW)
    return twin, change


def test_a_split_takes_the_gtin_along_under_which_the_offers_came(keep: Product) -> None:
    twin, change = twin_split_off(keep)
    twin.refresh_from_db()
    assert (change.other.gtin, twin.gtin) == ("4012345678901", "")


def test_an_undone_split_gives_the_gtin_back(keep: Product) -> None:
    twin, change = twin_split_off(keep)
    undo_change(change=change, by=None, now=NOW)
    twin.refresh_from_db()
    assert twin.gtin == "4012345678901"


def test_a_split_of_some_of_the_offers_leaves_the_gtin(keep: Product) -> None:
    twin = make_product("Twin", gtin="4012345678901")
    first, _second = make_offer(twin), make_offer(twin)
    merge(keep, twin)
    assert split_product(product=keep, offers=[first], by=None, now=NOW).other.gtin == ""


def test_a_merge_fills_what_was_missing(keep: Product, absorb: Product) -> None:
    merge(keep, absorb)
    keep.refresh_from_db()
    assert keep.description == "Wobbles"


def test_the_old_address_leads_to_the_product_that_stays(client: Client, keep: Product, absorb: Product) -> None:
    merge(keep, absorb)
    answer = client.get("/products/lamp/")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/products/flexo/")


def test_chains_of_merges_lead_straight_to_the_end(client: Client, keep: Product, absorb: Product) -> None:
    merge(keep, absorb)
    last = make_product("Desk lamp", slug="desk")
    merge(last, keep)
    assert client.get("/products/lamp/").headers["Location"] == "/products/desk/"


def test_a_merged_product_is_not_merged_again(keep: Product, absorb: Product) -> None:
    merge(keep, absorb)
    with pytest.raises(MergeRefused):
        merge(make_product(), absorb)


def test_a_product_is_not_merged_with_itself(keep: Product) -> None:
    with pytest.raises(MergeRefused):
        merge(keep, keep)


def test_cards_answer_under_the_old_key(keep: Product, absorb: Product) -> None:
    merge(keep, absorb)
    cards = product_cards([absorb.pk], reader_country="DE", now=NOW)
    assert cards[absorb.pk].product == keep and len(cards[absorb.pk].offers) == 2


def test_both_histories_stand_on_the_page(client: Client, keep: Product, absorb: Product) -> None:
    for number, product in enumerate((keep, absorb)):
        page = make_page(f"Guide {number}")
        replace_mentions(page_id=page.pk, mentions=[Mention(product.pk, "top_pick", "Good")])
    merge(keep, absorb)
    html = client.get("/products/flexo/").content.decode()
    assert "Guide 0" in html and "Guide 1" in html


def test_a_feed_row_with_the_absorbed_gtin_finds_the_one_that_stays(keep: Product) -> None:
    absorb = make_product("Lamp", gtin="4006381333931")
    merge(keep, absorb)
    shop = make_merchant("acme")
    row = (
        "id\ttitle\tlink\tavailability\tprice\tgtin\nA\tLamp\thttps://acme.example/1\tin stock\t1 EUR\t4006381333931\n"
    )
    import_feed(merchant=shop, source=io.BytesIO(row.encode()), format="google", now=NOW)
    assert Offer.objects.get(merchant=shop).product == keep


def feed(merchant: Any, **fields: str) -> None:
    """Import one row of these fields."""
    row = {"id": "A", "title": "Lamp", "link": f"https://{merchant.slug}.example/1", "availability": "in stock"}
    row |= {"price": "1 EUR", **fields}
    text = "\t".join(row) + "\n" + "\t".join(row.values()) + "\n"
    import_feed(merchant=merchant, source=io.BytesIO(text.encode()), format="google", now=timezone.now())


def test_the_product_that_stays_keeps_its_gtin_when_a_row_names_the_absorbed_ones_number() -> None:
    keep = make_product("Lamp", brand="Acme", gtin="4006381000017")
    merge(keep, make_product("Lamp", brand="Acme", mpn="FL-60"))
    feed(make_merchant("acme"), brand="Acme", mpn="FL-60", gtin="4006381333931")
    keep.refresh_from_db()
    assert (keep.gtin, keep.offers.count()) == ("4006381000017", 0)


def test_a_product_that_answers_to_an_absorbed_gtin_takes_no_other() -> None:
    keep = make_product("Lamp", brand="Acme", mpn="FL-60")
    merge(keep, make_product("Lamp", gtin="4006381333931"))
    feed(make_merchant("acme"), brand="Acme", mpn="FL-60", gtin="4006381333931")
    feed(make_merchant("brisa"), brand="Acme", mpn="FL-60", gtin="4006381000017")
    keep.refresh_from_db()
    assert (keep.gtin, keep.offers.count()) == ("", 1)


def test_a_merge_moves_mentions_and_its_undo_brings_them_back(keep: Product, absorb: Product) -> None:
    replace_mentions(page_id=make_page().pk, mentions=[Mention(absorb.pk, "top_pick")])
    change = merge(keep, absorb)
    assert (keep.mentions.count(), absorb.mentions.count()) == (1, 0)
    undo_change(change=change, by=None, now=NOW)
    assert (keep.mentions.count(), absorb.mentions.count()) == (0, 1)


def test_a_page_published_anew_after_the_merge_finds_its_product_after_the_undo(keep: Product, absorb: Product) -> None:
    page, change = make_page(), merge(keep, absorb)
    replace_mentions(page_id=page.pk, mentions=[Mention(absorb.pk, "top_pick"), Mention(keep.pk, "budget")])
    assert keep.mentions.count() == 2
    undo_change(change=change, by=None, now=NOW)
    assert (keep.mentions.get().role, absorb.mentions.get().role) == ("budget", "top_pick")


def test_a_page_that_named_both_in_one_role_keeps_both_mentions(keep: Product, absorb: Product) -> None:
    mentions = [Mention(product.pk, "top_pick", "Good") for product in (keep, absorb)]
    replace_mentions(page_id=make_page().pk, mentions=mentions)
    merge(keep, absorb)
    assert keep.mentions.count() == 2


def test_undoing_the_end_of_a_chain_leaves_its_beginning(client: Client, keep: Product, absorb: Product) -> None:
    merge(keep, absorb)
    undo_change(change=merge(make_product("Desk lamp", slug="desk"), keep), by=None, now=NOW)
    assert client.get("/products/lamp/").headers["Location"] == "/products/flexo/"
    assert client.get("/products/desk/").status_code == 200


def test_what_was_filled_in_and_then_written_by_hand_stays(keep: Product, absorb: Product) -> None:
    change = merge(keep, absorb)
    Product.objects.filter(pk=keep.pk).update(description="By hand")
    undo_change(change=change, by=None, now=NOW)
    keep.refresh_from_db()
    assert keep.description == "By hand"


def test_an_undone_merge_puts_the_pair_back_on_the_list(keep: Product, absorb: Product) -> None:
    suggest_matches(now=NOW)
    undo_change(change=merge(keep, absorb), by=None, now=NOW)
    assert MatchSuggestion.objects.get().state == "open"


def test_an_undone_merge_that_nobody_proposed_leaves_no_proposal(keep: Product, absorb: Product) -> None:
    undo_change(change=merge(keep, absorb), by=None, now=NOW)
    assert not MatchSuggestion.objects.exists()


def test_an_offer_of_another_product_is_not_split_off(keep: Product, absorb: Product) -> None:
    make_offer(keep)
    with pytest.raises(MergeRefused):
        split_product(product=keep, offers=[keep.offers.all()[0], absorb.offers.get()], by=None, now=NOW)


def test_a_split_product_states_what_its_offers_state(keep: Product) -> None:
    offers = [make_offer(keep, variant={"colour": "black", "size": size}) for size in "ML"]
    change = split_product(product=keep, offers=offers, by=None, now=NOW)
    assert change.other.variant == {"colour": "black"}


def test_the_search_forgets_a_merged_product_and_finds_it_again_once_undone(keep: Product, absorb: Product) -> None:
    def found() -> set[str]:
        return {product.slug for product in Product.objects.all().search("lamp")}

    index_products([keep.pk, absorb.pk])
    change = merge(keep, absorb)
    assert found() == {"flexo"}
    undo_change(change=change, by=None, now=NOW)
    assert found() == {"flexo", "lamp"}


def test_cards_take_equally_many_queries_for_few_and_many_merged_products(keep: Product) -> None:
    def queries(ids: list[int]) -> int:
        with CaptureQueriesContext(connection) as found:
            product_cards(ids, reader_country="DE", now=NOW)
        return len(found)

    gone = [make_offer(make_product()).product for _ in range(6)]
    for product in gone:
        merge(keep, product)
    ids = [product.pk for product in gone]
    product_cards(ids, reader_country="DE", now=NOW)
    assert queries(ids[:1]) == queries(ids)


def test_a_merge_can_be_undone(client: Client, keep: Product, absorb: Product) -> None:
    undo_change(change=merge(keep, absorb), by=None, now=NOW)
    keep.refresh_from_db()
    assert (shops(keep), shops(absorb), keep.description) == (1, 1, "")
    assert client.get("/products/lamp/").status_code == 200


def test_undoing_a_merge_leaves_offers_that_came_later(keep: Product, absorb: Product) -> None:
    change = merge(keep, absorb)
    make_offer(keep)
    undo_change(change=change, by=None, now=NOW)
    assert (shops(keep), shops(absorb)) == (2, 1)


def test_undoing_twice_changes_nothing(keep: Product, absorb: Product) -> None:
    change = merge(keep, absorb)
    undo_change(change=change, by=None, now=NOW)
    assert undo_change(change=change, by=None, now=NOW + dt.timedelta(days=1)).undone_at == NOW


def test_a_merge_on_which_another_stands_is_not_undone(keep: Product, absorb: Product) -> None:
    change = merge(keep, absorb)
    merge(make_product(), keep)
    with pytest.raises(MergeRefused):
        undo_change(change=change, by=None, now=NOW)


def test_a_split_gives_offers_a_product_of_their_own(keep: Product) -> None:
    other = make_offer(keep)
    change = split_product(product=keep, offers=[other], by=None, now=NOW)
    assert (shops(keep), list(change.other.offers.all()), change.other.slug) == (1, [other], "acme-flexo-lamp")


def test_all_offers_cannot_be_split_off(keep: Product) -> None:
    with pytest.raises(MergeRefused):
        split_product(product=keep, offers=keep.offers.all(), by=None, now=NOW)


def test_the_next_import_leaves_a_split_as_it_is() -> None:
    shop, other = make_merchant("acme"), make_merchant("brisa")

    gtin = "4006381333931"
    feed(shop, price="1 EUR", gtin=gtin)
    feed(other, price="2 EUR", gtin=gtin)
    moved = Offer.objects.get(merchant=other)
    change = split_product(product=moved.product, offers=[moved], by=None, now=NOW)
    feed(other, price="3 EUR", gtin=gtin)
    moved.refresh_from_db()
    assert (moved.product, moved.price_minor) == (change.other, 300)


def test_a_split_can_be_undone(client: Client, keep: Product) -> None:
    change = split_product(product=keep, offers=[make_offer(keep)], by=None, now=NOW)
    undo_change(change=change, by=None, now=NOW)
    assert shops(keep) == 2
    assert client.get(f"/products/{change.other.slug}/").headers["Location"] == "/products/flexo/"


def test_like_products_are_proposed_and_not_merged(keep: Product, absorb: Product) -> None:
    suggest_matches(now=NOW)
    assert (MatchSuggestion.objects.get().state, shops(keep)) == ("open", 1)


def test_products_are_looked_at_once(keep: Product, absorb: Product) -> None:
    assert (suggest_matches(now=NOW), suggest_matches(now=NOW)) == (2, 0)


def test_a_later_product_is_held_against_the_earlier_ones(keep: Product) -> None:
    suggest_matches(now=NOW)
    make_product("Lamp Flexo", brand="ACME")
    suggest_matches(now=NOW)
    assert MatchSuggestion.objects.count() == 1


def test_what_was_decided_is_not_proposed_again(keep: Product, absorb: Product) -> None:
    suggest_matches(now=NOW)
    pair = MatchSuggestion.objects.get()
    decide_different(suggestion=pair, by=make_user(), now=NOW)
    keep.match_keys.all().delete()
    suggest_matches(now=NOW)
    pair.refresh_from_db()
    assert pair.state == "different"


def test_words_that_every_product_has_propose_nothing() -> None:
    for number in range(45):
        make_product(f"Lamp number {'x' * (number + 1)}", brand="Acme")
    suggest_matches(now=NOW)
    assert not MatchSuggestion.objects.exists()
