"""Things of the room with a plug: lamp and speaker."""

from __future__ import annotations

import math

from cms.core.drawing.palette import BRASS, CREAM, INK, OAK, STEEL, WALNUT, lift
from cms.core.drawing.shapes import Point, arc, curve, ellipse, mirrored, rotated, rounded, soften, tilt
from cms.core.drawing.sketch import Sketch

GLOW = "#ffdf9e"


def lamp(s: Sketch) -> None:
    forms = {
        "dome": "dome",
        "arm": "arm",
        "clamp": "arm",
        "flexo": "bell",
        "floor": "floor",
        "reading": "floor",
        "ring": "ring",
        "halo": "ring",
    }
    form = s.form(forms, "dome", "arm", "bell", "shade", "shade", "floor")
    {"dome": _dome, "arm": _arm, "bell": _bell, "floor": _floor, "ring": _ring, "shade": _shade}[form](s)


def _glow(s: Sketch, x: float, y: float, wide: float, high: float, alpha: float = 0.5) -> None:
    s.add(ellipse(x, y, wide, high), color=GLOW, light="plain", alpha=alpha, blur=0.07)


def _foot(s: Sketch, radius: float, color: str, *, cx: float = 0.0) -> None:
    s.lathe([(radius, 0.0), (radius, 0.028)], color, cx=cx, finish="satin", smooth=False)
    s.disc(cx, 0.028, radius, lift(color, 0.05))


def _dome(s: Sketch) -> None:
    color, stem = s.quiet(s.main, s.second), s.dice.choice((s.main, BRASS, CREAM))
    wide, high = s.about(0.40, 0.06), s.about(0.56, 0.05)
    s.lathe(
        [(0.25, 0.0), (0.255, 0.03), (0.17, 0.09), (0.075, 0.24), (0.06, high + 0.06)],
        stem,
        finish="satin" if stem != BRASS else "metal",
    )
    s.add(ellipse(0, high, wide, wide * tilt(high) * 1.1), color="#ffe9bf", light="flat", shift=0.2)
    _glow(s, 0, high - 0.08, wide * 0.6, 0.08)
    dome = [
        (wide, high),
        (wide * 0.98, high + 0.08),
        (wide * 0.80, high + 0.24),
        (wide * 0.42, high + 0.36),
        (0.03, high + 0.40),
    ]
    s.lathe(dome, color, finish="gloss")
    s.lathe([(0.03, high + 0.39), (0.032, high + 0.42), (0.02, high + 0.44)], BRASS, finish="metal")


def _hood(s: Sketch, at: Point, degrees: float, color: str, size: float = 1.0) -> None:
    """A metal hood whose mouth looks down along the angle."""
    half = [(0.075, 0.16), (0.085, 0.08), (0.19, -0.05), (0.23, -0.16)]
    outline = mirrored([(x * size, y * size) for x, y in curve(half)])
    place = [(x + at[0], y + at[1]) for x, y in outline]
    mouth = [(x + at[0], y + at[1]) for x, y in ellipse(0, -0.16 * size, 0.23 * size, 0.05 * size)]
    s.add(rotated(mouth, degrees, at), color="#ffe9bf", light="flat", shift=0.25)
    ((gx, gy),) = rotated([(at[0], at[1] - 0.28 * size)], degrees, at)
    _glow(s, gx, gy, 0.15 * size, 0.10 * size, 0.45)
    s.add(rotated(place, degrees, at), color=color, puff=0.26, depth=1.35, finish="gloss")
    glint = [(x + at[0], y + at[1]) for x, y in ((-0.09, 0.06), (-0.06, 0.06), (-0.12, -0.11), (-0.17, -0.11))]
    s.shine(rotated([(x * 1.0, y) for x, y in glint], degrees, at), alpha=0.4, blur=0.02)
    cap = [(x + at[0], y + at[1]) for x, y in rounded(-0.06 * size, 0.14 * size, 0.06 * size, 0.21 * size, 0.02)]
    s.add(rotated(cap, degrees, at), color=lift(color, -0.05), puff=0.25)


def _arm(s: Sketch) -> None:
    color, rod = s.quiet(s.main, s.second), s.dice.choice((BRASS, INK, STEEL))
    elbow, head = (-0.36, 0.60), (0.20, 0.94)
    _foot(s, 0.23, color, cx=-0.05)
    for shift in (-0.014, 0.014):
        s.line([(-0.05 + shift, 0.03), (elbow[0] + shift, elbow[1])], 0.02, rod, smooth=False)
        s.line([(elbow[0], elbow[1] + shift), (head[0], head[1] + shift)], 0.02, rod, smooth=False)
    s.add(ellipse(*elbow, 0.042, 0.042), color=lift(rod, -0.04), light="ball", finish="satin")
    s.add(ellipse(-0.05, 0.06, 0.04, 0.05), color=lift(rod, -0.04), light="ball", finish="satin")
    _hood(s, (head[0] + 0.07, head[1] - 0.09), 24, color, 1.05)
    s.add(ellipse(*head, 0.036, 0.036), color=lift(rod, -0.04), light="ball", finish="satin")


def _bell(s: Sketch) -> None:
    color = s.quiet(s.main, s.second)
    _foot(s, 0.24, color)
    s.line(
        [(0, 0.04), (-0.08, 0.40), (-0.03, 0.80), (0.16, 0.95), (0.33, 0.88)],
        0.034,
        s.dice.choice((BRASS, color, STEEL)),
    )
    _hood(s, (0.37, 0.73), 12, color, 1.1)


def _floor(s: Sketch) -> None:
    color = s.quiet(s.main, s.second)
    rod = s.dice.choice((BRASS, INK))
    for x in (-0.20, 0.03, 0.24):
        s.line([(0.0, 0.46), (x, 0.01 + 0.05 * (x == 0.03))], 0.026, OAK, smooth=False)
    s.line([(0, 0.44), (0, 0.90)], 0.02, rod, smooth=False)
    s.add(ellipse(0, 0.46, 0.035, 0.035), color=rod, light="ball", finish="metal")
    _cone_shade(s, 0.74, 0.29, 0.20, 0.34, color)


def _cone_shade(s: Sketch, low: float, wide: float, narrow: float, high: float, color: str) -> None:
    shade = [(wide, low), (narrow, low + high)]
    _glow(s, 0, low + 0.02, wide * 0.9, 0.08, 0.55)
    s.lathe(shade, color, smooth=False)
    s.add(
        ellipse(0, low + high * 0.42, wide * 0.6, high * 0.42),
        color=GLOW,
        light="plain",
        alpha=0.34,
        blur=0.10,
        on=True,
    )
    s.stripe(shade, low - 0.1, low + 0.022, lift(color, -0.10))
    s.disc(0, low + high, narrow, lift(color, 0.12))
    s.add(
        ellipse(0, low + high, narrow * 0.9, narrow * 0.9 * tilt(low + high)), color="#fff0cd", light="flat", shift=0.1
    )


def _shade(s: Sketch) -> None:
    body_color = s.main
    shape = s.dice.choice(("gourd", "ball", "column"))
    if shape == "gourd":
        body = [(0.14, 0.0), (0.16, 0.02), (0.24, 0.16), (0.20, 0.32), (0.07, 0.44), (0.05, 0.54)]
    elif shape == "ball":
        body = [(0.13, 0.0), (0.23, 0.10), (0.26, 0.23), (0.20, 0.37), (0.06, 0.45), (0.04, 0.54)]
    else:
        body = [(0.19, 0.0), (0.19, 0.04), (0.09, 0.06), (0.085, 0.40), (0.12, 0.44), (0.04, 0.54)]
    s.lathe(body, body_color, finish="gloss")
    if s.dice.random() < 0.5:
        s.stripe(body, 0.20, 0.24, s.accent)
    s.lathe([(0.02, 0.52), (0.02, 0.62)], BRASS, finish="metal", smooth=False)
    _cone_shade(s, 0.58, s.about(0.38, 0.06), s.about(0.25, 0.15), 0.42, s.dice.choice((CREAM, CREAM, s.accent)))


def _ring(s: Sketch) -> None:
    color = s.quiet(s.main, s.second)
    _foot(s, 0.22, color)
    s.line([(0, 0.03), (0, 0.36)], 0.034, BRASS, smooth=False)
    ring = ellipse(0, 0.66, 0.31, 0.31)
    s.add(ellipse(0, 0.66, 0.36, 0.36), color=GLOW, light="plain", alpha=0.35, blur=0.08)
    loop = (*ring, ring[0])
    s.line(loop, 0.085, color, smooth=False)
    s.thread(loop, 0.045, "#fff3d6", smooth=False)
    s.add(rounded(-0.04, 0.325, 0.04, 0.40, 0.015), color=color, puff=0.2)


def speaker(s: Sketch) -> None:
    form = s.form(
        {"pebble": "pebble", "murmur": "pebble", "shelf": "shelf", "echo": "drum", "homepod": "drum", "mini": "pebble"},
        "shelf",
        "pebble",
        "drum",
        "radio",
    )
    {"shelf": _shelf_speaker, "pebble": _pebble, "drum": _drum_speaker, "radio": _radio}[form](s)


def _cone(s: Sketch, x: float, y: float, radius: float, color: str) -> None:
    s.add(ellipse(x, y, radius, radius), color=STEEL, light="flat", depth=1.6)
    s.add(ellipse(x, y, radius * 0.91, radius * 0.91), color=lift(INK, 0.02), light="flat", depth=-1.4)
    s.add(ellipse(x, y, radius * 0.72, radius * 0.72), color=color, light="flat", depth=-1.6)
    s.add(ellipse(x, y, radius * 0.28, radius * 0.28), color=color, light="ball", finish="satin")


def _shelf_speaker(s: Sketch) -> None:
    wood = s.dice.choice((OAK, WALNUT, s.main))
    s.add(soften([(0.30, 0.0), (0.40, 0.035), (0.40, 0.98), (0.30, 0.96)], 0.01), color=lift(wood, -0.12), light="flat")
    s.add(
        soften([(-0.30, 0.96), (0.30, 0.96), (0.40, 0.985), (-0.20, 0.985)], 0.008),
        color=lift(wood, 0.08),
        light="flat",
    )
    s.add(rounded(-0.30, 0.0, 0.305, 0.965, 0.025), color=wood, light="flat", depth=1.1)
    s.add(
        rounded(-0.268, 0.032, 0.272, 0.933, 0.02),
        color=s.quiet(CREAM) if wood != s.main else lift(wood, 0.04),
        light="flat",
    )
    tone = s.accent if s.dice.random() < 0.5 else INK
    _cone(s, 0, 0.30, 0.215, tone)
    _cone(s, 0, 0.71, 0.125, tone)


def _dots(s: Sketch, outline_width: float, low: float, high: float, color: str, step: float = 0.052) -> None:
    rows = int((high - low) / step)
    rings = []
    for row in range(rows + 1):
        y = low + row * step
        count = int(outline_width / step)
        for i in range(-count, count + 1):
            u = (i + 0.5 * (row % 2)) / (count + 0.5)
            if abs(u) < 0.98:
                x = math.sin(u * 1.45) * outline_width
                rings.append(ellipse(x, y - 0.03 * math.cos(u * 1.5), 0.0115 * math.cos(u * 1.3) + 0.001, 0.0115)[::6])
    s.on(*rings, color=color)


def _pebble(s: Sketch) -> None:
    """A squat stone in woven cloth, with one driver and a dish for a finger on its top."""
    color = s.main
    weave = lift(color, -0.045 if not s.is_dark(color) else 0.045)
    wide, middle, high = 0.48, 0.385, 0.365
    s.lathe([(0.19, 0.0), (0.21, 0.05)], INK, finish="satin", smooth=False)
    s.add(ellipse(0, middle, wide, high), color=color, light="ball")
    for row in range(-12, 10):
        latitude = row * 0.11
        around, y = math.cos(latitude) * wide, middle + math.sin(latitude) * high
        s.thread(
            arc(0, y, around, around * 0.10, 180, 360), 0.009, weave, on=True, light="same", smooth=False, alpha=0.7
        )
    s.on(ellipse(0, middle + high * 0.90, 0.15, 0.026), color=lift(color, -0.08))
    _cone(s, 0, middle - 0.02, 0.20, s.accent if s.dice.random() < 0.5 else INK)


def _drum_speaker(s: Sketch) -> None:
    color = s.main
    body = [(0.29, 0.0), (0.34, 0.05), (0.34, 0.62), (0.29, 0.74)]
    s.lathe(body, color)
    _dots(s, 0.34, 0.04, 0.68, lift(color, -0.10 if not s.is_dark(color) else 0.10), 0.044)
    s.disc(0, 0.735, 0.29, lift(color, -0.05))
    s.disc(0, 0.74, 0.17, INK)
    s.add(ellipse(0, 0.742, 0.09, 0.012), color=s.accent, light="plain", shift=0.3, blur=0.008)


def _radio(s: Sketch) -> None:
    wood = s.dice.choice((OAK, WALNUT, s.main))
    s.line([(-0.42, 0.5), (-0.40, 0.72), (0.40, 0.72), (0.42, 0.5)], 0.035, s.dice.choice((BRASS, INK)))
    s.add(rounded(-0.56, 0.0, 0.56, 0.60, 0.10), color=wood, puff=0.10)
    s.add(rounded(-0.51, 0.05, 0.51, 0.55, 0.07), color=s.quiet(CREAM), light="flat")
    s.add(rounded(-0.46, 0.10, 0.10, 0.50, 0.05), color=s.accent, light="flat")
    bars = [rounded(-0.43 + 0.045 * k, 0.13, -0.41 + 0.045 * k, 0.47, 0.01) for k in range(12)]
    s.on(*bars, color=lift(s.accent, -0.16), light="flat")
    s.add(ellipse(0.31, 0.35, 0.12, 0.12), color=BRASS, light="flat", depth=1.5)
    s.add(ellipse(0.31, 0.35, 0.10, 0.10), color=CREAM, light="ball")
    s.thread([(0.31, 0.35), (0.36, 0.42)], 0.014, INK, smooth=False)
    for x in (0.21, 0.31, 0.41):
        s.add(ellipse(x, 0.15, 0.03, 0.03), color=INK, light="ball", finish="satin")


ELECTRIC = {"lamp": lamp, "speaker": speaker}
