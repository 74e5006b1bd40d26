"""What the worker's jobs did last. One row a job; the lease on it keeps two workers from doing the same."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class JobState(models.Model):
    """The record of one periodic job, shared by all workers."""

    name = models.CharField(_("job"), max_length=80, unique=True)
    leased_by = models.CharField(max_length=80, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    next_run_at = models.DateTimeField(_("next run"), null=True, blank=True)
    started_at = models.DateTimeField(_("last start"), null=True, blank=True)
    succeeded_at = models.DateTimeField(_("last success"), null=True, blank=True)
    failed_at = models.DateTimeField(_("last failure"), null=True, blank=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    last_error = models.CharField(_("last error"), max_length=300, blank=True)
    took_ms = models.PositiveIntegerField(_("took ms"), null=True, blank=True)
    told_overdue_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("name",)
        verbose_name = _("job")
        verbose_name_plural = _("jobs")

    def __str__(self) -> str:
        return self.name
