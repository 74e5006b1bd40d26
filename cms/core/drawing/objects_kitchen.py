"""Things to drink and eat from: kettle, cup, bowl, teapot."""

from __future__ import annotations

from cms.core.drawing.palette import BRASS, INK, OAK, STEEL, WALNUT, lift, mix
from cms.core.drawing.shapes import arc, curve, ellipse, soften, tilt
from cms.core.drawing.sketch import Sketch


def kettle(s: Sketch) -> None:
    form = s.form(
        {"gooseneck": "goose", "pour": "goose", "tetsu": "iron", "iron": "iron", "mini": "dome"}, "dome", "jug", "goose"
    )
    if form == "goose":
        _gooseneck(s)
    elif form == "jug":
        _jug(s)
    else:
        _stove_kettle(s, iron=form == "iron")


def _stove_kettle(s: Sketch, *, iron: bool) -> None:
    color = lift(INK, 0.03) if iron else s.main
    finish = "satin" if iron else "gloss"
    wide, high = s.about(0.40, 0.05), s.about(0.46, 0.07)
    body = [
        (wide * 0.90, 0.0),
        (wide * 1.0, 0.06),
        (wide * 1.0, high * 0.42),
        (wide * 0.82, high * 0.80),
        (wide * 0.46, high * 1.0),
    ]
    grip = WALNUT if s.is_dark(color) or s.dice.random() < 0.5 else INK
    top = high + 0.42
    for side in (-1, 1):
        s.line(
            [(side * wide * 0.70, high * 0.84), (side * wide * 0.74, high * 1.25), (side * wide * 0.56, top - 0.03)],
            0.022,
            STEEL,
        )
    spout = curve([(wide * 0.70, 0.12), (wide * 1.12, 0.19), (wide * 1.42, high * 0.80), (wide * 1.60, high * 1.02)])
    under = curve([(wide * 1.46, high * 1.05), (wide * 1.22, high * 0.78), (wide * 0.95, 0.36), (wide * 0.6, 0.36)])
    s.add((*spout, *under), color=color, finish=finish, puff=0.2, depth=1.1)
    s.lathe(body, color, finish=finish)
    if iron:
        for row in range(5):
            for i in range(13):
                u = (i + 0.5 * (row % 2) - 6) / 6.4
                x, y = wide * 0.98 * u * (1 - 0.16 * u * u), 0.11 + row * 0.055 - 0.05 * (1 - u * u)
                s.on(ellipse(x, y, 0.013 * (1.15 - u * u * 0.6), 0.013), color=lift(color, 0.12))
    elif s.dice.random() < 0.6:
        s.stripe(body, 0.02, 0.055, s.accent)
    s.shine(ellipse(-wide * 0.56, high * 0.5, wide * 0.07, high * 0.22), alpha=0.25, blur=0.02)
    lid = [(wide * 0.50, high - 0.02), (wide * 0.49, high + 0.015), (wide * 0.32, high + 0.055), (0.02, high + 0.075)]
    s.lathe(lid, lift(color, 0.02), finish=finish)
    s.lathe([(0.02, high + 0.06), (0.022, high + 0.085)], STEEL, finish="metal", smooth=False)
    s.add(ellipse(0, high + 0.115, 0.042, 0.038), color=grip, light="ball", finish="satin")
    s.line(arc(0, top - 0.06, wide * 0.60, 0.10, 155, 25), 0.052, grip, smooth=False)


def _gooseneck(s: Sketch) -> None:
    color = s.quiet(s.main, s.second)
    low, rim, high = s.about(0.34), 0.21, s.about(0.52, 0.06)
    body = [(low * 0.97, 0.0), (low, 0.04), (low * 0.93, high * 0.4), (rim * 1.08, high * 0.9), (rim, high)]
    s.line(
        [
            (low * 0.7, 0.10),
            (low * 1.25, 0.10),
            (low * 1.55, 0.26),
            (low * 1.52, 0.46),
            (low * 1.78, 0.60),
            (low * 2.02, 0.585),
        ],
        0.044,
        color,
    )
    s.line(
        [(-rim * 0.9, high - 0.03), (-low * 1.25, high + 0.02), (-low * 1.42, high - 0.10), (-low * 1.32, 0.16)],
        0.056,
        s.dice.choice((WALNUT, OAK, INK)),
    )
    s.lathe(body, color, finish="satin")
    s.stripe(body, 0.0, 0.03, mix(color, INK, 0.35))
    s.lathe(
        [(rim * 1.04, high - 0.01), (rim * 1.02, high + 0.03), (rim * 0.6, high + 0.055), (0.02, high + 0.06)],
        lift(color, 0.03),
        finish="satin",
    )
    s.lathe([(0.018, high + 0.05), (0.018, high + 0.075)], STEEL, finish="metal", smooth=False)
    s.lathe([(0.04, high + 0.075), (0.05, high + 0.10), (0.04, high + 0.125)], WALNUT, finish="satin")


def _jug(s: Sketch) -> None:
    color = s.main
    base, rim, high = s.about(0.30, 0.05), s.about(0.22, 0.05), 0.80
    body = [(base, 0.06), (base * 0.99, 0.12), (base * 0.9, high * 0.5), (rim, high)]
    lip = soften(
        [(rim * 0.6, high - 0.14), (rim * 0.95, high - 0.16), (rim + 0.15, high + 0.01), (rim * 0.6, high + 0.015)],
        0.03,
    )
    s.lathe([(base * 1.02, 0.0), (base * 1.04, 0.045)], INK, finish="satin", smooth=False)
    s.disc(0, 0.045, base * 1.04, lift(INK, 0.08))
    s.line(
        [
            (-rim * 0.8, high - 0.04),
            (-base * 1.30, high - 0.06),
            (-base * 1.50, high * 0.62),
            (-base * 1.28, 0.22),
            (-base * 0.9, 0.18),
        ],
        0.062,
        s.dice.choice((INK, WALNUT)),
    )
    s.add(lip, color=color, finish="gloss", puff=0.2)
    s.lathe(body, color, finish="gloss")
    s.stripe(body, 0.10, 0.125, s.accent)
    s.lathe(
        [(rim * 1.0, high - 0.005), (rim * 0.97, high + 0.02), (rim * 0.5, high + 0.05), (0.02, high + 0.055)],
        lift(color, -0.04),
        finish="satin",
    )
    s.lathe([(0.05, high + 0.05), (0.055, high + 0.07), (0.04, high + 0.09)], INK, finish="satin")


def cup(s: Sketch) -> None:
    form = s.form(
        {"yunomi": "tall", "tall": "tall", "low": "low", "barro": "low", "glass": "tall"}, "mug", "low", "tall", "mug"
    )
    color = s.quiet(s.main, s.second)
    if form == "tall":
        rim, high, foot = 0.27, s.about(0.68, 0.06), 0.22
        body = [(foot * 0.92, 0.0), (foot, 0.03), (rim * 0.97, high * 0.4), (rim, high)]
    elif form == "low":
        rim, high = 0.42, s.about(0.40, 0.08)
        body = [(0.18, 0.0), (0.19, 0.035), (0.33, 0.09), (0.405, 0.22), (rim, high)]
    else:
        rim, high = 0.33, s.about(0.60, 0.06)
        body = [(0.27, 0.0), (0.32, 0.035), (0.33, 0.12), (0.33, high * 0.5), (rim, high)]
        x = rim * 0.94
        s.line(
            [
                (x, high * 0.82),
                (x + 0.17, high * 0.80),
                (x + 0.21, high * 0.52),
                (x + 0.13, high * 0.25),
                (x - 0.02, high * 0.2),
            ],
            0.062,
            color,
        )
    if form == "low" and s.dice.random() < 0.6:
        s.lathe([(0.30, -0.02), (0.48, 0.005), (0.53, 0.03)], s.second, finish="satin")
        s.disc(0, 0.03, 0.53, lift(s.second, 0.04))
        s.shade(ellipse(0.05, 0.02, 0.26, 0.05), alpha=0.4)
    s.lathe(body, color, finish="satin")
    glaze = s.accent if s.dice.random() < 0.7 else lift(color, 0.12)
    style = s.dice.choice(("dip", "stripe", "foot", "plain"))
    if style == "dip":
        s.on((*arc(0, high * 0.52, 0.6, 0.6 * tilt(0.3), 180, 360), (0.6, high + 0.3), (-0.6, high + 0.3)), color=glaze)
    elif style == "stripe":
        s.stripe(body, high * 0.62, high * 0.70, glaze)
        s.stripe(body, high * 0.55, high * 0.58, glaze)
    elif style == "foot":
        s.stripe(body, -0.1, high * 0.26, mix(color, OAK, 0.6))
    s.mouth(0, high, rim, glaze if style == "dip" else color, lift(color, -0.12), lip=0.06)
    if s.dice.random() < 0.75:
        drink = s.dice.choice(("#5a3420", "#8c5a2b", "#6f7a35"))
        inner = rim * 0.94
        slope = tilt(high)
        s.on(ellipse(0, high - rim * slope * 0.42, inner, inner * slope * 0.86), color=drink, light="flat")


def bowl(s: Sketch) -> None:
    count = 3 if s.words & {"bowls", "nesting", "set"} else s.dice.choice((1, 1, 2))
    colors = (s.main, s.second, s.accent)
    steep = s.about(0.60 if count == 1 else 0.54, 0.06)
    y, wide = 0.0, 0.62
    shells = []
    for color in colors[:count]:
        high = wide * steep
        shells.append(
            (
                color,
                [
                    (wide * 0.40, y),
                    (wide * 0.42, y + 0.03),
                    (wide * 0.74, y + high * 0.30),
                    (wide * 0.95, y + high * 0.68),
                    (wide, y + high),
                ],
            )
        )
        y, wide = y + high * (0.40 if len(shells) == 1 else 0.46), wide * 0.78
    for color, body in shells:
        radius, top = body[-1]
        s.lathe(body, color, finish="satin")
        s.mouth(0, top, radius, color, lift(color, -0.08), lip=0.045)
    radius, top = shells[-1][1][-1]
    filled = s.dice.random() < (0.8 if count == 1 else 0.0)
    if filled:
        _fruit(s, top, radius)
    striped = s.dice.random() < 0.6
    for color, body in reversed(shells):
        if color != shells[-1][0] or filled:
            s.near_side(body, color, finish="satin")
        if striped and body is shells[0][1]:
            base, high = body[0][1], body[-1][1]
            s.stripe(
                body,
                base + (high - base) * 0.76,
                base + (high - base) * 0.84,
                s.accent if count == 1 else lift(color, 0.12),
            )


def _fruit(s: Sketch, top: float, radius: float) -> None:
    tones = s.dice.choice(
        (("#d9803f", "#e2a03f", "#c9663a"), ("#8f9a4a", "#a8ad58", "#7d8a3f"), ("#b5453a", "#8f3040", "#c9605a"))
    )
    for (x, dy, r), tone in zip(((-0.40, 0.05, 0.25), (0.03, 0.10, 0.27), (0.44, 0.04, 0.235)), tones, strict=True):
        cx, cy, size = x * radius, top + dy * radius, r * radius
        s.add(ellipse(cx, cy, size, size), color=tone, light="ball", finish="satin")
        s.thread([(cx, cy + size * 0.86), (cx + 0.012, cy + size * 1.12)], 0.014, WALNUT)


def teapot(s: Sketch) -> None:
    side_handle = s.form({"kyusu": "side", "side": "side"}, "loop", "bail", "loop", "side")
    color = s.main
    wide, high = 0.40, s.about(0.46, 0.06)
    body = [
        (wide * 0.55, 0.0),
        (wide * 0.62, 0.025),
        (wide * 0.96, high * 0.34),
        (wide * 0.94, high * 0.68),
        (wide * 0.44, high * 1.0),
    ]
    spout = curve([(-wide * 0.7, 0.10), (-wide * 1.18, 0.20), (-wide * 1.42, high * 0.86), (-wide * 1.66, high * 1.0)])
    back = curve([(-wide * 1.46, high * 1.03), (-wide * 1.16, high * 0.80), (-wide * 0.96, 0.33), (-wide * 0.7, 0.34)])
    s.add((*spout, *back), color=color, finish="satin", puff=0.2, depth=1.1)
    if side_handle == "loop":
        s.line(
            [
                (wide * 0.8, high * 0.84),
                (wide * 1.30, high * 0.98),
                (wide * 1.55, high * 0.62),
                (wide * 1.28, high * 0.26),
                (wide * 0.86, high * 0.22),
            ],
            0.05,
            color,
        )
    elif side_handle == "side":
        s.line([(wide * 0.8, high * 0.5), (wide * 1.3, high * 0.66), (wide * 1.85, high * 0.80)], 0.10, color)
    else:
        for x in (-1, 1):
            s.line(
                [(x * wide * 0.72, high * 0.80), (x * wide * 0.70, high * 1.3), (x * wide * 0.5, high * 1.62)],
                0.018,
                BRASS,
            )
        s.line(arc(0, high * 1.52, wide * 0.56, 0.10, 155, 25), 0.05, OAK, smooth=False)
    s.lathe(body, color, finish="satin")
    if s.dice.random() < 0.6:
        s.stripe(body, high * 0.44, high * 0.52, s.accent)
    s.lathe(
        [(wide * 0.47, high - 0.015), (wide * 0.44, high + 0.02), (wide * 0.2, high + 0.06), (0.02, high + 0.07)],
        lift(color, 0.02),
        finish="satin",
    )
    s.add(ellipse(0, high + 0.105, 0.045, 0.042), color=s.accent, light="ball", finish="satin")


KITCHEN = {"kettle": kettle, "cup": cup, "bowl": bowl, "teapot": teapot}
