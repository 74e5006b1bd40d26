"""Things of the desk: notebook, pen, camera, phone, laptop, headphones."""

from __future__ import annotations

import math

from cms.core.drawing.palette import BRASS, CREAM, INK, OAK, STEEL, WALNUT, lift, mix
from cms.core.drawing.shapes import Ring, arc, curve, ellipse, moved, rotated, rounded, soften
from cms.core.drawing.sketch import Sketch


def notebook(s: Sketch) -> None:
    """One standing, two lying, or one open on a small stand."""
    form = s.dice.choice(("standing", "pile", "standing"))
    if form == "pile":
        y = 0.0
        for i, color in enumerate((s.second, s.accent)):
            wide = 0.50 - 0.03 * i
            s.add(rounded(-wide, y, wide, y + 0.11, 0.03), color=color, light="flat", depth=1.0)
            s.add(
                rounded(-wide + 0.03, y + 0.022, wide + 0.001, y + 0.088, 0.004), color=CREAM, light="flat", depth=0.8
            )
            for k in range(3):
                s.thread(
                    [(-wide, y + 0.038 + 0.018 * k), (wide, y + 0.038 + 0.018 * k)],
                    0.003,
                    lift(CREAM, -0.10),
                    on=True,
                    smooth=False,
                )
            y += 0.112
        _standing(s, y, 0.80, -5.0)
    else:
        s.add(rotated(rounded(-0.14, 0.0, 0.50, 0.80, 0.03), -7, (0.50, 0.0)), color=s.second, light="flat", depth=1.0)
        _standing(s, 0.0, 0.94, 0.0)


def _standing(s: Sketch, y: float, high: float, degrees: float) -> None:
    color, about = s.main, (0.0, y)
    wide = high * 0.36

    def turn(ring: Ring) -> Ring:
        return rotated(moved(ring, 0.0, y), degrees, about)

    s.add(turn(rounded(-wide + 0.03, 0.0, wide + 0.055, high - 0.012, 0.02)), color=lift(color, -0.10), light="flat")
    s.add(turn(rounded(-wide + 0.03, 0.014, wide + 0.046, high - 0.028, 0.012)), color=CREAM, light="flat", depth=0.9)
    for k in range(4):
        x = wide + 0.006 + 0.010 * k
        s.thread(turn(((x, 0.0), (x, high))), 0.003, lift(CREAM, -0.10), on=True, smooth=False)
    s.add(turn(rounded(wide * 0.30, -0.08 if y else 0.0, wide * 0.36, 0.05, 0.005)), color=s.accent, light="flat")
    s.add(turn(rounded(-wide, 0.0, wide, high, 0.045)), color=color, light="flat", depth=1.2)
    s.on(
        turn(rounded(-wide - 0.1, -0.1, -wide + 0.085, high + 0.1, 0.0)),
        color=s.second if s.dice.random() < 0.5 else lift(color, -0.06),
    )
    s.thread(turn(((-wide + 0.088, 0), (-wide + 0.088, high))), 0.006, lift(color, -0.12), on=True, smooth=False)
    style = s.dice.choice(("label", "lines", "disc", "plain"))
    pale = CREAM if s.is_dark(color) else s.accent
    if style == "label":
        s.on(turn(rounded(-wide * 0.38, high * 0.62, wide * 0.55, high * 0.80, 0.012)), color=pale)
        for share in (0.68, 0.735):
            s.thread(
                turn(((-wide * 0.24, high * share), (wide * 0.41, high * share))),
                0.007,
                INK if not s.is_dark(pale) else CREAM,
                on=True,
                smooth=False,
            )
    elif style == "lines":
        for k in range(4):
            s.on(
                turn(rounded(-wide + 0.12, high * (0.14 + 0.05 * k), wide + 0.1, high * (0.165 + 0.05 * k), 0)),
                color=pale,
            )
    elif style == "disc":
        s.on(turn(ellipse(0.05, high * 0.60, wide * 0.48, wide * 0.48)), color=pale)
        s.on(turn(arc(0.05, high * 0.60, wide * 0.48, wide * 0.48, 180, 360)), color=mix(pale, color, 0.35))
    s.shade(turn(rounded(wide * 0.64 + 0.012, -0.1, wide * 0.64 + 0.038, high + 0.1, 0)), alpha=0.4, blur=0.008)
    s.on(
        turn(rounded(wide * 0.64, -0.1, wide * 0.64 + 0.026, high + 0.1, 0)),
        color=INK if not s.is_dark(color) else s.accent,
    )


def pen(s: Sketch) -> None:
    """A fountain pen resting in the slope of a small block, nib up."""
    base = s.quiet(s.second, CREAM)
    s.lathe([(0.26, 0.0), (0.27, 0.03), (0.23, 0.13), (0.12, 0.20), (0.06, 0.215)], base, finish="satin")
    color, metal = s.main, s.dice.choice((BRASS, STEEL))
    about, lean = (0.0, 0.095), -24.0

    def turn(ring: Ring) -> Ring:
        return rotated(moved(ring, *about), lean, about)

    def side(low: float, high: float, r0: float, r1: float, tone: str, **how: object) -> None:
        s.add(turn(soften([(-r0, low), (r0, low), (r1, high), (-r1, high)], 0.006)), color=tone, light="plain", **how)
        for x, amount, width in ((-0.5, 0.42, 0.16), (-0.05, 0.10, 0.30), (0.62, -0.40, 0.26), (0.9, -0.55, 0.16)):
            bar = (
                (r0 * (x - width), low - 0.1),
                (r0 * (x + width), low - 0.1),
                (r1 * (x + width), high + 0.1),
                (r1 * (x - width), high + 0.1),
            )
            s.add(turn(bar), color=tone, light="plain", shift=amount, blur=r0 * 0.13, on=True, alpha=0.8)

    side(0.0, 0.40, 0.050, 0.064, color)
    side(0.38, 0.405, 0.067, 0.067, metal)
    side(0.405, 0.62, 0.064, 0.062, lift(color, 0.01))
    if s.dice.random() < 0.5:
        side(0.45, 0.49, 0.065, 0.065, s.accent)
    side(0.62, 0.64, 0.064, 0.064, metal)
    side(0.64, 0.80, 0.050, 0.042, INK if not s.is_dark(color) else s.accent)
    nib = [(-0.040, 0.79), (0.040, 0.79), (0.047, 0.85), (0.0, 1.0), (-0.047, 0.85)]
    s.add(turn(curve(nib[2:] + nib[:2], closed=True, steps=6)), color=metal, light="flat", depth=2.2, shift=0.18)
    s.thread(turn(((0.0, 0.86), (0.0, 0.985))), 0.006, INK, on=True, smooth=False)
    s.on(turn(ellipse(0, 0.86, 0.011, 0.011)), color=INK, light="plain")
    s.near_side([(0.26, 0.0), (0.27, 0.03), (0.23, 0.13), (0.19, 0.160)], base, finish="satin")
    s.lathe([(0.052, 0.0), (0.066, 0.02), (0.066, 0.26)], color, cx=-0.42, finish="gloss", smooth=False)
    s.lathe([(0.069, 0.0), (0.069, 0.03)], metal, cx=-0.42, finish="metal", smooth=False)
    s.disc(-0.42, 0.26, 0.066, lift(color, 0.08))
    s.line([(-0.40, 0.27), (-0.385, 0.25), (-0.385, 0.12)], 0.016, metal, smooth=False)


def camera(s: Sketch) -> None:
    if s.words & {"instant", "instantanea", "sofort"} or (
        not s.words & {"35", "compact", "kageno"} and s.dice.random() < 0.3
    ):
        _instant(s)
    else:
        _compact(s)


def _lens(s: Sketch, x: float, y: float, radius: float) -> None:
    s.shade(ellipse(x + radius * 0.16, y - radius * 0.16, radius * 1.06, radius * 1.06), alpha=0.5, blur=0.03)
    s.add(ellipse(x, y, radius, radius), color=s.dice.choice((STEEL, INK)), light="flat", depth=2.0)
    s.add(ellipse(x, y, radius * 0.88, radius * 0.88), color=lift(INK, 0.06), light="flat", depth=-1.2)
    for k in range(40):
        angle = math.radians(9 * k)
        cos, sin = math.cos(angle), math.sin(angle)
        s.thread(
            [(x + cos * radius * 0.80, y + sin * radius * 0.80), (x + cos * radius * 0.87, y + sin * radius * 0.87)],
            0.007,
            lift(INK, 0.2),
            on=True,
            smooth=False,
        )
    s.add(ellipse(x, y, radius * 0.68, radius * 0.68), color=INK, light="flat", depth=1.6)
    s.add(ellipse(x, y, radius * 0.54, radius * 0.54), color="#27404f", light="flat", depth=-2.6, shift=0.05)
    s.on(ellipse(x, y, radius * 0.30, radius * 0.30), color="#182530", light="plain")
    s.shine(
        rotated(
            ellipse(x - radius * 0.22, y + radius * 0.26, radius * 0.20, radius * 0.11),
            40,
            (x - radius * 0.22, y + radius * 0.26),
        ),
        alpha=0.75,
        blur=0.008,
    )
    s.on(
        ellipse(x + radius * 0.20, y - radius * 0.22, radius * 0.10, radius * 0.10),
        color="#8a6fb0",
        light="plain",
        alpha=0.6,
    )


def _compact(s: Sketch) -> None:
    leather, metal = s.main, s.dice.choice((STEEL, CREAM, INK))
    if metal == INK and s.is_dark(leather):
        metal = STEEL
    s.add(rounded(0.27, 0.53, 0.45, 0.60, 0.02), color=lift(metal, -0.06), light="round", finish="metal")
    s.add(rounded(-0.50, 0.53, -0.36, 0.575, 0.02), color=lift(metal, -0.06), light="round", finish="metal")
    s.add(ellipse(-0.22, 0.555, 0.05, 0.03), color=s.accent, light="ball", finish="satin")
    s.add(
        soften([(-0.16, 0.52), (0.16, 0.52), (0.12, 0.66), (-0.12, 0.66)], 0.03), color=metal, light="flat", depth=1.2
    )
    s.add(rounded(-0.085, 0.555, 0.085, 0.625, 0.015), color="#27323a", light="flat", depth=-1.5)
    s.add(rounded(-0.60, 0.0, 0.60, 0.55, 0.085), color=metal, light="flat", depth=1.2)
    s.on(rounded(-0.8, 0.085, 0.8, 0.43, 0.0), color=leather)
    grains = [
        ellipse(-0.58 + 0.035 * i + 0.017 * (j % 2), 0.10 + 0.03 * j, 0.006, 0.006)[::8]
        for i in range(34)
        for j in range(11)
    ]
    s.on(*grains, color=lift(leather, 0.05 if s.is_dark(leather) else -0.06), alpha=0.7)
    s.on(rounded(-0.8, 0.428, 0.8, 0.437, 0), color=lift(metal, -0.18))
    s.on(rounded(-0.8, 0.078, 0.8, 0.087, 0), color=lift(metal, -0.18))
    s.on(rounded(0.40, 0.455, 0.52, 0.515, 0.015), color="#27323a", light="flat")
    s.on(ellipse(-0.46, 0.485, 0.024, 0.024), color=s.accent, light="flat")
    _lens(s, 0.0, 0.265, 0.27)
    for x in (-0.605, 0.605):
        s.add(ellipse(x, 0.44, 0.025, 0.025), color=BRASS, light="ball", finish="metal")


def _instant(s: Sketch) -> None:
    color = s.quiet(CREAM, s.main) if s.dice.random() < 0.5 else s.main
    s.add(rounded(-0.28, 0.68, 0.28, 1.02, 0.012), color="#f7f2e7", light="flat")
    s.on(rounded(-0.235, 0.76, 0.235, 0.985, 0), color=mix(s.tint.wall, "#274b5a", 0.5), light="flat")
    s.on(ellipse(0.08, 0.88, 0.055, 0.055), color="#f0c877", light="flat")
    s.on(
        curve([(-0.3, 0.72), (-0.22, 0.84), (-0.08, 0.80), (0.08, 0.83), (0.28, 0.79), (0.3, 0.70)], closed=True),
        color="#1f3a44",
        light="flat",
        alpha=0.85,
    )
    s.on(rounded(-0.4, 0.0, 0.4, 0.76, 0), color="#f7f2e7", light="flat")
    body = soften([(-0.46, 0.0), (0.46, 0.0), (0.46, 0.30), (0.40, 0.70), (-0.40, 0.70), (-0.46, 0.30)], 0.07)
    s.add(body, color=color, light="flat", depth=1.3)
    s.on(rounded(-0.7, -0.1, 0.7, 0.20, 0), color=s.second if s.second != color else lift(color, -0.07))
    s.on(rounded(-0.32, 0.085, 0.32, 0.115, 0.012), color=INK, light="plain")
    for k, tone in enumerate((s.accent, s.main if color != s.main else BRASS, s.second)):
        s.on(rounded(-0.035 + 0.024 * k, 0.20, -0.011 + 0.024 * k, 0.33, 0), color=tone)
    s.add(rounded(-0.36, 0.54, -0.20, 0.63, 0.02), color="#f6e7bf", light="flat", depth=1.5)
    s.add(rounded(0.21, 0.54, 0.35, 0.63, 0.02), color="#27323a", light="flat", depth=-1.5)
    s.add(ellipse(0.35, 0.36, 0.05, 0.05), color="#c9563a", light="ball", finish="satin")
    _lens(s, 0.0, 0.43, 0.20)


def phone(s: Sketch) -> None:
    color = s.main
    back = rotated(rounded(-0.52, 0.0, -0.02, 0.94, 0.075), 6, (-0.02, 0.0))
    s.add(back, color=lift(color, -0.10), light="flat")
    inner = rotated(rounded(-0.51, 0.012, -0.03, 0.93, 0.068), 6, (-0.02, 0.0))
    s.add(inner, color=color, light="flat", depth=1.4)
    bump = rotated(rounded(-0.475, 0.66, -0.265, 0.895, 0.05), 6, (-0.02, 0.0))
    s.add(bump, color=lift(color, 0.05), puff=0.1)
    for x, y in ((-0.42, 0.835), (-0.42, 0.72), (-0.32, 0.78)):
        ((px, py),) = rotated([(x, y)], 6, (-0.02, 0.0))
        s.add(ellipse(px, py, 0.042, 0.042), color=STEEL, light="flat", depth=1.5)
        s.add(ellipse(px, py, 0.032, 0.032), color="#1d2a33", light="ball", finish="gloss")
    s.shade(rounded(-0.06, -0.03, 0.5, 0.95, 0.08), alpha=0.5, blur=0.03)
    s.add(rounded(-0.04, 0.0, 0.46, 0.96, 0.078), color=lift(INK, 0.04), light="flat", depth=1.5)
    s.add(rounded(-0.018, 0.022, 0.438, 0.938, 0.06), color=s.accent, light="flat", depth=1.2)
    s.on(ellipse(0.30, 0.66, 0.11, 0.11), color=mix(s.accent, CREAM, 0.6))
    s.on(
        curve([(-0.2, 0.0), (-0.1, 0.44), (0.12, 0.36), (0.28, 0.48), (0.6, 0.38), (0.6, -0.1)], closed=True),
        color=mix(s.accent, s.second, 0.55),
    )
    s.on(
        curve([(-0.2, -0.1), (-0.1, 0.20), (0.10, 0.27), (0.32, 0.16), (0.6, 0.26), (0.6, -0.1)], closed=True),
        color=s.second,
    )
    s.on(rounded(0.15, 0.885, 0.27, 0.913, 0.014), color=INK, light="plain")
    s.shine(((0.10, 1.0), (0.22, 1.0), (-0.02, 0.4), (-0.1, 0.5)), alpha=0.14, blur=0.01)


def laptop(s: Sketch) -> None:
    lid = s.dice.choice((STEEL, lift(s.main, 0.02), lift(INK, 0.08)))
    y = 0.0
    if s.words & {"riser", "stand"}:
        wood = s.dice.choice((OAK, WALNUT))
        for x in (-0.42, 0.42):
            s.add(
                soften([(x - 0.04, 0.0), (x + 0.04, 0.0), (x + 0.035, 0.24), (x - 0.035, 0.24)], 0.01),
                color=lift(wood, -0.07),
                light="flat",
            )
        s.add(
            soften([(-0.56, 0.20), (0.56, 0.20), (0.48, 0.28), (-0.48, 0.28)], 0.015),
            color=lift(wood, 0.06),
            light="flat",
        )
        s.add(rounded(-0.56, 0.165, 0.56, 0.21, 0.012), color=wood, light="flat")
        y = 0.22
    s.add(rounded(-0.50, y + 0.10, 0.50, y + 0.77, 0.035), color=lid, light="flat", depth=1.2)
    s.add(rounded(-0.485, y + 0.115, 0.485, y + 0.755, 0.024), color=lift(INK, -0.03), light="flat")
    s.add(rounded(-0.462, y + 0.135, 0.462, y + 0.732, 0.01), color=s.accent, light="flat", depth=1.1)
    s.on(ellipse(0.20, y + 0.52, 0.11, 0.11), color=mix(s.accent, CREAM, 0.65))
    s.on(
        curve(
            [
                (-0.6, y + 0.1),
                (-0.46, y + 0.42),
                (-0.2, y + 0.34),
                (0.05, y + 0.44),
                (0.30, y + 0.33),
                (0.6, y + 0.44),
                (0.6, y),
            ],
            closed=True,
        ),
        color=mix(s.accent, s.second, 0.5),
    )
    s.on(
        curve(
            [(-0.6, y), (-0.46, y + 0.24), (-0.16, y + 0.30), (0.16, y + 0.20), (0.6, y + 0.30), (0.6, y)], closed=True
        ),
        color=s.second,
    )
    s.shine(((-0.35, y + 0.8), (-0.12, y + 0.8), (-0.36, y + 0.1), (-0.6, y + 0.1)), alpha=0.10, blur=0.01)
    s.add(
        soften([(-0.60, y + 0.012), (0.60, y + 0.012), (0.505, y + 0.112), (-0.505, y + 0.112)], 0.012),
        color=lid,
        light="flat",
        depth=1.0,
        shift=0.05,
    )
    keys = []
    for row in range(3):
        high = y + 0.058 + row * 0.0165
        half = 0.475 - row * 0.014
        keys += [
            rounded(
                -half + (2 * half / 13) * k + 0.004,
                high,
                -half + (2 * half / 13) * (k + 1) - 0.004,
                high + 0.0125,
                0.003,
            )
            for k in range(13)
        ]
    s.on(*keys, color=lift(INK, 0.05), alpha=0.85)
    s.on(
        soften([(-0.13, y + 0.022), (0.13, y + 0.022), (0.12, y + 0.05), (-0.12, y + 0.05)], 0.004),
        color=lift(lid, -0.06),
    )
    s.add(rounded(-0.605, y - 0.012, 0.605, y + 0.022, 0.014), color=lift(lid, -0.05), light="flat")
    s.on(rounded(-0.07, y + 0.008, 0.07, y + 0.03, 0.008), color=lift(lid, -0.16))


def headphones(s: Sketch) -> None:
    if s.words & {"buds", "earbuds", "airpods"}:
        _buds(s)
        return
    opened = bool(s.words & {"open", "offen"})
    color = s.quiet(s.main, s.second)
    pad, metal = s.dice.choice((INK, WALNUT, s.accent)), s.dice.choice((STEEL, BRASS))
    foot = s.quiet(CREAM, s.second)
    s.lathe([(0.23, 0.0), (0.235, 0.03)], foot, smooth=False)
    s.disc(0, 0.03, 0.235, lift(foot, 0.04))
    s.lathe([(0.035, 0.03), (0.035, 0.86)], foot, smooth=False)
    s.add(rounded(-0.13, 0.83, 0.13, 0.93, 0.05), color=foot, puff=0.25)
    top = [(-0.375, 0.52), (-0.36, 0.74), (-0.24, 0.93), (0, 1.0), (0.24, 0.93), (0.36, 0.74), (0.375, 0.52)]
    s.line(top, 0.030 if opened else 0.062, metal if opened else color)
    if opened:
        s.line([(-0.30, 0.76), (-0.20, 0.865), (0, 0.91), (0.20, 0.865), (0.30, 0.76)], 0.055, pad)
    else:
        s.line([(-0.255, 0.885), (-0.13, 0.945), (0, 0.962), (0.13, 0.945), (0.255, 0.885)], 0.045, pad)
    for side in (-1, 1):
        s.line([(side * 0.375, 0.58), (side * 0.385, 0.46)], 0.03, metal, smooth=False)
        inner = rotated(
            rounded(side * 0.295 - 0.065, 0.20, side * 0.295 + 0.065, 0.56, 0.06), side * 7, (side * 0.30, 0.38)
        )
        s.add(inner, color=pad, puff=0.28, depth=1.0)
        cup = rotated(
            curve(
                [
                    (side * 0.335, 0.19),
                    (side * 0.335, 0.57),
                    (side * 0.43, 0.555),
                    (side * 0.495, 0.47),
                    (side * 0.505, 0.38),
                    (side * 0.495, 0.29),
                    (side * 0.43, 0.205),
                ],
                closed=True,
            ),
            side * 7,
            (side * 0.30, 0.38),
        )
        s.add(cup, color=color, puff=0.22, depth=1.1, finish="gloss")
        ring = rotated(
            curve([(side * 0.365, 0.17), (side * 0.365, 0.59), (side * 0.39, 0.59), (side * 0.39, 0.17)], closed=True),
            side * 7,
            (side * 0.30, 0.38),
        )
        s.on(ring, color=metal if not opened else INK)
        if opened:
            for k in range(5):
                y = 0.26 + 0.06 * k
                s.on(
                    rotated(
                        rounded(side * 0.455 - 0.04, y, side * 0.455 + 0.04, y + 0.02, 0.01),
                        side * 7,
                        (side * 0.30, 0.38),
                    ),
                    color=INK,
                )


def _buds(s: Sketch) -> None:
    color = s.quiet(s.main, s.second)
    s.add(
        curve(
            [(-0.46, 0.36), (-0.47, 0.62), (-0.34, 0.76), (0, 0.79), (0.34, 0.76), (0.47, 0.62), (0.46, 0.36)],
            closed=True,
        ),
        color=lift(color, -0.04),
        puff=0.16,
    )
    s.on(
        curve(
            [(-0.39, 0.38), (-0.40, 0.60), (-0.30, 0.69), (0, 0.715), (0.30, 0.69), (0.40, 0.60), (0.39, 0.38)],
            closed=True,
        ),
        color=lift(color, -0.13),
    )
    s.add(ellipse(0, 0.385, 0.455, 0.075), color=lift(color, -0.18), light="flat", depth=-1)
    bud = s.quiet(CREAM, s.accent)
    for side in (-1, 1):
        x = side * 0.19
        s.add(rotated(rounded(x - 0.052, 0.24, x + 0.052, 0.50, 0.05), side * -4, (x, 0.4)), color=bud, puff=0.3)
        head = curve(
            [
                (x - side * 0.10, 0.47),
                (x - side * 0.115, 0.56),
                (x - side * 0.03, 0.64),
                (x + side * 0.08, 0.61),
                (x + side * 0.10, 0.51),
                (x, 0.455),
            ],
            closed=True,
        )
        s.add(head, color=bud, puff=0.26)
        s.add(
            rotated(
                rounded(x + side * 0.015 - 0.012, 0.52, x + side * 0.015 + 0.012, 0.59, 0.012), side * -20, (x, 0.55)
            ),
            color=lift(bud, -0.16),
            light="flat",
        )
    front = (
        *arc(0, 0.385, 0.46, 0.075, 180, 360),
        (0.465, 0.20),
        *curve([(0.46, 0.20), (0.40, 0.05), (0.2, -0.01), (-0.2, -0.01), (-0.40, 0.05), (-0.46, 0.20)]),
    )
    s.add(front, color=color, puff=0.18, depth=1.0)
    s.add(ellipse(0, 0.20, 0.016, 0.016), color="#f4dfae", light="plain", shift=0.3)


DESK = {"notebook": notebook, "pen": pen, "camera": camera, "phone": phone, "laptop": laptop, "headphones": headphones}
