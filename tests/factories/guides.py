"""Storefronts, topics, pictures, guides and reviews for tests."""

from __future__ import annotations

import io
import itertools
from collections.abc import Sequence
from typing import Any

from django.core.files.images import ImageFile

from wagtail.models import Locale

from PIL import Image

from affiliates.catalogue.models import Product
from cms.core.models import SiteImage
from community.models import Creator
from guides.models import ArticlePage, CreatorPage, GuidePage, ReviewPage, TopicIndexPage, TopicPage
from guides.services.storefronts import open_storefront
from tests.factories.community import make_creator

_numbers = itertools.count(1)


def make_locale(language: str = "en") -> Locale:
    """A language the site has."""
    return Locale.objects.get_or_create(language_code=language)[0]


def make_picture(title: str | None = None, *, creator: Creator | None = None, **fields: Any) -> SiteImage:
    """A small picture, in the creator's collection where one is given."""
    number = next(_numbers)
    file = io.BytesIO()
    Image.new("RGB", (64, 48), (number * 37 % 255, 120, 90)).save(file, "PNG")
    if creator is not None:
        fields["collection"] = creator.collection
    fields.setdefault("alt", "A plain colour")
    file.seek(0)
    image = ImageFile(file, name=f"picture-{number}.png")
    return SiteImage.objects.create(title=title or f"Picture {number}", file=image, **fields)


def make_storefront(creator: Creator | None = None, *, language: str = "en", **fields: Any) -> CreatorPage:
    """The creator's corner of the tree; a trusted creator's unless told otherwise."""
    creator = creator or make_creator(**{"is_trusted": True, **fields})
    return open_storefront(creator=creator, languages=[language])[0]


def make_topic(title: str | None = None, *, language: str = "en", **fields: Any) -> TopicPage:
    """A live topic."""
    number = next(_numbers)
    locale = make_locale(language)
    title = title or f"Topic {number}"
    topic = TopicPage(title=title, slug=fields.pop("slug", f"topic-{number}"), locale=locale, **fields)
    TopicIndexPage.objects.get(locale=locale).add_child(instance=topic)
    return topic


def pick(product: Product | None, **fields: Any) -> tuple[str, dict[str, Any]]:
    """A pick block's value."""
    return "pick", {
        "product": product,
        "role": "top_pick",
        "reason": "It does what it says.",
        "for_whom": "Anybody.",
        "evidence": "hands_on",
        "text": "<p>Used for a month.</p>",
        **fields,
    }


def make_article(
    model: type[ArticlePage],
    *,
    storefront: CreatorPage | None = None,
    products: Sequence[Product] = (),
    body: Sequence[tuple[str, Any]] | None = None,
    live: bool = True,
    topics: Sequence[TopicPage] = (),
    **fields: Any,
) -> ArticlePage:
    """An article in a storefront, with a pick for each product; published as its author would unless `live` is off."""
    number = next(_numbers)
    storefront = storefront or make_storefront()
    fields.setdefault("title", f"Article {number}")
    fields.setdefault("slug", f"article-{number}")
    fields.setdefault("summary", "What it is about.")
    fields.setdefault("facts_confirmed", True)
    fields.setdefault("owner", storefront.creator.user)
    text = [("text", "<p>Words.</p>"), *(pick(product) for product in products)] if body is None else list(body)
    page = model(body=text, live=False, has_unpublished_changes=True, locale=storefront.locale, **fields)
    storefront.add_child(instance=page)
    if topics:
        page.topics.set(topics)
    revision = page.save_revision(user=storefront.creator.user)
    if live:
        revision.publish()
    return model.objects.get(pk=page.pk)


def make_guide(**options: Any) -> GuidePage:
    """A buying guide; see `make_article`."""
    return make_article(GuidePage, **options)


def make_review(**options: Any) -> ReviewPage:
    """A review; see `make_article`."""
    return make_article(ReviewPage, **options)
