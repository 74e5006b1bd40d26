"""What things stand on. A plinth's top is at height 0; lengths are shares of the picture's height."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from cms.core.drawing.palette import Tint, lift
from cms.core.drawing.shapes import Ring, ellipse, rounded, soften, spine, tilt, turned
from cms.core.drawing.sketch import Part

FORMS = ("drum", "steps", "slab", "block", "stand", "ledge")


@dataclass(slots=True)
class Plinth:
    """Its parts, the surface that shadows fall on, and how far down and out it reaches."""

    top: Ring
    parts: list[Part] = field(default_factory=list)
    foot: float = 0.0
    reach: float = 0.0
    is_round: bool = True


def make_plinth(form: str, *, half: float, drop: float, tint: Tint, dice: Random, color: str | None = None) -> Plinth:
    """A plinth wide enough for something `half` to each side, reaching down by `drop`."""
    tone = color or dice.choice(tint.plinths)
    other = dice.choice([each for each in tint.plinths if each != tone])
    if form in {"slab", "block", "ledge"}:
        return _cornered(form, half, drop, tone, other)
    return _turned(form, half, drop, tone, other)


def room_below(form: str, half: float) -> float:
    """How far a plinth's near edge lies below its foot's middle."""
    if form in {"slab", "block", "ledge"}:
        return 0.01
    return (half * 1.16 + 0.015) * {"steps": 1.24, "stand": 0.62}.get(form, 1.0) * 0.195


def _drum(radius: float, high: float, low: float, color: str) -> list[Part]:
    edge = 0.006
    top = ellipse(0, high, radius - edge, (radius - edge) * tilt(high))
    return [
        Part(
            rings=(turned([(radius, low), (radius, high - edge)], smooth=False),),
            color=color,
            light="round",
            guide=spine([(radius, low), (radius, high)], smooth=False),
        ),
        Part(
            rings=(ellipse(0, high - edge, radius, radius * tilt(high)),),
            color=lift(color, 0.07),
            light="flat",
            depth=0.5,
        ),
        Part(rings=(top,), color=lift(color, 0.035), light="flat", depth=0.7, shift=0.1),
    ]


def _turned(form: str, half: float, drop: float, tone: str, other: str) -> Plinth:
    radius = half * 1.16 + 0.015
    plinth = Plinth(top=ellipse(0, 0, radius, radius * tilt(0)), foot=-drop, reach=radius)
    if form == "steps":
        plinth.reach = radius * 1.24
        split = -drop * 0.52
        plinth.parts = [
            *_drum(plinth.reach, split, -drop, other),
            *_shade(radius, split),
            *_drum(radius, 0, split, tone),
        ]
    elif form == "stand":
        plate, stem = min(0.035, drop * 0.35), radius * 0.62
        plinth.reach = stem
        plinth.parts = [
            Part(
                rings=(turned([(stem, -drop), (stem, -plate)], smooth=False),),
                color=other,
                light="round",
                guide=spine([(stem, -drop), (stem, 0)], smooth=False),
            ),
            Part(
                rings=(ellipse(0, -plate - 0.02, radius, radius * tilt(0)),),
                color="#2a1d24",
                light="plain",
                alpha=0.42,
                blur=0.02,
                on=True,
            ),
            *_drum(radius, 0, -plate, tone),
        ]
    else:
        plinth.parts = _drum(radius, 0, -drop, tone)
    return plinth


def _shade(radius: float, at: float) -> list[Part]:
    ring = ellipse(radius * 0.08, at - 0.006, radius * 1.04, radius * 1.04 * tilt(at))
    return [Part(rings=(ring,), color="#2a1d24", light="plain", alpha=0.4, blur=0.012, on=True)]


def _slab(half: float, high: float, low: float, deep: float, color: str) -> tuple[list[Part], Ring]:
    near, far = high - deep * 0.55, high + deep * 0.45
    inset = deep * 0.62
    top = soften([(-half, near), (half, near), (half - inset, far), (-half + inset, far)], 0.010)
    front = rounded(-half, low, half, near + 0.006, 0.008)
    edge = rounded(-half + 0.004, near - 0.004, half - 0.004, near + 0.004, 0.004)
    return [
        Part(rings=(top,), color=lift(color, 0.045), light="flat", depth=0.6, shift=0.06),
        Part(rings=(front,), color=color, light="flat", depth=1.0, shift=-0.10),
        Part(rings=(edge,), color=lift(color, 0.08), light="plain", alpha=0.8),
    ], top


def _cornered(form: str, half: float, drop: float, tone: str, other: str) -> Plinth:
    wide = half * 1.10 + 0.02
    deep = min(0.15, 0.09 + half * 0.12)
    parts, top = _slab(wide, 0, -drop, deep, tone)
    plinth = Plinth(top=top, foot=-drop, reach=wide, is_round=False)
    if form == "slab":
        thick = deep * 0.55 + min(0.05, drop * 0.35)
        parts, top = _slab(wide, 0, -thick, deep, tone)
        inner = wide * 0.80
        under = rounded(-inner, -thick - 0.02, inner, -thick + 0.02, 0.01)
        base, _ = _slab(inner, -0.02, -drop, deep * 0.8, other)
        plinth.parts = [
            *base[:2],
            Part(rings=(under,), color="#2a1d24", light="plain", alpha=0.5, blur=0.016, on=True),
            *parts,
        ]
        plinth.reach = inner
    elif form == "ledge":
        below = deep * 0.9
        edge = -drop + 0.036
        base, _ = _slab(wide + 0.09, edge + below * 0.55, -drop, below, other)
        low = edge + 0.026
        block, _ = _slab(wide, 0, low, deep, tone)
        corners = [(-wide + 0.01, low - 0.012), (wide + 0.03, low - 0.012), (wide + 0.05, low + 0.05)]
        shadow = soften([*corners, (-wide, low + 0.04)], 0.01)
        dark = Part(rings=(shadow,), color="#2a1d24", light="plain", alpha=0.45, blur=0.012, on=True)
        plinth.parts = [base[0], dark, *base[1:], *block]
        plinth.reach = wide + 0.09
    else:
        plinth.parts = parts
    return plinth
