"""The room: a lit wall, a floor, plinths, shadows; and how things are arranged in it."""

from __future__ import annotations

from functools import lru_cache
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from cms.core.drawing.light import grey
from cms.core.drawing.palette import Tint, lift, ramp, to_hex, to_lab
from cms.core.drawing.plinths import FORMS, Plinth, make_plinth, room_below
from cms.core.drawing.render import SHADOW_SCALE, Place, paint, silhouette
from cms.core.drawing.shapes import Point, arc, ellipse, rounded, soften
from cms.core.drawing.sketch import Part, Sketch

Size = tuple[int, int]
BACKDROPS = ("plain", "window", "arch", "disc", "window", "panel", "sun")


def _field(size: Size, color: str, lit: Point, bright: float, dim: float) -> Image.Image:
    """A colour, brightest around a point given in shares of the field."""
    wide, high = 48, 36
    data = bytearray()
    for row in range(high):
        for column in range(wide):
            away = ((column / (wide - 1) - lit[0]) ** 2 + (row / (high - 1) - lit[1]) ** 2) ** 0.5
            data.append(grey(bright + (dim - bright) * min(1.0, away / 1.05)))
    small = Image.frombytes("L", (wide, high), bytes(data))
    table = ramp(color)
    return Image.merge("RGB", [small.point(channel) for channel in table]).resize(size, Image.Resampling.BICUBIC)


def room(tint: Tint, size: Size, *, horizon: float, backdrop: str, dice: Random) -> Image.Image:
    """The empty room, with a quiet shape of light or colour on its wall."""
    width, height = size
    canvas = _field(size, tint.wall, (0.22, 0.18), 0.26, -0.22)
    place = Place(height, width / 2, height)
    half = width / height / 2
    _hang(canvas, backdrop, tint, place, half, 1 - horizon, dice)
    if horizon >= 1:
        return canvas
    line = round(height * horizon)
    floor = _field((width, height - line), tint.floor, (0.25, 0.35), 0.22, -0.26)
    seam = Image.new("L", (1, height - line), 255)
    soft = max(2, height // 60)
    for y in range(min(soft, seam.height)):
        seam.putpixel((0, y), round(255 * (y + 1) / (soft + 1)))
    canvas.paste(floor, (0, line), seam.resize(floor.size))
    rim = Part(
        rings=(rounded(-half - 0.1, 1 - horizon - 0.02, half + 0.1, 1 - horizon + 0.012, 0.01),),
        color=lift(tint.floor, -0.3),
        light="plain",
        alpha=0.16,
        blur=0.02,
    )
    paint(canvas, [rim], place)
    return canvas


def _hang(canvas: Image.Image, backdrop: str, tint: Tint, place: Place, half: float, low: float, dice: Random) -> None:
    side = dice.choice((-1, 1))
    off = dice.uniform(0.02, 0.10) * side
    if backdrop == "window":
        pale = lift(tint.wall, 0.10)
        lean, x = dice.uniform(0.10, 0.2), dice.uniform(-0.42, -0.2)
        panes = []
        for column in range(2):
            for row in range(2):
                x0, x1 = x + column * 0.33, x + column * 0.33 + 0.30
                y0, y1 = 0.42 + row * 0.27, 0.42 + row * 0.27 + 0.245
                panes.append(
                    tuple((px + lean * (py - 0.5) * -1.6, py) for px, py in ((x0, y0), (x1, y0), (x1, y1), (x0, y1)))
                )
        paint(canvas, [Part(rings=tuple(panes), color=pale, light="plain", alpha=0.62, blur=0.013)], place)
    elif backdrop == "arch":
        radius = dice.uniform(0.34, 0.40)
        spring = 0.50
        ring = ((radius + off, low - 0.1), *arc(off, spring, radius, radius, 0, 180), (-radius + off, low - 0.1))
        shade = tuple((x + 0.012, y - 0.012) for x, y in ring)
        paint(
            canvas,
            [
                Part(rings=(ring,), color=tint.form, light="flat", depth=1.0, shift=-0.04),
                Part(
                    strokes=(((*shade[1:-1],), 0.03),),
                    color=lift(tint.form, -0.25),
                    light="plain",
                    alpha=0.20,
                    blur=0.014,
                    on=True,
                ),
            ],
            place,
        )
    elif backdrop in {"disc", "sun"}:
        radius = dice.uniform(0.26, 0.34) if backdrop == "disc" else dice.uniform(0.14, 0.18)
        centre = (off * 1.5, 0.60) if backdrop == "disc" else (0.36 * side, 0.70)
        color = tint.form if backdrop == "disc" else lift(tint.wall, 0.07)
        paint(canvas, [Part(rings=(ellipse(*centre, radius, radius),), color=color, light="flat", depth=1.1)], place)
    elif backdrop == "panel":
        edge = dice.uniform(0.06, 0.2) * side
        ring = rounded(edge if side > 0 else -half - 0.1, low - 0.1, half + 0.1 if side > 0 else edge, 1.1, 0)
        paint(canvas, [Part(rings=(ring,), color=tint.form, light="flat", depth=1.1, shift=-0.03, alpha=0.75)], place)


def _dark(tint: Tint) -> tuple[int, ...]:
    light, a, b = to_lab(tint.floor)
    color = to_hex((light * 0.34, a * 0.8 + 0.01, b * 0.5 - 0.01))
    return tuple(int(color[i : i + 2], 16) for i in (1, 3, 5))


def _lay(canvas: Image.Image, tint: Tint, mask: Image.Image, strength: float) -> None:
    large = mask.point([round(value * strength) for value in range(256)]).resize(canvas.size, Image.Resampling.BICUBIC)
    canvas.paste(_dark(tint), (0, 0), large)


def _small(size: Size) -> Image.Image:
    return Image.new("L", (size[0] // SHADOW_SCALE, size[1] // SHADOW_SCALE), 0)


def wall_shadow(canvas: Image.Image, tint: Tint, shape: Image.Image, strength: float = 0.26) -> None:
    """A large soft shadow down to the right of what stands before the wall."""
    unit = shape.height
    moved = ImageChops.offset(shape, round(unit * 0.075), round(unit * 0.035))
    moved.paste(0, (0, 0, round(unit * 0.075), unit))
    moved.paste(0, (0, 0, shape.width, round(unit * 0.035)))
    _lay(canvas, tint, moved.filter(ImageFilter.GaussianBlur(unit * 0.035)), strength)


def ground_shadow(
    canvas: Image.Image,
    tint: Tint,
    shape: Image.Image,
    base: float,
    *,
    within: Image.Image | None,
    strength: float = 0.5,
) -> None:
    """The shadow a standing thing throws on the level ground behind it to the right, and where it touches."""
    line = base / SHADOW_SCALE
    lean, flat = 0.62, 0.17
    tipped = shape.transform(
        shape.size,
        Image.Transform.AFFINE,
        (1, lean / flat, -line * lean / flat, 0, 1 / flat, line * (1 - 1 / flat)),
        Image.Resampling.BILINEAR,
    )
    unit = shape.height
    cast = ImageChops.lighter(
        tipped.filter(ImageFilter.GaussianBlur(unit * 0.022)).point([round(v * 0.75) for v in range(256)]),
        tipped.filter(ImageFilter.GaussianBlur(unit * 0.007)).point([round(v * 0.6) for v in range(256)]),
    )
    if within is not None:
        cast = ImageChops.multiply(cast, within)
    _lay(canvas, tint, cast, strength)


def contact(
    canvas: Image.Image,
    tint: Tint,
    spans: list[tuple[float, float]],
    base: float,
    within: Image.Image | None,
    sag: float,
) -> None:
    """The dark line where things touch the ground; `sag` is how far their round feet reach below it, in pixels."""
    mask = _small(canvas.size)
    limit = mask.height * 0.017 + 1.15 * sag / SHADOW_SCALE
    draw = ImageDraw.Draw(mask)
    for left, right in spans:
        x0, x1, y = left / SHADOW_SCALE, right / SHADOW_SCALE, base / SHADOW_SCALE
        high = max(1.6, min((x1 - x0) * 0.10, limit))
        draw.ellipse((x0 - 1, y - high, x1 + 2.5, y + high), fill=255)
    mask = mask.filter(ImageFilter.GaussianBlur(mask.height * 0.010))
    if within is not None:
        mask = ImageChops.multiply(mask, within)
    _lay(canvas, tint, mask, 0.62)


def spans_of(sketch: Sketch, place: Place) -> list[tuple[float, float]]:
    """The stretches in which a sketch touches the ground, in pixels."""
    _, low, _, high = sketch.bounds()
    limit = max(0.02 * (high - low), 0.012)
    found: list[list[float]] = []
    for part in sketch.parts:
        if part.on or part.blur:
            continue
        paths = [(ring, 0.0) for ring in part.rings] + list(part.strokes)
        for ring, width in paths:
            xs = [x for x, y in ring if y - width / 2 <= limit]
            if xs:
                found.append([min(xs), max(xs)])
    found.sort()
    merged: list[list[float]] = []
    for left, right in found:
        if merged and left <= merged[-1][1] + 0.04:
            merged[-1][1] = max(merged[-1][1], right)
        else:
            merged.append([left, right])
    return [(place.x + left * place.scale, place.x + right * place.scale) for left, right in merged]


def put_plinth(canvas: Image.Image, tint: Tint, plinth: Plinth, place: Place) -> Image.Image:
    """Paint a plinth with its shadow on the floor; gives back the surface on which things stand."""
    shape = silhouette(plinth.parts, place, canvas.size)
    base = place.y - plinth.foot * place.scale
    ground_shadow(canvas, tint, shape, base, within=None, strength=0.42)
    if plinth.is_round:
        ring = ellipse(0.012, plinth.foot - 0.004, plinth.reach * 1.02, plinth.reach * 0.19)
    else:
        low = plinth.foot
        corners = [(-plinth.reach, low - 0.010), (plinth.reach * 1.03, low - 0.010), (plinth.reach * 1.02, low + 0.02)]
        ring = soften([*corners, (-plinth.reach, low + 0.02)], 0.01)
    paint(canvas, [Part(rings=(ring,), color=to_hex_dark(tint), light="plain", alpha=0.55, blur=0.012)], place)
    paint(canvas, plinth.parts, place)
    surface = _small(canvas.size)
    points = [(x / SHADOW_SCALE, y / SHADOW_SCALE) for x, y in place.points(plinth.top)]
    ImageDraw.Draw(surface).polygon(points, fill=255)
    # A little smaller and soft, so that no shadow's coarse edge shows beyond the rim.
    return surface.filter(ImageFilter.MinFilter(3)).filter(ImageFilter.GaussianBlur(0.9))


def to_hex_dark(tint: Tint) -> str:
    return "#{:02x}{:02x}{:02x}".format(*_dark(tint))


def put(canvas: Image.Image, tint: Tint, sketch: Sketch, place: Place, surface: Image.Image | None) -> None:
    """Stand a sketch on a surface, with the shadows it throws there."""
    shape = silhouette(sketch.parts, place, canvas.size)
    ground_shadow(canvas, tint, shape, place.y, within=surface)
    contact(canvas, tint, spans_of(sketch, place), place.y, surface, max(0.0, -sketch.bounds()[1]) * place.scale)
    paint(canvas, sketch.parts, place)


@lru_cache(maxsize=4)
def _grain(size: Size) -> Image.Image:
    side = 256
    noise = Random("grain").randbytes(side * side)
    tile = Image.frombytes("L", (side, side), noise).point(
        [128 + round((value - 127.5) / 127.5 * 2.4) for value in range(256)]
    )
    sheet = Image.new("L", size)
    for x in range(0, size[0], side):
        for y in range(0, size[1], side):
            sheet.paste(tile, (x, y))
    return Image.merge("RGB", [sheet] * 3)


def finish(canvas: Image.Image) -> Image.Image:
    """A grain as fine as paper's: it hides the steps in long gradients."""
    return ImageChops.add(canvas, _grain(canvas.size), 1, -128)


def still_life(sketch: Sketch, tint: Tint, size: Size, dice: Random) -> Image.Image:
    """One thing on one plinth."""
    width, height = size
    left, _, right, top = sketch.bounds()
    span = right - left
    scale = min(0.63 * height / top, 0.68 * width / span)
    tall = top * scale / height
    ground = min(0.80, max(0.665, 0.475 + tall / 2))
    feet = spans_of(sketch, Place(scale, 0, 0))
    reach = max((max(abs(a), abs(b)) for a, b in feet), default=span * scale / 2) / height
    middle = -(left + right) / 2 * scale
    centre = width * (0.5 + dice.uniform(-0.012, 0.012))
    form = dice.choice(FORMS)
    half = min(max(reach + abs(middle) / height * 0.6, 0.24), (0.32 if form == "steps" else 0.375) * width / height)
    drop = {"steps": 0.12, "ledge": 0.175}.get(form) or 0.11 + dice.uniform(-0.02, 0.02)
    ground = min(ground, 0.965 - drop - room_below(form, half))
    base = ground * height
    plinth = make_plinth(form, half=half, drop=drop, tint=tint, dice=dice)
    horizon = dice.uniform(0.70, 0.75) - (0.80 - ground) * 0.4
    canvas = room(tint, size, horizon=horizon, backdrop=dice.choice(BACKDROPS), dice=dice)
    place = Place(scale, centre + middle, base)
    stand = Place(height, centre, base)
    shape = ImageChops.lighter(silhouette(sketch.parts, place, size), silhouette(plinth.parts, stand, size))
    wall_shadow(canvas, tint, shape)
    surface = put_plinth(canvas, tint, plinth, stand)
    put(canvas, tint, sketch, place, surface)
    return finish(canvas)
