"""Whether a link to a bare address still leads to the thing. Links to offers are as healthy as their offers."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from affiliates.catalogue.domain.page_health import DEAD
from affiliates.catalogue.models import HealthState

#: What makes a link useless: to its readers, or to its creator, whose orders nobody would find.
FAILING = (*sorted(DEAD), "sold_out", "tag_stripped")


class LinkHealthQuerySet(models.QuerySet["LinkHealth"]):
    """What one asks of the health of links."""

    def in_use(self) -> LinkHealthQuerySet:
        """Of links that are switched on, at shops that are."""
        return self.filter(link__is_active=True, link__merchant__is_active=True)

    def due(self, now: dt.datetime) -> LinkHealthQuerySet:
        """To be checked, the longest overdue first."""
        return self.in_use().filter(next_check_at__lte=now).order_by("next_check_at", "pk")

    def failing(self) -> LinkHealthQuerySet:
        """Of links that are no use any more, the latest first."""
        return self.in_use().filter(state__in=FAILING).order_by("-since_at", "pk")


class LinkHealth(models.Model):
    """The present state of one link's page. Apart from the link, so that a check does not make link maps read it again.

    What the page sold when it was first seen is kept: a link states no product by which one could know another.
    """

    link = models.OneToOneField("tracking.Link", on_delete=models.CASCADE, related_name="health")
    state = models.CharField(_("state"), max_length=16, choices=HealthState.choices, default=HealthState.UNCHECKED)
    since_at = models.DateTimeField(_("since"), default=timezone.now)
    checked_at = models.DateTimeField(_("checked"), null=True, blank=True)
    next_check_at = models.DateTimeField(_("next check"), default=timezone.now, db_index=True)
    failures = models.PositiveSmallIntegerField(_("failures in a row"), default=0)
    detail = models.CharField(_("what was seen"), max_length=300, blank=True)
    first_name = models.CharField(_("name when first seen"), max_length=300, blank=True)
    first_brand = models.CharField(_("brand when first seen"), max_length=120, blank=True)
    first_gtin = models.CharField(_("GTIN when first seen"), max_length=14, blank=True)

    objects = LinkHealthQuerySet.as_manager()

    class Meta:
        verbose_name = _("link's health")
        verbose_name_plural = _("health of links")
        indexes = [models.Index(fields=["state", "since_at"], name="link_health_state_since")]

    def __str__(self) -> str:
        return f"{self.link_id}: {self.state}"
