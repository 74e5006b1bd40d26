"""Colours: eight tints for rooms and the things in them, and how a colour looks in light and in shade."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

Lut = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]
Lab = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Tint:
    """A room and what is at home in it. The bodies stand out from the wall; the accents from the bodies."""

    wall: str
    floor: str
    form: str
    plinths: tuple[str, ...]
    bodies: tuple[str, ...]
    accents: tuple[str, ...]


CREAM = "#f2e7d5"
INK = "#2b3238"
STEEL = "#b9bcb8"
BRASS = "#c79a4b"
OAK = "#c39a6b"
WALNUT = "#7a5238"
LEAF = "#5d7a50"

TINTS: dict[str, Tint] = {
    "clay": Tint(
        "#dfa98f",
        "#d1967a",
        "#c9815f",
        ("#f0d8c6", "#b96746", "#e6bfa9"),
        ("#234c4f", "#f4e7d6", "#8f3b22", "#31404a", "#e9b25c", "#6d7f5d"),
        ("#f1dcc3", "#e8a34a", "#2b3238", "#c9563a"),
    ),
    "moss": Tint(
        "#b3bd97",
        "#a2ad85",
        "#8fa073",
        ("#e8e6d2", "#6f8257", "#cdd3b5"),
        ("#f3ecda", "#b9532f", "#2f4634", "#d9a441", "#7b3f35", "#e2b7a0"),
        ("#f0e3c4", "#d98b4a", "#28352c", "#c8543a"),
    ),
    "sea": Tint(
        "#9dc0c4",
        "#8aafb4",
        "#6f9ea6",
        ("#e6ebe4", "#4b8089", "#c3d8d8"),
        ("#d9653b", "#f4ecdd", "#1f4652", "#e5b45a", "#a13d34", "#29353d"),
        ("#f3dfbf", "#e27d4d", "#1d3a44", "#f0c46d"),
    ),
    "plum": Tint(
        "#b795ab",
        "#a8849b",
        "#936a86",
        ("#ead9e0", "#764c69", "#cfb3c4"),
        ("#f3e6dc", "#4b2a45", "#d98a5b", "#e6b8b4", "#2f3a4c", "#d6a24c"),
        ("#f2d9c4", "#e39a62", "#3a2438", "#c9566a"),
    ),
    "sand": Tint(
        "#dcc7a6",
        "#cfb792",
        "#c4a377",
        ("#f4ead9", "#b68c5c", "#e7d6ba"),
        ("#2f5258", "#a94a2c", "#f6efe2", "#4f5f47", "#8a5a3b", "#33363b"),
        ("#f4e4c6", "#d9803f", "#2b3238", "#6f8f8b"),
    ),
    "slate": Tint(
        "#a7b3c2",
        "#95a2b3",
        "#7c8ca1",
        ("#e7e8e8", "#5b6c82", "#c8d0da"),
        ("#f2e9da", "#d4793f", "#2a3646", "#b5453a", "#e0b765", "#33585a"),
        ("#f3ddc0", "#e3935a", "#232c38", "#cf5f4a"),
    ),
    "rose": Tint(
        "#e0aeb0",
        "#d29a9e",
        "#c97f86",
        ("#f5e0db", "#b2606b", "#ebc6c5"),
        ("#7c2b3a", "#f6eadf", "#2e4a50", "#d98246", "#53364a", "#55705c"),
        ("#f5dcc4", "#e79a55", "#3a2730", "#b8404f"),
    ),
    "gold": Tint(
        "#dbbf7f",
        "#ceae68",
        "#c49a45",
        ("#f5e8c9", "#a97c2b", "#ead7a5"),
        ("#22454a", "#f6eddb", "#9c4526", "#4a3a4f", "#3d5540", "#2e3338"),
        ("#f7e6bf", "#d9743a", "#2b3238", "#7d3b2c"),
    ),
}


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _gamma(channel: float) -> float:
    value = max(0.0, min(1.0, channel))
    return 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055


@lru_cache(maxsize=1024)
def to_lab(color: str) -> Lab:
    """A hex colour as OKLab, in which equal steps look equal."""
    r, g, b = (_linear(int(color[i : i + 2], 16) / 255) for i in (1, 3, 5))
    long = math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
    medium = math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
    short = math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def to_rgb(lab: Lab) -> tuple[int, int, int]:
    light, a, b = lab
    long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    channels = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    r, g, b = (round(_gamma(channel) * 255) for channel in channels)
    return r, g, b


def to_hex(lab: Lab) -> str:
    return "#{:02x}{:02x}{:02x}".format(*to_rgb(lab))


def mix(first: str, second: str, share: float) -> str:
    """Between two colours; `share` is how much of the second."""
    return to_hex(_between(to_lab(first), to_lab(second), share))


def lightness(color: str) -> float:
    return to_lab(color)[0]


def lift(color: str, by: float) -> str:
    """The colour, lighter (or darker, where negative) by steps that look even."""
    light, a, b = to_lab(color)
    return to_hex((max(0.08, min(0.98, light + by)), a, b))


def distance(first: str, second: str) -> float:
    return math.dist(to_lab(first), to_lab(second))


def _between(first: Lab, second: Lab, share: float) -> Lab:
    x, y, z = (one + (two - one) * share for one, two in zip(first, second, strict=True))
    return x, y, z


@lru_cache(maxsize=1024)
def ramp(color: str, shift: int = 0) -> Lut:
    """What a colour becomes at each of 256 amounts of light; 128 is the colour itself.

    Shade is cooler and keeps its colour, light is warmer and pales: that, more than anything, makes paint look lit.
    """
    middle = to_lab(color)
    light, a, b = middle
    dark = (light * 0.30, a * 0.72 + 0.012, b * 0.6 - 0.016)
    pale = (light + (0.985 - light) * 0.80, a * 0.55 + 0.002, b * 0.55 + 0.020)
    rows = []
    for step in range(256):
        amount = (max(0, min(255, step + shift)) - 128) / 128
        rows.append(to_rgb(_between(middle, pale if amount > 0 else dark, abs(amount))))
    red, green, blue = zip(*rows, strict=True)
    return red, green, blue
