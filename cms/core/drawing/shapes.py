"""Outlines: rings and lines of points, y upwards, in the drawn thing's own units."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

Point = tuple[float, float]
Ring = tuple[Point, ...]


def tilt(height: float) -> float:
    """How round a level circle looks at a height: the eye stands a little above the things."""
    return max(0.09, 0.185 - 0.06 * height)


def arc(cx: float, cy: float, rx: float, ry: float, start: float, end: float, steps: int = 40) -> Ring:
    """Part of an ellipse, angles in degrees counter-clockwise from the right."""
    angles = (math.radians(start + (end - start) * i / steps) for i in range(steps + 1))
    return tuple((cx + rx * math.cos(angle), cy + ry * math.sin(angle)) for angle in angles)


def ellipse(cx: float, cy: float, rx: float, ry: float) -> Ring:
    return arc(cx, cy, rx, ry, 0, 360, 88)[:-1]


def rounded(x0: float, y0: float, x1: float, y1: float, radius: float) -> Ring:
    r = min(radius, (x1 - x0) / 2, (y1 - y0) / 2)
    return (
        *arc(x1 - r, y1 - r, r, r, 0, 90, 12),
        *arc(x0 + r, y1 - r, r, r, 90, 180, 12),
        *arc(x0 + r, y0 + r, r, r, 180, 270, 12),
        *arc(x1 - r, y0 + r, r, r, 270, 360, 12),
    )


def soften(corners: Sequence[Point], radius: float) -> Ring:
    """A polygon with its corners rounded."""
    ring: list[Point] = []
    for i, (x, y) in enumerate(corners):
        before, after = corners[i - 1], corners[(i + 1) % len(corners)]
        ends: list[Point] = []
        for ax, ay in (before, after):
            length = math.dist((x, y), (ax, ay)) or 1.0
            share = min(radius, length / 2) / length
            ends.append((x + (ax - x) * share, y + (ay - y) * share))
        (px, py), (qx, qy) = ends
        for step in range(9):
            t = step / 8
            u = 1 - t
            ring.append((u * u * px + 2 * u * t * x + t * t * qx, u * u * py + 2 * u * t * y + t * t * qy))
    return tuple(ring)


def curve(points: Sequence[Point], *, closed: bool = False, steps: int = 10) -> Ring:
    """A smooth line through the points (centripetal enough for ours: Catmull-Rom)."""
    count = len(points)
    line: list[Point] = []
    for i in range(count if closed else count - 1):
        p0 = points[i - 1] if closed or i else points[0]
        p1, p2 = points[i], points[(i + 1) % count]
        p3 = points[(i + 2) % count] if closed or i + 2 < count else points[-1]
        for step in range(steps):
            t = step / steps
            line.append((_cubic(p0[0], p1[0], p2[0], p3[0], t), _cubic(p0[1], p1[1], p2[1], p3[1], t)))
    if not closed:
        line.append(points[-1])
    return tuple(line)


def _cubic(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t**3)


def turned(profile: Sequence[Point], *, cx: float = 0.0, smooth: bool = True) -> Ring:
    """The outline of a thing made on a lathe; the profile is (radius, height) from the foot upwards."""
    side = curve(profile) if smooth else tuple(profile)
    side = tuple((max(0.0, radius), height) for radius, height in side)
    (foot, low), (rim, high) = side[0], side[-1]
    return (
        *arc(cx, low, foot, foot * tilt(low), 180, 360),
        *((cx + radius, height) for radius, height in side),
        *arc(cx, high, rim, rim * tilt(high), 0, 180),
        *((cx - radius, height) for radius, height in reversed(side)),
    )


def spine(profile: Sequence[Point], *, cx: float = 0.0, smooth: bool = True) -> Ring:
    """Only the two sides of a turned outline: what its light depends on."""
    side = curve(profile) if smooth else tuple(profile)
    return (
        *((cx + radius, height) for radius, height in side),
        *((cx - radius, height) for radius, height in reversed(side)),
    )


def front(profile: Sequence[Point], *, cx: float = 0.0) -> Ring:
    """The outline of a turned vessel as seen before what it holds: its top follows the near rim."""
    side = curve(profile)
    (foot, low), (rim, high) = side[0], side[-1]
    return (
        *arc(cx, low, foot, foot * tilt(low), 180, 360),
        *((cx + radius, height) for radius, height in side),
        *arc(cx, high, rim, rim * tilt(high), 360, 180),
        *((cx - radius, height) for radius, height in reversed(side)),
    )


def band(profile: Sequence[Point], low: float, high: float, *, cx: float = 0.0) -> Ring:
    """A stripe around a lathe-made thing, wide enough to be clipped to its body."""
    reach = max(radius for radius, _ in profile) * 1.04
    return (
        *arc(cx, low, reach, reach * tilt(low), 180, 360),
        *arc(cx, high, reach, reach * tilt(high), 360, 180),
    )


def moved(points: Iterable[Point], dx: float, dy: float) -> Ring:
    return tuple((x + dx, y + dy) for x, y in points)


def scaled(points: Iterable[Point], by: float, about: Point = (0.0, 0.0)) -> Ring:
    return tuple((about[0] + (x - about[0]) * by, about[1] + (y - about[1]) * by) for x, y in points)


def rotated(points: Iterable[Point], degrees: float, about: Point = (0.0, 0.0)) -> Ring:
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    px, py = about
    return tuple((px + (x - px) * cos - (y - py) * sin, py + (x - px) * sin + (y - py) * cos) for x, y in points)


def mirrored(half: Sequence[Point], cx: float = 0.0) -> Ring:
    """A ring from its right half, listed from one end of the axis to the other."""
    return (*half, *((2 * cx - x, y) for x, y in reversed(half)))


def whole(half: Sequence[Point]) -> Ring:
    """A smooth ring from the points of its right half, which begins and ends on the axis."""
    return curve([*half, *((-x, y) for x, y in reversed(half[1:-1]))], closed=True)
