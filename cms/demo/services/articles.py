"""The demo's topics, guides, reviews and standard pages, published as their creators would."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.html import strip_tags

from wagtail.models import Locale, Page

from affiliates.catalogue.models import Product
from cms.core.models import SiteImage, StandardPage
from cms.demo.domain import shapes as demo
from cms.demo.domain.drawings import Drawing, Drawn
from cms.demo.services.pictures import draw_all, store
from cms.home.models import HomePage
from community.models import Activity, Creator
from guides.models import ArticlePage, CreatorPage, GuidePage, ReviewPage, TopicIndexPage, TopicPage

LANGUAGES = ("en", "es")
#: What the demo's invented creators look like.
LOOKS = {
    "marta-vidal": "olive brunette bob collar clay",
    "jonas-brandt": "light blond short beard blazer slate",
    "aiko-mori": "light black fringe blazer sea",
    "tom-ashdown": "pale ginger crop glasses turtleneck moss",
    "ines-duarte": "tan black waves crew plum",
    "noor-haddad": "olive black long collar gold",
}


def draw_products() -> None:
    """Every product has its picture. May be repeated."""
    waiting = {p.slug: p for p in Product.objects.filter(image__isnull=True)}
    drawings = [Drawing(p.slug, (p.kind or "box",), p.tint) for p in waiting.values()]

    def keep(drawn: Drawn) -> None:
        product = waiting[drawn.name]
        image = store(drawn, title=str(product), alt=product.name, collection_id=None, shapes=("card", "hero"))
        Product.objects.filter(pk=product.pk).update(image=image)

    draw_all(drawings, keep)


def draw_portraits(content: demo.Content) -> None:
    """Every creator has a portrait. May be repeated."""
    creators = {c.handle: c for c in Creator.objects.filter(portrait__isnull=True)}
    wanted = [
        Drawing(p.handle, shape="portrait", look=LOOKS.get(p.handle, ""))
        for p in content.creators
        if p.handle in creators
    ]

    def keep(drawn: Drawn) -> None:
        creator = creators[drawn.name]
        alt = f"Portrait of {creator.display_name}"
        image = store(
            drawn, title=alt, alt=alt, collection_id=creator.collection_id, shapes=("portrait", "card", "hero")
        )
        Creator.objects.filter(pk=creator.pk).update(portrait=image)
        CreatorPage.objects.filter(creator=creator).update(social_image=image)

    draw_all(wanted, keep)


def make_topics(content: demo.Content) -> None:
    """Afterwards every topic has its page in both languages. May be repeated."""
    for language in LANGUAGES:
        locale = Locale.objects.get(language_code=language)
        index = TopicIndexPage.objects.get(locale=locale)
        for topic in content.topics:
            if TopicPage.objects.filter(locale=locale, slug=topic.slug).exists():
                continue
            page = TopicPage(
                title=topic.title[language], slug=topic.slug, summary=topic.intro[language][:320], tint=topic.tint,
                locale=locale,
            )  # fmt: skip
            if first := TopicPage.objects.filter(slug=topic.slug).first():
                page.translation_key = first.translation_key
            index.add_child(instance=page)


def make_standard_pages(content: demo.Content) -> None:
    """Afterwards About, the policies and the rest stand in both languages. May be repeated."""
    for language in LANGUAGES:
        locale = Locale.objects.get(language_code=language)
        home = HomePage.objects.get(locale=locale)
        home.summary = {
            "en": "Buying guides that say what they know, and when they knew it",
            "es": "Guías de compra que dicen lo que saben y desde cuándo",
        }[language]
        home.save()
        for text in content.pages:
            if StandardPage.objects.filter(locale=locale, slug=text.slug).exists():
                continue
            page = StandardPage(
                title=text.title[language], slug=text.slug, summary=text.summary[language][:320],
                body=text.html[language], locale=locale,
            )  # fmt: skip
            if first := StandardPage.objects.filter(slug=text.slug).first():
                page.translation_key = first.translation_key
            home.add_child(instance=page)


def make_articles(content: demo.Content, *, now: dt.datetime) -> None:
    """Afterwards every guide and review is published, dated as the content says. May be repeated."""
    written = {page.slug for page in Page.objects.type(GuidePage, ReviewPage)}
    missing = [article for article in content.articles if article.slug not in written]
    # A translation needs its original's key.
    missing.sort(key=lambda article: bool(article.translation_of))
    products = {product.slug: product for product in Product.objects.all()}
    creators = {creator.handle: creator for creator in Creator.objects.all()}
    for article in missing:
        pictures = _draw_pictures(article, creators[article.creator])
        _publish(article, creators[article.creator], products, pictures, now)


def _drawing_name(article: demo.Article, number: int) -> str:
    return f"{article.slug[:50]}-{number}"


def _draw_pictures(article: demo.Article, creator: Creator) -> dict[int, SiteImage]:
    """The lead picture as 0, the pictures of the text by their place in it."""
    inside = [(n, block) for n, block in enumerate(article.body, 1) if isinstance(block, demo.Picture)]
    wanted: list[tuple[int, Any, tuple[str, ...]]] = [(0, article.hero, ("hero", "card"))]
    wanted += [(number, block, ("body",)) for number, block in inside]
    images = {}
    for number, what, shapes in wanted:
        name = _drawing_name(article, number)
        drawings = [Drawing(name, what.kinds, what.tint, "scene")]
        found: list[Drawn] = []
        draw_all(drawings, found.append)
        images[number] = store(found[0], title=name, alt=what.alt, collection_id=creator.collection_id, shapes=shapes)
    return images


def _publish(
    article: demo.Article,
    creator: Creator,
    products: dict[str, Product],
    pictures: dict[int, SiteImage],
    now: dt.datetime,
) -> None:
    locale = Locale.objects.get(language_code=article.language)
    parent = CreatorPage.objects.get(creator=creator, locale=locale)
    model: type[ArticlePage] = ReviewPage if article.kind == "review" else GuidePage
    published = now - dt.timedelta(days=article.published_days_ago, hours=len(article.slug) % 9)
    page = model(
        title=article.title,
        slug=article.slug,
        summary=article.summary[:320],
        hero_image=pictures[0],
        locale=locale,
        owner=creator.user,
        creator=creator,
        body=[_block(block, products, pictures.get(n)) for n, block in enumerate(article.body, 1)],
        disclosure=[("gift", {"by": gift.giver, "what": str(products[gift.product])}) for gift in article.gifts],
        facts_confirmed=True,
        last_tested_on=(now - dt.timedelta(days=article.tested_days_ago)).date(),
    )
    if isinstance(page, ReviewPage) and article.product:
        page.product = products[article.product]
    if article.translation_of and (original := Page.objects.filter(slug=article.translation_of).first()):
        page.translation_key = original.translation_key
    parent.add_child(instance=page)
    page.topics.set(TopicPage.objects.filter(locale=locale, slug__in=article.topics))
    page.tags.set(article.tags)
    page.save_revision(user=creator.user).publish(skip_permission_checks=True)
    Page.objects.filter(pk=page.pk).update(first_published_at=published, last_published_at=published)
    Activity.objects.filter(page_id=page.pk).update(at=published)


def _block(block: demo.Block, products: dict[str, Product], picture: SiteImage | None) -> tuple[str, Any]:
    """A block of the content as a StreamField takes it."""
    match block:
        case demo.Heading():
            return "heading", block.text
        case demo.Text():
            return "text", block.html
        case demo.Quote():
            return "quote", {"text": block.text, "source": ""}
        case demo.Picture():
            return "image", {"image": picture, "alt": block.alt, "caption": block.caption}
        case demo.Pick():
            return "pick", {
                "product": products[block.product],
                "role": block.role,
                "reason": block.reason[:220],
                "for_whom": block.for_whom[:160],
                "evidence": block.evidence,
                "text": block.html,
            }
        case demo.ProductCard():
            return "product", {"product": products[block.product], "note": block.note[:400]}
        case demo.Comparison():
            columns = [
                {"product": products[slug], "values": [row.values[n] for row in block.rows]}
                for n, slug in enumerate(block.products)
            ]
            caption = " · ".join(products[slug].name for slug in block.products)
            return "comparison", {
                "caption": caption[:160],
                "rows": [row.label for row in block.rows],
                "columns": columns,
            }
        case demo.ProsCons():
            return "pros_cons", {"pros": list(block.pros), "cons": list(block.cons)}
        case demo.Verdict():
            criteria = [{"name": c.name, "weight": c.weight, "score": c.score} for c in block.criteria]
            return "verdict", {"score": block.score, "criteria": criteria, "text": _plain(block.html)[:600]}
        case demo.Testing():
            return "how_we_tested", {"text": _plain(block.html)[:1200], "days": block.days}


def _plain(html: str) -> str:
    return strip_tags(html.replace("</p>", "\n\n")).strip()
