"""Paints parts onto a picture: outlines drawn large and brought down, light maps coloured by a ramp."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw

from cms.core.drawing.light import ball_light, blurred, flat_light, round_light, soft_light
from cms.core.drawing.palette import ramp
from cms.core.drawing.shapes import Point
from cms.core.drawing.sketch import Part

Box = tuple[int, int, int, int]
SHADOW_SCALE = 4


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sketch stands in a picture: pixels per unit, and the pixel of its origin."""

    scale: float
    x: float
    y: float

    def points(self, ring: Iterable[Point], dx: float = 0.0, dy: float = 0.0, by: float = 1.0) -> list[Point]:
        return [((self.x + x * self.scale - dx) * by, (self.y - y * self.scale - dy) * by) for x, y in ring]


def _box(part: Part, place: Place, size: tuple[int, int]) -> Box | None:
    xs: list[float] = []
    ys: list[float] = []
    for ring in part.rings:
        for x, y in place.points(ring):
            xs.append(x)
            ys.append(y)
    for path, width in part.strokes:
        reach = width * place.scale / 2 + 1
        for x, y in place.points(path):
            xs += (x - reach, x + reach)
            ys += (y - reach, y + reach)
    if not xs:
        return None
    pad = 1 + part.blur * place.scale * 2.6
    left, top = max(0, math.floor(min(xs) - pad)), max(0, math.floor(min(ys) - pad))
    right, bottom = min(size[0], math.ceil(max(xs) + pad)), min(size[1], math.ceil(max(ys) + pad))
    return (left, top, right, bottom) if right > left and bottom > top else None


def _draw(draw: ImageDraw.ImageDraw, part: Part, place: Place, dx: float, dy: float, by: float) -> None:
    for ring in part.rings:
        draw.polygon(place.points(ring, dx, dy, by), fill=255)
    for ring in part.holes:
        draw.polygon(place.points(ring, dx, dy, by), fill=0)
    for path, width in part.strokes:
        points = place.points(path, dx, dy, by)
        wide = max(1.0, width * place.scale * by)
        draw.line(points, fill=255, width=round(wide), joint="curve")
        for x, y in (points[0], points[-1]):
            draw.ellipse((x - wide / 2, y - wide / 2, x + wide / 2, y + wide / 2), fill=255)


def _mask(part: Part, place: Place, box: Box) -> Image.Image:
    width, height = box[2] - box[0], box[3] - box[1]
    fine = 4 if width * height < 120_000 else 3
    large = Image.new("L", (width * fine, height * fine), 0)
    _draw(ImageDraw.Draw(large), part, place, box[0], box[1], fine)
    mask = large.reduce(fine)
    if part.blur:
        mask = blurred(mask, part.blur * place.scale)
    return mask


def _light(part: Part, place: Place, box: Box, mask: Image.Image) -> Image.Image:
    if part.light in {"round", "roll"}:
        rings = [place.points(ring, box[0], box[1]) for ring in ((part.guide,) if part.guide else part.rings)]
        return round_light(rings, mask.size, part.finish, upright=part.light == "round")
    if part.light == "ball":
        return ball_light(mask.size, part.finish)
    if part.light == "flat":
        if part.finish == "hollow":
            return flat_light(mask.size, -0.45, 0.20, 0.8)
        return flat_light(mask.size, 0.16 * part.depth + 0.04, -0.16 * part.depth)
    if part.light == "soft":
        return soft_light(mask, part.depth, part.puff)
    return Image.new("L", mask.size, 128)


def paint(canvas: Image.Image, parts: Sequence[Part], place: Place) -> None:
    """Paint the parts in their order."""
    owner: tuple[Image.Image, Image.Image, Box] | None = None
    for part in parts:
        box = _box(part, place, canvas.size)
        if box is None:
            continue
        mask = _mask(part, place, box)
        if part.on and owner is not None:
            under, under_light, under_box = owner
            window = (box[0] - under_box[0], box[1] - under_box[1], box[2] - under_box[0], box[3] - under_box[1])
            mask = ImageChops.multiply(mask, under.crop(window))
            light = under_light.crop(window) if part.light == "same" else _light(part, place, box, mask)
        else:
            light = _light(part, place, box, mask)
            if not part.blur:
                owner = (mask, light, box)
        if part.alpha < 1:
            alpha = part.alpha
            mask = mask.point([round(value * alpha) for value in range(256)])
        table = ramp(part.color, round(part.shift * 128))
        colored = Image.merge("RGB", [light.point(channel) for channel in table])
        canvas.paste(colored, box[:2], mask)


def silhouette(parts: Sequence[Part], place: Place, size: tuple[int, int]) -> Image.Image:
    """The solid parts as one small mask, for shadows."""
    small = Image.new("L", (size[0] // SHADOW_SCALE, size[1] // SHADOW_SCALE), 0)
    draw = ImageDraw.Draw(small)
    for part in parts:
        if not part.on and not part.blur and part.alpha > 0.3:
            if part.holes:
                # Holes cut this part alone, not what lies behind it.
                alone = Image.new("L", small.size, 0)
                _draw(ImageDraw.Draw(alone), part, place, 0, 0, 1 / SHADOW_SCALE)
                small.paste(255, (0, 0), alone)
            else:
                _draw(draw, part, place, 0, 0, 1 / SHADOW_SCALE)
    return small
