"""Shops' pictures: fetched where their source allows it, politely, and taken away when it no longer does."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

import pytest
from PIL import Image

from affiliates.catalogue.models import Offer, Product, ShopPicture, SourcePolicy
from affiliates.catalogue.services import pictures
from affiliates.catalogue.services.mentions import Mention, replace_mentions
from affiliates.catalogue.services.shop_pictures import (
    AGAIN,
    fetch_shop_pictures,
    forget_forbidden_pictures,
    pictures_waiting,
    queue_shop_pictures,
)
from affiliates.parties.models import Merchant
from cms.core.fetch import Fetched, FetchRefused
from cms.core.models import SiteImage
from tests.factories.catalogue import make_offer, make_policy, make_product
from tests.factories.community import make_page
from tests.factories.guides import make_guide, make_picture
from tests.factories.parties import make_merchant

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(microsecond=0)


def picture(size: tuple[int, int] = (240, 180), kind: str = "PNG", mode: str = "RGB") -> bytes:
    data = io.BytesIO()
    Image.new(mode, size, 0).save(data, kind)
    return data.getvalue()


class Web:
    """A web that sends one thing and notes who asked for what."""

    def __init__(self, body: bytes = b"", status: int = 200, robots: str = "", **fields: Any) -> None:
        self.body, self.status, self.robots, self.fields = body or picture(), status, robots, fields
        self.asked: list[str] = []
        self.options: dict[str, Any] = {}

    def __call__(self, url: str, **options: Any) -> Fetched:
        if url.endswith("/robots.txt"):
            return Fetched(url, 200 if self.robots else 404, {}, self.robots.encode(), (), False, 5)
        self.asked.append(url)
        self.options = options
        if reason := self.fields.get("refused"):
            raise FetchRefused(reason)
        return Fetched(url, self.status, {}, self.body, (), self.fields.get("truncated", False), 5)


@pytest.fixture(autouse=True)
def small(monkeypatch: Any, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT, settings.DEMO_SHOP = tmp_path, False
    monkeypatch.setattr(pictures, "SIZE", (64, 48))
    monkeypatch.setattr(pictures, "SHAPES", ())


def shown(shop: str = "acme", **fields: Any) -> Product:
    """A product whose shop shows a picture."""
    fields.setdefault("image_url", f"https://{shop}.example/i.jpg")
    merchant = Merchant.objects.filter(slug=shop).first() or make_merchant(shop)
    found = make_offer(merchant=merchant, **fields).product
    assert isinstance(found, Product)
    return found


def run(web: Web, *, now: dt.datetime = NOW, limit: int = 5) -> int:
    queue_shop_pictures(now=now)
    return fetch_shop_pictures(now=now, limit=limit, fetcher=web)


def image_of(product: Product) -> SiteImage | None:
    product.refresh_from_db()
    return product.image


def test_a_shops_picture_takes_the_drawn_ones_place() -> None:
    product = shown()
    drawn = pictures.draw_picture(product=product)
    assert run(Web()) == 1
    image = image_of(product)
    assert image is not None and image.origin == SiteImage.Origin.MAKER
    assert not SiteImage.objects.filter(pk=drawn.pk).exists()


def test_a_kept_picture_is_not_fetched_again() -> None:
    shown()
    web = Web()
    assert [run(web), run(web, now=NOW + AGAIN[-1])] == [1, 0]


def test_nothing_is_fetched_where_the_source_forbids_copies() -> None:
    shown(policy=make_policy("strict", may_cache_images=False))
    web = Web()
    assert (run(web), web.asked) == (0, [])


def test_nothing_is_fetched_where_the_source_came_to_forbid_copies_after_it_was_queued() -> None:
    product = shown()
    queue_shop_pictures(now=NOW)
    SourcePolicy.objects.update(may_cache_images=False)
    web = Web()
    assert (fetch_shop_pictures(now=NOW, fetcher=web), web.asked, image_of(product)) == (0, [], None)


def test_nothing_is_kept_where_the_source_forbids_copies_while_one_is_on_its_way() -> None:
    product = shown()

    class Late(Web):
        def __call__(self, url: str, **options: Any) -> Fetched:
            SourcePolicy.objects.update(may_cache_images=False)
            return super().__call__(url, **options)

    run(Late())
    assert (image_of(product), SiteImage.objects.count()) == (None, 0)


def test_a_picture_that_a_person_chose_stays() -> None:
    product = shown()
    own = make_picture()
    Product.objects.filter(pk=product.pk).update(image=own)
    web = Web()
    assert (run(web), web.asked, image_of(product)) == (0, [], own)


def test_a_drawn_picture_that_a_page_shows_stays() -> None:
    product, other = shown(), make_product()
    drawn = pictures.draw_picture(product=product)
    Product.objects.filter(pk=other.pk).update(image=drawn)
    run(Web())
    assert image_of(other) == drawn


def test_products_that_pages_name_go_first() -> None:
    shown("one")
    named = shown("two")
    replace_mentions(page_id=make_page().pk, mentions=[Mention(named.pk, "top_pick")])
    web = Web()
    run(web, limit=1)
    assert web.asked == ["https://two.example/i.jpg"]


def test_a_product_named_after_it_was_queued_moves_to_the_front() -> None:
    for shop in ("one", "two"):
        product = shown(shop)
    queue_shop_pictures(now=NOW)
    replace_mentions(page_id=make_page().pk, mentions=[Mention(product.pk, "top_pick")])
    web = Web()
    run(web, limit=1)
    assert web.asked == ["https://two.example/i.jpg"]


def test_a_round_asks_for_so_many_and_no_more() -> None:
    for number in range(4):
        shown(f"shop{number}")
    web = Web()
    assert (run(web, limit=2), len(web.asked)) == (2, 2)


def test_a_host_is_asked_for_one_picture_at_a_time() -> None:
    for _ in range(3):
        shown()
    web = Web()
    assert [run(web), run(web, now=NOW + dt.timedelta(seconds=1))] == [1, 0]
    assert run(web, now=NOW + dt.timedelta(seconds=30)) == 1


def test_a_shop_with_many_pictures_does_not_hold_up_the_others() -> None:
    for _ in range(4):
        shown("big")
    shown("tiny")
    web = Web()
    for seconds in (0, 1):
        run(web, limit=1, now=NOW + dt.timedelta(seconds=seconds))
    assert web.asked[-1] == "https://tiny.example/i.jpg"


def test_a_host_whose_robots_txt_forbids_it_is_left_alone() -> None:
    shown()
    web = Web(robots="User-agent: *\nDisallow: /\n")
    run(web)
    assert (web.asked, ShopPicture.objects.get().detail) == ([], "robots.txt")


def test_only_pictures_of_a_bearable_size_are_asked_for() -> None:
    shown()
    web = Web()
    run(web)
    assert (web.options["accept"], web.options["max_bytes"]) == ("image/jpeg,image/png,image/webp", 8_000_000)


@pytest.mark.parametrize(
    ("web", "reason"),
    [
        (Web(status=404), "status 404"),
        (Web(truncated=True), "size"),
        (Web(refused="type"), "type"),
        (Web(b"<html>"), "not a picture that can be read"),
        (Web(picture(kind="GIF")), "not a picture that can be read"),
        (Web(picture()[:-40]), "not a picture that can be read"),
        (Web(picture((1, 1))), "too small"),
        (Web(picture((8000, 6000), mode="1")), "too many pixels"),
    ],
)
def test_what_is_no_picture_for_a_card_is_not_kept_and_asked_for_again_later(web: Web, reason: str) -> None:
    product = shown()
    run(web)
    row = ShopPicture.objects.get()
    assert (image_of(product), row.detail, row.next_at) == (None, reason, NOW + AGAIN[0])


def test_after_three_more_tries_it_is_given_up() -> None:
    shown()
    at, web = NOW, Web(status=404)
    for wait in (*AGAIN, AGAIN[-1]):
        run(web, now=at)
        at += wait
    assert (run(web, now=at), len(web.asked), ShopPicture.objects.get().state) == (0, 4, "given_up")


def test_what_a_shop_cut_out_is_shown_on_white() -> None:
    offer = make_offer(make_product())
    image = pictures.keep_shop_picture(offer=offer, data=picture(mode="RGBA"))
    assert image.dominant_color == "#ffffff"


def test_the_demos_shops_are_not_asked(settings: Any) -> None:
    settings.DEMO_SHOP = True
    shown()
    web = Web()
    assert (run(web), web.asked, pictures_waiting(now=NOW)) == (0, [], 0)


def test_copies_are_taken_away_once_their_source_forbids_them() -> None:
    product = shown()
    run(Web())
    SourcePolicy.objects.update(may_cache_images=False)
    assert pictures_waiting(now=NOW) == 1
    assert [forget_forbidden_pictures(now=NOW) for _ in range(2)] == [1, 0]
    image = image_of(product)
    assert image is not None and image.origin == SiteImage.Origin.GENERATED
    assert not SiteImage.objects.filter(origin=SiteImage.Origin.MAKER).exists()


def test_a_copy_that_an_author_shows_stays_with_the_page() -> None:
    product = shown()
    run(Web())
    copy = image_of(product)
    make_guide(hero_image=copy)
    SourcePolicy.objects.update(may_cache_images=False)
    forget_forbidden_pictures(now=NOW)
    assert copy is not None and SiteImage.objects.filter(pk=copy.pk).exists() and image_of(product) != copy


def test_gone_offers_show_no_pictures() -> None:
    shown()
    Offer.objects.update(gone_at=NOW)
    assert queue_shop_pictures(now=NOW) == 0


def test_a_huge_import_is_queued_in_portions() -> None:
    for number in range(3):
        shown(f"shop{number}")
    assert [queue_shop_pictures(now=NOW, limit=2) for _ in range(3)] == [2, 1, 0]


def test_products_that_pages_name_are_drawn_first() -> None:
    make_product()
    named = make_product()
    replace_mentions(page_id=make_page().pk, mentions=[Mention(named.pk, "top_pick")])
    pictures.draw_missing_pictures(limit=1)
    assert list(Product.objects.filter(image__isnull=False)) == [named]


@pytest.mark.parametrize("allowed", [False, None])
def test_the_database_refuses_a_copy_that_no_source_allows(allowed: bool | None) -> None:
    policy = None if allowed is None else make_policy("closed", may_cache_images=allowed)
    with pytest.raises(IntegrityError), transaction.atomic():
        ShopPicture.objects.create(product=make_product(), state=ShopPicture.State.KEPT, policy=policy)


def test_the_database_refuses_to_call_a_waiting_picture_kept_where_copies_are_forbidden() -> None:
    row = ShopPicture.objects.create(product=make_product(), policy=make_policy("closed", may_cache_images=False))
    with pytest.raises(IntegrityError), transaction.atomic():
        ShopPicture.objects.filter(pk=row.pk).update(state=ShopPicture.State.KEPT)
