"""Pictures of products: the shop's own where its source allows a copy, else drawn ones."""

from __future__ import annotations

import io
import logging
import struct
from collections.abc import Iterable

from django.contrib.contenttypes.models import ContentType
from django.core.files.images import ImageFile
from django.db import transaction

from wagtail.models import ReferenceIndex

from PIL import Image, ImageOps

from affiliates.catalogue.models import Offer, Product, ProductMention, ShopPicture, SourcePolicy
from cms.core import generation
from cms.core.drawing import dominant_color, draw_still_life, kind_for
from cms.core.models import SiteImage
from cms.core.pictures import make_renditions

SIZE = (1200, 900)
SHAPES = ("card", "hero")
logger = logging.getLogger(__name__)


#: Of what shops send, nothing else is opened, and nothing that would unfold to more than a large photograph.
SHOP_FORMATS = ("JPEG", "PNG", "WEBP")
LARGEST_PIXELS = 40_000_000
SMALLEST_SIDE = 100


class PictureNotAllowed(Exception):
    """The offer's source does not allow its pictures to be kept."""


class PictureUnusable(Exception):
    """What the shop sent is no picture for a card; the message says why."""


def keep_shop_picture(*, offer: Offer, data: bytes) -> SiteImage:
    """Store a copy of the shop's picture of an offer, with its sizes, as the product's. Repeated, it copies anew.

    The one place where a picture of a shop is stored. PictureNotAllowed where the offer's source forbids copies,
    whatever was read of the policy before; PictureUnusable where it is none, or too large or too small. The drawn
    picture that it replaces goes where nothing else shows it.
    """
    # Decoding and making sizes take their time, and nobody should wait for a lock meanwhile.
    picture = _opened(data)
    image = SiteImage(
        origin=SiteImage.Origin.MAKER, credit=offer.merchant.name[:200], dominant_color=dominant_color(picture)
    )
    before = offer.product.image
    with transaction.atomic():
        # The product before the policy, as imports do.
        Product.objects.select_for_update(no_key=True).get(pk=offer.product_id)
        policy = SourcePolicy.objects.select_for_update(of=("self",)).get(offers=offer)
        if not policy.may_cache_images:
            raise PictureNotAllowed(policy.name)
        _save(image, picture, offer.product)
    make_renditions(image, *SHAPES)
    if before is not None and before.origin == SiteImage.Origin.GENERATED:
        drop_unused(image=before)
    return image


def _opened(data: bytes) -> Image.Image:
    try:
        with Image.open(io.BytesIO(data), formats=SHOP_FORMATS) as found:
            width, height = found.size
            if width * height > LARGEST_PIXELS:
                raise PictureUnusable("too many pixels")
            if min(width, height) < SMALLEST_SIDE:
                raise PictureUnusable("too small")
            found.draft("RGB", SIZE)
            upright = ImageOps.exif_transpose(found)
            if upright.has_transparency_data:
                # Shops cut their goods out and show them on white.
                cut_out = upright.convert("RGBA")
                upright = Image.alpha_composite(Image.new("RGBA", cut_out.size, "white"), cut_out)
            picture = upright.convert("RGB")
    except (OSError, ValueError, SyntaxError, struct.error, Image.DecompressionBombError):
        raise PictureUnusable("not a picture that can be read") from None
    picture.thumbnail(SIZE)
    return picture


def drop_unused(*, image: SiteImage) -> bool:
    """Delete a picture that no product and no page shows. Returns whether it went. May be repeated."""
    # Wagtail's index hears of nothing that is written past `save()`, as products' pictures are: those are asked.
    ours = ContentType.objects.get_for_models(Product, ShopPicture).values()
    shown = ReferenceIndex.get_references_to(image).exclude(base_content_type__in=ours)
    if Product.objects.filter(image=image).exists() or shown.exists():
        return False
    image.delete()
    return True


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
    _save(image, picture, product)
    make_renditions(image, *SHAPES)
    return image


def _save(image: SiteImage, picture: Image.Image, product: Product) -> None:
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=88, optimize=True)
    image.title, image.alt = str(product)[:255], product.name[:300]
    image.width, image.height = picture.size
    image.file = ImageFile(io.BytesIO(data.getvalue()), name=f"{product.slug[:60]}.jpg")
    image.save()
    Product.objects.filter(pk=product.pk).update(image=image)
    product.image = image


def ensure_product_images(*, products: Iterable[Product]) -> int:
    """Afterwards each of these products has a picture. May be repeated; returns how many had to be drawn."""
    lacking = [product for product in products if product.image_id is None]
    for product in lacking:
        draw_picture(product=product)
    if lacking:
        generation.bump()
    return len(lacking)


def draw_missing_pictures(*, limit: int = 5) -> int:
    """Draw some of the pictures still missing, of products that pages name first. Returns how many.

    The row without a picture is the queue, however long it is after an import. One that cannot be drawn is logged and
    does not hold up the others.
    """
    drawn = 0
    lacking = Product.objects.filter(image__isnull=True).order_by("pk")
    named = list(lacking.filter(pk__in=ProductMention.objects.values("product_id"))[: limit * 4])
    others = lacking.exclude(pk__in=[product.pk for product in named])[: limit * 4 - len(named)]
    for product in [*named, *others]:
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
