"""Things to cook with and to brew coffee in."""

from __future__ import annotations

import itertools

from cms.core.drawing.palette import BRASS, CREAM, INK, OAK, STEEL, WALNUT, lift, mix
from cms.core.drawing.shapes import curve, ellipse, rotated, rounded, soften
from cms.core.drawing.sketch import Sketch


def pan(s: Sketch) -> None:
    form = s.form({"pan": "pan", "set": "set", "wok": "pan", "pot": "pot", "olla": "pot"}, "pan", "pan", "pot")
    steel = bool(s.words & {"steel", "layered"})
    iron = bool(s.words & {"iron", "lenta"})
    color = STEEL if steel else lift(INK, 0.02) if iron else s.main
    finish = "metal" if steel else "satin"
    if form == "set":
        _pan_body(s, s.second, "satin", 0.0, 0.62, 0.20, 1)
        _pan_body(s, s.main, "satin", 0.19, 0.48, 0.17, 1)
    elif form == "pan":
        _pan_body(s, color, finish, 0.0, s.about(0.60, 0.05), s.about(0.20, 0.1), 1)
    else:
        _pot(s, color)


def _pan_body(s: Sketch, color: str, finish: str, y: float, radius: float, high: float, side: int) -> None:
    grip = s.dice.choice((WALNUT, OAK, INK))
    top = y + high
    s.line(
        [(side * radius * 0.9, top - 0.05), (side * (radius + 0.20), top + 0.02)], 0.05, lift(STEEL, -0.2), smooth=False
    )
    s.line(
        [
            (side * (radius + 0.18), top + 0.015),
            (side * (radius + 0.4), top + 0.085),
            (side * (radius + 0.66), top + 0.13),
        ],
        0.078,
        grip,
    )
    s.add(ellipse(side * (radius + 0.645), top + 0.126, 0.016, 0.013), color=lift(grip, -0.25), light="plain", on=True)
    body = [(radius * 0.78, y), (radius * 0.82, y + 0.02), (radius * 0.95, top - high * 0.3), (radius, top)]
    s.lathe(body, color, finish=finish)
    s.mouth(0, top, radius, lift(color, 0.04), lift(INK, 0.05) if finish != "metal" else lift(STEEL, -0.12), lip=0.035)
    s.shine(
        rotated(ellipse(radius * 0.3, top - radius * 0.05, radius * 0.34, radius * 0.035), 6), alpha=0.16, blur=0.025
    )


def _pot(s: Sketch, color: str) -> None:
    radius, high = 0.48, s.about(0.46, 0.06)
    for side in (-1, 1):
        s.line(
            [
                (side * radius * 0.97, high - 0.10),
                (side * (radius + 0.13), high - 0.085),
                (side * (radius + 0.13), high - 0.15),
                (side * radius * 0.97, high - 0.17),
            ],
            0.04,
            color,
        )
    body = [(radius * 0.92, 0), (radius, 0.05), (radius, high)]
    s.lathe(body, color, finish="gloss")
    s.stripe(body, -0.1, 0.035, mix(color, INK, 0.3))
    s.lathe(
        [(radius * 1.03, high), (radius * 1.0, high + 0.04), (radius * 0.6, high + 0.12), (0.03, high + 0.145)],
        lift(color, 0.02),
        finish="gloss",
    )
    s.lathe([(0.03, high + 0.13), (0.03, high + 0.16)], BRASS, finish="metal", smooth=False)
    s.lathe([(0.07, high + 0.16), (0.085, high + 0.185), (0.06, high + 0.21)], BRASS, finish="metal")


def knife(s: Sketch) -> None:
    forms = {
        "bread": "bread",
        "petty": "petty",
        "paring": "paring",
        "set": "block",
        "chefmaster": "block",
        "cook": "cook",
    }
    form = s.form(forms, "cook", "petty", "block")
    if form == "block":
        _knife_block(s)
        return
    wood = s.dice.choice((OAK, WALNUT, lift(OAK, 0.07)))
    s.lathe([(0.30, 0.0), (0.31, 0.03), (0.30, 0.06)], lift(wood, -0.05), finish="satin", smooth=False)
    s.disc(0, 0.06, 0.30, wood)
    s.shade(ellipse(0.05, 0.055, 0.24, 0.03), alpha=0.4)
    s.add(rounded(-0.225, 0.04, 0.245, 0.93, 0.06), color=lift(wood, -0.10), light="flat")
    s.add(rounded(-0.24, 0.045, 0.225, 0.935, 0.06), color=wood, light="flat", depth=1.2)
    for k in range(7):
        x = -0.20 + 0.062 * k
        wave = [(x + s.dice.uniform(-0.012, 0.012), 0.06 + 0.22 * j) for j in range(5)]
        s.thread(wave, 0.005, lift(wood, -0.07), on=True, alpha=0.55)
    length, deep = {"cook": (0.66, 0.17), "petty": (0.52, 0.105), "paring": (0.40, 0.095), "bread": (0.68, 0.12)}[form]
    _upright_knife(s, form, length, deep, 0.80)


def _upright_knife(s: Sketch, form: str, length: float, deep: float, heel: float) -> None:
    """Point down, edge to the left, held by a board's magnet."""
    spine_x, edge_x, tip = deep * 0.5, -deep * 0.5, heel - length
    edge = curve(
        [(edge_x, heel), (edge_x, heel - length * 0.35), (edge_x * 0.72, heel - length * 0.72), (spine_x * 0.86, tip)]
    )
    if form == "bread":
        steps = 15
        edge = tuple(
            (edge_x + (0.014 if i % 2 else 0.0) + (max(0, i - 26) * 0.006), heel - length * i / (steps * 2))
            for i in range(steps * 2 + 1)
        )
        edge = (*edge, (spine_x * 0.5, tip))
    blade = (*edge, (spine_x, heel - length * 0.88), (spine_x, heel))
    shadow = tuple((x + 0.026, y - 0.022) for x, y in blade)
    s.shade(shadow, alpha=0.5, blur=0.014)
    s.add(blade, color=STEEL, light="flat", depth=2.0, shift=0.18)
    s.on(
        (*((x, y) for x, y in edge), *((x + deep * 0.2, y) for x, y in reversed(edge))),
        color=lift(STEEL, 0.1),
        light="plain",
        shift=0.45,
    )
    s.shine(((-0.01, heel), (0.02, heel), (0.03, tip), (0.0, tip)), alpha=0.45, blur=0.02)
    grip = s.dice.choice((WALNUT, s.quiet(s.main, INK), INK))
    low, top = heel + 0.03, heel + 0.40
    x0, x1 = spine_x - 0.085, spine_x
    outline = [
        (x0, low),
        (x0 - 0.008, low + 0.12),
        (x0 + 0.006, low + 0.24),
        (x0 - 0.012, top - 0.02),
        (spine_x - 0.04, top),
        (x1 + 0.008, top - 0.05),
        (x1 - 0.004, low + 0.2),
        (x1 + 0.004, low + 0.08),
        (x1, low),
    ]
    s.add(curve(outline, closed=True), color=grip, puff=0.24, depth=1.3)
    for k in (0.09, 0.19, 0.29):
        s.on(ellipse((x0 + x1) / 2, low + k, 0.011, 0.011), color=BRASS, light="flat", shift=0.25)
    s.add(
        rounded(x0 - 0.006, heel - 0.012, x1 + 0.004, heel + 0.045, 0.01),
        color=s.dice.choice((BRASS, STEEL)),
        puff=0.2,
        depth=1.1,
    )


def _knife_block(s: Sketch) -> None:
    wood, grip = s.dice.choice(((OAK, INK), (WALNUT, s.quiet("#f2e7d5")), (INK, OAK)))
    handles = ((0.16, 0.30), (0.40, 0.36), (0.64, 0.28), (0.86, 0.24))
    for share, length in handles:
        root = (-0.14 + 0.54 * share, 0.72 - 0.12 * share)
        x, y = root
        s.add(
            rotated(rounded(x - 0.047, y, x + 0.047, y + length, 0.04), -16.5, root), color=grip, puff=0.22, depth=1.2
        )
        for k in (0.36, 0.68):
            ((px, py),) = rotated([(x, y + length * k)], -16.5, root)
            s.on(ellipse(px, py, 0.011, 0.011), color=BRASS, light="flat", shift=0.3)
        s.add(rotated(rounded(x - 0.05, y - 0.04, x + 0.05, y + 0.055, 0.008), -16.5, root), color=STEEL, puff=0.2)
    body = soften([(-0.36, 0.0), (0.20, 0.0), (0.40, 0.62), (-0.14, 0.74)], 0.035)
    s.add(body, color=wood, light="flat", depth=1.4)
    for k in range(8):
        x = -0.34 + 0.07 * k
        s.thread([(x, 0.0), (x + 0.10, 0.34), (x + 0.21, 0.74)], 0.005, lift(wood, -0.06), on=True, alpha=0.5)
    side = soften([(0.20, 0.0), (0.30, 0.03), (0.48, 0.64), (0.40, 0.62)], 0.01)
    s.add(side, color=lift(wood, -0.12), light="flat")


def coffeemaker(s: Sketch) -> None:
    forms = {
        "moka": "moka",
        "cone": "cone",
        "dripper": "cone",
        "pour": "cone",
        "pot": "pot",
        "olla": "pot",
        "barro": "pot",
        "machine": "machine",
        "espresso": "machine",
        "podfast": "machine",
        "brewer": "brewer",
    }
    form = s.form(forms, "moka", "cone", "machine", "brewer")
    {"moka": _moka, "cone": _dripper, "pot": _clay_pot, "machine": _machine, "brewer": _brewer}[form](s)


def _moka(s: Sketch) -> None:
    color = s.dice.choice((STEEL, STEEL, s.main))
    wide = 0.30
    upper_top = 0.86
    s.line(
        [(-wide * 0.6, 0.80), (-wide * 1.5, 0.80), (-wide * 1.66, 0.66), (-wide * 1.48, 0.40)],
        0.06,
        s.dice.choice((INK, WALNUT)),
    )
    s.add(soften([(wide * 0.6, 0.84), (wide * 0.8, 0.66), (wide * 1.36, 0.86)], 0.02), color=color, light="flat")
    for profile in ([(wide, 0.0), (wide * 0.80, 0.38)], [(wide * 0.70, 0.44), (wide * 0.96, upper_top)]):
        (r0, y0), (r1, y1) = profile
        s.lathe(profile, color, smooth=False, finish="matte")
        shares = (-1.0, -0.62, 0.12, 0.72, 1.0)
        lights = (0.06, 0.42, -0.10, -0.42)
        for (a, b), amount in zip(itertools.pairwise(shares), lights, strict=True):
            dip = 0.02
            facet = ((a * r0, y0 - dip), (b * r0, y0 - dip), (b * r1, y1 + dip), (a * r1, y1 + dip))
            s.on(facet, color=color, light="plain", shift=amount * 0.8)
    s.lathe(
        [(wide * 0.82, 0.375), (wide * 0.86, 0.39), (wide * 0.86, 0.43), (wide * 0.78, 0.45)],
        lift(color, -0.05),
        finish="metal",
        smooth=False,
    )
    s.lathe(
        [
            (wide * 0.99, upper_top - 0.005),
            (wide * 0.94, upper_top + 0.03),
            (wide * 0.3, upper_top + 0.09),
            (0.02, upper_top + 0.10),
        ],
        lift(color, 0.02),
        finish="metal",
    )
    s.lathe([(0.03, upper_top + 0.09), (0.045, upper_top + 0.13), (0.035, upper_top + 0.165)], INK, finish="satin")


def _glass_server(s: Sketch, wide: float, high: float, filled: float) -> None:
    body = [
        (wide * 0.86, 0.0),
        (wide, 0.05),
        (wide * 0.98, high * 0.35),
        (wide * 0.62, high * 0.9),
        (wide * 0.66, high),
    ]
    s.lathe(body, "#dfe7e4", finish="glass", alpha=0.62)
    level = high * filled
    coffee = [(wide * 0.83, 0.012), (wide * 0.955, 0.06), (wide * 0.94, level)]
    s.lathe(coffee, "#4a2818", finish="gloss", alpha=0.95)
    s.disc(0, level, wide * 0.94, "#6b4026")
    s.shine(ellipse(-wide * 0.4, level, wide * 0.3, 0.02), alpha=0.3)
    s.lathe(body, "#f4f7f2", finish="glass", alpha=0.16)
    s.shine(
        ((-wide * 0.80, 0.10), (-wide * 0.70, 0.10), (-wide * 0.66, high * 0.5), (-wide * 0.78, high * 0.42)),
        alpha=0.6,
        blur=0.01,
    )


def _dripper(s: Sketch) -> None:
    wide, high = 0.36, 0.50
    s.line(
        [
            (wide * 0.62, high * 0.86),
            (wide * 1.30, high * 0.84),
            (wide * 1.36, high * 0.42),
            (wide * 0.95, high * 0.26),
        ],
        0.045,
        s.dice.choice((WALNUT, INK)),
    )
    _glass_server(s, wide, high, 0.42)
    color = s.quiet(s.main, s.second)
    s.lathe([(0.29, high), (0.30, high + 0.03)], color, finish="satin", smooth=False)
    s.disc(0, high + 0.03, 0.30, lift(color, 0.04))
    s.line([(0.25, high + 0.34), (0.46, high + 0.34), (0.48, high + 0.20), (0.20, high + 0.12)], 0.045, color)
    cone = [(0.13, high + 0.02), (0.15, high + 0.06), (0.36, high + 0.42)]
    s.lathe(cone, color, finish="satin", smooth=False)
    for k in range(-3, 4):
        s.thread([(k * 0.032, high + 0.03), (k * 0.105, high + 0.42)], 0.008, lift(color, -0.07), on=True, alpha=0.5)
    s.mouth(0, high + 0.42, 0.36, color, lift(color, -0.1))
    s.add(ellipse(0, high + 0.405, 0.31, 0.045), color="#efe4d0", light="flat")
    s.on(ellipse(0, high + 0.395, 0.25, 0.035), color="#4a2818", light="flat")


def _clay_pot(s: Sketch) -> None:
    color = s.dice.choice(("#b5623c", "#8f4a2e", s.main))
    s.line([(0.2, 0.78), (0.52, 0.80), (0.56, 0.50), (0.33, 0.30)], 0.065, color)
    body = [(0.24, 0.0), (0.28, 0.03), (0.40, 0.26), (0.34, 0.52), (0.22, 0.68), (0.27, 0.86)]
    s.add(soften([(-0.10, 0.72), (-0.20, 0.66), (-0.40, 0.87), (-0.1, 0.875)], 0.03), color=color, puff=0.2)
    s.lathe(body, color, finish="matte")
    s.stripe(body, 0.50, 0.535, "#f2e1c4")
    s.stripe(body, 0.45, 0.465, "#f2e1c4")
    s.mouth(0, 0.86, 0.27, color, lift(color, -0.16), lip=0.09)


def _machine(s: Sketch) -> None:
    color = s.main
    s.add(rounded(-0.36, 0.0, 0.36, 0.09, 0.03), color=INK, light="flat")
    s.add(rounded(-0.30, 0.07, 0.30, 0.10, 0.015), color=STEEL, light="flat")
    s.add(rounded(-0.30, 0.06, 0.30, 0.70, 0.03), color=lift(color, -0.10), light="round")
    s.shade(rounded(-0.3, 0.5, 0.3, 0.66, 0.02), alpha=0.5, blur=0.05)
    cup_color = s.quiet("#f4ecdd")
    s.lathe([(0.085, 0.10), (0.12, 0.13), (0.135, 0.26)], cup_color, finish="satin")
    s.mouth(0, 0.26, 0.135, cup_color, "#5a3420", lip=0.08)
    s.add(rounded(-0.40, 0.58, 0.40, 0.98, 0.09), color=color, light="round", finish="satin")
    s.lathe([(0.05, 0.44), (0.07, 0.50), (0.11, 0.52), (0.11, 0.60)], STEEL, finish="metal", smooth=False)
    s.line([(0.09, 0.53), (0.34, 0.50)], 0.05, INK, smooth=False)
    s.add(ellipse(-0.24, 0.78, 0.085, 0.085), color=STEEL, light="flat", depth=1.6)
    s.add(ellipse(-0.24, 0.78, 0.070, 0.070), color=CREAM, light="flat")
    s.thread([(-0.24, 0.78), (-0.205, 0.815)], 0.012, INK, smooth=False)
    for x in (0.05, 0.16, 0.27):
        s.add(rounded(x - 0.032, 0.765, x + 0.032, 0.797, 0.016), color=s.accent, puff=0.25)
    s.add(rounded(-0.32, 0.975, 0.32, 1.0, 0.012), color=STEEL, light="flat")


def _brewer(s: Sketch) -> None:
    color = s.main
    s.add(rounded(-0.40, 0.0, 0.42, 0.10, 0.035), color=color, light="flat")
    s.add(rounded(0.16, 0.04, 0.42, 0.98, 0.045), color=lift(color, -0.03), light="round", finish="satin")
    s.add(rounded(0.235, 0.24, 0.275, 0.72, 0.02), color="#dfe7e4", light="flat")
    s.on(rounded(0.235, 0.24, 0.275, 0.52, 0.0), color="#7fa3ab", light="flat")
    glass = [(0.18, 0.10), (0.235, 0.14), (0.235, 0.32), (0.16, 0.45), (0.165, 0.48)]
    s.line([(-0.28, 0.44), (-0.47, 0.43), (-0.48, 0.22), (-0.34, 0.17)], 0.04, INK)
    s.lathe(glass, "#dfe7e4", cx=-0.12, finish="glass", alpha=0.7)
    s.lathe([(0.175, 0.11), (0.225, 0.15), (0.225, 0.28)], "#4a2818", cx=-0.12, finish="gloss")
    s.disc(-0.12, 0.28, 0.225, "#6b4026")
    s.lathe([(0.17, 0.47), (0.17, 0.51)], INK, cx=-0.12, finish="satin", smooth=False)
    basket = [(0.15, 0.57), (0.22, 0.78)]
    s.lathe(basket, lift(color, 0.02), cx=-0.12, finish="satin", smooth=False)
    s.add(rounded(-0.42, 0.78, 0.44, 1.0, 0.05), color=color, light="flat", depth=1.2)
    s.add(ellipse(0.29, 0.885, 0.03, 0.03), color=s.accent, light="ball", finish="satin")
    s.add(rounded(-0.36, 0.995, 0.38, 1.02, 0.012), color=lift(color, -0.08), light="flat")


COOKING = {"pan": pan, "knife": knife, "coffeemaker": coffeemaker}
