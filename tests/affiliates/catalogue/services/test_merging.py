"""Merging, splitting, undoing, and what is proposed."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

from django.test import Client
from django.utils import timezone

import pytest

from affiliates.catalogue.models import IdentityChange, MatchSuggestion, Offer, Product
from affiliates.catalogue.selectors.cards import product_cards
from affiliates.catalogue.services.feeds import import_feed
from affiliates.catalogue.services.mentions import Mention, replace_mentions
from affiliates.catalogue.services.merging import MergeRefused, merge_products, split_product, undo_change
from affiliates.catalogue.services.suggestions import decide_different, suggest_matches
from tests.factories.catalogue import make_offer, make_product
from tests.factories.community import make_member_of, make_page, make_user
from tests.factories.parties import make_merchant

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def keep() -> Product:
    return make_offer(make_product("Flexo Lamp", brand="Acme", slug="flexo")).product


@pytest.fixture
def absorb() -> Product:
    return make_offer(make_product("Lamp Flexo", brand="Acme", slug="lamp", description="Wobbles")).product


def merge(keep: Product, absorb: Product) -> IdentityChange:
    return merge_products(keep=keep, absorb=absorb, by=None, now=NOW)


def shops(product: Product) -> int:
    return product.offers.count()


def test_a_merge_moves_the_offers(keep: Product, absorb: Product) -> None:
    merge(keep, absorb)
    assert (shops(keep), shops(absorb)) == (2, 0)


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

    def feed(merchant: Any, price: str) -> None:
        head = "id\ttitle\tlink\tavailability\tprice\tgtin"
        row = f"A\tLamp\thttps://{merchant.slug}.example/1\tin stock\t{price} EUR\t4006381333931"
        data = io.BytesIO(f"{head}\n{row}\n".encode())
        import_feed(merchant=merchant, source=data, format="google", now=timezone.now())

    feed(shop, "1")
    feed(other, "2")
    moved = Offer.objects.get(merchant=other)
    change = split_product(product=moved.product, offers=[moved], by=None, now=NOW)
    feed(other, "3")
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


@pytest.fixture
def editor(client: Client) -> Client:
    client.force_login(make_member_of("Editors"))
    return client


def test_an_editor_merges_a_proposed_pair(editor: Client, keep: Product, absorb: Product) -> None:
    suggest_matches(now=NOW)
    pair = MatchSuggestion.objects.get()
    assert "Flexo Lamp" in editor.get("/cms/matches/").content.decode()
    editor.post(f"/cms/matches/{pair.pk}/", {"decision": "first"})
    assert shops(pair.first) == 2


def test_an_editor_splits_merges_and_undoes(editor: Client, keep: Product, absorb: Product) -> None:
    editor.post("/cms/identity/flexo/merge/", {"other": "https://site.example/products/lamp/"})
    assert shops(keep) == 2
    offer = absorb.offers.first() or keep.offers.order_by("-pk")[0]
    editor.post("/cms/identity/flexo/split/", {"offer": f"{offer.merchant.slug}/{offer.external_id}"})
    assert shops(keep) == 1
    for change in IdentityChange.objects.order_by("-pk"):
        editor.post(f"/cms/merges/{change.pk}/undo/")
    assert (shops(keep), shops(absorb)) == (1, 1)


def test_an_unknown_product_is_named(editor: Client, keep: Product) -> None:
    answer = editor.post("/cms/identity/flexo/merge/", {"other": "nothing"}, follow=True)
    assert "There is no product with this address or GTIN." in answer.content.decode()


@pytest.mark.parametrize("path", ["/cms/matches/", "/cms/merges/", "/cms/identity/flexo/"])
def test_others_see_none_of_it(client: Client, keep: Product, path: str) -> None:
    client.force_login(make_member_of("Finance"))
    assert (client.get(path).status_code in {302, 403, 404}, Client().get(path).status_code) == (True, 302)


def test_the_listing_is_filtered_and_exported(editor: Client, keep: Product, absorb: Product) -> None:
    merge(keep, absorb)
    from django.urls import reverse

    address = reverse("catalogue_products:index")
    page = editor.get(address, {"was_merged": "false"}).content.decode()
    assert "Flexo Lamp" in page and "Lamp Flexo" not in page
    assert b"flexo" in b"".join(editor.get(address, {"export": "csv"}).streaming_content)  # type: ignore[attr-defined]
