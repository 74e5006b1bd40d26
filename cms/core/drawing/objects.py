"""Which function draws which kind."""

from __future__ import annotations

from collections.abc import Callable

from cms.core.drawing.objects_care import CARE
from cms.core.drawing.objects_carry import CARRY
from cms.core.drawing.objects_cooking import COOKING
from cms.core.drawing.objects_desk import DESK
from cms.core.drawing.objects_electric import ELECTRIC
from cms.core.drawing.objects_home import HOME
from cms.core.drawing.objects_kitchen import KITCHEN
from cms.core.drawing.objects_wear import WEAR
from cms.core.drawing.sketch import Sketch

DRAWINGS: dict[str, Callable[[Sketch], None]] = {
    **KITCHEN,
    **COOKING,
    **HOME,
    **ELECTRIC,
    **WEAR,
    **CARRY,
    **DESK,
    **CARE,
}
