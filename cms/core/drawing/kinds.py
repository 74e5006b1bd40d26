"""Which kind of thing a product is, from its name, in English, German or Spanish."""

from __future__ import annotations

import hashlib
import re
import unicodedata

_WORDS: dict[str, str] = {
    "kettle": "kettle wasserkocher hervidor",
    "lamp": "lamp light leuchte lampe lampara flexo",
    "bag": "bag tote handbag tasche bolso",
    "shoe": "shoe shoes boot boots sneaker trainers sandal heels cleats schuh stiefel zapato zapatilla bota",
    "bottle": "bottle thermos drink juice milk water oil flasche botella termo honey",
    "headphones": "headphone headphones earbuds earphones airpods kopfhorer auriculares",
    "chair": "chair sofa bed seat stuhl sessel silla bench",
    "plant": "plant tree swing flower pflanze planta",
    "notebook": "notebook journal book cuaderno notizbuch libreta",
    "camera": "camera kamera camara",
    "cup": "cup mug glass tasse taza vaso",
    "backpack": "backpack rucksack mochila",
    "watch": "watch rolex uhr reloj",
    "pan": "pan wok pot stove pfanne sarten olla",
    "knife": "knife knives spatula fork spoon whisk grater peeler slicer messer cuchillo tenedor cuchara",
    "tube": "mascara lipstick cream lotion soap powder nail polish cosmetics eyeshadow creme crema beauty",
    "flask": "perfume cologne eau parfum fragrance fragrances dior chanel gucci klein perfumes",
    "jacket": "jacket coat hoodie jacke abrigo chaqueta dress gown",
    "shirt": "shirt tee blouse hemd camisa camiseta corset",
    "sunglasses": "sunglasses glasses brille gafas",
    "phone": "phone iphone galaxy smartphone oppo realme vivo telefono",
    "laptop": "laptop macbook tablet ipad zenbook matebook",
    "bowl": "bowl strainer squeezer tray plate schussel cuenco bol",
    "umbrella": "umbrella regenschirm paraguas",
    "suitcase": "suitcase trolley koffer maleta",
    "scarf": "scarf schal bufanda towel blanket",
    "speaker": "speaker echo homepod radio lautsprecher altavoz",
    "teapot": "teapot teekanne tetera",
    "coffeemaker": "coffee espresso nescafe grinder kaffee cafetera microwave blender",
    "pen": "pen pencil stift boligrafo pluma",
    "box": "box storage rice table caja kiste",
}
KINDS: tuple[str, ...] = tuple(_WORDS)
_KIND_OF = {word: kind for kind, words in _WORDS.items() for word in words.split()}
_VESSELS = ("box", "bottle", "bowl", "cup", "flask")


def kind_for(text: str) -> str:
    """The kind of the last telling word; a vessel chosen by the text itself where no word tells."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z]+", plain)
    found = [_KIND_OF[form] for word in words for form in (word, word.rstrip("s")) if form in _KIND_OF]
    if found:
        return found[-1] if len(found) == 1 else found[0]
    return _VESSELS[hashlib.sha256(plain.encode()).digest()[0] % len(_VESSELS)]
