"""What is drawn, in a module that a drawing process can import without Django."""

from __future__ import annotations

import io
from dataclasses import dataclass

from cms.core.drawing import dominant_color, draw_portrait, draw_scene, draw_still_life


@dataclass(frozen=True)
class Drawing:
    """A picture to draw: a still life, a scene or a portrait."""

    name: str
    kinds: tuple[str, ...] = ()
    tint: str = ""
    shape: str = "still"
    look: str = ""


@dataclass(frozen=True)
class Drawn:
    """A drawn picture as JPEG, with its size and colour."""

    name: str
    jpeg: bytes
    size: tuple[int, int]
    color: str


def draw(drawing: Drawing) -> Drawn:
    """Draw one picture. Runs in a process of its own."""
    if drawing.shape == "portrait":
        image = draw_portrait(seed=drawing.name, look=drawing.look)
    elif drawing.shape == "scene":
        image = draw_scene(drawing.kinds, seed=drawing.name, tint=drawing.tint or None)
    else:
        image = draw_still_life(drawing.kinds[0], seed=drawing.name, tint=drawing.tint or None)
    data = io.BytesIO()
    image.convert("RGB").save(data, "JPEG", quality=88)
    return Drawn(drawing.name, data.getvalue(), image.size, dominant_color(image))
