"""Drawn pictures for products that have none of their own."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterable

from django.core.files.images import ImageFile

from affiliates.catalogue.models import Product
from cms.core import generation
from cms.core.drawing import dominant_color, draw_still_life, kind_for
from cms.core.models import SiteImage
from cms.core.pictures import make_renditions

SIZE = (1200, 900)
SHAPES = ("card", "hero")
logger = logging.getLogger(__name__)


def draw_picture(*, product: Product) -> SiteImage:
    """Draw the product's picture, store it with its sizes and link it. Deterministic; repeating draws it anew."""
    drawn = draw_still_life(
        product.kind or kind_for(f"{product.name} {product.category}"),
        seed=product.slug,
        tint=product.tint or None,
        size=SIZE,
    )
    data = io.BytesIO()
    drawn.convert("RGB").save(data, "JPEG", quality=88, optimize=True)
    image = SiteImage(
        title=str(product)[:255],
        alt=product.name[:300],
        origin=SiteImage.Origin.GENERATED,
        dominant_color=dominant_color(drawn),
        width=SIZE[0],
        height=SIZE[1],
    )
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
