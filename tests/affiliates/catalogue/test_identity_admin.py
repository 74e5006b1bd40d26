"""Merging and splitting in the admin: the queue of matches, the history, a product's identity, the list."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

import pytest

from affiliates.catalogue.models import IdentityChange, MatchSuggestion, Offer, Product
from affiliates.catalogue.services.mentions import Mention, replace_mentions
from affiliates.catalogue.services.suggestions import suggest_matches
from tests.affiliates.catalogue.pairs import merge, shops
from tests.factories.catalogue import make_offer, make_product
from tests.factories.community import make_creator, make_member_of, make_page, make_user

pytestmark = pytest.mark.django_db
NOW = timezone.now()


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
    address = reverse("catalogue_products:index")
    page = editor.get(address, {}).content.decode()
    assert "Flexo Lamp" in page and "Lamp Flexo" not in page
    assert "Lamp Flexo" in editor.get(address, {"merged": "yes"}).content.decode()
    assert b"flexo" in b"".join(editor.get(address, {"export": "csv"}).streaming_content)  # type: ignore[attr-defined]


def test_a_renamed_product_is_looked_at_again(editor: Client, keep: Product) -> None:
    suggest_matches(now=NOW)
    fields = {"slug": keep.slug, "name": "Other lamp", "brand": "Acme", "gtin": "", "mpn": "", "category": ""}
    editor.post(reverse("catalogue_products:edit", args=[keep.pk]), {**fields, "description": ""})
    assert not keep.match_keys.exists()


def test_the_one_with_a_gtin_is_the_one_to_keep_first(editor: Client, keep: Product) -> None:
    make_product("Lamp Flexo", brand="Acme", slug="known", gtin="4006381333931")
    suggest_matches(now=NOW)
    page = editor.get("/cms/matches/").content.decode()
    assert page.index("Merge, keep Acme Lamp Flexo") < page.index("Merge, keep Acme Flexo Lamp")


def test_the_queue_takes_equally_many_queries_for_few_and_many(
    editor: Client, django_assert_max_num_queries: Any
) -> None:
    def queries() -> int:
        with django_assert_max_num_queries(60) as found:
            editor.get("/cms/matches/")
        return len(found)

    def pairs(*names: str) -> None:
        for name in names:
            for words in (f"{name} Flexo", f"Flexo {name}"):
                make_offer(make_product(words, brand="Acme"))
        suggest_matches(now=NOW)

    pairs("Lamp")
    queries()
    few = queries()
    pairs("Kettle", "Chair", "Bottle", "Notebook")
    assert MatchSuggestion.objects.count() >= 5
    assert queries() == few


def test_the_message_leads_to_the_undo(editor: Client, keep: Product, absorb: Product) -> None:
    answer = editor.post("/cms/identity/flexo/merge/", {"other": "lamp"}, follow=True)
    change = IdentityChange.objects.get()
    assert f"/cms/merges/#change-{change.pk}" in answer.content.decode()
    assert f'id="change-{change.pk}"' in editor.get("/cms/merges/").content.decode()


def test_undoing_leads_nowhere_else(editor: Client, keep: Product, absorb: Product) -> None:
    change = merge(keep, absorb)
    answer = editor.post(f"/cms/merges/{change.pk}/undo/", {"next": "https://elsewhere.example/"})
    assert answer.headers["Location"] == "/cms/merges/"


def test_a_products_identity_shows_its_history_and_the_guides_that_name_it(
    editor: Client, keep: Product, absorb: Product
) -> None:
    replace_mentions(page_id=make_page("All about lamps").pk, mentions=[Mention(absorb.pk, "top_pick")])
    merge(keep, absorb)
    page = editor.get("/cms/identity/flexo/").content.decode()
    assert "All about lamps" in page and "merged into" in page and "under its old name" in page


def test_the_identity_of_a_merged_product_is_that_of_the_other(editor: Client, keep: Product, absorb: Product) -> None:
    merge(keep, absorb)
    assert editor.get("/cms/identity/lamp/").headers["Location"] == "/cms/identity/flexo/"


BULK = "/cms/bulk/catalogue/product/merge/"


def test_ticked_products_are_merged_into_the_one_that_is_chosen(editor: Client, keep: Product, absorb: Product) -> None:
    third = make_offer(make_product("Third")).product
    query = f"{BULK}?id={keep.pk}&id={absorb.pk}&id={third.pk}&next=/cms/products/"
    assert "Which one stays?" in editor.get(query).content.decode()
    editor.post(query, {"keep": "flexo"})
    assert (shops(keep), IdentityChange.objects.count()) == (3, 2)


def test_a_product_that_was_not_ticked_is_not_kept(editor: Client, keep: Product, absorb: Product) -> None:
    make_product(slug="other")
    editor.post(f"{BULK}?id={keep.pk}&id={absorb.pk}", {"keep": "other"})
    assert not IdentityChange.objects.exists()


@pytest.mark.parametrize("ids", ["id=all", "id=x", "", "id=99999999999999999999"])
def test_less_than_two_products_are_not_merged(editor: Client, keep: Product, ids: str) -> None:
    answer = editor.post(f"{BULK}?{ids}&id={keep.pk}", {"keep": "flexo"})
    assert "at least two products" in answer.content.decode()


def test_the_list_has_boxes_to_tick(editor: Client, keep: Product) -> None:
    page = editor.get("/cms/products/").content.decode()
    assert f'id="product_{keep.pk}_title"' in page and BULK in page


def test_what_shops_write_is_no_formula_in_the_export(editor: Client) -> None:
    make_product("=HYPERLINK(1)")
    answer = editor.get("/cms/products/", {"export": "csv"})
    assert b"'=HYPERLINK" in b"".join(answer.streaming_content)  # type: ignore[attr-defined]


def test_the_list_is_exported_as_a_workbook(editor: Client, keep: Product) -> None:
    answer = editor.get("/cms/products/", {"export": "xlsx"})
    assert b"".join(answer.streaming_content)[:2] == b"PK"  # type: ignore[attr-defined]


def actions(keep: Product, absorb: Product, change: IdentityChange) -> list[tuple[str, dict[str, Any]]]:
    offer = Offer.objects.filter(product=keep).earliest("pk")
    pair = MatchSuggestion.objects.filter(state="open").first()
    assert pair is not None
    return [
        (f"/cms/matches/{pair.pk}/", {"decision": "first"}),
        (f"/cms/merges/{change.pk}/undo/", {}),
        ("/cms/identity/flexo/merge/", {"other": absorb.slug}),
        ("/cms/identity/flexo/split/", {"offer": f"{offer.merchant.slug}/{offer.external_id}"}),
        (f"{BULK}?id={keep.pk}&id={absorb.pk}", {"keep": "flexo"}),
    ]


@pytest.mark.parametrize(
    "make_person", [None, make_user, lambda: make_creator().user, lambda: make_member_of("Finance")]
)
def test_nobody_else_changes_what_is_one(client: Client, keep: Product, absorb: Product, make_person: Any) -> None:
    change = merge(keep, make_offer(make_product("Gone")).product)
    suggest_matches(now=NOW)
    if make_person:
        client.force_login(make_person())
    answers = [client.post(path, data).status_code for path, data in actions(keep, absorb, change)]
    assert set(answers) <= {302, 403, 404}
    assert (shops(keep), shops(absorb), IdentityChange.objects.get().undone_at) == (2, 1, None)


def variant_rows(*pairs: tuple[str, str]) -> dict[str, str]:
    return {
        f"variant-{number}-{part}": text
        for number, pair in enumerate(pairs)
        for part, text in zip(("name", "value"), pair, strict=True)
    }


def save(editor: Client, product: Product, *pairs: tuple[str, str]) -> Any:
    fields = {"slug": product.slug, "name": product.name, "brand": "", "gtin": "", "mpn": "", "category": ""}
    fields |= {"description": "", **variant_rows(*pairs)}
    return editor.post(reverse("catalogue_products:edit", args=[product.pk]), fields)


def test_an_editor_pins_the_variant(editor: Client, keep: Product) -> None:
    save(editor, keep, ("colour", "white"), ("", ""), ("size", " M "))
    keep.refresh_from_db()
    assert keep.variant == {"colour": "white", "size": "M"}


@pytest.mark.parametrize(
    "pairs", [[("colour", "")], [("", "white")], [("colour", "white"), ("Color", "red")], [("x" * 41, "y")]]
)
def test_a_half_or_doubled_variant_is_said_in_the_form(
    editor: Client, keep: Product, pairs: list[tuple[str, str]]
) -> None:
    assert "variant" in save(editor, keep, *pairs).context["form"].errors


def test_the_form_shows_the_variant_that_is_pinned(editor: Client) -> None:
    product = make_product(variant={"colour": "white"})
    page = editor.get(reverse("catalogue_products:edit", args=[product.pk])).content.decode()
    assert 'name="variant-0-value" value="white"' in page


@pytest.fixture
def two_numbers(keep: Product, absorb: Product) -> None:
    """Each of the two has a GTIN of its own."""
    for product, gtin in ((keep, "4006381333931"), (absorb, "9520011000079")):
        Product.objects.filter(pk=product.pk).update(gtin=gtin)


def test_before_two_gtins_are_merged_the_editor_is_asked(editor: Client, two_numbers: None) -> None:
    answer = editor.post("/cms/identity/flexo/merge/", {"other": "lamp"}, follow=True)
    page = answer.content.decode()
    assert not IdentityChange.objects.exists()
    assert "4006381333931: two numbers" in page or "9520011000079, this product 4006381333931" in page


def test_two_gtins_are_merged_by_whoever_is_sure(editor: Client, two_numbers: None) -> None:
    editor.post("/cms/identity/flexo/merge/", {"other": "lamp", "sure": "1"})
    assert IdentityChange.objects.count() == 1
