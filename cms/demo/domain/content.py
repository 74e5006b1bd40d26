"""Reads and validates the demo's data files: `load_content(path)` gives one frozen `Content`.

A fault raises `ContentError`, whose text names the file and the field.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable
from pathlib import Path

from cms.demo.domain import shapes
from cms.demo.domain.articles import read_article
from cms.demo.domain.shapes import Content
from cms.demo.domain.tables import EXPONENTS, ContentError, Table, gtin_is_valid, read_table

__all__ = ["Content", "ContentError", "load_content"]


def _unique(values: Iterable[Hashable], *, file: str, field: str) -> None:
    seen: set[Hashable] = set()
    for value in values:
        if value in seen:
            raise ContentError(file, field, f"{value!r} is there twice")
        seen.add(value)


def _read_lane(row: Table, currency: str) -> shapes.Lane:
    least = row.integer("min_days", least=0, most=60)
    lane = shapes.Lane(
        country=row.choice("country", shapes.COUNTRIES),
        price=row.amount("price", currency),
        min_days=least,
        max_days=row.integer("max_days", least=least, most=90),
    )
    row.done()
    return lane


def _read_merchant(row: Table) -> shapes.Merchant:
    currency = row.choice("currency", EXPONENTS)
    lanes = row.table("lanes")
    merchant = shapes.Merchant(
        slug=row.text("slug"),
        name=row.text("name"),
        country=row.choice("country", shapes.COUNTRIES),
        currency=currency,
        lanes={
            name: tuple(_read_lane(lane, currency) for lane in lanes.tables(name, least=1))
            for name in ("letter", "parcel", "bulky", "plants")
            if lanes.has(name)
        },
    )
    lanes.done()
    row.done()
    return merchant


def _read_offer(row: Table, merchants: dict[str, shapes.Merchant]) -> shapes.Offer:
    merchant = merchants[row.choice("merchant", merchants)]
    offer = shapes.Offer(
        merchant=merchant.slug,
        currency=merchant.currency,
        price=row.amount("price", merchant.currency),
        list_price=row.amount("list_price", merchant.currency, default=""),
        availability=row.choice("availability", shapes.AVAILABILITIES),
        stale=row.flag("stale"),
        ships=merchant.lanes[row.choice("ships", merchant.lanes)],
    )
    row.done()
    return offer


def _read_product(row: Table, merchants: dict[str, shapes.Merchant]) -> shapes.Product:
    gtin = row.text("gtin")
    if not gtin_is_valid(gtin):
        raise row.fault("gtin", f"{gtin!r} has a wrong check digit or length")
    specs = row.strings("specs")
    if not 3 <= len(specs) <= 6:
        raise row.fault("specs", f"has {len(specs)} entries, not 3 to 6")
    offers = tuple(_read_offer(offer, merchants) for offer in row.tables("offer", least=1))
    _unique((offer.merchant for offer in offers), file=row.file, field=f"{row.field}.offer.merchant")
    product = shapes.Product(
        slug=row.text("slug"),
        name=row.text("name"),
        brand=row.text("brand"),
        gtin=gtin,
        mpn=row.text("mpn"),
        category=row.choice("category", shapes.CATEGORIES),
        kind=row.choice("kind", shapes.KINDS),
        tint=row.choice("tint", shapes.TINTS),
        description=row.text("description"),
        specs=specs,
        offers=offers,
    )
    row.done()
    return product


def _in_languages(row: Table, key: str, languages: Collection[str]) -> dict[str, str]:
    texts = row.strings(key)
    if set(texts) != set(languages):
        raise row.fault(key, f"is in {', '.join(sorted(texts))}, not in {', '.join(sorted(languages))}")
    return texts


def _read_creator(row: Table) -> shapes.CreatorProfile:
    languages = row.texts("languages", least=1, allowed=shapes.LANGUAGES)
    creator = shapes.CreatorProfile(
        handle=row.text("handle"),
        name=row.text("name"),
        country=row.choice("country", shapes.COUNTRIES),
        languages=languages,
        currency=row.choice("currency", EXPONENTS),
        portrait_seed=row.integer("portrait_seed", least=0, most=10_000),
        trusted=row.flag("trusted"),
        tagline=_in_languages(row, "tagline", languages),
        bio=_in_languages(row, "bio", languages),
    )
    row.done()
    return creator


def _read_topic(row: Table) -> shapes.Topic:
    topic = shapes.Topic(
        slug=row.text("slug"),
        tint=row.choice("tint", shapes.TINTS),
        hue=row.integer("hue", least=0, most=359),
        title=_in_languages(row, "title", shapes.LANGUAGES),
        intro=_in_languages(row, "intro", shapes.LANGUAGES),
    )
    row.done()
    return topic


def _read_person(row: Table, creators: Collection[str], merchants: Collection[str]) -> shapes.Person:
    role = row.choice("role", shapes.PERSON_ROLES)
    person = shapes.Person(
        key=row.text("key"),
        email=row.text("email"),
        name=row.text("name"),
        handle=row.text("handle"),
        country=row.choice("country", shapes.COUNTRIES),
        language=row.choice("language", shapes.LANGUAGES),
        role=role,
        creator=row.choice("creator", creators) if role == "creator" else "",
        merchant=row.choice("merchant", merchants) if role.startswith("brand_") else "",
        follows=row.texts("follows", allowed=creators),
    )
    row.done()
    return person


def _read_comment(
    row: Table,
    articles: dict[str, shapes.Article],
    people: Collection[str],
    earlier: dict[str, shapes.DemoComment],
) -> shapes.DemoComment:
    article = articles[row.choice("article", articles)]
    latest = article.published_days_ago
    reply_to = row.choice("reply_to", earlier, default="")
    if reply_to:
        parent = earlier[reply_to]
        if parent.article != article.slug:
            raise row.fault("reply_to", "answers a comment on another page")
        latest = parent.days_ago
    days_ago = row.integer("days_ago", least=0, most=latest)
    comment = shapes.DemoComment(
        key=row.text("key"),
        article=article.slug,
        person=row.choice("person", people),
        reply_to=reply_to,
        days_ago=days_ago,
        edited_days_ago=row.integer("edited_days_ago", least=-1, most=days_ago, default=-1),
        status=row.choice("status", {"published", "held"}, default="published"),
        body=row.text("body"),
    )
    row.done()
    return comment


def _read_page(row: Table) -> shapes.StandardText:
    page = shapes.StandardText(
        slug=row.text("slug"),
        title=_in_languages(row, "title", shapes.LANGUAGES),
        summary=_in_languages(row, "summary", shapes.LANGUAGES),
        html=_in_languages(row, "html", shapes.LANGUAGES),
    )
    row.done()
    return page


def _rows(root: Path, file: str, key: str) -> list[Table]:
    table = read_table(root / file, root)
    rows = table.tables(key, least=1)
    table.done()
    return rows


def _files(root: Path, folder: str) -> list[Path]:
    found = sorted((root / folder).glob("*.toml"))
    if not found:
        raise ContentError(folder, "file", "there is none")
    return found


def _read_articles(
    root: Path, products: Collection[str], topics: Collection[str], creators: dict[str, tuple[str, ...]]
) -> dict[str, shapes.Article]:
    articles: dict[str, shapes.Article] = {}
    for path in _files(root, "guides"):
        table = read_table(path, root)
        article = read_article(table, products=products, topics=topics, creators=creators)
        if article.slug != path.stem:
            raise table.fault("slug", "is not the name of its file")
        articles[article.slug] = article
    for article in articles.values():
        original = articles.get(article.translation_of)
        if article.translation_of and (original is None or original.language == article.language):
            raise ContentError(f"guides/{article.slug}.toml", "translation_of", "is no article in another language")
    return articles


def load_content(path: Path) -> Content:
    """All of the demo's content, valid as a whole. Newest article first; replies follow what they answer."""
    merchants = {merchant.slug: merchant for merchant in map(_read_merchant, _rows(path, "merchants.toml", "merchant"))}
    products = tuple(
        _read_product(row, merchants)
        for file in _files(path, "products")
        for row in _rows(path, file.relative_to(path).as_posix(), "product")
    )
    for field in ("slug", "gtin", "mpn"):
        _unique((getattr(product, field) for product in products), file="products", field=field)
    creators = tuple(map(_read_creator, _rows(path, "creators.toml", "creator")))
    topics = tuple(map(_read_topic, _rows(path, "topics.toml", "topic")))
    languages = {creator.handle: creator.languages for creator in creators}
    articles = _read_articles(path, {product.slug for product in products}, {topic.slug for topic in topics}, languages)
    people = tuple(_read_person(row, languages, merchants) for row in _rows(path, "people.toml", "person"))
    for field in ("key", "email", "handle"):
        _unique((getattr(person, field) for person in people), file="people.toml", field=field)
    comments: dict[str, shapes.DemoComment] = {}
    for row in _rows(path, "comments.toml", "comment"):
        comment = _read_comment(row, articles, {person.key for person in people}, comments)
        if comment.key in comments:
            raise row.fault("key", f"{comment.key!r} is there twice")
        comments[comment.key] = comment
    return Content(
        merchants=tuple(merchants.values()),
        products=products,
        creators=creators,
        topics=topics,
        articles=tuple(sorted(articles.values(), key=lambda article: (article.published_days_ago, article.slug))),
        comments=tuple(comments.values()),
        people=people,
        pages=tuple(map(_read_page, _rows(path, "pages.toml", "page"))),
    )
