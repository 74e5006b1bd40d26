"""Pictures and documents. A picture knows where it came from and what a reader who cannot see it should hear."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from wagtail.documents.models import AbstractDocument
from wagtail.images.models import AbstractImage, AbstractRendition


class SiteImage(AbstractImage):
    """An uploaded or drawn picture."""

    class Origin(models.TextChoices):
        OWN = "own", _("Taken by the author")
        READER = "reader", _("Sent by a reader")
        MAKER = "maker", _("From the maker or shop")
        GENERATED = "generated", _("Drawn or generated")

    alt = models.CharField(
        _("alternative text"),
        max_length=300,
        blank=True,
        help_text=_("What the picture shows, for readers who cannot see it."),
    )
    origin = models.CharField(_("origin"), max_length=12, choices=Origin.choices, default=Origin.OWN)
    credit = models.CharField(_("credit"), max_length=200, blank=True)
    dominant_color = models.CharField(_("dominant colour"), max_length=7, default="#d9cfc0", editable=False)

    # Without tags: Wagtail offers those of everybody's pictures to everybody; a creator's are nobody else's business.
    admin_form_fields = (
        "title",
        "file",
        "alt",
        "origin",
        "credit",
        "collection",
        "focal_point_x",
        "focal_point_y",
        "focal_point_width",
        "focal_point_height",
    )

    class Meta(AbstractImage.Meta):
        verbose_name = _("image")
        verbose_name_plural = _("images")

    @property
    def default_alt_text(self) -> str:
        return self.alt or self.title


class SiteRendition(AbstractRendition):
    """A size of a picture, made when a page is published or a picture saved."""

    image = models.ForeignKey(SiteImage, on_delete=models.CASCADE, related_name="renditions")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["image", "filter_spec", "focal_point_key"], name="a_picture_has_one_rendition_per_filter"
            )
        ]


class SiteDocument(AbstractDocument):
    """A PDF to hand out."""

    admin_form_fields = ("title", "file", "collection")
