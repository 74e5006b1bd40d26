"""What readers say beneath a page."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _


def new_ref() -> str:
    """A comment's public name: 12 random characters."""
    return secrets.token_hex(6)


class CommentQuerySet(models.QuerySet["Comment"]):
    """What one asks of comments."""

    def published(self) -> CommentQuerySet:
        return self.filter(status=Comment.Status.PUBLISHED)

    def held(self) -> CommentQuerySet:
        return self.filter(status=Comment.Status.HELD)

    def visible_to(self, user: Any) -> CommentQuerySet:
        """Published ones, and the person's own that wait or were turned down: nobody is silenced unawares."""
        shown = models.Q(status=Comment.Status.PUBLISHED)
        if getattr(user, "is_authenticated", False):
            shown |= models.Q(user_id=user.pk, status__in=[Comment.Status.HELD, Comment.Status.REJECTED])
        return self.filter(shown)


class Comment(models.Model):
    """A remark on a page, or an answer to one; two levels deep.

    `source` is what the author typed and is only ever shown in a text field. `body` is made from it by
    `cms.core.sanitize.clean_comment` and by nothing else, which is why templates may print it unescaped.
    """

    class Status(models.TextChoices):
        PUBLISHED = "published", _("published")
        HELD = "held", _("held for review")
        REMOVED = "removed", _("removed by its author")
        REJECTED = "rejected", _("turned down")

    class HeldFor(models.TextChoices):
        FIRST = "first", _("one of the first comments of this account")
        LINK = "link", _("contains a link")
        EDITED = "edited", _("edited after it was published")

    ref = models.CharField(max_length=12, unique=True, default=new_ref, editable=False)
    page = models.ForeignKey("wagtailcore.Page", on_delete=models.CASCADE, related_name="comments_of_readers")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="page_comments"
    )
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="replies")
    body = models.TextField(blank=True)
    source = models.TextField(blank=True)
    fingerprint = models.CharField(max_length=64, blank=True, editable=False)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PUBLISHED)
    held_for = models.CharField(max_length=10, choices=HeldFor.choices, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True, blank=True)
    moderated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    moderated_at = models.DateTimeField(null=True, blank=True)
    moderation_reason = models.CharField(max_length=300, blank=True)

    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "page", "fingerprint"],
                condition=models.Q(parent__isnull=True) & ~models.Q(fingerprint=""),
                name="a_person_says_the_same_of_a_page_once",
            ),
            models.UniqueConstraint(
                fields=["user", "parent", "fingerprint"],
                condition=models.Q(parent__isnull=False) & ~models.Q(fingerprint=""),
                name="a_person_gives_the_same_answer_once",
            ),
        ]
        indexes = [
            models.Index(fields=["page", "parent", "-created_at", "-id"], name="comments_of_a_page"),
            models.Index(fields=["status", "created_at"], name="comments_by_status"),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def html(self) -> SafeString:
        """The body as markup."""
        return mark_safe(self.body)  # noqa: S308  see the class: only clean_comment writes it

    @property
    def is_gone(self) -> bool:
        return self.status == self.Status.REMOVED


class CommentVersion(models.Model):
    """What a comment said before an edit. For moderators; erased with the person."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="versions")
    source = models.TextField()
    replaced_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("earlier version of a comment")
        verbose_name_plural = _("earlier versions of comments")

    def __str__(self) -> str:
        return f"{self.comment_id} until {self.replaced_at:%Y-%m-%d %H:%M}"
