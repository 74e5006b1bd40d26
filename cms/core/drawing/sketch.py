"""A drawn thing as a list of parts, back to front: outlines with a colour and a way to take the light."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from cms.core.drawing.palette import Tint, distance, lift, lightness
from cms.core.drawing.shapes import Point, Ring, band, curve, ellipse, front, spine, tilt, turned


@dataclass(frozen=True, slots=True)
class Part:
    """One painted area. `on` keeps it within the part it lies on, and lets it share that part's light."""

    rings: tuple[Ring, ...] = ()
    holes: tuple[Ring, ...] = ()
    strokes: tuple[tuple[Ring, float], ...] = ()
    color: str = "#888888"
    light: str = "soft"
    finish: str = "matte"
    depth: float = 0.9
    puff: float = 0.10
    shift: float = 0.0
    alpha: float = 1.0
    blur: float = 0.0
    on: bool = False
    guide: Ring | None = None


@dataclass(slots=True)
class Sketch:
    """What an object's drawing works with: dice for the small differences, colours, words that ask for a form."""

    dice: Random
    tint: Tint
    words: frozenset[str] = frozenset()
    parts: list[Part] = field(default_factory=list)
    main: str = ""
    second: str = ""
    accent: str = ""

    def __post_init__(self) -> None:
        bodies = list(self.tint.bodies)
        self.dice.shuffle(bodies)
        self.main = bodies[0]
        self.second = max(bodies[1:4], key=lambda color: distance(color, self.main))
        self.accent = self.dice.choice([c for c in self.tint.accents if distance(c, self.main) > 0.14])
        self.main = lift(self.main, self.dice.uniform(-0.02, 0.03))

    def form(self, forms: dict[str, str], *others: str) -> str:
        """The form a word of the seed asks for, else one of them all by the dice."""
        choice = self.dice.choice(others or tuple(dict.fromkeys(forms.values())))
        return next((form for word, form in forms.items() if word in self.words), choice)

    def about(self, value: float, spread: float = 0.08) -> float:
        """The value, a little more or less."""
        return value * self.dice.uniform(1 - spread, 1 + spread)

    def quiet(self, *colors: str) -> str:
        """The first of the colours that stands out from the wall."""
        return next((color for color in colors if distance(color, self.tint.wall) > 0.13), colors[-1])

    def add(self, *rings: Ring, color: str, **how: object) -> None:
        """One more part, in front of the others."""
        self.parts.append(Part(rings=rings, color=color, **how))  # type: ignore[arg-type]

    def on(self, *rings: Ring, color: str, **how: object) -> None:
        """Paint on the part before: clipped to it, in its light."""
        how.setdefault("light", "same")
        self.add(*rings, color=color, on=True, **how)

    def shade(self, *rings: Ring, alpha: float = 0.3, blur: float = 0.03) -> None:
        """A soft shadow on the part before."""
        self.add(*rings, color="#2a1d24", light="plain", alpha=alpha, blur=blur, on=True)

    def shine(self, *rings: Ring, alpha: float = 0.4, blur: float = 0.012) -> None:
        """A soft reflex on the part before."""
        self.add(*rings, color="#fffaf0", light="plain", alpha=alpha, blur=blur, on=True)

    def lathe(
        self, profile: Sequence[Point], color: str, *, cx: float = 0.0, smooth: bool = True, **how: object
    ) -> None:
        how.setdefault("light", "round")
        how.setdefault("guide", spine(profile, cx=cx, smooth=smooth))
        self.add(turned(profile, cx=cx, smooth=smooth), color=color, **how)

    def near_side(self, profile: Sequence[Point], color: str, *, cx: float = 0.0, **how: object) -> None:
        """The near wall of a vessel once more, before what it holds."""
        self.add(front(profile, cx=cx), color=color, light="round", guide=spine(profile, cx=cx), **how)

    def stripe(self, profile: Sequence[Point], low: float, high: float, color: str, *, cx: float = 0.0) -> None:
        self.on(band(profile, low, high, cx=cx), color=color)

    def disc(self, cx: float, cy: float, radius: float, color: str, **how: object) -> None:
        """A level circle, seen from a little above."""
        how.setdefault("light", "flat")
        self.add(ellipse(cx, cy, radius, radius * tilt(cy)), color=color, **how)

    def mouth(self, cx: float, cy: float, radius: float, color: str, inside: str, *, lip: float = 0.07) -> None:
        """The open top of a vessel: a rim, and the dark within, lit on its far right wall."""
        slope = tilt(cy)
        self.disc(cx, cy, radius, lift(color, 0.05), depth=0.3)
        inner = radius * (1 - lip)
        self.add(ellipse(cx, cy, inner, inner * slope), color=inside, light="flat", finish="hollow")
        self.shade(
            ellipse(cx - inner * 0.35, cy + inner * slope * 0.5, inner * 0.9, inner * slope * 0.9),
            alpha=0.45,
            blur=0.02,
        )

    def line(
        self, points: Sequence[Point], width: float, color: str, *, smooth: bool = True, shine: float = 0.45
    ) -> None:
        """A round rod along a line, lit along its upper left."""
        path = curve(points) if smooth else tuple(points)
        self.add(color=color, strokes=((path, width),), light="plain", shift=-0.12)
        lit = tuple((x - width * 0.16, y + width * 0.16) for x, y in path)
        self.add(
            color=color,
            strokes=((lit, width * 0.42),),
            light="plain",
            shift=shine,
            blur=width * 0.13,
            on=True,
            alpha=0.85,
        )
        low = tuple((x + width * 0.30, y - width * 0.30) for x, y in path)
        self.add(
            color=color, strokes=((low, width * 0.3),), light="plain", shift=-0.5, blur=width * 0.12, on=True, alpha=0.6
        )

    def thread(self, points: Sequence[Point], width: float, color: str, *, smooth: bool = True, **how: object) -> None:
        """A thin line without a body: seams, cords, edges."""
        how.setdefault("light", "plain")
        self.add(color=color, strokes=((curve(points) if smooth else tuple(points), width),), **how)

    def is_dark(self, color: str) -> bool:
        return lightness(color) < 0.5

    def bounds(self) -> tuple[float, float, float, float]:
        """Left, bottom, right, top of everything solid."""
        xs: list[float] = []
        ys: list[float] = []
        for part in self.parts:
            if part.on or part.blur:
                continue
            for ring in part.rings:
                xs += [x for x, _ in ring]
                ys += [y for _, y in ring]
            for path, width in part.strokes:
                xs += [x + side * width / 2 for x, _ in path for side in (-1, 1)]
                ys += [y + side * width / 2 for _, y in path for side in (-1, 1)]
        return min(xs), min(ys), max(xs), max(ys)
