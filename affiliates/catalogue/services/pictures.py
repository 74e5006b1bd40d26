"""Pictures of products: the shop's own where its source allows a copy, else drawn ones."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterable

from django.core.files.images import ImageFile
from django.db import transaction

from PIL import Image, ImageOps

from affiliates.catalogue.models import Offer, Product, SourcePolicy
from cms.core import generation
from cms.core.drawing import dominant_color, draw_still_life, kind_for
from cms.core.models import SiteImage
from cms.core.pictures import make_renditions

SIZE = (1200, 900)
SHAPES = ("card", "hero")
logger = logging.getLogger(__name__)


class PictureNotAllowed(Exception):
    """The offer's source does not allow its pictures to be kept."""


@transaction.atomic
def keep_shop_picture(*, offer: Offer, data: bytes) -> SiteImage:
    """Store a copy of the shop's picture of an offer, with its sizes, as the product's. Repeated, it copies anew.

    The one place where a picture of a shop is stored. PictureNotAllowed where the offer's source forbids copies,
    whatever was read of the policy before.
    """
    policy = SourcePolicy.objects.select_for_update().get(offers=offer)
    if not policy.may_cache_images:
        raise PictureNotAllowed(policy.name)
    with Image.open(io.BytesIO(data)) as found:
        picture = ImageOps.exif_transpose(found).convert("RGB")
    picture.thumbnail(SIZE)
    image = SiteImage(
        origin=SiteImage.Origin.MAKER, credit=offer.merchant.name[:200], dominant_color=dominant_color(picture)
    )
    return _store(image, picture, offer.product)


def draw_picture(*, product: Product) -> SiteImage:
    """Draw the product's picture, store it with its sizes and link it. Deterministic; repeating draws it anew."""
    drawn = draw_still_life(
        product.kind or kind_for(f"{product.name} {product.category}"),
        seed=product.slug,
        tint=product.tint or None,
        size=SIZE,
    )
    image = SiteImage(origin=SiteImage.Origin.GENERATED, dominant_color=dominant_color(drawn))
    return _store(image, drawn.convert("RGB"), product)


def _store(image: SiteImage, picture: Image.Image, product: Product) -> SiteImage:
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=88, optimize=True)
    image.title, image.alt = str(product)[:255], product.name[:300]
    image.width, image.height = picture.size
    image.file = ImageFile(io.BytesIO(data.getvalue()), name=f"{product.slug[:60]}.jpg")
    image.save()
    make_renditions(image, *SHAPES)
    Product.objects.filter(pk=product.pk).update(image=image)
    product.image = image
    return image


def ensure_product_images(*, products: Iterable[Product]) -> int:
    """Afterwards each of these products has a picture. May be repeated; returns how many had to be drawn."""
    lacking = [product for product in products if product.image_id is None]
    for product in lacking:
        draw_picture(product=product)
    if lacking:
        generation.bump()
    return len(lacking)


def draw_missing_pictures(*, limit: int = 5) -> int:
    """Draw some of the pictures still missing; the row without a picture is the queue. Returns how many.

    One that cannot be drawn is logged and does not hold up the others.
    """
    drawn = 0
    for product in Product.objects.filter(image__isnull=True).order_by("pk")[: limit * 4]:
        try:
            drawn += ensure_product_images(products=[product])
        except (OSError, ValueError):
            logger.exception("No picture could be drawn of %s", product.slug)
        if drawn >= limit:
            break
    return drawn


def waiting_pictures() -> int:
    """Products without a picture. One query."""
    return Product.objects.filter(image__isnull=True).count()
