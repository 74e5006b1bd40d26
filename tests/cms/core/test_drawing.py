from __future__ import annotations

import hashlib
import time

import pytest
from PIL import Image, ImageStat

from cms.core.drawing import KINDS, TINTS, dominant_color, draw_portrait, draw_scene, draw_still_life, kind_for

SMALL = (240, 180)


def digest(image: Image.Image) -> str:
    return hashlib.sha256(image.tobytes()).hexdigest()


def test_there_are_at_least_thirty_kinds() -> None:
    assert len(KINDS) >= 30
    assert len(set(KINDS)) == len(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_drawn_at_the_size_asked_for(kind: str) -> None:
    picture = draw_still_life(kind, seed="a", size=SMALL)
    assert (picture.size, picture.mode) == (SMALL, "RGB")


@pytest.mark.parametrize("kind", KINDS)
def test_every_form_the_dice_can_choose_is_drawn(kind: str) -> None:
    for seed in range(5):
        assert draw_still_life(kind, seed=str(seed), size=(48, 36)).size == (48, 36)


def test_the_thing_stands_out_from_the_room() -> None:
    for kind in KINDS:
        picture = draw_still_life(kind, seed="contrast", size=SMALL).convert("L").crop((60, 30, 180, 150))
        assert ImageStat.Stat(picture).stddev[0] > 12, kind


def test_the_same_seed_gives_the_same_bytes() -> None:
    first, second = (draw_still_life("kettle", seed="still-kettle", tint="sea", size=SMALL) for _ in range(2))
    assert digest(first) == digest(second)


def test_eighty_seeds_give_eighty_pictures() -> None:
    assert len({digest(draw_still_life("cup", seed=f"cup-{i}", size=(60, 45))) for i in range(80)}) == 80


def test_a_tint_colours_the_room() -> None:
    rooms = {tint: dominant_color(draw_still_life("cup", seed="x", tint=tint, size=SMALL)) for tint in TINTS}
    assert len(set(rooms.values())) == 8


def test_an_unknown_tint_is_left_to_the_seed() -> None:
    assert draw_still_life("cup", seed="x", tint="neon", size=SMALL).size == SMALL


def test_an_unknown_kind_is_drawn_as_some_vessel() -> None:
    assert draw_still_life("hovercraft", seed="x", size=SMALL).size == SMALL


def test_a_word_of_the_seed_chooses_the_form() -> None:
    gooseneck, iron = (draw_still_life("kettle", seed=seed, tint="sand", size=SMALL) for seed in ("gooseneck", "tetsu"))
    assert digest(gooseneck) != digest(iron)


@pytest.mark.parametrize("count", range(6))
def test_a_scene_holds_up_to_five_things(count: int) -> None:
    scene = draw_scene(KINDS[:count], seed="s", tint="moss", size=(320, 200))
    assert scene.size == (320, 200)


def test_scenes_follow_from_their_seed() -> None:
    first, again, other = (digest(draw_scene(["cup", "pan"], seed=seed, size=(160, 100))) for seed in ("a", "a", "b"))
    assert first == again != other


def test_portraits_follow_from_their_seed() -> None:
    first, again, other = (digest(draw_portrait(seed=seed, size=(120, 120))) for seed in ("a", "a", "b"))
    assert first == again != other


def test_a_portrait_heeds_what_it_is_told() -> None:
    told = draw_portrait(seed="a", look="dark black curls glasses", size=(120, 120))
    assert digest(told) != digest(draw_portrait(seed="a", look="pale white bald", size=(120, 120)))


def test_forty_portraits_are_forty_people() -> None:
    assert len({digest(draw_portrait(seed=str(i), size=(60, 60))) for i in range(40)}) == 40


def test_the_dominant_colour_is_the_average() -> None:
    assert dominant_color(Image.new("RGB", (8, 8), (16, 32, 255))) == "#1020ff"


def test_the_dominant_colour_of_a_grey_picture_is_grey() -> None:
    assert dominant_color(Image.new("L", (8, 8), 128)) == "#808080"


def test_a_product_picture_takes_little_of_a_core() -> None:
    draw_still_life("kettle", seed="warm")
    spent = []
    for kind in ("kettle", "plant", "headphones"):
        started = time.process_time()
        draw_still_life(kind, seed="timed")
        spent.append(time.process_time() - started)
    assert min(spent) < 0.35


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Still Kettle 1.2 L", "kettle"),
        ("Wasserkocher aus Edelstahl", "kettle"),
        ("Hervidor eléctrico", "kettle"),
        ("Coffee cup, stoneware", "cup"),
        ("Taza de café", "cup"),
        ("Schreibtischlampe", "lamp"),
        ("Lámpara de pie", "lamp"),
        ("Mochila plegable", "backpack"),
        ("Trekkingrucksack 40 L", "backpack"),
        ("Bag for laptops", "bag"),
        ("Kopfhörer", "headphones"),
        ("Gafas de sol", "sunglasses"),
        ("Regenschirm", "umbrella"),
        ("Women's running shoes", "shoe"),
        ("Essence Mascara Lash Princess", "tube"),
        ("Gucci Bloom Eau de Parfum", "perfume"),
        ("Espressokocher", "coffeemaker"),
        ("Kochtöpfe", "pan"),
        ("iPhone 13 Pro", "phone"),
        ("Cuchillos de cocina", "knife"),
    ],
)
def test_a_name_tells_its_kind(text: str, kind: str) -> None:
    assert kind_for(text) == kind


def test_a_name_that_tells_nothing_always_gets_the_same_vessel() -> None:
    assert kind_for("Zorbulon 3000") == kind_for("Zorbulon 3000")
    assert {kind_for(f"Zorbulon {i}") for i in range(60)} <= set(KINDS)
    assert len({kind_for(f"Zorbulon {i}") for i in range(60)}) > 2


@pytest.mark.parametrize("text", ["", "   ", "日本の急須", "🙂", "a" * 5000])
def test_any_text_has_a_kind(text: str) -> None:
    assert kind_for(text) in KINDS
