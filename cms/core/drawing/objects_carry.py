"""Things to carry and to carry things in: bag, backpack, suitcase, umbrella, bottle, flask."""

from __future__ import annotations

import math

from cms.core.drawing.palette import BRASS, CREAM, INK, OAK, STEEL, WALNUT, lift, mix
from cms.core.drawing.shapes import arc, curve, ellipse, rounded, soften, tilt
from cms.core.drawing.sketch import Sketch


def bag(s: Sketch) -> None:
    form = s.form(
        {"weekender": "duffel", "duffel": "duffel", "tote": "tote", "handbag": "flap", "clutch": "flap"},
        "tote",
        "duffel",
        "flap",
    )
    {"tote": _tote, "duffel": _duffel, "flap": _flap_bag}[form](s)


def _stitches(s: Sketch, points: list[tuple[float, float]], color: str) -> None:
    s.thread(points, 0.006, lift(color, 0.14 if s.is_dark(color) else -0.12), on=True, smooth=False, alpha=0.8)


def _tote(s: Sketch) -> None:
    color, strap = s.main, s.dice.choice((WALNUT, s.second, INK))
    s.line(arc(0.02, 0.60, 0.19, 0.36, 0, 180), 0.036, lift(strap, -0.08), smooth=False)
    s.add(
        soften([(-0.40, 0.62), (0.40, 0.62), (0.36, 0.67), (-0.36, 0.67)], 0.01), color=lift(color, -0.16), light="flat"
    )
    s.add(soften([(-0.36, 0.0), (0.36, 0.0), (0.43, 0.62), (-0.43, 0.62)], 0.04), color=color, puff=0.08, depth=0.9)
    if s.dice.random() < 0.65:
        s.on(rounded(-0.6, -0.1, 0.6, 0.17, 0.0), color=s.second)
        _stitches(s, [(-0.5, 0.18), (0.5, 0.18)], color)
    _stitches(s, [(-0.5, 0.575), (0.5, 0.575)], color)
    s.thread([(-0.23, 0.03), (-0.20, 0.24), (-0.24, 0.5)], 0.03, lift(color, -0.09), on=True, alpha=0.35, blur=0.02)
    s.thread([(0.27, 0.05), (0.23, 0.3), (0.28, 0.52)], 0.03, lift(color, -0.09), on=True, alpha=0.35, blur=0.02)
    s.line(arc(-0.02, 0.56, 0.20, 0.38, 0, 180), 0.038, strap, smooth=False)
    for x in (-0.22, 0.18):
        s.add(rounded(x - 0.032, 0.42, x + 0.032, 0.58, 0.012), color=strap, puff=0.2)
        s.add(ellipse(x, 0.45, 0.012, 0.012), color=BRASS, light="plain", shift=0.2)


def _duffel(s: Sketch) -> None:
    color, strap = s.main, s.dice.choice((WALNUT, s.second, OAK))
    s.line(arc(0.03, 0.40, 0.25, 0.36, 0, 180), 0.036, lift(strap, -0.09), smooth=False)
    body = curve(
        [
            (-0.60, 0.03),
            (-0.66, 0.22),
            (-0.60, 0.42),
            (-0.40, 0.50),
            (0, 0.515),
            (0.40, 0.50),
            (0.60, 0.42),
            (0.66, 0.22),
            (0.60, 0.03),
            (0.2, 0.0),
            (-0.2, 0.0),
        ],
        closed=True,
    )
    s.add(body, color=color, puff=0.16, depth=1.0)
    for side in (-1, 1):
        s.on(
            curve(
                [(side * 0.75, -0.1), (side * 0.50, -0.05), (side * 0.54, 0.2), (side * 0.50, 0.6), (side * 0.75, 0.6)],
                closed=True,
            ),
            color=s.second if s.second != strap else lift(color, -0.07),
        )
    s.on(rounded(-0.8, -0.1, 0.8, 0.075, 0), color=lift(strap, -0.02))
    s.thread([(-0.42, 0.485), (0, 0.497), (0.42, 0.485)], 0.016, lift(color, -0.15), on=True)
    s.thread([(-0.40, 0.489), (0, 0.50), (0.40, 0.489)], 0.005, BRASS, on=True)
    for x in (-0.27, 0.27):
        s.on(rounded(x - 0.034, -0.1, x + 0.034, 0.46, 0), color=strap)
        _stitches(s, [(x - 0.024, 0.0), (x - 0.024, 0.44)], strap)
        s.add(rounded(x - 0.03, 0.335, x + 0.03, 0.375, 0.008), color=BRASS, puff=0.2)
    s.line(arc(0, 0.36, 0.27, 0.38, 2, 178), 0.040, strap, smooth=False)
    s.add(rounded(-0.085, 0.70, 0.085, 0.765, 0.03), color=lift(strap, -0.05), puff=0.25)


def _flap_bag(s: Sketch) -> None:
    color = s.main
    s.line(
        [(-0.36, 0.48), (-0.30, 0.86), (0, 1.0), (0.30, 0.86), (0.36, 0.48)],
        0.034,
        s.dice.choice((color, BRASS, lift(color, -0.06))),
    )
    s.add(
        curve(
            [(-0.44, 0.03), (-0.46, 0.28), (-0.40, 0.54), (0.40, 0.54), (0.46, 0.28), (0.44, 0.03), (0, -0.01)],
            closed=True,
        ),
        color=lift(color, -0.03),
        puff=0.12,
        depth=1.0,
    )
    s.shade(
        curve([(-0.45, 0.52), (-0.44, 0.30), (-0.2, 0.20), (0.2, 0.19), (0.46, 0.29), (0.45, 0.52)], closed=True),
        alpha=0.4,
        blur=0.02,
    )
    s.add(
        curve(
            [
                (-0.43, 0.54),
                (-0.445, 0.36),
                (-0.26, 0.245),
                (0, 0.23),
                (0.26, 0.245),
                (0.445, 0.36),
                (0.43, 0.54),
                (0, 0.565),
            ],
            closed=True,
        ),
        color=color,
        puff=0.12,
        depth=1.0,
        finish="gloss",
    )
    s.add(ellipse(0, 0.27, 0.055, 0.055), color=BRASS, light="ball", finish="metal")
    for x in (-0.37, 0.37):
        s.add(ellipse(x, 0.50, 0.026, 0.026), color=BRASS, light="ball", finish="metal")


def backpack(s: Sketch) -> None:
    color, trim = s.main, s.second
    roll = s.form({"rolltop": "roll", "plegable": "roll", "rail": "zip", "tarn": "zip"}, "zip", "roll", "zip") == "roll"
    s.line(arc(0, 0.90, 0.075, 0.10, 0, 180), 0.026, INK, smooth=False)
    for side in (-1, 1):
        s.line(
            [(side * 0.26, 0.86), (side * 0.43, 0.66), (side * 0.45, 0.34), (side * 0.34, 0.08)],
            0.055,
            lift(color, -0.12),
        )
    if roll:
        s.add(soften([(-0.30, 0.60), (0.30, 0.60), (0.26, 0.90), (-0.26, 0.90)], 0.02), color=color, puff=0.1)
        s.add(rounded(-0.29, 0.84, 0.29, 0.945, 0.05), color=lift(color, 0.03), puff=0.3)
    body = curve(
        [
            (-0.33, 0.03),
            (-0.37, 0.30),
            (-0.345, 0.66),
            (-0.25, 0.86),
            (0, 0.91),
            (0.25, 0.86),
            (0.345, 0.66),
            (0.37, 0.30),
            (0.33, 0.03),
            (0, -0.015),
        ],
        closed=True,
    )
    if roll:
        body = curve(
            [
                (-0.33, 0.03),
                (-0.37, 0.30),
                (-0.34, 0.62),
                (-0.28, 0.80),
                (0, 0.81),
                (0.28, 0.80),
                (0.34, 0.62),
                (0.37, 0.30),
                (0.33, 0.03),
                (0, -0.015),
            ],
            closed=True,
        )
    s.add(body, color=color, puff=0.13, depth=1.0)
    s.on(rounded(-0.5, -0.1, 0.5, 0.10, 0), color=trim)
    if not roll:
        s.thread(
            [(-0.31, 0.60), (-0.22, 0.78), (0, 0.83), (0.22, 0.78), (0.31, 0.60)], 0.018, lift(color, -0.14), on=True
        )
        s.thread([(0.25, 0.755), (0.27, 0.69)], 0.02, s.accent, smooth=False)
    s.shade(rounded(-0.28, 0.06, 0.29, 0.46, 0.08), alpha=0.4, blur=0.02)
    s.add(
        curve(
            [
                (-0.26, 0.10),
                (-0.275, 0.28),
                (-0.25, 0.44),
                (0, 0.465),
                (0.25, 0.44),
                (0.275, 0.28),
                (0.26, 0.10),
                (0, 0.075),
            ],
            closed=True,
        ),
        color=lift(color, 0.025),
        puff=0.15,
        depth=0.9,
    )
    s.on(rounded(-0.4, 0.355, 0.4, 0.372, 0), color=lift(color, -0.14), light="plain")
    s.add(rounded(0.14, 0.28, 0.165, 0.37, 0.01), color=s.accent, puff=0.2)
    for x in (-0.17, 0.17):
        s.add(rounded(x - 0.026, 0.46, x + 0.026, 0.74, 0.01), color=trim, puff=0.2)
        s.add(rounded(x - 0.036, 0.53, x + 0.036, 0.585, 0.012), color=BRASS, puff=0.2)
    s.add(rounded(-0.065, 0.57, 0.065, 0.66, 0.012), color=s.accent, light="flat")


def suitcase(s: Sketch) -> None:
    color = s.main
    for x in (-0.13, 0.13):
        s.line([(x, 0.80), (x, 1.06)], 0.024, STEEL, smooth=False)
    s.add(rounded(-0.175, 1.04, 0.175, 1.09, 0.022), color=INK, puff=0.25)
    for x in (-0.25, 0.25):
        s.add(rounded(x - 0.05, 0.0, x + 0.05, 0.10, 0.02), color=INK, puff=0.2)
        s.add(ellipse(x, 0.042, 0.045, 0.045), color=lift(INK, 0.08), light="ball", finish="satin")
    s.line([(-0.09, 0.845), (-0.075, 0.895), (0.075, 0.895), (0.09, 0.845)], 0.03, INK)
    s.add(rounded(-0.345, 0.07, 0.345, 0.86, 0.09), color=color, puff=0.09, depth=1.0, finish="gloss")
    if s.words & {"soft"} or s.dice.random() < 0.35:
        s.on(rounded(-0.5, 0.60, 0.5, 0.66, 0), color=s.second)
        s.on(rounded(-0.5, 0.26, 0.5, 0.32, 0), color=s.second)
    else:
        grooves = [rounded(x - 0.012, 0.14, x + 0.012, 0.79, 0.01) for x in (-0.25, -0.165, -0.08, 0.08, 0.165, 0.25)]
        s.on(*grooves, color=lift(color, -0.085))
        s.on(*[tuple((px + 0.014, py) for px, py in ring) for ring in grooves], color=lift(color, 0.06), alpha=0.5)
        s.on(*grooves, color=lift(color, -0.07))
    for x in (-0.345, 0.345):
        for y in (0.07, 0.86):
            s.on(ellipse(x, y, 0.10, 0.10), color=lift(color, -0.10))
    s.add(rounded(-0.045, 0.43, 0.045, 0.50, 0.014), color=s.accent, light="flat", depth=1.2)
    s.line([(0.06, 0.86), (0.15, 0.74), (0.16, 0.70)], 0.012, WALNUT)
    s.add(rounded(0.115, 0.55, 0.205, 0.70, 0.03), color=s.accent, light="flat")
    s.on(rounded(0.135, 0.58, 0.185, 0.63, 0.008), color=CREAM)


def umbrella(s: Sketch) -> None:
    forms = {
        "pocket": "folded",
        "mini": "folded",
        "tsuyu": "folded",
        "stick": "open",
        "walking": "open",
        "brisa": "open",
    }
    form = s.form(forms, "open", "open", "folded")
    if form == "folded":
        _folded(s)
    else:
        _open(s)


def _open(s: Sketch) -> None:
    color, wood = s.main, s.dice.choice((WALNUT, OAK, INK))
    rod = s.dice.choice((STEEL, BRASS))
    s.line([(0, 0.10), (0, 0.97)], 0.020, rod, smooth=False)
    s.line([(0.0, 0.22), (0.0, 0.07), (0.055, 0.022), (0.11, 0.06), (0.115, 0.11)], 0.040, wood)
    wide, low, high = 0.60, 0.56, 0.93
    panels = 6
    edges = [math.sin(math.pi * (k / panels - 0.5)) * wide for k in range(panels + 1)]
    inner = []
    for k in range(panels):
        x0, x1 = edges[k], edges[k + 1]
        inner += [(x0 + (x1 - x0) * t, low + 0.05 * math.sin(math.pi * t)) for t in (0.0, 0.25, 0.5, 0.75)]
    inner.append((wide, low))
    under = (*inner, *arc(0, low, wide, 0.11, 0, 180))
    s.add(under, color=lift(color, -0.16), light="flat")
    dome = (*inner, *arc(0, low, wide, high - low, 0, 180))
    s.add(dome, color=color, puff=0.16, depth=1.1)
    for k in range(panels):
        x0, x1 = edges[k], edges[k + 1]
        left = arc(0, low, abs(x0), high - low, 180 if x0 < 0 else 0, 90) if abs(x0) > 0.01 else ((0, low), (0, high))
        right = arc(0, low, abs(x1), high - low, 180 if x1 < 0 else 0, 90) if abs(x1) > 0.01 else ((0, low), (0, high))
        if k % 2:
            s.on((*left, *reversed(right)), color=lift(color, -0.05))
        s.thread(left, 0.005, lift(color, -0.12), on=True, smooth=False)
    if s.dice.random() < 0.45:
        scallops = [(x, y + 0.055) for x, y in inner]
        s.on((*inner, *reversed(scallops)), color=s.accent)
    s.lathe([(0.022, high - 0.012), (0.014, high + 0.03), (0.010, high + 0.085)], wood, finish="satin")


def _folded(s: Sketch) -> None:
    color, grip = s.main, s.dice.choice((WALNUT, OAK, INK))
    s.line([(0.02, 0.92), (0.13, 1.04), (0.24, 0.90), (0.17, 0.72), (0.06, 0.86)], 0.016, s.accent)
    s.lathe([(0.035, 0.0), (0.04, 0.02), (0.04, 0.07)], STEEL, finish="metal", smooth=False)
    body = [(0.125, 0.05), (0.155, 0.09), (0.165, 0.40), (0.150, 0.70), (0.085, 0.76)]
    s.lathe(body, color)
    for k, amount in enumerate((-0.10, 0.05, -0.08, 0.04, -0.09)):
        x = -0.15 + 0.065 * k
        s.on(((x, 0.0), (x + 0.028, 0.0), (x + 0.085, 0.8), (x + 0.06, 0.8)), color=lift(color, amount), alpha=0.8)
    s.stripe(body, 0.40, 0.475, s.accent)
    s.on(ellipse(0.045, 0.405, 0.019, 0.019), color=BRASS, light="flat", shift=0.3)
    s.lathe([(0.05, 0.74), (0.05, 0.79)], STEEL, finish="metal", smooth=False)
    s.lathe([(0.060, 0.78), (0.075, 0.83), (0.070, 0.93), (0.05, 0.965)], grip, finish="satin")


def bottle(s: Sketch) -> None:
    forms = {
        "agua": "scent",
        "eau": "scent",
        "salina": "scent",
        "wine": "wine",
        "oil": "wine",
        "honey": "jar",
        "once": "sport",
    }
    form = s.form(forms, "sport", "wine", "sport", "soda")
    if form == "scent":
        _scent(s)
    elif form == "wine":
        _wine(s)
    elif form == "jar":
        _jar(s)
    else:
        _sport(s, slim=form == "soda")


def _sport(s: Sketch, *, slim: bool) -> None:
    color, wide = s.main, s.about(0.155 if slim else 0.19, 0.06)
    neck = wide * (0.44 if slim else 0.62)
    body = [
        (wide * 0.95, 0.0),
        (wide, 0.025),
        (wide, 0.56 if slim else 0.64),
        (wide * 0.86, 0.70),
        (neck, 0.80),
        (neck, 0.84),
    ]
    s.lathe(body, color, finish="satin")
    style = s.dice.choice(("dip", "stripes", "label"))
    if style == "dip":
        s.on((*arc(0, 0.30, 0.4, 0.05, 180, 360), (0.4, -0.2), (-0.4, -0.2)), color=s.second)
    elif style == "stripes":
        s.stripe(body, 0.46, 0.50, s.accent)
        s.stripe(body, 0.42, 0.435, s.accent)
    else:
        s.on(rounded(-wide * 0.46, 0.22, wide * 0.46, 0.48, 0.02), color=CREAM if s.is_dark(color) else s.second)
    s.lathe([(neck * 0.98, 0.83), (neck * 0.98, 0.845)], STEEL, finish="metal", smooth=False)
    cap = s.dice.choice((OAK, INK, s.accent))
    s.lathe([(neck * 1.08, 0.845), (neck * 1.08, 0.94)], cap, finish="satin", smooth=False)
    s.disc(0, 0.94, neck * 1.08, lift(cap, 0.05))
    s.line(arc(0, 0.945, neck * 0.72, 0.075, 4, 176), 0.026, cap if cap != OAK else INK, smooth=False)


def _wine(s: Sketch) -> None:
    color = s.dice.choice(("#2f4a3a", "#5a2632", s.main))
    body = [(0.155, 0.0), (0.165, 0.03), (0.165, 0.52), (0.13, 0.62), (0.06, 0.72), (0.052, 0.94)]
    s.lathe(body, color, finish="gloss")
    s.on((*arc(0, 0.16, 0.3, 0.045, 180, 360), *arc(0, 0.45, 0.3, 0.045, 360, 180)), color=CREAM)
    s.on((*arc(0, 0.35, 0.3, 0.045, 180, 360), *arc(0, 0.39, 0.3, 0.045, 360, 180)), color=s.accent)
    s.on(ellipse(-0.01, 0.235, 0.045, 0.045), color=s.second)
    s.lathe([(0.058, 0.82), (0.058, 0.97)], s.accent, finish="satin", smooth=False)
    s.disc(0, 0.97, 0.058, lift(s.accent, 0.06))


def _jar(s: Sketch) -> None:
    body = [(0.28, 0.0), (0.33, 0.05), (0.33, 0.46), (0.26, 0.56), (0.26, 0.60)]
    s.lathe(body, "#d08a2e", finish="gloss")
    s.on((*arc(0, 0.14, 0.5, 0.07, 180, 360), *arc(0, 0.38, 0.5, 0.07, 360, 180)), color=CREAM)
    s.lathe([(0.28, 0.58), (0.28, 0.70)], s.second, finish="satin", smooth=False)
    s.disc(0, 0.70, 0.28, lift(s.second, 0.05))


def _scent(s: Sketch) -> None:
    color = mix(s.tint.wall, "#ffffff", 0.35)
    s.add(rounded(-0.33, 0.0, 0.33, 0.60, 0.07), color=color, light="round", finish="glass", alpha=0.85)
    s.on(
        rounded(-0.285, 0.05, 0.285, 0.44, 0.04),
        color=mix(s.accent, "#e8c98a", 0.55),
        light="round",
        finish="gloss",
        alpha=0.85,
    )
    s.add(rounded(-0.33, 0.0, 0.33, 0.60, 0.07), color="#ffffff", light="round", finish="glass", alpha=0.15)
    s.shine(rounded(-0.295, 0.06, -0.255, 0.55, 0.02), alpha=0.6, blur=0.008)
    s.add(rounded(-0.14, 0.16, 0.14, 0.36, 0.01), color=CREAM, light="flat")
    s.on(rounded(-0.085, 0.285, 0.085, 0.298, 0), color=INK)
    s.on(rounded(-0.05, 0.235, 0.05, 0.243, 0), color=INK)
    s.lathe([(0.09, 0.60), (0.09, 0.66)], BRASS, finish="metal", smooth=False)
    s.lathe([(0.135, 0.66), (0.135, 0.86)], s.main, finish="gloss", smooth=False)
    s.disc(0, 0.86, 0.135, lift(s.main, 0.07))


def flask(s: Sketch) -> None:
    """A vacuum flask whose lid is its cup."""
    color, wide = s.main, s.about(0.185, 0.05)
    if s.dice.random() < 0.6:
        s.line(
            [(wide * 0.9, 0.66), (wide + 0.13, 0.62), (wide + 0.15, 0.42), (wide + 0.11, 0.25), (wide * 0.9, 0.21)],
            0.042,
            s.dice.choice((INK, WALNUT)),
        )
    body = [(wide * 0.96, 0.0), (wide, 0.02), (wide, 0.66), (wide * 0.88, 0.73)]
    s.lathe(body, color, finish="satin")
    s.stripe(body, -0.1, 0.05, STEEL)
    if s.dice.random() < 0.6:
        s.stripe(body, 0.50, 0.54, s.accent)
        s.stripe(body, 0.46, 0.475, s.accent)
    else:
        s.stripe(body, 0.26, 0.56, s.second)
    s.lathe([(wide * 0.86, 0.72), (wide * 0.86, 0.755)], STEEL, finish="metal", smooth=False)
    lid = [(wide * 0.98, 0.755), (wide * 0.96, 0.90), (wide * 0.86, 0.955), (wide * 0.5, 0.975)]
    cap = s.dice.choice((CREAM, s.second, STEEL))
    s.lathe(lid, cap, finish="metal" if cap == STEEL else "satin")
    s.add(ellipse(0, 0.975, wide * 0.5, wide * 0.5 * tilt(1)), color=lift(cap, 0.05), light="flat")


CARRY = {"bag": bag, "backpack": backpack, "suitcase": suitcase, "umbrella": umbrella, "bottle": bottle, "flask": flask}
