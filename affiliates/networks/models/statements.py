"""Rows as they came, what they say, and what that did. Written once: triggers refuse to change or delete them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from affiliates.networks.models.files import ReportFile


class Observation(models.Model):
    """What a network said about a transaction, where it differs from what it had said before."""

    network = models.CharField(_("network"), max_length=16)
    merchant = models.ForeignKey("parties.Merchant", on_delete=models.PROTECT, related_name="observations")
    external_id = models.CharField(_("transaction"), max_length=100)
    #: The first is 1; the highest is what the network says now.
    number = models.PositiveIntegerField(_("statement"))
    order_id = models.CharField(_("order"), max_length=100)
    state = models.CharField(_("state"), max_length=10, blank=True)
    state_word = models.CharField(_("network's word for the state"), max_length=100, blank=True)
    kind = models.CharField(_("kind"), max_length=10, blank=True)
    kind_word = models.CharField(_("network's word for the kind"), max_length=100, blank=True)
    sale_text = models.CharField(_("sale as reported"), max_length=40)
    sale_minor = models.BigIntegerField(_("sale"), null=True)
    sale_currency = models.CharField(_("currency of the sale"), max_length=3)
    commission_text = models.CharField(_("commission as reported"), max_length=40, blank=True)
    commission_minor = models.BigIntegerField(_("commission"), null=True)
    commission_currency = models.CharField(_("currency of the commission"), max_length=3, blank=True)
    event_at = models.DateTimeField(_("ordered"))
    click_at = models.DateTimeField(_("clicked"), null=True)
    updated_at = models.DateTimeField(_("network's last change"), null=True)
    sub_id = models.CharField(_("sub-id"), max_length=100, blank=True)
    coupon = models.CharField(_("coupon"), max_length=100, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    reason_code = models.CharField(_("reason code"), max_length=100, blank=True)
    reason_text = models.CharField(_("reason"), max_length=200, blank=True)
    digest = models.CharField(_("fingerprint"), max_length=64)
    file = models.ForeignKey(ReportFile, on_delete=models.PROTECT, related_name="observations")
    row_number = models.PositiveIntegerField(_("row"))
    observed_at = models.DateTimeField(_("observed"))

    class Meta:
        verbose_name = _("observation")
        verbose_name_plural = _("observations")
        indexes = [models.Index(fields=("merchant", "order_id"), name="observation_of_order")]
        constraints = [
            models.UniqueConstraint(
                fields=("network", "external_id", "merchant", "number"),
                name="a_transaction_has_each_statement_once",
                violation_error_message=_("This transaction already has a statement of this number."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.external_id} #{self.number}"


class RowResult(models.TextChoices):
    """How a row ended."""

    CREATED = "created", _("created")
    CHANGED = "changed", _("changed")
    UNCHANGED = "unchanged", _("unchanged")
    PARKED = "parked", _("parked")
    REJECTED = "rejected", _("rejected")


class ReportRow(models.Model):
    """A row of a file, to the byte, and how it ended."""

    file = models.ForeignKey(ReportFile, on_delete=models.PROTECT, related_name="rows")
    number = models.PositiveIntegerField(_("row"))
    raw = models.BinaryField(_("as it came"))
    external_id = models.CharField(_("transaction"), max_length=100, blank=True)
    result = models.CharField(_("result"), max_length=9, choices=RowResult.choices)
    field = models.CharField(_("field"), max_length=40, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    #: What it says, or repeats. None where it could not be believed.
    observation = models.ForeignKey(Observation, null=True, on_delete=models.PROTECT, related_name="rows")

    class Meta:
        ordering = ("pk",)
        verbose_name = _("row of a report")
        verbose_name_plural = _("rows of reports")
        constraints = [
            models.UniqueConstraint(
                fields=("file", "number"),
                name="a_row_of_a_file_ends_once",
                violation_error_message=_("This row of the file already has its end."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.number}"

    @property
    def text(self) -> str:
        """The row for people to read."""
        return bytes(self.raw).decode("utf-8", "replace").strip()


class Change(models.Model):
    """What an observation did here."""

    observation = models.OneToOneField(Observation, on_delete=models.PROTECT, related_name="change")
    result = models.CharField(_("result"), max_length=9, choices=RowResult.choices)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    conversion = models.ForeignKey(
        "earnings.Conversion", null=True, on_delete=models.PROTECT, related_name="network_changes"
    )
    raw = models.ForeignKey("earnings.RawReport", null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")

    def __str__(self) -> str:
        return self.result
