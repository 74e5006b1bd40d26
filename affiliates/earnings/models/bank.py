"""What the bank says moved, and which transfers of the books each movement is. Written once."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from affiliates.earnings.domain.bank_csv import mapping_faults
from affiliates.earnings.models.payouts import payout_ref
from cms.core.domain.money import CURRENCIES


class BankMapping(models.Model):
    """How a bank's CSV is read: which column holds what, and how its numbers and dates are written."""

    slug = models.SlugField(_("short name"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    account = models.CharField(_("account"), max_length=60, help_text=_("The account's number as the bank writes it."))
    currency = models.CharField(_("currency"), max_length=3)
    delimiter = models.CharField(
        _("delimiter"), max_length=2, default=",", help_text=_("Usually a comma or a semicolon; \\t is a tab.")
    )
    decimal_mark = models.CharField(
        _("decimal mark"), max_length=1, default=".", choices=[(".", _("point")), (",", _("comma"))]
    )
    date_order = models.CharField(
        _("order of dates"),
        max_length=3,
        default="ymd",
        choices=[("ymd", _("2026-12-31")), ("dmy", _("31.12.2026")), ("mdy", _("12/31/2026"))],
    )
    columns = models.JSONField(
        _("columns"),
        default=dict,
        help_text=_(
            'Our field and the file\'s column: {"date": "Booked", "amount": "Amount", …}. Known: date, amount or '
            "credit and debit, reference, end_to_end, party, text, balance."
        ),
    )

    class Meta:
        ordering = ("name", "pk")
        verbose_name = _("bank mapping")
        verbose_name_plural = _("bank mappings")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Each wrong field by name."""
        faults: dict[str, Any] = {}
        self.currency = self.currency.upper()
        if self.currency not in CURRENCIES:
            faults["currency"] = _("This is not a currency we know.")
        columns = mapping_faults(self.columns)
        if columns:
            faults["columns"] = [str(fault) for fault in columns]
        if faults:
            raise ValidationError(faults)


class BankStatement(models.Model):
    """One statement that was imported: of which account, which days, and what stood there before and after."""

    ref = models.CharField(_("reference"), max_length=20, unique=True, default=payout_ref, editable=False)
    account = models.CharField(_("account"), max_length=60)
    currency = models.CharField(_("currency"), max_length=3)
    number = models.CharField(_("bank's number"), max_length=60, blank=True)
    name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField(_("fingerprint"), max_length=64)
    opening_minor = models.BigIntegerField(_("opening balance"), null=True)
    closing_minor = models.BigIntegerField(_("closing balance"), null=True)
    from_on = models.DateField(_("first day"))
    to_on = models.DateField(_("last day"))
    rows = models.PositiveIntegerField(_("lines"))
    known = models.PositiveIntegerField(_("lines known before"))
    imported_at = models.DateTimeField(_("imported"))
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("bank statement")
        verbose_name_plural = _("bank statements")
        ordering = ("-to_on", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=("account", "currency", "sha256", "number"), name="a_bank_statement_is_imported_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class BankLine(models.Model):
    """One movement at the bank. Positive came in."""

    statement = models.ForeignKey(BankStatement, on_delete=models.PROTECT, related_name="lines")
    row = models.PositiveIntegerField(_("row"))
    account = models.CharField(_("account"), max_length=60)
    currency = models.CharField(_("currency"), max_length=3)
    bank_ref = models.CharField(_("bank's reference"), max_length=80)
    booked_on = models.DateField(_("booked"))
    amount_minor = models.BigIntegerField(_("amount"))
    party = models.CharField(_("other party"), max_length=140, blank=True)
    end_to_end = models.CharField(_("end-to-end id"), max_length=80, blank=True)
    text = models.CharField(_("what it says"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("bank line")
        verbose_name_plural = _("bank lines")
        ordering = ("-booked_on", "-pk")
        indexes = [models.Index(fields=("currency", "booked_on"), name="bank_line_by_day")]
        constraints = [
            models.UniqueConstraint(
                fields=("account", "currency", "bank_ref"), name="a_bank_line_is_known_by_its_reference"
            ),
            models.CheckConstraint(condition=~models.Q(amount_minor=0), name="a_bank_line_moves_something"),
        ]

    def __str__(self) -> str:
        return self.bank_ref


class BankMatch(models.Model):
    """A transfer of the books is on this line. A line's transfers add up to it."""

    line = models.ForeignKey(BankLine, on_delete=models.PROTECT, related_name="matches")
    transfer = models.OneToOneField("earnings.Transfer", on_delete=models.PROTECT, related_name="bank_match")
    #: Nobody where the import itself was sure.
    matched_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    matched_at = models.DateTimeField(_("matched"))

    class Meta:
        verbose_name = _("match with the bank")
        verbose_name_plural = _("matches with the bank")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.line_id} {self.transfer_id}"
