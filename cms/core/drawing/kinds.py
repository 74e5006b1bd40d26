"""Which kind of thing a product is, from its name, in English, German or Spanish."""

from __future__ import annotations

import hashlib
import re
import unicodedata

_WORDS: dict[str, str] = {
    "kettle": "kettle wasserkocher flotenkessel hervidor",
    "lamp": "lamp light lantern bulb leuchte lampe stehlampe tischlampe schreibtischlampe lampara flexo",
    "bag": "bag tote handbag purse weekender duffel clutch tasche handtasche umhangetasche bolso bolsa",
    "shoe": "shoe shoes boot boots sneaker trainer trainers sandal heels cleats loafer slipper schuh schuhe stiefel "
    "turnschuh zapato zapatilla bota",
    "bottle": "bottle drink juice milk water wine oil vinegar soda flasche trinkflasche wasserflasche botella honey aceite",
    "headphones": "headphone headphones earbuds earphones airpods headset kopfhorer ohrhorer auriculares cascos",
    "chair": "chair sofa seat bench stool armchair couch stuhl stuhle burostuhl sessel hocker silla sillon taburete",
    "plant": "plant tree flower fern pothos succulent bouquet pflanze zimmerpflanze blume planta maceta",
    "notebook": "notebook journal book diary planner notizbuch buch tagebuch heft cuaderno libreta agenda libro",
    "camera": "camera kamera fotoapparat camara",
    "cup": "cup mug glass tumbler tasse becher kaffeetasse teetasse glas taza vaso",
    "backpack": "backpack rucksack daypack mochila",
    "watch": "watch wristwatch rolex uhr armbanduhr reloj",
    "pan": "pan wok pot stove skillet saucepan casserole pfanne bratpfanne topf kochtopf topfe kochtopfe sarten olla cazuela",
    "knife": "knife knives spatula fork spoon whisk grater peeler slicer cutlery messer kochmesser besteck gabel loffel cuchillo "
    "tenedor cuchara",
    "tube": "mascara lipstick cream lotion nail polish cosmetics eyeshadow sunscreen balm toothpaste shampoo creme handcreme "
    "sonnencreme lippenstift crema pintalabios protector champu",
    "flask": "thermos flask thermosflasche isolierflasche isolierkanne termo",
    "jacket": "jacket coat hoodie parka blazer anorak jacke mantel regenjacke abrigo chaqueta cazadora impermeable dress gown "
    "vestido kleid",
    "shirt": "shirt tee tshirt blouse overshirt sweater jumper polo hemd bluse pullover camisa camiseta blusa jersey corset",
    "sunglasses": "sunglasses glasses eyewear spectacles brille sonnenbrille gafas",
    "phone": "phone iphone galaxy smartphone oppo realme vivo handy telefon telefono movil",
    "laptop": "laptop macbook tablet ipad zenbook matebook monitor notebookcomputer portatil ordenador",
    "bowl": "bowl strainer squeezer tray plate dish salad schussel schale teller cuenco bol plato fruit apple lemon kiwi "
    "strawberry potatoes",
    "umbrella": "umbrella parasol regenschirm schirm paraguas sombrilla",
    "suitcase": "suitcase luggage trolley cabin koffer reisekoffer maleta equipaje",
    "scarf": "scarf shawl towel blanket throw schal halstuch decke handtuch bufanda panuelo manta toalla",
    "speaker": "speaker soundbar echo homepod radio lautsprecher altavoz",
    "teapot": "teapot teekanne tetera kyusu",
    "coffeemaker": "coffee espresso nescafe grinder brewer moka dripper kaffee kaffeemaschine espressokocher cafetera microwave "
    "blender",
    "pen": "pen pencil ballpoint stift kugelschreiber fuller bleistift boligrafo pluma lapiz",
    "box": "box storage crate basket drawer soap rice karton kiste schachtel seife caja cesta jabon",
    "perfume": "perfume cologne eau parfum fragrance fragrances dior chanel gucci klein perfumes duft colonia",
    "vase": "vase vessel jar urn pitcher krug jarron florero",
}
KINDS: tuple[str, ...] = tuple(_WORDS)
_KIND_OF = {word: kind for kind, words in _WORDS.items() for word in words.split()}
_VESSELS = ("vase", "bowl", "vase", "box", "vase", "bottle")
# Words that only say where or for whom another thing is: "cabin suitcase", "tea cup" need none, "coffee cup" does.
_WEAK = frozenset(
    [
        "coffee",
        "espresso",
        "water",
        "tea",
        "book",
        "light",
        "glass",
        "oil",
        "milk",
        "wine",
        "milch",
        "kaffee",
        "agua",
        "apple",
        "galaxy",
        "vivo",
        "klein",
        "cabin",
        "eau",
        "pot",
        "drink",
    ]
)


def kind_for(text: str) -> str:
    """The kind of the most telling word; a vessel chosen by the text itself where no word tells.

    Of several words the last strong one wins in English and German, whose nouns come last ("coffee cup"), and what
    follows a preposition counts less: "taza de café", "bag for laptops", "knife with box".
    """
    plain = _plain(text)
    head = re.split(r"\b(?:for|with|fur|mit|de|del|para|con|von|aus)\b", plain, maxsplit=1)
    for clause in head:
        found = [kind for word in re.findall(r"[a-z]+", clause) if (kind := _known(word))]
        strong = [kind for kind, weak in found if not weak]
        if strong:
            return strong[-1]
        if found:
            return found[-1][0]
    return _VESSELS[hashlib.sha256(plain.encode()).digest()[0] % len(_VESSELS)]


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()


def _known(word: str) -> tuple[str, bool] | None:
    """The word's kind and whether it is a weak hint; plurals and German compounds are taken apart."""
    forms = (word, word.removesuffix("s"), word.removesuffix("es"), word.removesuffix("n"), word.removesuffix("en"))
    for form in forms:
        if form in _KIND_OF:
            return _KIND_OF[form], form in _WEAK
    for cut in range(3, len(word) - 3):
        if len(word) - cut >= 5 and word[cut:] in _KIND_OF:
            return _KIND_OF[word[cut:]], True
    return None
