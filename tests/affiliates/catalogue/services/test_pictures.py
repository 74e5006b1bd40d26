from __future__ import annotations

import io

import pytest
from PIL import Image

from affiliates.catalogue.services import pictures
from cms.core import generation
from cms.core.models import SiteImage
from tests.factories.catalogue import make_offer, make_policy, make_product

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small(monkeypatch, settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(pictures, "SIZE", (64, 48))
    monkeypatch.setattr(pictures, "SHAPES", ())


def test_a_product_without_picture_gets_one() -> None:
    product = make_product("Kettle", brand="Halden", kind="kettle")
    assert pictures.ensure_product_images(products=[product]) == 1
    product.refresh_from_db()
    assert product.image is not None
    assert (product.image.origin, product.image.alt) == (SiteImage.Origin.GENERATED, "Kettle")


def test_a_picture_is_drawn_once() -> None:
    product = make_product()
    pictures.ensure_product_images(products=[product])
    assert pictures.ensure_product_images(products=[product]) == 0
    assert SiteImage.objects.count() == 1


def test_the_job_draws_what_is_missing_a_few_at_a_time() -> None:
    for _ in range(3):
        make_product()
    assert [pictures.draw_missing_pictures(limit=2) for _ in range(3)] == [2, 1, 0]


def test_a_picture_that_cannot_be_drawn_does_not_hold_up_the_others(monkeypatch) -> None:
    bad, good = make_product(), make_product()
    draw = pictures.draw_picture

    def fail(*, product):
        if product == bad:
            raise OSError("disk full")
        return draw(product=product)

    monkeypatch.setattr(pictures, "draw_picture", fail)
    assert pictures.draw_missing_pictures() == 1
    good.refresh_from_db()
    assert good.image_id


def test_new_pictures_start_new_pages(monkeypatch) -> None:
    bumped: list[bool] = []
    monkeypatch.setattr(generation, "bump", lambda: bumped.append(True))
    pictures.ensure_product_images(products=[make_product()])
    assert bumped


def a_picture() -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (180, 120), (200, 30, 30)).save(data, "PNG")
    return data.getvalue()


def test_a_shops_picture_is_kept_where_its_source_allows_it() -> None:
    offer = make_offer()
    image = pictures.keep_shop_picture(offer=offer, data=a_picture())
    offer.product.refresh_from_db()
    assert (offer.product.image_id, image.origin, image.credit) == (
        image.pk,
        SiteImage.Origin.MAKER,
        offer.merchant.name,
    )


def test_no_copy_is_stored_of_a_picture_whose_source_forbids_it() -> None:
    offer = make_offer(policy=make_policy("strict", may_cache_images=False))
    with pytest.raises(pictures.PictureNotAllowed):
        pictures.keep_shop_picture(offer=offer, data=a_picture())
    assert not SiteImage.objects.exists()
