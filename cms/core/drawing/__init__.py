"""Pictures drawn by the project itself: still lifes of products, portraits, scenes.

Everything follows from the seed: the same words give the same picture, on every machine with the same Pillow. Words in
the seed that name a form are heeded ("gooseneck" in a kettle's, "curls" in a portrait's), so a slug makes a good seed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from PIL import Image

from cms.core.drawing.kinds import KINDS, kind_for
from cms.core.drawing.objects import DRAWINGS
from cms.core.drawing.palette import TINTS
from cms.core.drawing.portraits import portrait
from cms.core.drawing.scenes import scene
from cms.core.drawing.sketch import Sketch
from cms.core.drawing.stage import still_life

__all__ = ["KINDS", "TINTS", "dominant_color", "draw_portrait", "draw_scene", "draw_still_life", "kind_for"]


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z]+|[0-9]+", text.lower()))


def _sketch(kind: str, seed: str, tint: str, dice: Random) -> Sketch:
    sketch = Sketch(dice, TINTS[tint], _words(seed))
    DRAWINGS[kind if kind in DRAWINGS else kind_for(f"{kind} {seed}")](sketch)
    return sketch


def _tint(name: str | None, dice: Random) -> str:
    chosen = dice.choice(tuple(TINTS))
    return name if name in TINTS else chosen


def draw_still_life(
    kind: str, *, seed: str, tint: str | None = None, size: tuple[int, int] = (1200, 900)
) -> Image.Image:
    """One thing on a plinth, in a room of the tint (or of one the seed chooses)."""
    dice = Random(f"{kind}:{seed}")
    name = _tint(tint, dice)
    return still_life(_sketch(kind, seed, name, dice), TINTS[name], size, dice)


def draw_scene(
    kinds: Sequence[str], *, seed: str, tint: str | None = None, size: tuple[int, int] = (1600, 1000)
) -> Image.Image:
    """Up to five things together; the first is the one the scene is about."""
    dice = Random(f"scene:{seed}")
    name = _tint(tint, dice)
    chosen = tuple(kinds[:5]) or ("vase",)
    sketches = [_sketch(kind, f"{seed}-{i}", name, dice) for i, kind in enumerate(chosen)]
    return scene(chosen, sketches, TINTS[name], size, dice)


def draw_portrait(*, seed: str, look: str = "", size: tuple[int, int] = (800, 800)) -> Image.Image:
    """A person's bust. `look` may say what the dice should not decide: "olive brunette bob", "dark grey crop beard"."""
    return portrait(seed, _words(f"{seed} {look}"), size)


def dominant_color(image: Image.Image) -> str:
    """The average colour as #rrggbb: what a page shows in the picture's place until it is there."""
    r, g, b = image.convert("RGB").resize((1, 1), Image.Resampling.BOX).tobytes()
    return f"#{r:02x}{g:02x}{b:02x}"
