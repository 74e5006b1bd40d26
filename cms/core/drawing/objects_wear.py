"""Things to wear: shoe, jacket, shirt, scarf, sunglasses, watch."""

from __future__ import annotations

import math

from cms.core.drawing.palette import BRASS, CREAM, INK, OAK, STEEL, WALNUT, lift, mix
from cms.core.drawing.shapes import arc, curve, ellipse, mirrored, moved, rotated, rounded, soften
from cms.core.drawing.sketch import Sketch


def shoe(s: Sketch) -> None:
    boots = dict.fromkeys(("boot", "boots", "stiefel", "bota", "botas"), "boot")
    form = s.form({**boots, "moor": "derby", "derby": "derby", "heels": "pump"}, "trainer", "derby", "trainer", "boot")
    {"trainer": _trainer, "derby": _derby, "boot": _boot, "pump": _pump}[form](s)


def _sole(s: Sketch, color: str, thick: float, heel: float = 0.0) -> None:
    top = thick
    if heel:
        s.add(
            soften([(-0.62, 0.0), (-0.30, 0.0), (-0.27, heel + 0.02), (-0.63, heel + 0.02)], 0.015),
            color=lift(color, -0.06),
            light="flat",
        )
    line = [
        (-0.64, heel + top),
        (-0.655, heel + 0.03),
        (-0.60, heel),
        (-0.2, heel * 0.9),
        (0.12, 0.0),
        (0.60, 0.0),
        (0.70, 0.03),
        (0.71, top),
        (0.2, top + 0.02),
        (-0.2, heel + top + 0.01),
    ]
    s.add(curve(line, closed=True), color=color, puff=0.25, depth=0.8)


def _trainer(s: Sketch) -> None:
    color, second = s.main, s.second
    upper = curve(
        [
            (-0.62, 0.08),
            (-0.645, 0.26),
            (-0.60, 0.47),
            (-0.50, 0.455),
            (-0.38, 0.40),
            (-0.25, 0.43),
            (-0.17, 0.53),
            (-0.10, 0.555),
            (0.02, 0.43),
            (0.22, 0.31),
            (0.46, 0.25),
            (0.64, 0.18),
            (0.685, 0.09),
            (0.3, 0.07),
            (-0.2, 0.07),
        ],
        closed=True,
    )
    tongue = curve([(-0.24, 0.42), (-0.21, 0.58), (-0.10, 0.62), (-0.02, 0.50), (-0.1, 0.40)], closed=True)
    s.add(tongue, color=lift(color, -0.07), puff=0.2)
    s.add(upper, color=color, puff=0.13, depth=1.0)
    s.on(curve([(0.36, 0.02), (0.40, 0.20), (0.50, 0.27), (0.75, 0.22), (0.75, 0.02)], closed=True), color=second)
    s.on(curve([(-0.70, 0.02), (-0.70, 0.50), (-0.52, 0.40), (-0.42, 0.22), (-0.40, 0.02)], closed=True), color=second)
    s.on(
        curve([(-0.36, 0.06), (-0.20, 0.24), (0.10, 0.33), (0.16, 0.30), (-0.02, 0.20), (-0.16, 0.06)], closed=True),
        color=s.accent,
    )
    s.shade(ellipse(-0.43, 0.47, 0.15, 0.06), alpha=0.5, blur=0.02)
    for k in range(5):
        x, y = -0.085 + 0.075 * k, 0.515 - 0.052 * k
        s.line(
            [(x - 0.055, y - 0.075), (x + 0.012, y + 0.012)],
            0.024,
            CREAM if not s.is_dark(CREAM) and color != CREAM else INK,
            smooth=False,
        )
    _sole(s, CREAM if s.is_dark(color) or s.dice.random() < 0.6 else s.accent, 0.105)
    s.on(rounded(-0.8, 0.035, 0.8, 0.052, 0.0), color=s.accent)


def _derby(s: Sketch) -> None:
    color = s.dice.choice((s.main, WALNUT, s.main))
    s.add(
        curve([(-0.22, 0.38), (-0.20, 0.53), (-0.08, 0.56), (0.0, 0.44), (-0.08, 0.36)], closed=True),
        color=lift(color, -0.08),
        puff=0.2,
    )
    upper = curve(
        [
            (-0.60, 0.12),
            (-0.625, 0.28),
            (-0.58, 0.46),
            (-0.47, 0.42),
            (-0.34, 0.37),
            (-0.22, 0.40),
            (-0.14, 0.49),
            (-0.07, 0.49),
            (0.04, 0.39),
            (0.24, 0.28),
            (0.48, 0.25),
            (0.645, 0.19),
            (0.685, 0.09),
            (0.3, 0.08),
            (-0.2, 0.10),
        ],
        closed=True,
    )
    s.add(upper, color=color, finish="gloss", puff=0.15, depth=1.1)
    s.shade(ellipse(-0.42, 0.44, 0.14, 0.05), alpha=0.5, blur=0.02)
    seam = lift(color, -0.10 if not s.is_dark(color) else 0.12)
    s.thread([(-0.28, 0.12), (-0.24, 0.28), (-0.10, 0.36), (0.06, 0.34), (0.12, 0.24)], 0.010, seam, on=True)
    s.thread([(0.36, 0.08), (0.38, 0.18), (0.44, 0.27)], 0.010, seam, on=True)
    s.thread([(-0.50, 0.10), (-0.49, 0.28), (-0.54, 0.46)], 0.008, seam, on=True)
    s.shine(ellipse(0.53, 0.21, 0.07, 0.02), alpha=0.4, blur=0.018)
    for k in range(4):
        x, y = -0.08 + 0.06 * k, 0.455 - 0.045 * k
        s.line([(x - 0.06, y - 0.06), (x + 0.02, y + 0.008)], 0.020, s.accent, smooth=False)
    _sole(s, s.dice.choice((OAK, INK, CREAM)), 0.06, heel=0.06)


def _boot(s: Sketch) -> None:
    color = s.dice.choice((s.main, WALNUT))
    upper = curve(
        [
            (-0.58, 0.12),
            (-0.60, 0.30),
            (-0.53, 0.55),
            (-0.54, 0.86),
            (-0.36, 0.89),
            (-0.12, 0.86),
            (-0.09, 0.62),
            (0.0, 0.44),
            (0.22, 0.32),
            (0.48, 0.28),
            (0.65, 0.20),
            (0.685, 0.09),
            (0.3, 0.08),
            (-0.2, 0.10),
        ],
        closed=True,
    )
    s.add(upper, color=color, puff=0.12, depth=1.1)
    panel = curve(
        [(-0.30, 0.92), (-0.16, 0.92), (-0.14, 0.58), (-0.04, 0.34), (-0.14, 0.20), (-0.32, 0.36)], closed=True
    )
    if s.dice.random() < 0.5:
        s.on(panel, color=lift(s.second, -0.02))
        s.add(soften([(-0.36, 0.86), (-0.28, 0.86), (-0.28, 1.0), (-0.36, 1.0)], 0.02), color=s.accent, light="flat")
    else:
        seam = lift(color, -0.10 if not s.is_dark(color) else 0.12)
        s.thread([(-0.2, 0.90), (-0.22, 0.56), (-0.14, 0.36), (0.1, 0.28)], 0.010, seam, on=True)
        for k in range(6):
            x, y = -0.115 + 0.004 * k + max(0, k - 3) * 0.045, 0.82 - 0.075 * k
            s.line([(x - 0.085, y - 0.03), (x + 0.01, y + 0.012)], 0.022, s.accent, smooth=False)
    s.add(rounded(-0.565, 0.83, -0.095, 0.90, 0.035), color=lift(color, -0.04), puff=0.3)
    _sole(s, s.dice.choice((INK, CREAM, OAK)), 0.07, heel=0.06)


def _pump(s: Sketch) -> None:
    color = s.main
    s.add(
        soften([(-0.60, 0.42), (-0.48, 0.40), (-0.545, 0.0), (-0.585, 0.0)], 0.01),
        color=lift(color, -0.08),
        light="flat",
    )
    upper = curve(
        [
            (-0.62, 0.40),
            (-0.60, 0.56),
            (-0.52, 0.54),
            (-0.30, 0.38),
            (0.0, 0.18),
            (0.22, 0.16),
            (0.40, 0.19),
            (0.60, 0.11),
            (0.70, 0.02),
            (0.4, 0.0),
            (0.16, 0.01),
            (-0.1, 0.14),
            (-0.42, 0.38),
        ],
        closed=True,
    )
    s.add(upper, color=color, finish="gloss", puff=0.2, depth=1.1)


def _hanger(s: Sketch, top: float) -> None:
    """A stand with a rail, and the hook on it."""
    frame = s.dice.choice((BRASS, INK, OAK))
    for x in (-0.50, 0.50):
        s.line([(x, 0.0), (x, top)], 0.026, frame, smooth=False)
        s.line([(x - 0.07, 0.012), (x + 0.07, 0.012)], 0.026, frame, smooth=False)
    s.line([(-0.54, top), (0.54, top)], 0.028, frame, smooth=False)
    s.line(
        [(0.0, top - 0.11), (0.0, top - 0.06), (0.035, top - 0.02), (0.0, top + 0.022), (-0.035, top - 0.01)],
        0.014,
        STEEL,
    )
    s.line([(-0.26, top - 0.21), (0.0, top - 0.11), (0.26, top - 0.21)], 0.03, OAK, smooth=False)


_TORSO = [
    (0.0, 0.10),
    (0.27, 0.11),
    (0.285, 0.30),
    (0.265, 0.55),
    (0.285, 0.735),
    (0.17, 0.80),
    (0.10, 0.825),
    (0.0, 0.80),
]


def _garment(s: Sketch, color: str, *, sleeve: float, puff: float) -> None:
    for side in (-1, 1):
        if sleeve > 0.4:
            short = [
                (0.20, 0.775),
                (0.30, 0.735),
                (0.43, sleeve + 0.035),
                (0.325, sleeve - 0.03),
                (0.25, sleeve + 0.04),
            ]
            s.add(soften([(side * x, y) for x, y in short], 0.03), color=lift(color, -0.03), puff=0.12, depth=0.9)
            continue
        arm = [
            (0.25, 0.76),
            (0.335, 0.70),
            (0.405, sleeve + 0.18),
            (0.425, sleeve),
            (0.335, sleeve - 0.02),
            (0.30, sleeve + 0.22),
            (0.25, 0.55),
        ]
        s.add(
            curve([(side * x, y) for x, y in arm], closed=True),
            color=lift(color, -0.02 if side < 0 else -0.05),
            puff=0.2,
            depth=1.0,
        )
        s.on(
            (
                (side * 0.28, sleeve - 0.05),
                (side * 0.5, sleeve - 0.03),
                (side * 0.5, sleeve + 0.035),
                (side * 0.28, sleeve + 0.015),
            ),
            color=lift(color, -0.06),
        )
    body = mirrored(curve(_TORSO))
    s.add(body, color=color, puff=puff, depth=0.9)
    for x, low, high, lean in ((-0.16, 0.14, 0.44, 0.03), (0.19, 0.14, 0.5, -0.03), (-0.23, 0.5, 0.7, 0.05)):
        s.thread(
            [(x, low), (x + lean, (low + high) / 2), (x, high)],
            0.022,
            lift(color, -0.09),
            on=True,
            alpha=0.4,
            blur=0.016,
        )


def jacket(s: Sketch) -> None:
    color = s.main
    _hanger(s, 0.99)
    hooded = (
        s.form(
            {"rain": "hood", "corrie": "hood", "hoodie": "hood", "coat": "collar", "abrigo": "collar"}, "hood", "collar"
        )
        == "hood"
    )
    if hooded:
        s.add(
            curve(
                [(-0.15, 0.76), (-0.16, 0.87), (-0.06, 0.925), (0.06, 0.925), (0.16, 0.87), (0.15, 0.76)], closed=True
            ),
            color=lift(color, -0.07),
            puff=0.2,
        )
        s.shade(ellipse(0, 0.84, 0.08, 0.06), alpha=0.6, blur=0.02)
    _garment(s, color, sleeve=0.24, puff=0.09)
    if s.dice.random() < 0.5:
        s.on(rounded(-0.5, 0.60, 0.5, 1.0, 0.0), color=s.second)
    s.on(soften([(-0.075, 0.90), (0.075, 0.90), (0.0, 0.66)], 0.01), color=lift(color, -0.14))
    s.thread([(0.0, 0.10), (0.0, 0.70)], 0.014, s.accent, smooth=False)
    s.add(rounded(-0.013, 0.62, 0.013, 0.68, 0.01), color=BRASS, puff=0.2)
    for side in (-1, 1):
        pocket = soften([(side * 0.10, 0.22), (side * 0.235, 0.22), (side * 0.235, 0.36), (side * 0.10, 0.36)], 0.014)
        s.add(tuple(pocket), color=lift(color, 0.02), light="flat", depth=0.8)
        s.add(
            soften([(side * 0.095, 0.325), (side * 0.24, 0.325), (side * 0.24, 0.375), (side * 0.095, 0.375)], 0.01),
            color=lift(color, -0.035),
            light="flat",
        )
        lapel = [(side * 0.012, 0.68), (side * 0.10, 0.86), (side * 0.155, 0.80), (side * 0.13, 0.70)]
        if not hooded:
            s.add(soften(lapel, 0.015), color=lift(color, 0.04), light="flat", depth=1.0)


def shirt(s: Sketch) -> None:
    color = s.quiet(s.main, s.second)
    _hanger(s, 0.99)
    short = (
        s.form({"tee": "short", "camiseta": "short", "overshirt": "long", "blouse": "long"}, "long", "long", "short")
        == "short"
    )
    _garment(s, color, sleeve=0.52 if short else 0.24, puff=0.06)
    style = s.dice.choice(("plain", "stripes", "plain", "check"))
    if style != "plain":
        mark = mix(color, s.accent, 0.55)
        s.on(
            *[rounded(x - 0.006, 0, x + 0.006, 1, 0) for x in (-0.24 + 0.06 * k for k in range(9))],
            color=mark,
            alpha=0.7,
        )
        if style == "check":
            s.on(
                *[rounded(-0.5, y - 0.006, 0.5, y + 0.006, 0) for y in (0.12 + 0.065 * k for k in range(11))],
                color=mark,
                alpha=0.6,
            )
    if short:
        s.on(ellipse(0, 0.835, 0.115, 0.085), color=lift(color, -0.05))
        s.on(ellipse(0, 0.845, 0.092, 0.068), color=lift(color, -0.17))
        return
    s.on(rounded(-0.026, 0.0, 0.026, 0.9, 0.0), color=lift(color, 0.02))
    s.thread([(0.028, 0.1), (0.028, 0.76)], 0.005, lift(color, -0.12), on=True, smooth=False)
    for k in range(6):
        s.on(
            ellipse(0, 0.68 - 0.095 * k, 0.011, 0.011),
            color=CREAM if s.is_dark(color) else WALNUT,
            light="flat",
            shift=0.1,
        )
    s.on(soften([(-0.07, 0.90), (0.07, 0.90), (0.0, 0.745)], 0.01), color=lift(color, -0.15))
    for side in (-1, 1):
        s.add(
            soften([(side * 0.004, 0.745), (side * 0.075, 0.855), (side * 0.125, 0.815), (side * 0.095, 0.70)], 0.012),
            color=lift(color, 0.035),
            light="flat",
            depth=1.0,
        )
    s.add(rounded(0.085, 0.50, 0.205, 0.63, 0.02), color=lift(color, 0.02), light="flat")
    s.on(rounded(0.085, 0.60, 0.205, 0.63, 0.0), color=lift(color, -0.05))


def scarf(s: Sketch) -> None:
    """Folded, its folds to the left, its fringe hanging in front."""
    colors = [s.main, lift(s.main, 0.035), s.main, lift(s.main, 0.02)]
    y = 0.0
    count = 4
    for i in range(count):
        wide, high = 0.56 - 0.012 * i, s.about(0.145, 0.06)
        x = s.dice.uniform(-0.012, 0.012)
        s.add(rounded(x - wide, y, x + wide, y + high, high / 2), color=colors[i], puff=0.30, depth=0.9)
        for k in (-0.45, -0.385, 0.40):
            s.on(rounded(x + k, y, x + k + (0.036 if k != -0.385 else 0.014), y + high, 0), color=s.accent)
        s.shade(rounded(x - wide, y - 0.02, x + wide, y + 0.025, 0.01), alpha=0.4, blur=0.014)
        y += high * 0.93
    width, low = 0.30, y * 0.30
    drape = [(-width, y - 0.005), (-width - 0.01, low), (width + 0.015, low + 0.01), (width, y - 0.005)]
    tassels = []
    for k in range(13):
        x = -width + 0.012 + k * (2 * width - 0.01) / 12.5
        tassels.append(
            soften(
                [(x, low + 0.02), (x + 0.030, low + 0.02), (x + 0.034, low - 0.115), (x - 0.004, low - 0.115)], 0.012
            )
        )
    s.add(*tassels, color=lift(s.main, -0.015), light="flat")
    s.add(soften([*drape], 0.02), color=lift(s.main, 0.03), light="flat", depth=1.1)
    for high in (0.16, 0.21):
        s.on(rounded(-0.5, low + high, 0.5, low + high + 0.025, 0), color=s.accent)
    s.on(rounded(-0.5, low + 0.06, 0.5, low + 0.11, 0), color=s.second)
    s.shine(rounded(-width, y - 0.03, width, y, 0.01), alpha=0.3, blur=0.016)


def sunglasses(s: Sketch) -> None:
    """On a pale block, from the front, arms folded away behind."""
    stone = s.quiet(CREAM, s.accent)
    s.lathe([(0.30, 0.0), (0.31, 0.04), (0.30, 0.20)], stone, smooth=False)
    s.disc(0, 0.20, 0.30, lift(stone, 0.03))
    color = s.quiet(s.main, s.second)
    lens = s.dice.choice(("#2f3a38", "#5a3a2a", "#3b3044", "#2d4a55"))
    style = s.dice.choice(("round", "square", "cat"))
    y = 0.42
    for side in (-1, 1):
        s.line([(side * 0.56, y + 0.10), (side * 0.47, y + 0.17), (side * 0.32, y + 0.16)], 0.03, lift(color, -0.10))
        cx = side * 0.30
        if style == "round":
            outer, inner = ellipse(cx, y, 0.235, 0.225), ellipse(cx, y, 0.19, 0.18)
        elif style == "square":
            outer, inner = (
                rounded(cx - 0.25, y - 0.19, cx + 0.25, y + 0.19, 0.10),
                rounded(cx - 0.205, y - 0.145, cx + 0.205, y + 0.145, 0.075),
            )
        else:
            base = [
                (-0.24, 0.05),
                (-0.20, 0.15),
                (0.05, 0.17),
                (0.30, 0.24),
                (0.27, 0.02),
                (0.12, -0.17),
                (-0.12, -0.17),
            ]
            outer = curve([(cx + side * px, y + py) for px, py in base], closed=True)
            inner = curve([(cx + side * px * 0.80, y + py * 0.78) for px, py in base], closed=True)
        s.add(outer, color=color, finish="gloss", puff=0.06, depth=0.9)
        s.add(inner, color=lens, light="flat", depth=-1.5)
        s.shine(
            ((cx - 0.13, y + 0.2), (cx - 0.05, y + 0.2), (cx - 0.16, y - 0.2), (cx - 0.24, y - 0.2)),
            alpha=0.28,
            blur=0.012,
        )
        s.shine(
            ((cx - 0.01, y + 0.2), (cx + 0.02, y + 0.2), (cx - 0.09, y - 0.2), (cx - 0.12, y - 0.2)),
            alpha=0.18,
            blur=0.01,
        )
    s.line(arc(0, y + 0.025, 0.085, 0.06, 165, 15), 0.042, color, smooth=False)


def watch(s: Sketch) -> None:
    strap = s.dice.choice((s.main, WALNUT, s.main, INK))
    case = s.dice.choice((STEEL, BRASS, STEEL))
    dial = s.dice.choice((CREAM, s.second, INK))
    mark = CREAM if s.is_dark(dial) else INK
    cushion = s.quiet(s.accent, CREAM)
    s.lathe([(0.24, 0.0), (0.25, 0.03), (0.25, 0.10)], cushion, smooth=False)
    s.disc(0, 0.10, 0.25, lift(cushion, 0.04))
    y = 0.60
    for top in (1, -1):
        ring = soften(
            [(-0.125, y + top * 0.18), (0.125, y + top * 0.18), (0.10, y + top * 0.50), (-0.10, y + top * 0.50)], 0.03
        )
        s.add(ring, color=strap, puff=0.18, depth=1.0)
        for side in (-0.085, 0.085):
            s.thread(
                [(side, y + top * 0.24), (side * 0.85, y + top * 0.48)],
                0.007,
                lift(strap, 0.16 if s.is_dark(strap) else -0.12),
                on=True,
                smooth=False,
            )
    for k in (0.34, 0.39, 0.44):
        s.add(ellipse(0, y - k, 0.012, 0.012), color=lift(strap, -0.2), light="plain")
    s.add(rounded(0.25, y - 0.035, 0.305, y + 0.035, 0.012), color=case, puff=0.2)
    for side in (-1, 1):
        for top in (-1, 1):
            s.add(
                rounded(
                    side * 0.135 - 0.025, y + top * 0.235 - 0.05, side * 0.135 + 0.025, y + top * 0.235 + 0.05, 0.02
                ),
                color=case,
                puff=0.25,
            )
    s.add(ellipse(0, y, 0.265, 0.265), color=case, light="flat", depth=2.0, shift=0.05)
    s.add(ellipse(0, y, 0.235, 0.235), color=lift(case, -0.08), light="flat", depth=-1.8)
    s.add(ellipse(0, y, 0.222, 0.222), color=dial, light="flat", depth=0.9)
    for hour in range(12):
        angle = math.radians(30 * hour)
        inner = 0.165 if hour % 3 == 0 else 0.185
        s.thread(
            [
                (math.sin(angle) * inner, y + math.cos(angle) * inner),
                (math.sin(angle) * 0.203, y + math.cos(angle) * 0.203),
            ],
            0.013 if hour % 3 == 0 else 0.007,
            mark,
            smooth=False,
            on=True,
        )
    for angle, length, width in ((-55, 0.115, 0.016), (62, 0.165, 0.012)):
        s.thread(rotated([(0, y - 0.02), (0, y + length)], -angle, (0, y)), width, mark, smooth=False, on=True)
    s.thread(rotated([(0, y - 0.04), (0, y + 0.17)], 150, (0, y)), 0.005, "#c9563a", smooth=False, on=True)
    s.on(ellipse(0, y, 0.016, 0.016), color=case, light="plain")
    s.shine(moved(((-0.2, 0.14), (-0.06, 0.24), (-0.17, -0.05), (-0.24, -0.02)), 0, y), alpha=0.22, blur=0.016)


WEAR = {"shoe": shoe, "jacket": jacket, "shirt": shirt, "scarf": scarf, "sunglasses": sunglasses, "watch": watch}
