"""Drawn pictures for products that have none of their own."""

from __future__ import annotations

import io
from collections.abc import Iterable

from django.core.files.images import ImageFile

from affiliates.catalogue.models import Product
from cms.core.drawing import dominant_color, draw_still_life
from cms.core.models import SiteImage
from cms.core.pictures import make_renditions

SIZE = (1200, 900)


def draw_picture(*, product: Product) -> SiteImage:
    """Draw the product's picture, store it with its sizes and link it. Deterministic; repeating draws it anew."""
    drawn = draw_still_life(product.kind or "box", seed=product.slug, tint=product.tint or None, size=SIZE)
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
    make_renditions(image, "card", "hero")
    Product.objects.filter(pk=product.pk).update(image=image)
    product.image = image
    return image


def draw_missing_pictures(*, limit: int = 5) -> int:
    """Draw some of the pictures still missing; the row without a picture is the queue. Returns how many."""
    products: Iterable[Product] = list(Product.objects.filter(image__isnull=True).order_by("pk")[:limit])
    return sum(1 for product in products if draw_picture(product=product))
