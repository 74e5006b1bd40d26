"""Hair and headscarves of the portraits: what lies behind a head, and what frames its face."""

from __future__ import annotations

from cms.core.drawing.palette import BRASS, lift
from cms.core.drawing.shapes import curve, ellipse, mirrored, whole
from cms.core.drawing.sketch import Sketch


def hair_behind(s: Sketch, style: str, hair: str) -> None:
    back = lift(hair, -0.03)
    if style == "long":
        s.add(
            whole(
                [
                    (0.0, 0.88),
                    (0.13, 0.85),
                    (0.205, 0.70),
                    (0.205, 0.50),
                    (0.225, 0.30),
                    (0.205, 0.14),
                    (0.12, 0.12),
                    (0.0, 0.14),
                ]
            ),
            color=back,
            puff=0.16,
        )
    elif style == "waves":
        s.add(
            whole(
                [
                    (0.0, 0.88),
                    (0.14, 0.85),
                    (0.215, 0.74),
                    (0.195, 0.62),
                    (0.245, 0.52),
                    (0.215, 0.42),
                    (0.255, 0.32),
                    (0.205, 0.22),
                    (0.12, 0.25),
                    (0.0, 0.30),
                ]
            ),
            color=back,
            puff=0.14,
        )
    elif style in {"bob", "fringe"}:
        s.add(
            whole(
                [(0.0, 0.875), (0.13, 0.845), (0.20, 0.72), (0.208, 0.56), (0.205, 0.42), (0.155, 0.395), (0.0, 0.42)]
            ),
            color=back,
            puff=0.16,
        )
    elif style == "curls":
        for x, y, r in (
            (-0.16, 0.62, 0.085),
            (0.16, 0.62, 0.085),
            (-0.19, 0.74, 0.09),
            (0.19, 0.74, 0.09),
            (-0.12, 0.83, 0.095),
            (0.12, 0.83, 0.095),
            (0.0, 0.865, 0.10),
        ):
            s.add(ellipse(x, y, r, r), color=lift(hair, s.dice.uniform(-0.02, 0.02)), puff=0.3, depth=0.8)
    elif style == "bun":
        s.add(ellipse(0.02, 0.905, 0.085, 0.075), color=hair, light="ball", finish="satin")
        s.add(
            whole([(0.0, 0.865), (0.12, 0.835), (0.175, 0.72), (0.168, 0.60), (0.12, 0.55), (0.0, 0.55)]),
            color=back,
            puff=0.16,
        )
    elif style == "headscarf":
        s.add(
            whole(
                [
                    (0.0, 0.895),
                    (0.14, 0.86),
                    (0.205, 0.72),
                    (0.20, 0.52),
                    (0.175, 0.38),
                    (0.19, 0.22),
                    (0.10, 0.17),
                    (0.0, 0.16),
                ]
            ),
            color=lift(s.accent, -0.06),
            puff=0.15,
        )


def _strands(s: Sketch, hair: str, lines: list[list[tuple[float, float]]]) -> None:
    for line in lines:
        s.thread(line, 0.007, lift(hair, 0.09), on=True, alpha=0.40, blur=0.004)


def hair_before(s: Sketch, style: str, hair: str, turn: float) -> None:
    lean = 1 if turn > 0 else -1
    if style == "bald":
        s.shine(ellipse(-0.05, 0.755, 0.045, 0.022), alpha=0.28, blur=0.02)
    elif style == "headscarf":
        _headscarf(s)
    elif style == "crop":
        cap = whole(
            [
                (0.0, 0.728),
                (0.08, 0.722),
                (0.122, 0.69),
                (0.138, 0.60),
                (0.162, 0.60),
                (0.170, 0.70),
                (0.130, 0.805),
                (0.0, 0.848),
            ]
        )
        s.add(cap, color=hair, puff=0.16, depth=0.7)
    elif style == "short":
        side = [
            (-0.162, 0.60),
            (-0.178, 0.72),
            (-0.135, 0.835),
            (-0.02, 0.880),
            (0.10, 0.858),
            (0.172, 0.770),
            (0.165, 0.60),
            (0.140, 0.635),
            (0.128, 0.715),
            (0.05, 0.735),
            (-0.055, 0.755),
            (-0.118, 0.700),
            (-0.140, 0.640),
        ]
        s.add(curve([(lean * x, y) for x, y in side], closed=True), color=hair, puff=0.18, depth=0.8)
        _strands(
            s,
            hair,
            [
                [(lean * (-0.11 + k), 0.75 + 0.02 * (k > 0.05)), (lean * (-0.05 + k), 0.83), (lean * (0.04 + k), 0.855)]
                for k in (0.0, 0.04, 0.08)
            ],
        )
    elif style == "curls":
        for x, y, r in (
            (-0.125, 0.715, 0.055),
            (0.125, 0.715, 0.055),
            (-0.075, 0.765, 0.065),
            (0.08, 0.765, 0.065),
            (0.0, 0.785, 0.07),
            (-0.15, 0.66, 0.042),
            (0.15, 0.66, 0.042),
        ):
            s.add(ellipse(x, y, r, r * 0.92), color=lift(hair, s.dice.uniform(-0.01, 0.03)), puff=0.3, depth=0.8)
    elif style == "fringe":
        ring = [
            (-0.205, 0.44),
            (-0.208, 0.62),
            (-0.19, 0.77),
            (-0.11, 0.862),
            (0.0, 0.885),
            (0.11, 0.862),
            (0.19, 0.77),
            (0.208, 0.62),
            (0.205, 0.44),
            (0.150, 0.45),
            (0.150, 0.58),
            (0.135, 0.672),
            (0.0, 0.660),
            (-0.135, 0.672),
            (-0.150, 0.58),
            (-0.150, 0.45),
        ]
        s.add(curve(ring, closed=True), color=hair, puff=0.12, depth=0.7)
        _strands(
            s, hair, [[(x, 0.675), (x * 0.8, 0.77), (x * 0.3, 0.86)] for x in (-0.10, -0.06, -0.02, 0.03, 0.07, 0.11)]
        )
    else:
        _parted(s, style, hair, lean)
    if style in {"bun", "crop", "bob"} and s.dice.random() < 0.5:
        for ear in (-1, 1):
            s.add(ellipse(ear * 0.160, 0.505, 0.013, 0.013), color=BRASS, light="ball", finish="metal")


def _parted(s: Sketch, style: str, hair: str, lean: int) -> None:
    """Hair that falls to both sides of a parting off the middle."""
    low = {"bob": 0.43, "long": 0.40, "waves": 0.42, "bun": 0.62}[style]
    wide = {"bob": 0.204, "bun": 0.165}.get(style, 0.200)
    part = lean * 0.045
    for side in (-1, 1):
        inner = 0.140
        ring = [
            (part - side * 0.004, 0.80),
            (part - side * 0.004, 0.868),
            (part + side * 0.06, 0.876),
            (side * wide * 0.74, 0.838),
            (side * wide, 0.72),
            (side * (wide + 0.004), (low + 0.72) / 2),
            (side * wide * 0.97, low),
            (side * (inner + 0.028), low - 0.016),
            (side * inner, (low + 0.60) / 2),
            (side * (inner - 0.004), 0.655),
            (side * 0.098, 0.730),
            (part + side * 0.020, 0.775),
        ]
        s.add(curve(ring, closed=True), color=lift(hair, 0.012 if side < 0 else -0.008), puff=0.2, depth=0.75)
        _strands(
            s,
            hair,
            [
                [
                    (part + side * 0.03, 0.84 - k * 0.2),
                    (side * (0.10 + k), 0.77),
                    (side * (0.150 + k), 0.64),
                    (side * (0.155 + k), low + 0.06),
                ]
                for k in (0.0, 0.025)
            ],
        )


def _headscarf(s: Sketch) -> None:
    color = s.accent
    frame = [(0.0, 0.745), (0.07, 0.735), (0.122, 0.67), (0.134, 0.56), (0.115, 0.455), (0.06, 0.385), (0.0, 0.368)]
    outer = [(0.0, 0.30), (0.11, 0.32), (0.185, 0.42), (0.205, 0.58), (0.195, 0.74), (0.13, 0.86), (0.0, 0.895)]
    s.add(mirrored((*curve(frame), *curve(outer))), color=color, puff=0.14, depth=0.8)
    s.shade(whole([(0.0, 0.755), (0.13, 0.69), (0.142, 0.56), (0.12, 0.44), (0.0, 0.36)]), alpha=0.28, blur=0.012)
    wrap = [
        (-0.20, 0.42),
        (-0.10, 0.33),
        (0.06, 0.30),
        (0.20, 0.36),
        (0.24, 0.24),
        (0.10, 0.15),
        (-0.12, 0.16),
        (-0.25, 0.24),
    ]
    s.add(curve(wrap, closed=True), color=lift(color, 0.015), puff=0.2, depth=0.8)
    for dy in (0.0, 0.05):
        s.thread(
            [(-0.19, 0.33 - dy), (-0.02, 0.255 - dy), (0.18, 0.30 - dy)],
            0.014,
            lift(color, -0.08),
            on=True,
            alpha=0.5,
            blur=0.01,
        )
    _strands(s, color, [[(-0.19, 0.37), (-0.04, 0.285), (0.16, 0.33)]])
