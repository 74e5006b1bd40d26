"""What guides do when something happens elsewhere."""

from __future__ import annotations

from typing import Any

from wagtail.signals import page_published, page_unpublished

from affiliates.catalogue.signals import offers_changed
from cms.core import generation
from community.models import Creator, User
from community.signals import creator_changed, creator_created, person_erased
from guides.models import ArticlePage
from guides.services.publishing import announce_article, link_new_offers
from guides.services.storefronts import close_storefronts, renew_rights, welcome_creator


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
    """A shop lists something new or at another price: its authors get their links before the first reader comes."""
    link_new_offers(offer_ids=offer_ids)
    generation.bump()


def on_creator_created(sender: type, creator: Creator, **kwargs: Any) -> None:
    """Somebody became a creator: their storefront opens."""
    welcome_creator(creator=creator)


def on_creator_changed(sender: type, creator: Creator, **kwargs: Any) -> None:
    """Somebody is trusted now, or no longer."""
    renew_rights(creator=creator)
    generation.bump()


def on_person_erased(sender: type, user: User, **kwargs: Any) -> None:
    """A person goes: what they wrote goes out of sight, and their storefront names nobody."""
    if creator := Creator.objects.filter(user=user).first():
        close_storefronts(creator=creator)
        generation.bump()


def connect() -> None:
    """Called once, when Django starts."""
    page_published.connect(on_published, dispatch_uid="guides.on_published")
    page_unpublished.connect(on_unpublished, dispatch_uid="guides.on_unpublished")
    offers_changed.connect(on_offers_changed, dispatch_uid="guides.on_offers_changed")
    creator_created.connect(on_creator_created, dispatch_uid="guides.on_creator_created")
    creator_changed.connect(on_creator_changed, dispatch_uid="guides.on_creator_changed")
    person_erased.connect(on_person_erased, dispatch_uid="guides.on_person_erased")
