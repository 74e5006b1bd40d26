"""What guides do when something happens elsewhere."""

from __future__ import annotations

from typing import Any

from wagtail.signals import page_published, page_unpublished

from affiliates.catalogue.signals import offers_changed
from cms.core import generation
from guides.models import ArticlePage
from guides.services.publishing import announce_article, link_new_offers


def on_published(sender: type, instance: Any, **kwargs: Any) -> None:
    """A guide went live or was changed."""
    if isinstance(instance, ArticlePage):
        announce_article(article=instance)
    else:
        generation.bump()


def on_unpublished(sender: type, instance: Any, **kwargs: Any) -> None:
    """A page went away."""
    generation.bump()


def on_offers_changed(sender: type, offer_ids: list[int], **kwargs: Any) -> None:
    """A shop lists something new: its authors get their links before the first reader comes."""
    link_new_offers(offer_ids=offer_ids)


def connect() -> None:
    """Called once, when Django starts."""
    page_published.connect(on_published, dispatch_uid="guides.on_published")
    page_unpublished.connect(on_unpublished, dispatch_uid="guides.on_unpublished")
    offers_changed.connect(on_offers_changed, dispatch_uid="guides.on_offers_changed")
