"""Links and placements are made once, whoever asks and however often."""

from __future__ import annotations

import pytest

from affiliates.parties.models import Merchant
from affiliates.tracking.models import Link, Placement
from affiliates.tracking.selectors.links import go_paths
from affiliates.tracking.services.links import create_link_for_url, ensure_links, ensure_placement
from community.models import Creator
from tests.factories.catalogue import make_offer
from tests.factories.community import make_page

pytestmark = pytest.mark.django_db


def test_a_path_names_the_link_and_the_place(merchant: Merchant, creator: Creator) -> None:
    offer = make_offer(merchant=merchant)
    path = go_paths([offer.pk], creator_id=creator.pk, placement_ref="abcdefghij")[offer.pk]
    assert path == f"/go/{Link.objects.get().code}?p=abcdefghij"


def test_each_creator_and_the_house_have_their_own_link(merchant: Merchant, creator: Creator) -> None:
    offer = make_offer(merchant=merchant)
    for creator_id in (creator.pk, None, creator.pk, None):
        go_paths([offer.pk], creator_id=creator_id, placement_ref=None)
    assert set(Link.objects.values_list("creator", "merchant")) == {(creator.pk, merchant.pk), (None, merchant.pk)}
    assert Link.objects.count() == 2


@pytest.mark.parametrize("count", [1, 12])
def test_known_paths_are_one_query_and_new_ones_four(
    merchant: Merchant, creator: Creator, django_assert_num_queries: object, count: int
) -> None:
    offers = [make_offer(merchant=merchant).pk for _ in range(count)]
    with django_assert_num_queries(5):  # type: ignore[operator]
        made = go_paths(offers, creator_id=creator.pk, placement_ref=None)
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert go_paths(offers, creator_id=creator.pk, placement_ref=None) == made
    assert len(made) == count


def test_offers_that_do_not_exist_are_left_out(merchant: Merchant) -> None:
    assert go_paths([987654], creator_id=None, placement_ref=None) == {}
    assert go_paths([], creator_id=None, placement_ref=None) == {}


def test_ensuring_links_may_be_repeated(merchant: Merchant, creator: Creator) -> None:
    offers = [make_offer(merchant=merchant).pk for _ in range(3)]
    assert ensure_links(offer_ids=offers, creator_id=creator.pk) == ensure_links(
        offer_ids=offers, creator_id=creator.pk
    )


def test_a_page_has_one_placement_that_follows_its_title(creator: Creator) -> None:
    page = make_page("Kettles")
    first = ensure_placement(page=page, creator=creator)
    page.title = "Better kettles"
    again = ensure_placement(page=page, creator=creator)
    assert (again.pk, again.title) == (first.pk, "Better kettles")


def test_a_placement_outlives_its_page(creator: Creator) -> None:
    page = make_page("Kettles")
    placement = ensure_placement(page=page, creator=creator)
    page.delete()
    placement = Placement.objects.get(pk=placement.pk)
    assert (placement.page, placement.title) == (None, "Kettles")


def test_the_house_has_placements_too() -> None:
    page = make_page("Home of things")
    assert ensure_placement(page=page, creator=None) == ensure_placement(page=page, creator=None)


def test_a_link_to_an_address_is_made_once(merchant: Merchant, creator: Creator) -> None:
    first = create_link_for_url(creator=creator, url="https://acme.example/x?utm_source=a")
    again = create_link_for_url(creator=creator, url=" https://acme.example/x#y ")
    assert (first.is_new, again.is_new, first.link) == (True, False, again.link)
