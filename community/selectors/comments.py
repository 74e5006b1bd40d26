"""Comments beneath a page, as one person may see them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from wagtail.models import Page

from community.models import Comment

PAGE_SIZE = 20
ANSWERS_SHOWN = 20
AUTHOR_MAY_EDIT_FOR = dt.timedelta(days=30)


@dataclass
class CommentView:
    """One comment as the viewer sees it."""

    comment: Comment
    author: str
    author_url: str | None
    is_page_author: bool
    is_creator: bool
    is_own: bool
    may_edit: bool
    answers: list[CommentView] = field(default_factory=list)
    more_answers: int = 0

    @property
    def is_held(self) -> bool:
        return self.comment.status == Comment.Status.HELD

    @property
    def is_rejected(self) -> bool:
        return self.comment.status == Comment.Status.REJECTED


@dataclass(frozen=True)
class CommentPage:
    """One page of threads, the ref to continue after, and how many comments there are in all."""

    threads: list[CommentView]
    next_ref: str | None
    total: int


def comment_page(page: Page, viewer: Any, *, after: str = "", thread: str = "", size: int = PAGE_SIZE) -> CommentPage:
    """Newest threads first, each with its oldest answers first. Four queries, however many comments there
    are.

    `after` continues behind the thread of that ref. `thread` shows one thread with all its answers.
    """
    mine = Comment.objects.filter(page=page).visible_to(viewer)
    answered = mine.filter(parent=OuterRef("pk"))
    gone_but_answered = Q(status=Comment.Status.REMOVED) & Exists(answered)
    tops = Comment.objects.filter(page=page, parent__isnull=True)
    tops = tops.filter(Q(pk__in=mine.values("pk")) | gone_but_answered)
    if thread:
        tops = tops.filter(ref=thread)
    elif after:
        last = Comment.objects.filter(page=page, ref=after).values_list("created_at", "pk").first()
        if last is not None:
            tops = tops.filter(Q(created_at__lt=last[0]) | Q(created_at=last[0], pk__lt=last[1]))
    rows = list(tops.select_related("user__creator").order_by("-created_at", "-pk")[: size + 1])
    more, rows = len(rows) > size, rows[:size]

    views = {row.pk: _view(row, page, viewer) for row in rows}
    answers = mine.filter(parent__in=list(views)).annotate(
        position=Window(RowNumber(), partition_by=F("parent"), order_by=[F("created_at").asc(), F("pk").asc()]),
        siblings=Window(Count("pk"), partition_by=F("parent")),
    )
    if not thread:
        answers = answers.filter(position__lte=ANSWERS_SHOWN)
    for answer in answers.select_related("user__creator").order_by("created_at", "pk"):
        parent = views[answer.parent_id]  # type: ignore[index]  # the filter leaves no answer without a parent
        parent.answers.append(_view(answer, page, viewer))
        parent.more_answers = answer.siblings - len(parent.answers)
    total = Comment.objects.filter(page=page).published().count()
    return CommentPage(list(views.values()), rows[-1].ref if more else None, total)


def single_comment(comment: Comment, page: Page, viewer: Any) -> CommentView:
    """One comment without its answers. No query where the comment's user was selected with it."""
    return _view(comment, page, viewer)


def own_comment(ref: str, user: Any) -> Comment | None:
    """The person's own comment of that ref, unless taken back. One query."""
    if not getattr(user, "is_authenticated", False):
        return None
    return (
        Comment.objects.filter(ref=ref, user=user)
        .exclude(status=Comment.Status.REMOVED)
        .select_related("page", "user__creator")
        .first()
    )


def held_comments() -> Any:
    """The queue: held comments, oldest first, with what a moderator wants to see beside each."""
    return Comment.objects.held().select_related("user", "page", "parent").order_by("created_at", "pk")


def _view(comment: Comment, page: Page, viewer: Any) -> CommentView:
    user = comment.user
    creator = getattr(user, "creator", None) if user is not None else None
    if creator is not None and creator.erased_at:
        creator = None
    is_own = user is not None and user.pk == getattr(viewer, "pk", None)
    return CommentView(
        comment=comment,
        # Not get_full_name: that falls back to a part of the e-mail address.
        author=(creator.display_name if creator else user.display_name or user.handle or "") if user else "",
        author_url=f"/@{creator.handle}" if creator else None,
        is_page_author=user is not None and page.owner_id == user.pk,
        is_creator=creator is not None,
        is_own=is_own,
        may_edit=is_own and not comment.is_gone and timezone.now() - comment.created_at < AUTHOR_MAY_EDIT_FOR,
    )
