"""Where a link stood when it was followed."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from affiliates.tracking.domain.codes import placement_ref


class Placement(models.Model):
    """What clicks, orders and reports call "the guide".

    It outlives its page: when the page goes, the title and path stay as they last were, so no total changes.
    """

    ref = models.CharField(_("reference"), max_length=20, unique=True, default=placement_ref, editable=False)
    page = models.ForeignKey(
        "wagtailcore.Page",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("page"),
    )
    creator = models.ForeignKey(
        "community.Creator",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="placements",
        verbose_name=_("creator"),
    )
    title = models.CharField(_("title"), max_length=255)
    path = models.CharField(_("address"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("since"), auto_now_add=True)

    class Meta:
        verbose_name = _("placement")
        verbose_name_plural = _("placements")
        constraints = [
            models.UniqueConstraint(
                fields=("page", "creator"),
                name="a_page_is_one_placement_of_its_creator",
                violation_error_message=_("This page already has a placement for this creator."),
            ),
            models.UniqueConstraint(
                fields=("page",),
                condition=models.Q(creator__isnull=True),
                name="a_page_without_creator_is_one_placement",
                violation_error_message=_("This page already has a placement."),
            ),
        ]

    def __str__(self) -> str:
        return self.title
