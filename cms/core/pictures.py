"""The sizes a picture is shown in, and the sources a page offers a browser.

A page never makes a size: `make_renditions` does, when a picture is saved. Where one is missing, the
nearest that is there serves, and failing all the file itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import prefetch_related_objects

if TYPE_CHECKING:
    from cms.core.models import SiteImage, SiteRendition


@dataclass(frozen=True, slots=True)
class Shape:
    """A way to crop: the widths to make, and the ratio of height to width (0 keeps the picture's own)."""

    widths: tuple[int, ...]
    ratio: float
    fallback: int
    sizes: str

    def spec(self, width: int, image_format: str) -> str:
        crop = f"fill-{width}x{round(width * self.ratio)}" if self.ratio else f"width-{width}"
        quality = "webpquality-78" if image_format == "webp" else "jpegquality-80"
        return f"{crop}|format-{image_format}|{quality}"

    @property
    def specs(self) -> tuple[str, ...]:
        return (*(self.spec(width, "webp") for width in self.widths), self.spec(self.fallback, "jpeg"))

    def height(self, image: SiteImage, width: int) -> int:
        ratio = self.ratio or (image.height / image.width if image.width else 0.75)
        return round(width * ratio)


SHAPES: dict[str, Shape] = {
    "card": Shape((320, 640, 1040), 3 / 4, 640, "(min-width: 75rem) 24rem, (min-width: 45rem) 45vw, 92vw"),
    "hero": Shape((640, 1040, 1600), 5 / 8, 1040, "(min-width: 80rem) 76rem, 94vw"),
    "portrait": Shape((96, 192, 480), 1, 192, "6rem"),
    "body": Shape((640, 1040), 0, 1040, "(min-width: 60rem) 42rem, 92vw"),
}
PRODUCT_SHAPES = ("card",)
ARTICLE_SHAPES = ("card", "hero")


@dataclass(frozen=True, slots=True)
class PictureSources:
    """What `<picture>` needs: a WebP set with widths, and a plain source for everybody else."""

    webp_srcset: str
    src: str
    width: int
    height: int
    sizes: str


def make_renditions(image: SiteImage, *shapes: str) -> None:
    """Make every size of these shapes that is not there yet. May be repeated."""
    image.get_renditions(*(spec for shape in shapes for spec in SHAPES[shape].specs))


def with_renditions(images: Iterable[SiteImage | None]) -> None:
    """Load the sizes of many pictures at once: one query, whatever their number."""
    present = [image for image in images if image is not None]
    if present:
        prefetch_related_objects(present, "renditions")


def picture_sources(image: SiteImage, shape_name: str) -> PictureSources:
    """The sources of a picture in a shape. No query where its renditions are loaded, else at most one."""
    shape = SHAPES[shape_name]
    found = {rendition.filter_spec: rendition for rendition in _existing(image)}
    webp = [found[spec] for width in shape.widths if (spec := shape.spec(width, "webp")) in found]
    plain = found.get(shape.spec(shape.fallback, "jpeg")) or (webp[-1] if webp else None)
    src = plain.url if plain else image.file.url
    width = plain.width if plain else shape.fallback
    return PictureSources(
        webp_srcset=", ".join(f"{rendition.url} {rendition.width}w" for rendition in webp),
        src=src,
        width=width,
        height=plain.height if plain else shape.height(image, width),
        sizes=shape.sizes,
    )


def _existing(image: SiteImage) -> Iterable[SiteRendition]:
    return getattr(image, "prefetched_renditions", None) or image.renditions.all()
