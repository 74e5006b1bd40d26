"""What readers say: posting, editing, taking back, deciding."""

from __future__ import annotations

import datetime as dt
import hashlib

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cms.core.sanitize import clean_comment, clean_text, has_link
from community.models import Comment, CommentVersion, User
from community.selectors.comments import AUTHOR_MAY_EDIT_FOR
from community.selectors.roles import creator_of, may_moderate
from community.signals import comment_published

HELD_AT_FIRST = 3
PER_MINUTE, PER_DAY = 5, 50
SAME_WORDS_MATTER_FROM = 40


class CommentRefused(Exception):
    """The comment was not taken; `reason` can be shown to its author."""

    def __init__(self, reason: str | Promise) -> None:
        super().__init__(str(reason))
        self.reason = reason


def post_comment(*, user: User, page_id: int, text: str, now: dt.datetime, parent: Comment | None = None) -> Comment:
    """A new comment or answer, published or held for review. The same words again are refused, so never
    doubled.

    An answer to an answer joins the thread that it answers in.
    """
    text = _words(text)
    body = clean_comment(text)
    _refuse_flood(user, now)
    if parent is not None:
        parent = parent.parent or parent
        if parent.page_id != page_id or parent.status != Comment.Status.PUBLISHED:
            raise CommentRefused(_("The comment you answer is no longer there."))
    fingerprint = _fingerprint(text)
    _refuse_repetition(user, fingerprint, len(text), now)
    held_for = _reason_to_hold(user, body)
    try:
        with transaction.atomic():
            comment = Comment.objects.create(
                user=user,
                page_id=page_id,
                parent=parent,
                source=text,
                body=body,
                fingerprint=fingerprint,
                status=Comment.Status.HELD if held_for else Comment.Status.PUBLISHED,
                held_for=held_for,
                created_at=now,
            )
    except IntegrityError:
        raise CommentRefused(_SAID_BEFORE) from None
    if comment.status == Comment.Status.PUBLISHED:
        comment_published.send(sender=Comment, comment=comment)
    return comment


@transaction.atomic
def edit_comment(*, comment: Comment, text: str, now: dt.datetime) -> Comment:
    """Its author's new words; the old ones are kept for moderators. What needed a look before needs one
    again.

    The same words change nothing.
    """
    comment = Comment.objects.select_for_update(of=("self",)).select_related("user").get(pk=comment.pk)
    text = _words(text)
    if text == comment.source or comment.user is None:
        return comment
    if comment.status == Comment.Status.REMOVED or now - comment.created_at > AUTHOR_MAY_EDIT_FOR:
        raise CommentRefused(_("This comment can no longer be changed."))
    CommentVersion.objects.create(comment=comment, source=comment.source, replaced_at=now)
    comment.source, comment.body = text, clean_comment(text)
    comment.fingerprint = _fingerprint(text)
    comment.edited_at = now
    reason = _reason_to_hold(comment.user, comment.body)
    if not _is_exempt(comment.user):
        # Else an approved comment could be turned into an advertisement.
        was_looked_at = comment.moderated_at is not None or comment.status != Comment.Status.PUBLISHED
        comment.held_for = reason or (Comment.HeldFor.EDITED if was_looked_at else "")
        comment.status = Comment.Status.HELD if comment.held_for else Comment.Status.PUBLISHED
    try:
        with transaction.atomic():
            comment.save()
    except IntegrityError:
        raise CommentRefused(_SAID_BEFORE) from None
    return comment


@transaction.atomic
def remove_comment(*, comment: Comment) -> None:
    """Its author takes it back: the words are gone, the place stays where somebody answered. Repeatable."""
    comment = Comment.objects.select_for_update().get(pk=comment.pk)
    comment.versions.all().delete()
    comment.status = Comment.Status.REMOVED
    comment.body = comment.source = comment.fingerprint = comment.held_for = ""
    comment.save()


@transaction.atomic
def approve_comment(*, comment: Comment, by: User, now: dt.datetime) -> Comment:
    """A moderator lets it through. Repeatable; what its author has taken back stays back."""
    return _decide(comment, Comment.Status.PUBLISHED, by=by, now=now, reason="")


@transaction.atomic
def reject_comment(*, comment: Comment, by: User, reason: str, now: dt.datetime) -> Comment:
    """A moderator turns it down and says why; its author sees the reason. Repeatable."""
    return _decide(comment, Comment.Status.REJECTED, by=by, now=now, reason=reason)


def _decide(comment: Comment, status: str, *, by: User, now: dt.datetime, reason: str) -> Comment:
    if not may_moderate(by):
        raise PermissionError("only editors and operators decide on comments")
    comment = Comment.objects.select_for_update().get(pk=comment.pk)
    if comment.status in {Comment.Status.REMOVED, status}:
        return comment
    comment.status, comment.held_for = status, ""
    comment.moderated_by, comment.moderated_at, comment.moderation_reason = by, now, reason[:300]
    comment.save()
    if status == Comment.Status.PUBLISHED:
        transaction.on_commit(lambda: comment_published.send(sender=Comment, comment=comment))
    return comment


_SAID_BEFORE = _("You have said exactly this before.")


def _words(text: str) -> str:
    text = clean_text(text)
    if not text:
        raise CommentRefused(_("Write something first."))
    return text


def _fingerprint(text: str) -> str:
    return hashlib.sha256(" ".join(text.casefold().split()).encode()).hexdigest()


def _is_exempt(user: User) -> bool:
    return may_moderate(user) or creator_of(user) is not None


def _reason_to_hold(user: User, body: str) -> str:
    if _is_exempt(user):
        return ""
    if has_link(body):
        return Comment.HeldFor.LINK
    accepted = Comment.objects.filter(user=user, status=Comment.Status.PUBLISHED)[:HELD_AT_FIRST].count()
    return Comment.HeldFor.FIRST if accepted < HELD_AT_FIRST else ""


def _refuse_flood(user: User, now: dt.datetime) -> None:
    # Counted in the table rather than in a cache, so that the limit holds across processes.
    if not settings.RATE_LIMITS:
        return
    mine = Comment.objects.filter(user=user, created_at__lte=now)
    if mine.filter(created_at__gt=now - dt.timedelta(minutes=1)).count() >= PER_MINUTE:
        raise CommentRefused(_("That was quick. Wait a minute before the next comment."))
    if mine.filter(created_at__gt=now - dt.timedelta(days=1)).count() >= PER_DAY:
        raise CommentRefused(_("That is enough for one day. Come back tomorrow."))


def _refuse_repetition(user: User, fingerprint: str, length: int, now: dt.datetime) -> None:
    if length < SAME_WORDS_MATTER_FROM:
        return
    since = now - dt.timedelta(days=30)
    if Comment.objects.filter(user=user, fingerprint=fingerprint, created_at__gt=since).exists():
        raise CommentRefused(_SAID_BEFORE)
