"""What a person may put into a page: their own pictures and files, and pages that everybody can read.

Wagtail does not check this on save: a crafted form could publish another creator's unpublished picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import ForeignKey, Model, Q

from wagtail.documents import get_document_model
from wagtail.fields import RichTextField, StreamField
from wagtail.images import get_image_model
from wagtail.models import Page
from wagtail.rich_text import extract_references_from_rich_text

from affiliates.catalogue.models import Product
from community.models import Creator
from guides.models import CreatorPage

#: Wagtail's own keys of a page, which no form fills in.
BOOKKEEPING = frozenset({"page_ptr", "alias_of", "locale", "content_type", "owner", "latest_revision", "live_revision"})


@dataclass(frozen=True)
class Reference:
    """A thing that a page points to, the field that does, and the name of the block or field for people."""

    model: type[Model]
    object_id: int
    field: str
    where: str


def references(page: Page) -> Iterator[Reference]:
    """Every picture, file, page and product that a page's fields point to, rich text and blocks included."""
    for field in page._meta.get_fields():
        if isinstance(field, StreamField):
            for child in getattr(page, field.name):
                where = str(child.block.label)
                for model, object_id, _model_path, _path in child.block.extract_references(child.value):
                    yield Reference(model, _number(object_id), field.name, where)
        elif isinstance(field, RichTextField):
            for model, object_id, _model_path, _path in extract_references_from_rich_text(getattr(page, field.name)):
                yield Reference(model, _number(object_id), field.name, str(field.verbose_name))
        elif isinstance(field, ForeignKey) and field.name not in BOOKKEEPING:
            key = getattr(page, field.attname)
            if key and _is_checked(field.related_model):
                yield Reference(field.related_model, int(key), field.name, str(field.verbose_name))


def foreign_references(page: Page, creator: Creator) -> list[Reference]:
    """The references that this creator has no right to. At most two queries a kind of thing."""
    wanted: dict[type[Model], list[Reference]] = {}
    for reference in references(page):
        wanted.setdefault(reference.model, []).append(reference)
    foreign: list[Reference] = []
    for model, found in wanted.items():
        allowed = _allowed(model, {reference.object_id for reference in found}, creator)
        foreign += [reference for reference in found if reference.object_id not in allowed]
    return foreign


def _number(key: Any) -> int:
    """A key as a crafted text may hold it; what is no number belongs to nobody."""
    return int(key) if str(key).isascii() and str(key).isdigit() else -1


def _is_checked(model: Any) -> bool:
    return issubclass(model, (get_image_model(), get_document_model(), Page, Product))


def _allowed(model: type[Model], ids: set[int], creator: Creator) -> set[int]:
    if issubclass(model, (get_image_model(), get_document_model())):
        manager: Any = model._default_manager
        return set(manager.filter(pk__in=ids, collection_id=creator.collection_id).values_list("pk", flat=True))
    if issubclass(model, Page):
        readable = Q(live=True)
        for path in CreatorPage.objects.filter(creator=creator).values_list("path", flat=True):
            readable |= Q(path__startswith=path)
        return set(Page.objects.filter(readable, pk__in=ids).values_list("pk", flat=True))
    if issubclass(model, Product):
        return set(Product.objects.filter(pk__in=ids).values_list("pk", flat=True))
    return set()
