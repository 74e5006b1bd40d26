"""What merchants sent us, to the byte, and what became of each message."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class RawReport(models.Model):
    """A message as it arrived. Never changed, never deleted: triggers in the database refuse it."""

    class Channel(models.TextChoices):
        API = "api", _("API")
        POSTBACK = "postback", _("Postback")
        FILE = "file", _("File")
        DEMO = "demo", _("Demo")
        CLAIM = "claim", _("Claim")

    merchant = models.ForeignKey("parties.Merchant", on_delete=models.PROTECT, related_name="raw_reports")
    channel = models.CharField(_("channel"), max_length=8, choices=Channel.choices)
    body = models.BinaryField(_("body"))
    sha256 = models.CharField(_("fingerprint"), max_length=64)
    key_prefix = models.CharField(_("key"), max_length=16, blank=True)
    parser_version = models.PositiveSmallIntegerField(_("parser version"), default=1)
    received_at = models.DateTimeField(_("received"))

    class Meta:
        verbose_name = _("raw report")
        verbose_name_plural = _("raw reports")
        indexes = [models.Index(fields=("merchant", "received_at"), name="raw_report_of_merchant")]

    def __str__(self) -> str:
        return f"{self.merchant_id} {self.received_at:%Y-%m-%d %H:%M}"


class ReportOutcome(models.Model):
    """How one order of a raw report ended: applied, a duplicate, rejected or parked. Append-only."""

    class Result(models.TextChoices):
        APPLIED = "applied", _("applied")
        DUPLICATE = "duplicate", _("changed nothing")
        REJECTED = "rejected", _("rejected")
        PARKED = "parked", _("parked")

    raw = models.ForeignKey(RawReport, on_delete=models.PROTECT, related_name="outcomes")
    index = models.PositiveIntegerField(_("place in the message"), default=0)
    result = models.CharField(_("result"), max_length=9, choices=Result.choices)
    reason = models.CharField(_("reason"), max_length=40, blank=True)
    errors = models.JSONField(_("faults"), default=list, blank=True)
    conversion = models.ForeignKey(
        "earnings.Conversion", null=True, blank=True, on_delete=models.PROTECT, related_name="outcomes"
    )
    version = models.BigIntegerField(_("version"), null=True, blank=True)
    digest = models.CharField(_("fingerprint of the order"), max_length=64, blank=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("outcome of a report")
        verbose_name_plural = _("outcomes of reports")
        constraints = [
            models.UniqueConstraint(
                fields=("raw", "index"),
                name="an_order_in_a_message_ends_once",
                violation_error_message=_("This order of the message already has its outcome."),
            )
        ]

    def __str__(self) -> str:
        return self.result


class SandboxOrder(models.Model):
    """An order as a sandbox key reported it, kept so that a later report of it is answered as a restatement.

    No order, and no money: what the sandbox reckons is never stored.
    """

    api_key = models.ForeignKey("parties.ApiKey", on_delete=models.CASCADE, related_name="+")
    order_id = models.CharField(_("order"), max_length=100)
    body = models.TextField(_("body"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("sandbox order")
        verbose_name_plural = _("sandbox orders")
        indexes = [models.Index(fields=("api_key", "order_id"), name="sandbox_order_of_key")]

    def __str__(self) -> str:
        return self.order_id


class IdempotentAnswer(models.Model):
    """The answer given to a request with an `Idempotency-Key`, kept to be given again."""

    api_key = models.ForeignKey("parties.ApiKey", on_delete=models.CASCADE, related_name="+")
    key = models.CharField(_("key"), max_length=200)
    fingerprint = models.CharField(_("fingerprint of the request"), max_length=64)
    status = models.PositiveSmallIntegerField(_("status"))
    body = models.TextField(_("answer"))
    at = models.DateTimeField(_("at"), db_index=True)

    class Meta:
        verbose_name = _("kept answer")
        verbose_name_plural = _("kept answers")
        constraints = [
            models.UniqueConstraint(
                fields=("api_key", "key"),
                name="an_idempotency_key_is_answered_once",
                violation_error_message=_("This key was already used."),
            )
        ]

    def __str__(self) -> str:
        return self.key
