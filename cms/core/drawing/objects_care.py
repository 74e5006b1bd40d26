"""Things of the bathroom shelf, and the plain vessels that stand in for what we have no drawing of."""

from __future__ import annotations

import math

from cms.core.drawing.palette import BRASS, CREAM, INK, OAK, STEEL, WALNUT, lift, mix
from cms.core.drawing.shapes import arc, curve, ellipse, moved, rotated, rounded
from cms.core.drawing.sketch import Sketch


def tube(s: Sketch) -> None:
    forms = {
        "grinder": "grinder",
        "balm": "jar",
        "jar": "jar",
        "lipstick": "lipstick",
        "mascara": "lipstick",
        "sol": "tube",
        "hand": "tube",
        "manos": "tube",
        "cream": "tube",
    }
    form = s.form(forms, "tube", "tube", "jar", "lipstick")
    {"tube": _tube, "jar": _jar, "lipstick": _lipstick, "grinder": _grinder}[form](s)


def _tube(s: Sketch) -> None:
    color, cap = s.quiet(s.main, s.second), s.dice.choice((CREAM, INK, s.second, BRASS))
    s.lathe([(0.145, 0.0), (0.15, 0.02), (0.15, 0.17)], cap, finish="metal" if cap == BRASS else "satin", smooth=False)
    for k in range(9):
        x = math.sin((k - 4) * 0.34) * 0.148
        s.on(rounded(x - 0.003, -0.1, x + 0.003, 0.3, 0), color=lift(cap, -0.10), alpha=0.6)
    s.shade(rounded(-0.2, 0.13, 0.2, 0.2, 0.01), alpha=0.35, blur=0.014)
    body = [(0.17, 0.17), (0.182, 0.22), (0.192, 0.60), (0.215, 0.96)]
    s.lathe(body, color, finish="satin", smooth=False)
    pale = CREAM if s.is_dark(color) else INK
    style = s.dice.choice(("band", "label", "half"))
    if style == "band":
        s.stripe(body, 0.30, 0.40, s.accent)
    elif style == "half":
        s.on(
            (*arc(0, 0.46, 0.4, 0.04, 180, 360), (0.4, 0.0), (-0.4, 0.0)),
            color=s.second if s.second != color else s.accent,
        )
    else:
        s.on(ellipse(0, 0.38, 0.085, 0.085), color=s.accent)
    s.on(rounded(-0.10, 0.665, 0.10, 0.690, 0), color=pale, alpha=0.9)
    s.on(rounded(-0.065, 0.615, 0.065, 0.630, 0), color=pale, alpha=0.8)
    s.on(rounded(-0.04, 0.580, 0.04, 0.592, 0), color=pale, alpha=0.7)
    s.add(rounded(-0.226, 0.925, 0.226, 0.99, 0.008), color=lift(color, 0.03), light="flat", depth=1.3)
    for k in range(22):
        x = -0.21 + 0.02 * k
        s.on(rounded(x - 0.002, 0.93, x + 0.002, 1.0, 0), color=lift(color, -0.10), alpha=0.7)


def _jar(s: Sketch) -> None:
    color, lid = s.quiet(s.main, s.second), s.dice.choice((OAK, BRASS, INK, CREAM))
    body = [(0.40, 0.0), (0.44, 0.04), (0.44, 0.34)]
    s.lathe(body, color, finish="gloss", smooth=False)
    s.on(rounded(-0.17, 0.10, 0.17, 0.13, 0), color=CREAM if s.is_dark(color) else INK, alpha=0.9)
    s.on(rounded(-0.10, 0.06, 0.10, 0.075, 0), color=CREAM if s.is_dark(color) else INK, alpha=0.8)
    s.stripe(body, 0.25, 0.28, s.accent)
    s.mouth(0, 0.34, 0.44, color, "#f6ecd9", lip=0.10)
    s.add(
        curve(
            [(-0.30, 0.345), (-0.22, 0.40), (-0.02, 0.44), (0.10, 0.41), (0.28, 0.385), (0.33, 0.34), (0.0, 0.305)],
            closed=True,
        ),
        color="#f6ecd9",
        puff=0.2,
        depth=0.8,
    )
    tip = (0.56, 0.30)
    s.add(rotated(ellipse(*tip, 0.28, 0.335), 18, tip), color=lift(lid, -0.10), light="flat")
    s.add(
        rotated(ellipse(tip[0] - 0.03, tip[1], 0.265, 0.32), 18, tip),
        color=lid,
        light="flat",
        depth=1.5,
        finish="metal",
    )
    s.on(rotated(ellipse(tip[0] - 0.03, tip[1], 0.20, 0.25), 18, tip), color=lift(lid, 0.03))


def _lipstick(s: Sketch) -> None:
    case, stick = s.dice.choice((INK, s.second, CREAM)), s.dice.choice(("#a83244", "#c4553f", "#8a2f4c", "#c96a6a"))
    s.lathe([(0.155, 0.0), (0.155, 0.36)], case, finish="gloss", smooth=False, cx=-0.10)
    s.disc(-0.10, 0.36, 0.155, lift(case, 0.08))
    s.lathe([(0.128, 0.36), (0.128, 0.56)], BRASS, finish="metal", smooth=False, cx=-0.10)
    s.disc(-0.10, 0.56, 0.128, lift(BRASS, 0.1))
    body = (
        (-0.205, 0.56),
        *arc(-0.10, 0.56, 0.105, 0.014, 180, 360),
        (0.005, 0.56),
        (0.005, 0.76),
        *curve([(0.005, 0.78), (-0.02, 0.865), (-0.09, 0.94), (-0.165, 0.955), (-0.205, 0.90), (-0.205, 0.8)]),
    )
    s.add(body, color=stick, light="round", finish="satin", guide=rounded(-0.205, 0.5, 0.005, 1.0, 0))
    s.add(
        curve([(-0.165, 0.945), (-0.09, 0.93), (-0.02, 0.855), (0.0, 0.78), (-0.06, 0.79), (-0.14, 0.85)], closed=True),
        color=lift(stick, 0.07),
        light="flat",
    )
    s.lathe([(0.165, 0.0), (0.165, 0.46)], case, finish="gloss", smooth=False, cx=0.34)
    s.stripe([(0.165, 0.0), (0.165, 0.5)], 0.02, 0.055, BRASS, cx=0.34)
    s.disc(0.34, 0.46, 0.165, lift(case, 0.07))


def _grinder(s: Sketch) -> None:
    color, wood = s.main, s.dice.choice((OAK, WALNUT))
    s.lathe([(0.17, 0.0), (0.175, 0.02), (0.175, 0.32)], lift(color, -0.03), finish="satin", smooth=False)
    s.lathe([(0.165, 0.32), (0.165, 0.345)], STEEL, finish="metal", smooth=False)
    body = [(0.175, 0.345), (0.175, 0.74), (0.168, 0.76)]
    s.lathe(body, color, finish="satin", smooth=False)
    s.stripe(body, 0.44, 0.66, wood)
    for k in range(9):
        x = math.sin((k - 4) * 0.34) * 0.172
        s.thread([(x, 0.45), (x, 0.65)], 0.005, lift(wood, -0.10), on=True, smooth=False, alpha=0.7)
    s.lathe([(0.172, 0.755), (0.150, 0.80), (0.05, 0.815)], STEEL, finish="metal")
    s.lathe([(0.03, 0.80), (0.03, 0.88)], STEEL, finish="metal", smooth=False)
    s.line([(0.0, 0.885), (0.30, 0.915), (0.45, 0.92)], 0.034, STEEL)
    s.line([(0.45, 0.92), (0.45, 0.99)], 0.022, STEEL, smooth=False)
    s.lathe([(0.03, 0.95), (0.062, 0.99), (0.06, 1.06), (0.02, 1.09)], wood, cx=0.45, finish="satin")


def perfume(s: Sketch) -> None:
    """A flacon of clear glass."""
    shape = s.dice.choice(("square", "round", "tall"))
    glass, juice = (
        mix(s.tint.wall, "#ffffff", 0.4),
        mix(s.accent, s.dice.choice(("#e8c98a", "#e7a9a0", "#b9c98a")), 0.55),
    )
    if shape == "round":
        outer, inner, top = ellipse(0, 0.34, 0.36, 0.34), ellipse(0, 0.32, 0.29, 0.265), 0.67
        inner = tuple((x, min(y, 0.46)) for x, y in inner)
    elif shape == "tall":
        outer, inner, top = rounded(-0.22, 0.0, 0.22, 0.72, 0.05), rounded(-0.175, 0.05, 0.175, 0.56, 0.03), 0.72
    else:
        outer, inner, top = rounded(-0.33, 0.0, 0.33, 0.60, 0.06), rounded(-0.28, 0.055, 0.28, 0.45, 0.035), 0.60
    s.add(outer, color=glass, light="round", finish="glass", alpha=0.8)
    s.add(inner, color=juice, light="round", finish="gloss", alpha=0.9)
    s.add(outer, color="#ffffff", light="round", finish="glass", alpha=0.14)
    s.shine(
        (
            *curve(
                [
                    (-0.24 if shape != "tall" else -0.18, top * 0.25),
                    (-0.26 if shape != "tall" else -0.185, top * 0.55),
                    (-0.21 if shape != "tall" else -0.18, top * 0.8),
                ]
            ),
            (-0.17, top * 0.78),
            (-0.2, top * 0.5),
            (-0.19, top * 0.28),
        ),
        alpha=0.55,
        blur=0.01,
    )
    s.add(rounded(-0.12, top * 0.30, 0.12, top * 0.52, 0.01), color=CREAM, light="flat")
    s.on(rounded(-0.075, top * 0.435, 0.075, top * 0.452, 0), color=INK)
    s.on(rounded(-0.045, top * 0.36, 0.045, top * 0.372, 0), color=INK)
    s.lathe([(0.085, top - 0.01), (0.085, top + 0.05)], BRASS, finish="metal", smooth=False)
    cap = s.dice.choice((s.main, INK, OAK))
    if s.dice.random() < 0.5:
        s.add(ellipse(0, top + 0.165, 0.13, 0.125), color=cap, light="ball", finish="gloss")
    else:
        s.lathe([(0.125, top + 0.05), (0.125, top + 0.24)], cap, finish="gloss", smooth=False)
        s.disc(0, top + 0.24, 0.125, lift(cap, 0.07))


def vase(s: Sketch) -> None:
    """A vessel of no particular use, with a twig: what we draw when we do not know what a thing is."""
    profiles = (
        [(0.16, 0.0), (0.19, 0.03), (0.33, 0.26), (0.27, 0.48), (0.10, 0.60), (0.09, 0.70), (0.13, 0.74)],
        [(0.20, 0.0), (0.24, 0.02), (0.27, 0.22), (0.15, 0.40), (0.21, 0.56), (0.17, 0.72)],
        [(0.24, 0.0), (0.36, 0.14), (0.36, 0.30), (0.22, 0.46), (0.16, 0.50), (0.18, 0.56)],
        [(0.13, 0.0), (0.15, 0.03), (0.20, 0.36), (0.26, 0.58), (0.24, 0.68), (0.17, 0.74)],
    )
    body = list(s.dice.choice(profiles))
    rim, top = body[-1]
    color = s.main
    if s.dice.random() < 0.65:
        side = s.dice.choice((-1, 1))
        twig = curve(
            [(0, top - 0.05), (side * 0.05, top + 0.14), (side * 0.16, top + 0.30), (side * 0.22, top + 0.42)], steps=6
        )
        s.thread(twig, 0.012, WALNUT, smooth=False)
        tone = s.dice.choice((s.accent, "#6f8a52", "#c9a25c"))
        for k in range(3, len(twig), 3):
            x, y = twig[k]
            for turn in (-38, 40):
                leaf = curve([(0, 0), (0.035, 0.05), (0.0, 0.13), (-0.035, 0.05)], closed=True)
                s.add(
                    rotated(moved(leaf, x, y), turn - side * 20, (x, y)),
                    color=lift(tone, 0.02 if turn > 0 else -0.02),
                    puff=0.2,
                    depth=0.8,
                )
    s.lathe(body, color, finish="satin")
    style = s.dice.choice(("dip", "bands", "plain", "foot"))
    if style == "dip":
        s.on((*arc(0, top * 0.55, 0.6, 0.06, 180, 360), (0.6, top + 0.2), (-0.6, top + 0.2)), color=s.second)
    elif style == "bands":
        for share in (0.40, 0.48, 0.56):
            s.stripe(body, top * share, top * share + 0.022, s.accent)
    elif style == "foot":
        s.stripe(body, -0.1, top * 0.24, s.second)
    neck = color if style != "dip" else s.second
    slope = 0.13
    s.add(ellipse(0, top, rim, rim * slope), color=lift(neck, 0.06), light="flat")
    s.add(
        (*arc(0, top, rim * 0.86, rim * slope * 0.8, 180, 360), *arc(0, top, rim * 0.86, rim * slope * 0.8, 0, 180)),
        color=lift(neck, -0.2),
        light="flat",
        finish="hollow",
    )


CARE = {"tube": tube, "perfume": perfume, "vase": vase}
