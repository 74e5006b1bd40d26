"""How light falls: grey maps in which 128 is the plain colour, made small and resized."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

from PIL import Image, ImageChops, ImageFilter

from cms.core.drawing.shapes import Point

_COLUMNS = 72
_BICUBIC = Image.Resampling.BICUBIC
Size = tuple[int, int]


def grey(value: float) -> int:
    return max(0, min(255, round(128 + 128 * value)))


@lru_cache(maxsize=16)
def _across(finish: str) -> tuple[float, ...]:
    """Light over a turned body, from its left edge to its right one, for one kind of surface."""
    values = []
    for i in range(257):
        u = i / 128 - 1
        facing = max(0.0, -0.62 * u + 0.78 * math.sqrt(max(0.0, 1 - u * u)))
        value = 0.92 * facing - 0.60 + 0.20 * max(0.0, u - 0.55) / 0.45
        if finish == "satin":
            value += 0.22 * math.exp(-(((u + 0.52) / 0.16) ** 2))
        elif finish == "gloss":
            value += 0.50 * math.exp(-(((u + 0.52) / 0.085) ** 2)) + 0.16 * math.exp(-(((u - 0.88) / 0.06) ** 2))
        elif finish == "metal":
            value = 0.75 * value + 0.62 * math.exp(-(((u + 0.50) / 0.13) ** 2))
            value -= 0.34 * math.exp(-(((u + 0.12) / 0.14) ** 2)) + 0.18 * math.exp(-(((u + 0.92) / 0.08) ** 2))
            value += 0.30 * math.exp(-(((u - 0.78) / 0.10) ** 2))
        elif finish == "glass":
            value = 0.10 + 0.55 * math.exp(-(((u + 0.62) / 0.09) ** 2)) - 0.30 * u**6
            value += 0.22 * math.exp(-(((u - 0.80) / 0.05) ** 2)) - 0.08 * u
        values.append(value)
    return tuple(values)


def round_light(rings: Sequence[Sequence[Point]], size: Size, finish: str, *, upright: bool = True) -> Image.Image:
    """Light on a turned body whose width changes; pixel points, the axis upright or level."""
    width, height = size
    if not upright:
        swapped = [[(y, x) for x, y in ring] for ring in rings]
        return round_light(swapped, (height, width), finish).transpose(Image.Transpose.TRANSPOSE)
    rows = _COLUMNS
    left, right = [math.inf] * rows, [-math.inf] * rows
    for ring in rings:
        for (x0, y0), (x1, y1) in zip(ring, (*ring[1:], ring[0]), strict=True):
            if y0 > y1:
                x0, y0, x1, y1 = x1, y1, x0, y0
            first = max(0, math.ceil(y0 / height * rows - 0.5))
            last = min(rows - 1, math.floor(y1 / height * rows - 0.5))
            for row in range(first, last + 1):
                y = (row + 0.5) * height / rows
                x = x0 + (x1 - x0) * (y - y0) / (y1 - y0) if y1 > y0 else x0
                left[row], right[row] = min(left[row], x), max(right[row], x)
    known = [row for row in range(rows) if left[row] < right[row]] or [0]
    table = _across(finish)
    data = bytearray()
    cell = width / _COLUMNS
    for row in range(rows):
        source = min(max(row, known[0]), known[-1])
        middle, half = (left[source] + right[source]) / 2, max(1.0, (right[source] - left[source]) / 2)
        if not math.isfinite(middle):
            middle, half = width / 2, width / 2
        v = row / rows
        fall = 0.07 - 0.20 * v * v
        for column in range(_COLUMNS):
            u = ((column + 0.5) * cell - middle) / half
            data.append(grey(table[max(0, min(256, round((u + 1) * 128)))] + fall))
    return Image.frombytes("L", (_COLUMNS, rows), bytes(data)).resize(size, _BICUBIC)


@lru_cache(maxsize=16)
def _ball(finish: str) -> Image.Image:
    side = 80
    data = bytearray()
    for row in range(side):
        for column in range(side):
            x, y = (column + 0.5) / side * 2 - 1, 1 - (row + 0.5) / side * 2
            flat = math.hypot(x, y)
            if flat > 0.999:
                x, y = x / flat * 0.999, y / flat * 0.999
            z = math.sqrt(max(0.0, 1 - x * x - y * y))
            facing = -0.50 * x + 0.60 * y + 0.62 * z
            value = 0.88 * max(0.0, facing) - 0.52 + 0.16 * max(0.0, x * 0.6 - y * 0.8)
            shine = {"gloss": 0.85, "metal": 0.8, "satin": 0.35, "glass": 0.9}.get(finish, 0.0)
            value += shine * max(0.0, facing) ** (70 if finish in {"gloss", "glass"} else 22)
            data.append(grey(value))
    return Image.frombytes("L", (side, side), bytes(data))


def ball_light(size: Size, finish: str) -> Image.Image:
    return _ball(finish).resize(size, _BICUBIC)


@lru_cache(maxsize=64)
def _slope(top_left: float, bottom_right: float, lean: float) -> Image.Image:
    side = 24
    data = bytearray()
    for row in range(side):
        for column in range(side):
            t = lean * column / (side - 1) + (1 - lean) * row / (side - 1)
            data.append(grey(top_left + (bottom_right - top_left) * t))
    return Image.frombytes("L", (side, side), bytes(data))


def flat_light(size: Size, top_left: float = 0.14, bottom_right: float = -0.14, lean: float = 0.5) -> Image.Image:
    return _slope(top_left, bottom_right, lean).resize(size, Image.Resampling.BILINEAR)


def soft_light(mask: Image.Image, depth: float, puff: float) -> Image.Image:
    """Light on something rounded at its edges, whatever its outline: brighter upper left, darker lower right.

    `depth` is how strong, `puff` how far the rounding reaches in, as a share of the shorter side.
    """
    width, height = mask.size
    shrink = max(1.0, max(width, height) / 150)
    small = (max(4, round(width / shrink)), max(4, round(height / shrink)))
    reach = max(1.2, puff * min(small))
    pad = math.ceil(reach * 2.5)
    field = Image.new("L", (small[0] + 2 * pad, small[1] + 2 * pad), 0)
    field.paste(mask.resize(small, Image.Resampling.BOX), (pad, pad))
    # What the picture's lower edge cuts off goes on below it: it is no edge that light could catch.
    low = field.crop((0, pad + small[1] - 1, field.width, pad + small[1]))
    field.paste(low.resize((field.width, pad)), (0, pad + small[1]))
    field = field.filter(ImageFilter.GaussianBlur(reach))
    step = max(1, round(reach * 0.7))
    lit = ImageChops.offset(field, -step, -step)
    shaded = ImageChops.offset(field, step, step)
    # Where the rounding reaches far in, the difference covers everything and needs less of it.
    relief = ImageChops.subtract(lit, shaded, 1 / max(0.05, 0.85 * depth * min(1.0, 0.13 / puff) ** 0.6), 128)
    relief = relief.point([value if value >= 128 else round(128 - (128 - value) * 0.74) for value in range(256)])
    relief = relief.crop((pad, pad, pad + small[0], pad + small[1])).resize(mask.size, _BICUBIC)
    return ImageChops.add(relief, flat_light(mask.size, 0.12, -0.16), 1, -128)


def blurred(mask: Image.Image, radius: float) -> Image.Image:
    """A Gaussian blur that costs the same at any radius: wide ones are made on a smaller picture."""
    shrink = max(1, int(radius / 3))
    if shrink == 1:
        return mask.filter(ImageFilter.GaussianBlur(radius))
    small = mask.resize((max(1, mask.width // shrink), max(1, mask.height // shrink)), Image.Resampling.BOX)
    return small.filter(ImageFilter.GaussianBlur(radius / shrink)).resize(mask.size, _BICUBIC)
