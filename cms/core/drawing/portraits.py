"""Portraits: busts in the manner of the still lifes, with as few features as a face needs."""

from __future__ import annotations

from random import Random

from PIL import Image

from cms.core.drawing.hair import hair_before, hair_behind
from cms.core.drawing.palette import BRASS, CREAM, INK, TINTS, Tint, distance, lift, mix
from cms.core.drawing.render import Place, paint, silhouette
from cms.core.drawing.shapes import arc, curve, ellipse, soften, whole
from cms.core.drawing.sketch import Sketch
from cms.core.drawing.stage import finish, room, wall_shadow

SKINS = {
    "pale": "#f0cdb4",
    "light": "#e6b995",
    "olive": "#d3a27a",
    "tan": "#bd8659",
    "brown": "#98633f",
    "deep": "#6f4630",
    "dark": "#54352a",
}
HAIRS = {
    "black": "#23201f",
    "brunette": "#4a3024",
    "chestnut": "#6e4128",
    "ginger": "#a8562c",
    "blond": "#c99f5c",
    "grey": "#a7a39d",
    "white": "#ddd6ca",
}
STYLES = ("bob", "long", "bun", "short", "crop", "curls", "waves", "bald", "headscarf", "fringe")
BEARDED = frozenset({"short", "crop", "bald"})
DARK_SKINS = frozenset({"brown", "deep", "dark"})

FACE = [(0.0, 0.375), (0.065, 0.392), (0.122, 0.455), (0.150, 0.56), (0.152, 0.67), (0.118, 0.775), (0.0, 0.82)]


def portrait(seed: str, words: frozenset[str], size: tuple[int, int]) -> Image.Image:
    """A person drawn from a seed; words for skin, hair, style, beard or glasses are heeded."""
    dice = Random(f"portrait:{seed}")
    tint = TINTS[next((word for word in TINTS if word in words), dice.choice(tuple(TINTS)))]
    skin_name = next((word for word in SKINS if word in words), dice.choice(tuple(SKINS)))
    tones = ("black", "black", "brunette", "grey") if skin_name in DARK_SKINS else tuple(HAIRS)
    hair = HAIRS[next((word for word in HAIRS if word in words), dice.choice(tones))]
    style = next((word for word in STYLES if word in words), dice.choice(STYLES))
    s = Sketch(dice, tint, words)
    cloth = next(color for color in (s.main, s.second, *tint.bodies) if distance(color, SKINS[skin_name]) > 0.16)
    turn = dice.choice((-1, 1)) * dice.uniform(0.008, 0.016)
    plain = bool(words & {"shaven"})
    beard = "beard" in words or (style in BEARDED and not plain and dice.random() < 0.45)
    glasses = "glasses" in words or (not words & set(STYLES) and dice.random() < 0.25)
    hair_behind(s, style, hair)
    _bust(s, SKINS[skin_name], cloth)
    _head(s, SKINS[skin_name], hair, turn, beard=beard, ears=style not in {"bob", "long", "headscarf", "waves"})
    hair_before(s, style, hair, turn)
    if glasses:
        _glasses(s, turn)
    return _compose(s, tint, size, dice)


def _compose(s: Sketch, tint: Tint, size: tuple[int, int], dice: Random) -> Image.Image:
    width, height = size
    canvas = room(tint, size, horizon=1.2, backdrop="plain", dice=dice)
    unit = min(width, height)
    place = Place(unit * 0.99, width / 2, height)
    disc = Sketch(dice, tint)
    radius = dice.uniform(0.385, 0.41)
    disc.add(ellipse(0.0, 0.50, radius, radius), color=tint.form, light="flat", depth=1.0)
    paint(canvas, disc.parts, place)
    wall_shadow(canvas, tint, silhouette(s.parts, place, size), strength=0.24)
    paint(canvas, s.parts, place)
    return finish(canvas)


def _bust(s: Sketch, skin: str, cloth: str) -> None:
    neck = whole([(0.0, 0.14), (0.115, 0.19), (0.092, 0.26), (0.081, 0.34), (0.084, 0.48), (0.0, 0.50)])
    s.add(neck, color=lift(skin, -0.02), light="round")
    s.shade(ellipse(0.02, 0.375, 0.115, 0.058), alpha=0.42, blur=0.022)
    half = [
        (0.0, 0.185),
        (0.085, 0.232),
        (0.112, 0.262),
        (0.20, 0.238),
        (0.315, 0.185),
        (0.375, 0.07),
        (0.40, -0.10),
        (0.0, -0.10),
    ]
    cut = s.form(
        {"turtleneck": "turtle", "collar": "collar", "crew": "crew", "blazer": "blazer"},
        "crew",
        "collar",
        "turtle",
        "blazer",
    )
    s.add(whole(half), color=cloth, puff=0.10, depth=1.0)
    for side in (-1, 1):
        s.thread(
            [(side * 0.245, -0.05), (side * 0.235, 0.04), (side * 0.252, 0.12)],
            0.022,
            lift(cloth, -0.10),
            on=True,
            alpha=0.5,
            blur=0.014,
        )
    if cut == "turtle":
        s.add(
            whole(
                [(0.0, 0.17), (0.06, 0.185), (0.108, 0.235), (0.100, 0.29), (0.092, 0.335), (0.05, 0.322), (0.0, 0.315)]
            ),
            color=lift(cloth, 0.02),
            light="round",
        )
    elif cut == "crew":
        s.add(color=lift(cloth, -0.05), strokes=((arc(0, 0.262, 0.108, 0.072, 182, 358), 0.020),), light="flat")
    elif cut == "collar":
        s.on(soften([(-0.02, 0.20), (0.02, 0.20), (0.025, -0.2), (-0.025, -0.2)], 0.004), color=lift(cloth, 0.035))
        for y in (0.12, 0.02):
            s.on(ellipse(0, y, 0.008, 0.008), color=CREAM if s.is_dark(cloth) else INK, light="flat")
        for side in (-1, 1):
            s.add(
                soften(
                    [(side * 0.004, 0.195), (side * 0.088, 0.30), (side * 0.135, 0.245), (side * 0.080, 0.145)], 0.012
                ),
                color=lift(cloth, 0.045),
                light="flat",
                depth=1.1,
            )
    else:
        inner = CREAM if distance(cloth, CREAM) > 0.2 else s.accent
        s.on(soften([(-0.125, 0.32), (0.125, 0.32), (0.0, -0.06)], 0.01), color=inner)
        s.add(color=lift(inner, -0.07), strokes=((arc(0, 0.262, 0.100, 0.070, 185, 355), 0.016),), light="flat")
        for side in (-1, 1):
            s.add(
                soften(
                    [
                        (side * 0.0, -0.04),
                        (side * 0.108, 0.265),
                        (side * 0.175, 0.225),
                        (side * 0.150, 0.13),
                        (side * 0.172, 0.115),
                    ],
                    0.012,
                ),
                color=lift(cloth, 0.03),
                light="flat",
                depth=1.0,
            )


def _head(s: Sketch, skin: str, hair: str, turn: float, *, beard: bool, ears: bool) -> None:
    if ears:
        for side in (-1, 1):
            x = side * 0.156 - turn * 0.6
            s.add(ellipse(x, 0.565, 0.026, 0.044), color=lift(skin, -0.02), puff=0.2)
            s.shade(ellipse(x - side * 0.004, 0.565, 0.010, 0.024), alpha=0.25, blur=0.008)
    s.add(whole(FACE), color=skin, puff=0.13, depth=0.62)
    warm = mix(skin, "#c4503f", 0.45)
    for side in (-1, 1):
        s.add(
            ellipse(side * 0.086 + turn, 0.515, 0.040, 0.030),
            color=warm,
            light="plain",
            alpha=0.20,
            blur=0.018,
            on=True,
        )
    dusk = mix(lift(skin, -0.20), "#5a2a20", 0.30)
    for side in (-1, 1):
        s.add(
            ellipse(side * 0.066 + turn, 0.597, 0.036, 0.020),
            color=dusk,
            light="plain",
            alpha=0.26,
            blur=0.013,
            on=True,
        )
    s.add(
        curve(
            [(0.004 + turn, 0.60), (0.026 + turn * 2, 0.525), (0.030 + turn * 2, 0.505), (0.008 + turn * 2, 0.500)],
            closed=True,
        ),
        color=dusk,
        light="plain",
        alpha=0.34,
        blur=0.009,
        on=True,
    )
    s.shine(
        (
            *curve([(-0.004 + turn * 1.6, 0.585), (0.002 + turn * 2.2, 0.53)]),
            (-0.006 + turn * 2, 0.53),
            (-0.01 + turn * 1.6, 0.585),
        ),
        alpha=0.30,
        blur=0.008,
    )
    s.thread(
        [(-0.016 + turn * 2, 0.505), (0.0 + turn * 2, 0.498), (0.017 + turn * 2, 0.505)],
        0.006,
        dusk,
        on=True,
        alpha=0.7,
        blur=0.002,
    )
    if beard:
        _beard(s, hair, turn)
    lip = mix(skin, "#8e2f2c", 0.46)
    y = 0.447
    s.add(
        curve(
            [
                (-0.038 + turn * 1.6, y + 0.005),
                (-0.012 + turn * 1.8, y + 0.009),
                (turn * 1.8, y + 0.006),
                (0.012 + turn * 1.8, y + 0.009),
                (0.038 + turn * 1.6, y + 0.005),
                (turn * 1.8, y - 0.014),
            ],
            closed=True,
        ),
        color=lip,
        light="plain",
        on=True,
        alpha=0.85,
    )
    s.thread(
        [(-0.041 + turn * 1.6, y + 0.006), (turn * 1.8, y - 0.002), (0.041 + turn * 1.6, y + 0.006)],
        0.004,
        lift(lip, -0.14),
        on=True,
    )
    s.add(ellipse(turn * 1.8, y - 0.030, 0.022, 0.007), color=dusk, light="plain", alpha=0.3, blur=0.007, on=True)
    line = mix(lift(skin, -0.36), "#2a1a16", 0.5)
    brow = mix(hair, line, 0.35) if distance(hair, skin) > 0.12 else line
    for side in (-1, 1):
        cx = side * 0.066 + turn * 1.4
        s.thread(
            [(cx - 0.030, 0.588), (cx - 0.013, 0.578), (cx + 0.013, 0.578), (cx + 0.030, 0.588)],
            0.0085,
            line,
            on=True,
            alpha=0.9,
        )
        s.thread(
            [(cx - side * 0.034, 0.632), (cx + side * 0.004, 0.643), (cx + side * 0.038, 0.630)],
            0.0125,
            brow,
            on=True,
            alpha=0.85,
        )


def _beard(s: Sketch, hair: str, turn: float) -> None:
    outer = [(0.17, 0.60), (0.146, 0.50), (0.125, 0.43), (0.065, 0.36), (0.0, 0.34)]
    inner = [(0.0, 0.470), (0.040, 0.474), (0.064, 0.452), (0.110, 0.492), (0.136, 0.58)]
    cheek = (*curve(outer), *curve(inner))
    sides = [tuple((side * x + turn * 0.4, y) for x, y in cheek) for side in (-1, 1)]
    s.on(*sides, color=hair, light="soft", puff=0.2, depth=0.7, alpha=0.94)


def _glasses(s: Sketch, turn: float) -> None:
    frame = s.dice.choice((INK, "#6b3f2a", BRASS))
    for side in (-1, 1):
        cx = side * 0.068 + turn * 1.4
        loop = ellipse(cx, 0.585, 0.050, 0.046)
        s.add(loop, color="#ffffff", light="plain", alpha=0.10)
        s.thread((*loop, loop[0]), 0.0085, frame, smooth=False, light="flat")
        s.thread([(cx + side * 0.050, 0.592), (side * 0.156, 0.60)], 0.0075, frame, smooth=False)
    s.thread([(-0.018 + turn * 1.4, 0.594), (turn * 1.4, 0.602), (0.018 + turn * 1.4, 0.594)], 0.008, frame)
