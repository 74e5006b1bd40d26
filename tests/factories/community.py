"""People and what they say, for tests."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

from django.contrib.auth.models import Group

from wagtail.models import Page

from cms.core.sanitize import clean_comment
from community.models import Comment, Creator, User
from community.services.accounts import create_user
from community.services.creators import create_creator

PASSWORD = "a-good-long-password"

_numbers = itertools.count(1)


def make_user(email: str | None = None, **fields: Any) -> User:
    """A reader who can log in with PASSWORD."""
    number = next(_numbers)
    fields.setdefault("display_name", f"Reader {number}")
    fields.setdefault("verified", True)
    return create_user(email=email or f"reader{number}@example.org", password=PASSWORD, **fields)


def make_member_of(group: str, **fields: Any) -> User:
    """Somebody of the group "Editors", "Finance" or "Operators"."""
    Group.objects.get_or_create(name=group)
    return make_user(groups=[group], **fields)


def make_editor(**fields: Any) -> User:
    return make_member_of("Editors", **fields)


def make_finance(**fields: Any) -> User:
    return make_member_of("Finance", **fields)


def make_operator(**fields: Any) -> User:
    return make_member_of("Operators", **fields)


def make_creator(handle: str | None = None, *, user: User | None = None, **fields: Any) -> Creator:
    """A creator with group and collection."""
    handle = handle or f"maker-{next(_numbers) + 100}x"
    fields.setdefault("display_name", handle.replace("-", " ").title())
    return create_creator(user=user or make_user(), handle=handle, **fields)


def make_bare_creator(handle: str | None = None, **fields: Any) -> Creator:
    """A creator as clicks and money know one: a row. Group, collection and storefront cost a hundred queries more."""
    handle = handle or f"maker-{next(_numbers) + 100}x"
    fields.setdefault("display_name", handle.replace("-", " ").title())
    return Creator.objects.create(user=make_user(handle=handle), handle=handle, **fields)


def make_page(title: str = "A page", *, owner: User | None = None, live: bool = True, **fields: Any) -> Page:
    """A plain live page below the default site's front page."""
    home = Page.objects.filter(depth=2).order_by("path").first()
    if home is None:
        home = Page.get_first_root_node().add_child(instance=Page(title="Home", slug="home"))
    page = Page(title=title, slug=f"page-{next(_numbers)}", owner=owner, live=live, **fields)
    return home.add_child(instance=page)


def make_comment(page: Page, *, user: User | None = None, text: str = "Well said.", **fields: Any) -> Comment:
    """A published comment, past all rules."""
    fields.setdefault("created_at", dt.datetime.now(dt.UTC))
    return Comment.objects.create(page=page, user=user or make_user(), source=text, body=clean_comment(text), **fields)
