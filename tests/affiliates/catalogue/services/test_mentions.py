from __future__ import annotations

import pytest

from affiliates.catalogue.models import Product, ProductMention
from affiliates.catalogue.services.mentions import Mention, replace_mentions
from affiliates.catalogue.services.search_index import index_missing_products, index_products
from tests.factories.catalogue import make_product
from tests.factories.community import make_page

pytestmark = pytest.mark.django_db


def mentioned() -> list[tuple[int, str]]:
    return list(ProductMention.objects.order_by("position").values_list("product_id", "role"))


def test_a_pages_mentions_become_exactly_these_in_this_order() -> None:
    page, first, second = make_page(), make_product(), make_product()
    replace_mentions(page_id=page.pk, mentions=[Mention(first.pk, "top_pick")])
    replace_mentions(page_id=page.pk, mentions=[Mention(second.pk, "top_pick"), Mention(first.pk, "rejected")])
    assert mentioned() == [(second.pk, "top_pick"), (first.pk, "rejected")]


def test_a_product_named_twice_in_one_role_is_mentioned_once() -> None:
    page, product = make_page(), make_product()
    replace_mentions(page_id=page.pk, mentions=[Mention(product.pk, "", "First."), Mention(product.pk, "", "Second.")])
    assert ProductMention.objects.get().verdict == "First."


def test_other_pages_keep_theirs() -> None:
    page, other, product = make_page(), make_page(), make_product()
    replace_mentions(page_id=other.pk, mentions=[Mention(product.pk)])
    replace_mentions(page_id=page.pk, mentions=[])
    assert ProductMention.objects.get().page_id == other.pk


def test_products_written_in_bulk_are_found_once_indexed() -> None:
    Product.objects.bulk_create([Product(slug="whistle", name="Whistle")])
    assert index_missing_products() == 1
    assert index_missing_products() == 0
    assert list(Product.objects.all().search("whistle"))


def test_a_renamed_product_is_found_by_its_new_name() -> None:
    product = make_product("Whistle")
    Product.objects.filter(pk=product.pk).update(name="Trumpet")
    index_products([product.pk])
    assert list(Product.objects.all().search("trumpet"))
