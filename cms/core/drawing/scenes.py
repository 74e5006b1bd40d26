"""Several things arranged together: the pictures that open a guide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from PIL import Image, ImageChops

from cms.core.drawing.palette import Tint
from cms.core.drawing.plinths import Plinth, make_plinth
from cms.core.drawing.render import Place, silhouette
from cms.core.drawing.sketch import Sketch
from cms.core.drawing.stage import finish, put, put_plinth, room, wall_shadow

# How tall a kind is beside the others, in shares of a tall one. Not to scale: a cup beside a chair must still be seen.
_HEIGHTS = {
    "kettle": 0.74,
    "lamp": 1.0,
    "bag": 0.66,
    "shoe": 0.46,
    "bottle": 0.80,
    "headphones": 0.72,
    "chair": 1.0,
    "plant": 0.92,
    "notebook": 0.66,
    "camera": 0.50,
    "cup": 0.40,
    "backpack": 0.86,
    "watch": 0.62,
    "pan": 0.34,
    "knife": 0.80,
    "tube": 0.60,
    "flask": 0.78,
    "jacket": 1.0,
    "shirt": 1.0,
    "sunglasses": 0.36,
    "phone": 0.62,
    "laptop": 0.64,
    "bowl": 0.40,
    "umbrella": 0.98,
    "suitcase": 0.96,
    "scarf": 0.42,
    "speaker": 0.66,
    "teapot": 0.50,
    "coffeemaker": 0.76,
    "pen": 0.54,
    "box": 0.48,
    "perfume": 0.54,
    "vase": 0.76,
}
_ORDER = {1: (0,), 2: (0, 1), 3: (1, 0, 2), 4: (3, 1, 0, 2), 5: (3, 1, 0, 2, 4)}
_DEEP, _NEAR = 0.0, 0.055


@dataclass(slots=True)
class _Stand:
    sketch: Sketch
    scale: float
    plinth: Plinth
    half: float
    rise: float
    near: float
    x: float = 0.0


def scene(
    kinds: Sequence[str], sketches: Sequence[Sketch], tint: Tint, size: tuple[int, int], dice: Random
) -> Image.Image:
    """Things side by side on plinths of different heights; the first is largest and stands near the middle."""
    width, height = size
    share = width / height
    stands = [
        _stand(i, kind, sketch, len(kinds), tint, dice)
        for i, (kind, sketch) in enumerate(zip(kinds, sketches, strict=True))
    ]
    order = [stands[i] for i in _ORDER[len(stands)]]
    gap = 0.035
    total = sum(2 * stand.half for stand in order) + gap * (len(order) - 1)
    tallest = max(stand.rise + stand.sketch.bounds()[3] * stand.scale for stand in stands)
    squeeze = min(1.35, share * 0.86 / total, 0.72 / tallest)
    x = -total * squeeze / 2
    for stand in order:
        stand.x = x + stand.half * squeeze
        x += (2 * stand.half + gap) * squeeze
    canvas = room(
        tint, size, horizon=0.715, backdrop=dice.choice(("window", "arch", "disc", "plain", "panel")), dice=dice
    )
    places: list[tuple[_Stand, Place, Place]] = []
    shape: Image.Image | None = None
    for stand in sorted(stands, key=lambda each: each.near):
        floor = (0.845 + stand.near) * height
        centre = width / 2 + stand.x * height
        under = Place(height * squeeze, centre, floor - stand.rise * squeeze * height)
        left, _, right, _ = stand.sketch.bounds()
        scale = stand.scale * squeeze * height
        on = Place(scale, centre - (left + right) / 2 * scale, under.y)
        places.append((stand, under, on))
        for parts, place in ((stand.plinth.parts, under), (stand.sketch.parts, on)):
            outline = silhouette(parts, place, size)
            shape = outline if shape is None else ImageChops.lighter(shape, outline)
    if shape is not None:
        wall_shadow(canvas, tint, shape)
    for stand, under, on in places:
        surface = put_plinth(canvas, tint, stand.plinth, under)
        put(canvas, tint, stand.sketch, on, surface)
    return finish(canvas)


def _stand(index: int, kind: str, sketch: Sketch, count: int, tint: Tint, dice: Random) -> _Stand:
    left, _, right, top = sketch.bounds()
    tall = _HEIGHTS.get(kind, 0.6) * (0.62 if index == 0 else 0.54)
    if index == 0:
        tall = max(tall, 0.34)
    widest = {1: 0.95, 2: 0.66, 3: 0.50}.get(count, 0.36) * (1.2 if index == 0 else 1.0)
    scale = min(tall / top, widest / (right - left))
    rise = dice.uniform(0.12, 0.16) if index == 0 else dice.choice((0.045, 0.08, 0.055))
    if top * scale + rise > 0.74:
        rise = 0.06
    half = max(0.11, (right - left) * scale / 2 * 0.86)
    form = dice.choice(("drum", "block", "drum", "slab")) if rise > 0.1 else dice.choice(("drum", "block"))
    plinth = make_plinth(form, half=half, drop=rise, tint=tint, dice=dice)
    reach = max(plinth.reach, half * 1.05, (right - left) * scale / 2)
    return _Stand(sketch, scale, plinth, reach, rise, _DEEP if index == 0 else dice.choice((_NEAR, 0.03)))
