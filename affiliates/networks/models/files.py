"""Files of networks, each import of one, and how tables of no known network are read."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def report_storage() -> Storage:
    """Reports, out of reach of the web: they name other people's orders."""
    return storages["private"]


def new_ref() -> str:
    """A name for an import that can be shown and linked to."""
    return secrets.token_hex(8)


class ReportMapping(models.Model):
    """How a network's CSV is read: which column holds what, and how its numbers, dates and words are written."""

    slug = models.SlugField(_("short name"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    delimiter = models.CharField(
        _("delimiter"), max_length=4, blank=True, help_text=_("Empty: found from the file. \\t is a tab.")
    )
    encoding = models.CharField(_("encoding"), max_length=20, blank=True, help_text=_("Empty: found from the file."))
    decimal_mark = models.CharField(
        _("decimal mark"),
        max_length=1,
        blank=True,
        choices=[(".", _("point: 1,234.50")), (",", _("comma: 1.234,50"))],
        help_text=_("Empty: found from the file, which is refused where that stays ambiguous."),
    )
    date_order = models.CharField(
        _("order of dates"),
        max_length=3,
        blank=True,
        choices=[("dmy", _("day first: 31/12/2026")), ("mdy", _("month first: 12/31/2026"))],
        help_text=_("Empty: found from the file, which is refused where that stays ambiguous."),
    )
    time_zone = models.CharField(
        _("time zone"), max_length=60, default="UTC", help_text=_("Of times without one, such as Europe/Berlin.")
    )
    currency = models.CharField(
        _("currency"), max_length=3, blank=True, help_text=_("Where the file has no column for it.")
    )
    columns = models.JSONField(
        _("columns"), default=dict, help_text=_('Our field and the file\'s column: {"external_id": "Transaction", …}')
    )
    states = models.JSONField(
        _("words for states"), default=dict, blank=True, help_text=_('{"confirmed": "approved", "void": "declined"}')
    )
    kinds = models.JSONField(_("words for kinds"), default=dict, blank=True, help_text=_('{"CPS": "sale"}'))
    footer = models.CharField(
        _("closing word"),
        max_length=60,
        blank=True,
        help_text=_("What the first cell of the last row says, such as Total. A file without it is taken for cut off."),
    )

    class Meta:
        ordering = ("name", "pk")
        verbose_name = _("report mapping")
        verbose_name_plural = _("report mappings")

    def __str__(self) -> str:
        return self.name


class ReportFileQuerySet(models.QuerySet["ReportFile"]):
    """What one asks of imports."""

    def waiting(self) -> ReportFileQuerySet:
        """Imports for the worker."""
        return self.filter(status=ReportFile.Status.QUEUED)


class ReportFile(models.Model):
    """One import of one file, tried or real. What it was is written once; how far it came is not.

    A dry run keeps its counts and the first faults, and nothing else comes of it.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        REFUSED = "refused", _("Refused, nothing changed")

    ref = models.CharField(_("reference"), max_length=16, unique=True, default=new_ref)
    network = models.CharField(_("network"), max_length=16)
    merchant = models.ForeignKey(
        "parties.Merchant", on_delete=models.PROTECT, related_name="report_files", verbose_name=_("merchant")
    )
    mapping = models.ForeignKey(
        ReportMapping, null=True, blank=True, on_delete=models.PROTECT, related_name="files", verbose_name=_("mapping")
    )
    name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField(_("fingerprint"), max_length=64)
    size = models.BigIntegerField(_("bytes"))
    parser_version = models.PositiveSmallIntegerField(_("parser version"))
    is_dry_run = models.BooleanField(_("dry run"), default=False)
    #: Kept while the worker needs it, and beyond: the head row stands nowhere else.
    file = models.FileField(storage=report_storage, upload_to="reports", blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(_("received"), default=timezone.now)
    status = models.CharField(_("state"), max_length=8, choices=Status.choices, default=Status.RUNNING)
    attempts = models.PositiveSmallIntegerField(default=0)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    rows_total = models.PositiveIntegerField(_("rows"), default=0)
    created = models.PositiveIntegerField(_("created"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0)
    parked = models.PositiveIntegerField(_("parked"), default=0)
    rejected = models.PositiveIntegerField(_("rejected"), default=0)
    #: The first rows that were parked or rejected: row, id, result, field, reason, raw.
    faults = models.JSONField(default=list)
    reason = models.CharField(_("why it was refused"), max_length=400, blank=True)

    objects = ReportFileQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")
        verbose_name = _("network report")
        verbose_name_plural = _("network reports")
        indexes = [
            models.Index(fields=("created_at",), name="report_file_waiting", condition=Q(status="queued")),
            models.Index(fields=("-created_at",), name="report_file_by_time"),
        ]

    def __str__(self) -> str:
        return self.name
