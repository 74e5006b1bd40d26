"""Things of the room: chair, plant, box."""

from __future__ import annotations

import math

from cms.core.drawing.palette import BRASS, CREAM, INK, LEAF, OAK, STEEL, WALNUT, lift, mix
from cms.core.drawing.shapes import Point, curve, ellipse, mirrored, rotated, rounded, soften
from cms.core.drawing.sketch import Sketch


def chair(s: Sketch) -> None:
    form = s.form(
        {
            "task": "task",
            "office": "task",
            "rorelse": "task",
            "silla": "wood",
            "taller": "wood",
            "sofa": "arm",
            "sessel": "arm",
        },
        "shell",
        "wood",
        "arm",
        "task",
    )
    {"task": _task_chair, "wood": _wood_chair, "shell": _shell_chair, "arm": _armchair}[form](s)


def _task_chair(s: Sketch) -> None:
    color, frame = s.main, s.dice.choice((INK, STEEL))
    for x, y in ((-0.36, 0.06), (0.36, 0.06), (-0.20, 0.02), (0.22, 0.02), (0.0, 0.0)):
        s.line([(0, 0.15), (x * 0.6, 0.12 + y * 0.3), (x, 0.055 + y)], 0.036, frame)
        s.add(ellipse(x, 0.03 + y, 0.032, 0.036), color=INK, light="ball", finish="satin")
    s.line([(0, 0.13), (0, 0.40)], 0.055, STEEL, smooth=False)
    for side in (-1, 1):
        s.line([(side * 0.24, 0.43), (side * 0.41, 0.47), (side * 0.40, 0.63)], 0.03, frame)
        s.add(rounded(side * 0.40 - 0.05, 0.62, side * 0.40 + 0.05, 0.66, 0.02), color=INK, puff=0.25)
    s.line([(0, 0.40), (0, 0.60)], 0.05, frame, smooth=False)
    back = curve(
        [(-0.27, 0.58), (-0.30, 0.80), (-0.25, 1.04), (0, 1.08), (0.25, 1.04), (0.30, 0.80), (0.27, 0.58), (0, 0.54)],
        closed=True,
    )
    s.add(back, color=color, puff=0.13, depth=1.1)
    for k in range(1, 6):
        y = 0.57 + k * 0.085
        s.thread([(-0.4, y + 0.015), (0, y - 0.012), (0.4, y + 0.015)], 0.006, lift(color, -0.08), on=True, alpha=0.6)
    seat = curve(
        [
            (-0.33, 0.43),
            (-0.34, 0.49),
            (-0.24, 0.52),
            (0, 0.525),
            (0.24, 0.52),
            (0.34, 0.49),
            (0.33, 0.43),
            (0.0, 0.385),
        ],
        closed=True,
    )
    s.add(seat, color=lift(color, 0.01), puff=0.24, depth=1.2)


def _wood_chair(s: Sketch) -> None:
    wood = s.dice.choice((OAK, WALNUT, s.quiet(s.main)))
    for side in (-1, 1):
        s.line([(side * 0.20, 0.44), (side * 0.235, 0.08)], 0.038, lift(wood, -0.08), smooth=False)
        s.line([(side * 0.215, 0.46), (side * 0.235, 0.76), (side * 0.25, 1.03)], 0.042, wood)
    if s.dice.random() < 0.5:
        s.add(
            curve(
                [(-0.27, 0.84), (-0.285, 0.98), (-0.15, 1.035), (0.15, 1.035), (0.285, 0.98), (0.27, 0.84), (0, 0.86)],
                closed=True,
            ),
            color=wood,
            puff=0.15,
        )
    else:
        for x in (-0.13, -0.043, 0.043, 0.13):
            s.line([(x * 0.9, 0.48), (x, 0.94)], 0.022, wood, smooth=False)
        s.add(
            curve(
                [(-0.27, 0.93), (-0.285, 1.00), (-0.15, 1.045), (0.15, 1.045), (0.285, 1.00), (0.27, 0.93), (0, 0.95)],
                closed=True,
            ),
            color=wood,
            puff=0.2,
        )
    s.line([(-0.26, 0.20), (0.26, 0.20)], 0.026, wood, smooth=False)
    for side in (-1, 1):
        s.line([(side * 0.26, 0.44), (side * 0.305, 0.0)], 0.044, wood, smooth=False)
    cushion = s.second if s.dice.random() < 0.7 else wood
    s.add(
        soften([(-0.32, 0.415), (0.32, 0.415), (0.32, 0.445), (-0.32, 0.445)], 0.02),
        color=lift(wood, -0.03),
        light="flat",
    )
    s.add(
        soften([(-0.325, 0.435), (0.325, 0.435), (0.25, 0.535), (-0.25, 0.535)], 0.05),
        color=cushion,
        light="flat",
        depth=1.1,
        shift=0.06,
    )


def _shell_chair(s: Sketch) -> None:
    color, wood = s.main, s.dice.choice((OAK, WALNUT, INK))
    for x, top, low in ((-0.13, 0.40, 0.07), (0.13, 0.40, 0.07)):
        s.line([(x, top), (x * 1.7, low)], 0.034, lift(wood, -0.1), smooth=False)
    for x in (-0.18, 0.18):
        s.line([(x, 0.40), (x * 1.85, 0.0)], 0.040, wood, smooth=False)
    shell = curve(
        [
            (-0.35, 0.50),
            (-0.36, 0.66),
            (-0.28, 0.92),
            (0, 1.02),
            (0.28, 0.92),
            (0.36, 0.66),
            (0.35, 0.50),
            (0.22, 0.40),
            (0, 0.37),
            (-0.22, 0.40),
        ],
        closed=True,
    )
    s.add(shell, color=color, puff=0.10, depth=1.2)
    s.shade(ellipse(0, 0.555, 0.30, 0.05), alpha=0.28, blur=0.04)
    seat = curve(
        [
            (-0.34, 0.47),
            (-0.24, 0.535),
            (0, 0.55),
            (0.24, 0.535),
            (0.34, 0.47),
            (0.24, 0.39),
            (0, 0.365),
            (-0.24, 0.39),
        ],
        closed=True,
    )
    s.add(seat, color=lift(color, 0.03), puff=0.22, depth=1.1)
    if s.dice.random() < 0.5:
        s.on(
            curve(
                [
                    (-0.24, 0.46),
                    (-0.17, 0.51),
                    (0, 0.52),
                    (0.17, 0.51),
                    (0.24, 0.46),
                    (0.15, 0.415),
                    (0, 0.405),
                    (-0.15, 0.415),
                ],
                closed=True,
            ),
            color=s.accent,
            light="soft",
            puff=0.2,
        )


def _armchair(s: Sketch) -> None:
    color = s.main
    for x in (-0.36, 0.36):
        s.line([(x, 0.16), (x * 1.06, 0.0)], 0.045, WALNUT, smooth=False)
    s.add(
        curve(
            [(-0.38, 0.30), (-0.40, 0.66), (-0.30, 0.86), (0, 0.90), (0.30, 0.86), (0.40, 0.66), (0.38, 0.30)],
            closed=True,
        ),
        color=color,
        puff=0.12,
        depth=1.1,
    )
    s.shade(ellipse(0, 0.42, 0.34, 0.07), alpha=0.35, blur=0.05)
    s.add(rounded(-0.40, 0.11, 0.40, 0.30, 0.06), color=lift(color, -0.03), puff=0.2)
    s.add(rounded(-0.33, 0.26, 0.33, 0.42, 0.08), color=lift(color, 0.03), puff=0.3, depth=1.1)
    for side in (-1, 1):
        s.add(rounded(side * 0.41 - 0.105, 0.12, side * 0.41 + 0.105, 0.56, 0.10), color=color, puff=0.28, depth=1.2)
    if s.dice.random() < 0.7:
        s.add(rotated(rounded(-0.17, 0.42, 0.15, 0.70, 0.07), -8, (0, 0.5)), color=s.accent, puff=0.25)


def plant(s: Sketch) -> None:
    form = s.form(
        {
            "sansevieria": "sword",
            "snake": "sword",
            "potos": "heart",
            "pothos": "heart",
            "helecho": "fern",
            "fern": "fern",
            "reserva": "oval",
        },
        "sword",
        "oval",
        "fern",
        "heart",
        "oval",
    )
    green = s.dice.choice((LEAF, "#4f7257", "#6f8a52", "#3f6350"))
    if form == "sword":
        _swords(s, green)
    elif form == "fern":
        _fern(s, green)
    elif form == "heart":
        _hearts(s, green)
    else:
        _ovals(s, green)


def _pot(s: Sketch, rim: float = 0.26, high: float = 0.38) -> None:
    color = s.quiet(s.main, s.second, CREAM)
    style = s.dice.choice(("taper", "round", "straight"))
    body = {
        "taper": [(rim * 0.74, 0.0), (rim, high)],
        "round": [(rim * 0.66, 0.0), (rim * 1.06, high * 0.40), (rim * 1.08, high * 0.62), (rim, high)],
        "straight": [(rim * 0.96, 0.0), (rim, 0.03), (rim, high)],
    }[style]
    s.lathe(body, color, smooth=style == "round", finish="satin")
    mark = s.dice.choice(("none", "dip", "band"))
    if mark == "dip":
        s.stripe(body, -0.1, high * 0.36, s.accent)
    elif mark == "band":
        s.stripe(body, high * 0.62, high * 0.72, s.accent)
    s.mouth(0, high, rim, color, "#3b2a22", lip=0.08)


def _leaf(
    s: Sketch, root: Point, length: float, wide: float, degrees: float, color: str, *, kind: str = "oval"
) -> None:
    x, y = root
    if kind == "sword":
        half = [(wide * 0.55, 0.0), (wide * 0.9, length * 0.35), (wide * 0.72, length * 0.72), (0.0, length)]
    elif kind == "heart":
        half = [
            (0.0, 0.0),
            (wide * 0.7, -length * 0.10),
            (wide, length * 0.25),
            (wide * 0.62, length * 0.66),
            (0.0, length),
        ]
    else:
        half = [
            (0.0, 0.0),
            (wide * 0.75, length * 0.25),
            (wide * 0.95, length * 0.52),
            (wide * 0.55, length * 0.84),
            (0.0, length),
        ]
    side = curve(half)
    outline = [(x + px, y + py) for px, py in mirrored(side)]
    s.add(rotated(outline, degrees, root), color=color, puff=0.18, depth=0.8)
    right = [(x, y), *[(x + px, y + py) for px, py in side]]
    s.on(rotated(right, degrees, root), color=lift(color, -0.045))
    vein = rotated([(x, y), (x, y + length * 0.94)], degrees, root)
    s.thread(vein, min(0.010, wide * 0.14), lift(color, 0.10), on=True, alpha=0.8, smooth=False)


def _swords(s: Sketch, green: str) -> None:
    leaves = [(-0.13, 22), (0.14, -24), (-0.08, 9), (0.09, -10), (0.0, 1)]
    for i, (x, degrees) in enumerate(leaves):
        length = s.about((0.62, 0.58, 0.80, 0.74, 0.66)[i], 0.08)
        tone = lift(green, (-0.05, -0.03, 0.0, 0.02, 0.05)[i])
        _leaf(s, (x, 0.34), length, 0.085, degrees, tone, kind="sword")
    _front_pot(s)


def _front_pot(s: Sketch) -> None:
    """The pot, put behind what grows from it."""
    leaves, s.parts = s.parts, []
    _pot(s)
    s.parts += leaves


def _ovals(s: Sketch, green: str) -> None:
    spread = [(-58, 0.46), (56, 0.44), (-32, 0.60), (34, 0.58), (-10, 0.68), (14, 0.52), (-46, 0.30), (44, 0.28)]
    for i, (degrees, reach) in enumerate(spread):
        turn = degrees + s.dice.uniform(-6, 6)
        reach = s.about(reach, 0.08)
        tip = (math.sin(math.radians(turn)) * reach * 0.72, 0.36 + math.cos(math.radians(turn)) * reach * 0.78)
        s.thread([(0, 0.36), (tip[0] * 0.35, 0.36 + (tip[1] - 0.36) * 0.6), tip], 0.014, lift(green, -0.06))
        _leaf(s, tip, s.about(0.27, 0.12), s.about(0.095, 0.12), -turn * 1.15, lift(green, (i % 4) * 0.025 - 0.04))
    _front_pot(s)


def _hearts(s: Sketch, green: str) -> None:
    spots = [
        (-0.30, 0.66, 50),
        (0.30, 0.64, -50),
        (-0.14, 0.80, 18),
        (0.14, 0.82, -20),
        (0.0, 0.70, 4),
        (-0.36, 0.44, 100),
        (0.36, 0.42, -104),
        (-0.40, 0.22, 140),
        (0.41, 0.17, -146),
        (-0.20, 0.50, 60),
        (0.20, 0.48, -64),
        (0.03, 0.56, 170),
    ]
    for i, (x, y, degrees) in enumerate(spots):
        x, y = x + s.dice.uniform(-0.02, 0.02), y + s.dice.uniform(-0.03, 0.03)
        s.thread([(0, 0.37), (x * 0.6, max(y, 0.42) + 0.02), (x, y)], 0.012, lift(green, -0.06))
        tone = lift(green, s.dice.uniform(-0.04, 0.06))
        _leaf(
            s,
            (x, y),
            s.about(0.22, 0.12),
            s.about(0.105, 0.1),
            degrees,
            mix(tone, "#d8cf78", 0.25 if i % 3 == 0 else 0.0),
            kind="heart",
        )
    _front_pot(s)


def _fern(s: Sketch, green: str) -> None:
    for i, (reach, top) in enumerate(
        (
            (-0.62, 0.56),
            (0.62, 0.54),
            (-0.50, 0.80),
            (0.52, 0.78),
            (-0.28, 0.98),
            (0.30, 0.96),
            (0.02, 1.02),
            (-0.60, 0.34),
            (0.60, 0.32),
        )
    ):
        reach, top = s.about(reach, 0.06), s.about(top, 0.04)
        line = curve(
            [
                (0, 0.36),
                (reach * 0.32, 0.36 + (top - 0.36) * 0.85),
                (reach * 0.74, top),
                (reach, top - abs(reach) * 0.34),
            ],
            steps=9,
        )
        tone = lift(green, (i % 4) * 0.03 - 0.05)
        s.thread(line, 0.010, lift(tone, -0.08), smooth=False)
        leaflets = []
        for k in range(3, len(line) - 1):
            (x0, y0), (x1, y1) = line[k - 1], line[k + 1]
            heading = math.atan2(y1 - y0, x1 - x0)
            size = 0.095 * math.sin(math.pi * min(1.0, (k + 4) / (len(line) + 4))) + 0.015
            for side in (-1, 1):
                angle = heading + side * 1.15
                tip = (line[k][0] + math.cos(angle) * size, line[k][1] + math.sin(angle) * size)
                nx, ny = math.cos(angle + 1.57) * size * 0.22, math.sin(angle + 1.57) * size * 0.22
                mid = ((line[k][0] + tip[0]) / 2, (line[k][1] + tip[1]) / 2)
                leaflets.append((line[k], (mid[0] + nx, mid[1] + ny), tip, (mid[0] - nx, mid[1] - ny)))
        s.add(*leaflets, color=tone, light="flat", depth=0.8)
    _front_pot(s)


def _carton(s: Sketch, x: float, y: float, wide: float, high: float, color: str, *, lid: str | None = None) -> float:
    """A box with a lid, seen from a little above; gives back how high its top lies."""
    deep = 0.15 * wide + 0.04
    top = soften(
        [
            (x - wide, y + high),
            (x + wide, y + high),
            (x + wide - deep * 0.7, y + high + deep * 0.75),
            (x - wide + deep * 0.7, y + high + deep * 0.75),
        ],
        0.012,
    )
    s.add(top, color=lift(lid or color, 0.06), light="flat", shift=0.06)
    s.add(rounded(x - wide, y, x + wide, y + high + 0.004, 0.014), color=color, light="flat", depth=1.1)
    if lid:
        s.shade(rounded(x - wide, y + high * 0.62, x + wide, y + high * 0.72, 0.01), alpha=0.4, blur=0.014)
        s.add(
            rounded(x - wide - 0.012, y + high * 0.70, x + wide + 0.012, y + high + 0.006, 0.012),
            color=lid,
            light="flat",
            depth=1.1,
        )
    return y + high + deep * 0.2


def box(s: Sketch) -> None:
    form = s.form({"soap": "soap", "boxes": "stack", "drawer": "drawer"}, "gift", "stack", "gift", "round")
    if form == "soap":
        color = s.quiet(CREAM)
        s.add(rounded(-0.52, 0.0, 0.46, 0.30, 0.10), color=s.second, puff=0.28)
        s.add(rotated(rounded(-0.40, 0.28, 0.50, 0.57, 0.10), 5, (0, 0.4)), color=color, puff=0.28)
        s.on(
            rotated(rounded(-0.20, 0.38, 0.30, 0.47, 0.045), 5, (0, 0.4)),
            color=lift(color, -0.07),
            light="soft",
            depth=-0.8,
        )
    elif form == "stack":
        y = _carton(s, 0.0, 0.0, 0.50, 0.34, s.main, lid=lift(s.main, 0.04))
        s.add(rounded(-0.12, 0.10, 0.12, 0.19, 0.012), color=CREAM, light="flat")
        y = _carton(s, -0.05, y, 0.40, 0.27, s.second, lid=lift(s.second, 0.04))
        _carton(s, 0.03, y, 0.28, 0.20, s.accent, lid=lift(s.accent, 0.04))
    elif form == "drawer":
        _carton(s, 0.0, 0.0, 0.37, 0.58, s.main)
        for low in (0.045, 0.305):
            s.shade(rounded(-0.325, low - 0.012, 0.335, low + 0.23, 0.02), alpha=0.35, blur=0.010)
            s.add(rounded(-0.325, low, 0.325, low + 0.235, 0.018), color=lift(s.main, 0.05), light="flat")
            s.add(rounded(-0.085, low + 0.10, 0.085, low + 0.138, 0.019), color=BRASS, puff=0.3)
    elif form == "round":
        body = [(0.42, 0.0), (0.42, 0.44)]
        s.lathe(body, s.main, smooth=False)
        s.stripe(body, 0.10, 0.14, s.accent)
        s.shade(ellipse(0, 0.36, 0.44, 0.09), alpha=0.4)
        s.lathe([(0.44, 0.40), (0.44, 0.56)], s.second, smooth=False)
        s.disc(0, 0.56, 0.44, lift(s.second, 0.06))
        s.line([(-0.10, 0.57), (-0.05, 0.66), (0.05, 0.66), (0.10, 0.57)], 0.026, BRASS)
    else:
        _carton(s, 0.0, 0.0, 0.48, 0.58, s.main, lid=lift(s.main, 0.05))
        s.add(rounded(-0.055, 0.0, 0.055, 0.586, 0.004), color=s.accent, light="flat", depth=1.2)
        s.add(
            soften([(-0.055, 0.582), (0.055, 0.582), (0.045, 0.665), (-0.045, 0.665)], 0.004),
            color=lift(s.accent, 0.05),
            light="flat",
        )
        for side in (-1, 1):
            loop = curve([(0, 0.62), (side * 0.10, 0.76), (side * 0.25, 0.74), (side * 0.22, 0.64)], closed=True)
            s.add(loop, color=s.accent, puff=0.2, depth=1.1)
            s.shade(ellipse(side * 0.14, 0.68, 0.05, 0.03), alpha=0.5, blur=0.014)
        s.add(rounded(-0.04, 0.605, 0.04, 0.675, 0.02), color=lift(s.accent, 0.02), puff=0.3)


HOME = {"chair": chair, "plant": plant, "box": box}
