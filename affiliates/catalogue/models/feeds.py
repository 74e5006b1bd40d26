"""What an import did."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class FeedRun(models.Model):
    """One import of one file; its faults are kept with row and reason."""

    class Status(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        REFUSED = "refused", _("Refused, nothing changed")

    merchant = models.ForeignKey("parties.Merchant", on_delete=models.PROTECT, related_name="feed_runs")
    format = models.CharField(max_length=12)
    source = models.CharField(max_length=500)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.RUNNING)
    is_complete = models.BooleanField(default=False)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    rows = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    gone = models.PositiveIntegerField(default=0)
    bad = models.PositiveIntegerField(default=0)
    faults = models.JSONField(default=list)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("-started_at", "-pk")
        verbose_name = _("feed import")
        verbose_name_plural = _("feed imports")

    def __str__(self) -> str:
        return f"{self.merchant_id} {self.started_at:%Y-%m-%d %H:%M}"
