"""Those who write guides and earn commission."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class CreatorQuerySet(models.QuerySet["Creator"]):
    """What one asks of creators."""

    def present(self) -> CreatorQuerySet:
        """Creators whose person has not been erased."""
        return self.filter(erased_at__isnull=True)


class Creator(models.Model):
    """A person's public self as an author.

    Money points here, so a row is never deleted: erasing the person blanks it.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="creator", verbose_name=_("person")
    )
    handle = models.SlugField(_("handle"), max_length=40, unique=True)
    display_name = models.CharField(_("name"), max_length=80)
    bio = models.TextField(_("about"), max_length=600, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    is_trusted = models.BooleanField(
        _("trusted"), default=False, help_text=_("Publishes without asking an editor first.")
    )
    group = models.OneToOneField(
        "auth.Group", null=True, blank=True, on_delete=models.SET_NULL, related_name="creator", editable=False
    )
    collection = models.OneToOneField(
        "wagtailcore.Collection",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="creator",
        editable=False,
    )
    portrait = models.ForeignKey(
        "core.SiteImage",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("portrait"),
    )
    created_at = models.DateTimeField(_("since"), auto_now_add=True)
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True, editable=False)

    objects = CreatorQuerySet.as_manager()

    class Meta:
        verbose_name = _("creator")
        verbose_name_plural = _("creators")
        ordering = ("display_name", "pk")

    def __str__(self) -> str:
        return self.display_name or self.handle
