"""What the demo's content consists of, once read: plain frozen values, no Django."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

KINDS = frozenset(
    [
        "kettle",
        "lamp",
        "bag",
        "shoe",
        "bottle",
        "headphones",
        "chair",
        "plant",
        "notebook",
        "camera",
        "cup",
        "backpack",
        "watch",
        "pan",
        "knife",
        "tube",
        "flask",
        "jacket",
        "shirt",
        "sunglasses",
        "phone",
        "laptop",
        "bowl",
        "umbrella",
        "suitcase",
        "scarf",
        "speaker",
        "teapot",
        "coffeemaker",
        "pen",
        "box",
    ]
)
TINTS = frozenset(["clay", "moss", "sea", "plum", "sand", "slate", "rose", "gold"])
CATEGORIES = frozenset(
    [
        "kitchen",
        "coffee-tea",
        "desk-light",
        "bags-travel",
        "shoes",
        "audio",
        "outdoors",
        "home-plants",
        "stationery",
        "photo",
        "care-fragrance",
        "watches",
    ]
)
AVAILABILITIES = frozenset(["in_stock", "out_of_stock", "preorder", "backorder", "discontinued", "unknown"])
LANGUAGES = frozenset({"en", "es"})
PICK_ROLES = frozenset(["top_pick", "runner_up", "budget", "upgrade", "also_great", "rejected"])
EVIDENCE = frozenset(["hands_on", "owners", "specs"])
PERSON_ROLES = frozenset({"operator", "editor", "finance", "creator", "brand_manager", "brand_viewer", "reader"})
COUNTRIES = frozenset(["AT", "CA", "DE", "ES", "FR", "GB", "IE", "JP", "MX", "NL", "PT", "US"])


@dataclass(frozen=True, slots=True)
class Lane:
    country: str
    price: str
    min_days: int
    max_days: int


@dataclass(frozen=True, slots=True)
class Merchant:
    slug: str
    name: str
    country: str
    currency: str
    lanes: dict[str, tuple[Lane, ...]]


@dataclass(frozen=True, slots=True)
class Offer:
    merchant: str
    currency: str
    price: str
    list_price: str
    availability: str
    stale: bool
    ships: tuple[Lane, ...]


@dataclass(frozen=True, slots=True)
class Product:
    slug: str
    name: str
    brand: str
    gtin: str
    mpn: str
    category: str
    kind: str
    tint: str
    description: str
    specs: dict[str, str]
    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class CreatorProfile:
    handle: str
    name: str
    country: str
    languages: tuple[str, ...]
    currency: str
    portrait_seed: int
    trusted: bool
    tagline: dict[str, str]
    bio: dict[str, str]


@dataclass(frozen=True, slots=True)
class Topic:
    slug: str
    tint: str
    hue: int
    title: dict[str, str]
    intro: dict[str, str]


@dataclass(frozen=True, slots=True)
class Hero:
    kinds: tuple[str, ...]
    tint: str
    alt: str


@dataclass(frozen=True, slots=True)
class Gift:
    product: str
    giver: str


@dataclass(frozen=True, slots=True)
class Heading:
    text: str


@dataclass(frozen=True, slots=True)
class Text:
    html: str


@dataclass(frozen=True, slots=True)
class Quote:
    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    kinds: tuple[str, ...]
    tint: str
    alt: str
    caption: str


@dataclass(frozen=True, slots=True)
class Pick:
    product: str
    role: str
    reason: str
    for_whom: str
    evidence: str
    html: str


@dataclass(frozen=True, slots=True)
class ProductCard:
    product: str
    note: str


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    label: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    products: tuple[str, ...]
    rows: tuple[ComparisonRow, ...]


@dataclass(frozen=True, slots=True)
class ProsCons:
    pros: tuple[str, ...]
    cons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Criterion:
    name: str
    weight: int
    score: Decimal


@dataclass(frozen=True, slots=True)
class Verdict:
    score: Decimal
    criteria: tuple[Criterion, ...]
    html: str


@dataclass(frozen=True, slots=True)
class Testing:
    """How the writer tested, and for how many days."""

    __test__ = False

    html: str
    days: int


Block = Heading | Text | Quote | Picture | Pick | ProductCard | Comparison | ProsCons | Verdict | Testing


@dataclass(frozen=True, slots=True)
class Article:
    slug: str
    language: str
    kind: str
    creator: str
    translation_of: str
    title: str
    summary: str
    topics: tuple[str, ...]
    tags: tuple[str, ...]
    product: str
    published_days_ago: int
    tested_days_ago: int
    hero: Hero
    commission: bool
    gifts: tuple[Gift, ...]
    body: tuple[Block, ...]
    words: int

    @property
    def products(self) -> tuple[str, ...]:
        """Slugs of the products it picks or shows, each once, in order of appearance."""
        shown = [block.product for block in self.body if isinstance(block, Pick | ProductCard)]
        return tuple(dict.fromkeys(shown))

    @property
    def picks(self) -> tuple[Pick, ...]:
        return tuple(block for block in self.body if isinstance(block, Pick))


@dataclass(frozen=True, slots=True)
class Person:
    key: str
    email: str
    name: str
    handle: str
    country: str
    language: str
    role: str
    creator: str
    merchant: str
    follows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DemoComment:
    key: str
    article: str
    person: str
    reply_to: str
    days_ago: int
    edited_days_ago: int
    status: str
    body: str


@dataclass(frozen=True, slots=True)
class StandardText:
    slug: str
    title: dict[str, str]
    summary: dict[str, str]
    html: dict[str, str]


@dataclass(frozen=True, slots=True)
class Content:
    merchants: tuple[Merchant, ...]
    products: tuple[Product, ...]
    creators: tuple[CreatorProfile, ...]
    topics: tuple[Topic, ...]
    articles: tuple[Article, ...]
    comments: tuple[DemoComment, ...]
    people: tuple[Person, ...]
    pages: tuple[StandardText, ...]

    def article(self, slug: str) -> Article:
        return next(article for article in self.articles if article.slug == slug)

    def product(self, slug: str) -> Product:
        return next(product for product in self.products if product.slug == slug)
