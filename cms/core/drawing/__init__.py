"""Pictures drawn by the project itself: still lifes of products, portraits, scenes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from PIL import Image, ImageDraw

from cms.core.drawing.kinds import KINDS, kind_for

__all__ = ["KINDS", "dominant_color", "draw_portrait", "draw_scene", "draw_still_life", "kind_for"]


def _plain(seed: str, size: tuple[int, int]) -> Image.Image:
    digest = hashlib.sha256(seed.encode()).digest()
    image = Image.new("RGB", size, (200 + digest[0] % 40, 190 + digest[1] % 40, 170 + digest[2] % 40))
    w, h = size
    ImageDraw.Draw(image).ellipse((w * 0.35, h * 0.3, w * 0.65, h * 0.75), fill=tuple(60 + b % 120 for b in digest[3:6]))
    return image


def draw_still_life(kind: str, *, seed: str, tint: str | None = None, size: tuple[int, int] = (1200, 900)) -> Image.Image:
    return _plain(kind + seed, size)


def draw_portrait(*, seed: str, size: tuple[int, int] = (800, 800)) -> Image.Image:
    return _plain(seed, size)


def draw_scene(
    kinds: Sequence[str], *, seed: str, tint: str | None = None, size: tuple[int, int] = (1600, 1000)
) -> Image.Image:
    return _plain(seed, size)


def dominant_color(image: Image.Image) -> str:
    """The average colour as #rrggbb."""
    r, g, b = image.convert("RGB").resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))  # type: ignore[misc]
    return f"#{r:02x}{g:02x}{b:02x}"
