"""What a person may put into a page: their own pictures and files, and pages that everybody can read.

Wagtail does not check this on save: a crafted form could publish another creator's unpublished picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import ForeignKey, Model
from wagtail.documents import get_document_model
from wagtail.fields import StreamField
from wagtail.images import get_image_model
from wagtail.models import Page

from affiliates.catalogue.models import Product
from community.models import Creator


@dataclass(frozen=True)
class Reference:
    """A thing that a page points to, and the field or block that does."""

    model: type[Model]
    object_id: int
    where: str


def references(page: Page) -> Iterator[Reference]:
    """Every picture, file, page and product that a page's own fields point to, rich text and blocks included."""
    for field in page._meta.get_fields():
        if isinstance(field, StreamField):
            value = getattr(page, field.name)
            for model, object_id, _path, content_path in field.stream_block.extract_references(value):
                yield Reference(model, int(object_id), f"{field.name}: {content_path}")
        elif isinstance(field, ForeignKey) and field.related_model in _checked_models() and not field.name.endswith("_ptr"):
            if (key := getattr(page, field.attname)) and field.name not in {"alias_of", "locale", "content_type"}:
                yield Reference(field.related_model, int(key), field.name)


def _checked_models() -> tuple[type[Model], ...]:
    return get_image_model(), get_document_model(), Page, Product


def foreign_references(page: Page, creator: Creator) -> list[Reference]:
    """The references that this creator has no right to. At most one query a kind of thing."""
    wanted: dict[type[Model], list[Reference]] = {}
    for reference in references(page):
        wanted.setdefault(reference.model, []).append(reference)
    foreign: list[Reference] = []
    for model, found in wanted.items():
        allowed = _allowed(model, {reference.object_id for reference in found}, creator)
        foreign += [reference for reference in found if reference.object_id not in allowed]
    return foreign


def _allowed(model: type[Model], ids: set[int], creator: Creator) -> set[int]:
    if model in (get_image_model(), get_document_model()):
        manager: Any = model._default_manager
        return set(manager.filter(pk__in=ids, collection_id=creator.collection_id).values_list("pk", flat=True))
    if issubclass(model, Page):
        return {
            page.pk
            for page in Page.objects.filter(pk__in=ids)
            if page.live or page.owner_id == creator.user_id
        }
    if model is Product:
        return set(Product.objects.filter(pk__in=ids).values_list("pk", flat=True))
    return set()
