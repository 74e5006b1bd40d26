"""What waits for an editor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from wagtail.models import Page, TaskState

from community.models import Comment


@dataclass(frozen=True)
class PageInReview:
    """A page that was sent to an editor."""

    title: str
    author: str
    since: Any
    edit_url: str


def pages_in_review(user: Any) -> list[PageInReview]:
    """Pages that wait for this person's decision, oldest first. Queries grow with kinds of pages only."""
    states = (
        TaskState.objects.reviewable_by(user)
        .select_related("revision__user")
        .prefetch_related("revision__content_object")
        .order_by("started_at")
    )
    found = []
    for state in states:
        page = state.revision.content_object if state.revision else None
        if not isinstance(page, Page):
            continue
        author = state.revision.user
        found.append(
            PageInReview(
                title=page.get_admin_display_title(),
                author=author.get_full_name() if author else "",
                since=state.started_at,
                edit_url=reverse("wagtailadmin_pages:edit", args=[page.pk]),
            )
        )
    return found


def waiting_count(user: Any) -> int:
    """How many comments and pages wait. Two queries."""
    return Comment.objects.held().count() + TaskState.objects.reviewable_by(user).count()
