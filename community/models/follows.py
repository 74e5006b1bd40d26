"""Who follows what, and what there is to see for it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Follow(models.Model):
    """A person follows a thing. Its kind must be registered in `community.follows`."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="follows")
    content_type = models.ForeignKey("contenttypes.ContentType", on_delete=models.CASCADE, related_name="+")
    object_id = models.PositiveBigIntegerField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("follow")
        verbose_name_plural = _("follows")
        constraints = [
            models.UniqueConstraint(fields=["user", "content_type", "object_id"], name="a_person_follows_a_thing_once")
        ]
        indexes = [models.Index(fields=["content_type", "object_id"], name="followers_of_a_thing")]

    def __str__(self) -> str:
        return f"{self.user_id} follows {self.content_type_id}/{self.object_id}"


class Activity(models.Model):
    """A line of `/following/`: a creator did something with a page. The app that owns the page writes it."""

    class Verb(models.TextChoices):
        PUBLISHED = "published", _("published")
        UPDATED = "updated", _("updated")

    actor_creator = models.ForeignKey("community.Creator", on_delete=models.CASCADE, related_name="activities")
    verb = models.CharField(max_length=20, choices=Verb.choices, default=Verb.PUBLISHED)
    page = models.ForeignKey("wagtailcore.Page", on_delete=models.CASCADE, related_name="activities")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        constraints = [
            models.UniqueConstraint(
                fields=["page"],
                condition=models.Q(verb="published"),
                name="a_page_is_published_for_the_first_time_once",
            )
        ]
        indexes = [models.Index(fields=["actor_creator", "-at", "-id"], name="activity_of_a_creator")]

    def __str__(self) -> str:
        return f"{self.actor_creator_id} {self.verb} {self.page_id}"
