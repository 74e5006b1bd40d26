"""Where catalogues come from: feeds that are fetched or uploaded, how their columns are read, and what imports did."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cms.core.masking import mask_url


def feed_storage() -> Storage:
    """Uploaded feeds, out of reach of the web: a feed can hold what its merchant shows nobody else."""
    return storages["private"]


class FeedFormat(models.TextChoices):
    """The formats merchants send."""

    GOOGLE = "google", _("Google Merchant (RSS, Atom, TSV)")
    AWIN = "awin", _("Awin product list (CSV, gzip)")
    META = "meta", _("Meta catalogue (CSV)")
    SHOPIFY = "shopify", _("Shopify product export (CSV)")
    CSV = "csv", _("Any CSV with a saved mapping")


class FeedMapping(models.Model):
    """How a merchant's own CSV is read: which column holds what, and how its numbers and words are written."""

    slug = models.SlugField(_("short name"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    merchant = models.ForeignKey(
        "parties.Merchant",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="feed_mappings",
        verbose_name=_("merchant"),
        help_text=_("Empty: any merchant's feed may use it."),
    )
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
    currency = models.CharField(
        _("currency"), max_length=3, blank=True, help_text=_("Where the file has no column for it.")
    )
    columns = models.JSONField(
        _("columns"), default=dict, help_text=_('Our field and the file\'s column: {"external_id": "Referencia", …}')
    )
    words = models.JSONField(
        _("words"),
        default=dict,
        blank=True,
        help_text=_('What the file\'s words for stock mean: {"Sí": "in_stock", "No": "out_of_stock"}'),
    )

    class Meta:
        ordering = ("name", "pk")
        verbose_name = _("column mapping")
        verbose_name_plural = _("column mappings")

    def __str__(self) -> str:
        return self.name


class FeedQuerySet(models.QuerySet["Feed"]):
    """What one asks of feeds."""

    def due(self, now: object) -> FeedQuerySet:
        """Feeds whose time to be fetched has come."""
        return self.filter(is_active=True, merchant__is_active=True, next_run_at__lte=now)


class Feed(models.Model):
    """A feed that is fetched again and again. Its address may carry a key and is never shown or logged whole."""

    merchant = models.ForeignKey(
        "parties.Merchant", on_delete=models.PROTECT, related_name="feeds", verbose_name=_("merchant")
    )
    name = models.CharField(_("name"), max_length=120)
    format = models.CharField(_("format"), max_length=12, choices=FeedFormat.choices)
    mapping = models.ForeignKey(
        FeedMapping,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="feeds",
        verbose_name=_("column mapping"),
    )
    policy = models.ForeignKey(
        "catalogue.SourcePolicy",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="feeds",
        verbose_name=_("source policy"),
    )
    url = models.CharField(_("address"), max_length=2000)
    is_complete = models.BooleanField(
        _("complete"), default=False, help_text=_("What the feed lacks is gone; otherwise it only adds and changes.")
    )
    is_active = models.BooleanField(_("active"), default=True)
    every_minutes = models.PositiveIntegerField(
        _("fetched every minutes"), default=360, validators=[MinValueValidator(5)]
    )
    next_run_at = models.DateTimeField(_("next fetch"), default=timezone.now)
    etag = models.CharField(max_length=300, blank=True, editable=False)
    last_modified = models.CharField(max_length=60, blank=True, editable=False)
    content_hash = models.CharField(max_length=64, blank=True, editable=False)
    checked_at = models.DateTimeField(_("last looked at"), null=True, blank=True, editable=False)
    succeeded_at = models.DateTimeField(_("last success"), null=True, blank=True, editable=False)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0, editable=False)
    last_error = models.CharField(_("last error"), max_length=300, blank=True, editable=False)
    told_overdue_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = FeedQuerySet.as_manager()

    class Meta:
        ordering = ("merchant__name", "name", "pk")
        verbose_name = _("feed")
        verbose_name_plural = _("feeds")
        constraints = [
            models.CheckConstraint(
                condition=Q(every_minutes__gte=5), name="a_feed_is_fetched_every_five_minutes_at_most"
            ),
            models.CheckConstraint(
                condition=~Q(format="csv") | Q(mapping__isnull=False), name="a_csv_feed_has_a_column_mapping"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def public_url(self) -> str:
        """What may be shown of the address."""
        return mask_url(self.url)

    def is_overdue(self, now: dt.datetime) -> bool:
        """Whether it has brought nothing for longer than three of its rounds and an hour."""
        since = self.succeeded_at or self.next_run_at
        return self.is_active and since + dt.timedelta(minutes=3 * self.every_minutes + 60) < now


class FeedRunQuerySet(models.QuerySet["FeedRun"]):
    """What one asks of imports."""

    def waiting(self) -> FeedRunQuerySet:
        """Imports for the worker: uploaded or fetched, and not yet begun."""
        return self.filter(status=FeedRun.Status.QUEUED)


class FeedRun(models.Model):
    """One import of one file; its faults are kept with row and reason.

    A queued run with its file is the worker's queue. A running one says where it is, and its heartbeat shows that
    somebody is at work; without one it is taken up again from the start, which changes nothing twice.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        REFUSED = "refused", _("Refused, nothing changed")

    merchant = models.ForeignKey("parties.Merchant", on_delete=models.PROTECT, related_name="feed_runs")
    feed = models.ForeignKey(Feed, null=True, blank=True, on_delete=models.SET_NULL, related_name="runs")
    format = models.CharField(max_length=12)
    mapping = models.ForeignKey(FeedMapping, null=True, blank=True, on_delete=models.PROTECT, related_name="runs")
    policy = models.ForeignKey(
        "catalogue.SourcePolicy", null=True, blank=True, on_delete=models.PROTECT, related_name="feed_runs"
    )
    source = models.CharField(max_length=500)
    file = models.FileField(storage=feed_storage, upload_to="feeds", blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.RUNNING)
    is_complete = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    phase = models.CharField(max_length=8, blank=True)
    phase_done = models.BigIntegerField(default=0)
    phase_total = models.BigIntegerField(default=0)
    rows = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    gone = models.PositiveIntegerField(default=0)
    bad = models.PositiveIntegerField(default=0)
    faults = models.JSONField(default=list)
    reason = models.CharField(max_length=300, blank=True)

    objects = FeedRunQuerySet.as_manager()

    class Meta:
        ordering = ("-started_at", "-pk")
        verbose_name = _("feed import")
        verbose_name_plural = _("feed imports")
        indexes = [models.Index(fields=["status", "created_at"], name="feedrun_status_created")]

    def __str__(self) -> str:
        return f"{self.merchant_id} {self.started_at:%Y-%m-%d %H:%M}"
