"""Creators' statements, the documents they are, and the tax configuration behind them."""

from __future__ import annotations

import json
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from affiliates.earnings.models.payouts import payout_ref


class Statement(models.Model):
    """A creator's account of one month and currency, frozen. Never changed, never deleted.

    `body` is everything it shows but the person: canonical JSON, whose fingerprint is `digest`.
    """

    class Document(models.TextChoices):
        INVOICE = "invoice", _("self-billed invoice")
        CREDIT_NOTE = "credit_note", _("self-billed credit note")

    ref = models.CharField(_("reference"), max_length=20, unique=True, default=payout_ref, editable=False)
    period = models.ForeignKey(
        "earnings.Period", on_delete=models.PROTECT, related_name="statements", verbose_name=_("month")
    )
    creator = models.ForeignKey(
        "community.Creator", on_delete=models.PROTECT, related_name="statements", verbose_name=_("creator")
    )
    currency = models.CharField(_("currency"), max_length=3)
    opening_minor = models.BigIntegerField(_("opening"))
    earned_minor = models.BigIntegerField(_("earned"))
    adjusted_minor = models.BigIntegerField(_("adjusted"))
    paid_minor = models.BigIntegerField(_("paid"))
    closing_minor = models.BigIntegerField(_("closing"))
    document = models.CharField(_("document"), max_length=11, choices=Document.choices, blank=True)
    number = models.PositiveIntegerField(_("number"), null=True)
    net_minor = models.BigIntegerField(_("net"))
    tax_minor = models.BigIntegerField(_("tax"))
    #: Which row of the tax configuration was not there: platform, creator, rule; empty when none was missing.
    tax_missing = models.CharField(_("missing for tax"), max_length=8, blank=True)
    body = models.TextField()
    digest = models.CharField(_("fingerprint"), max_length=64)
    issued_at = models.DateTimeField(_("issued"))

    class Meta:
        verbose_name = _("statement")
        verbose_name_plural = _("statements")
        ordering = ("-period__ends_at", "creator_id", "currency")
        constraints = [
            models.UniqueConstraint(
                fields=("period", "creator", "currency"), name="a_creator_has_one_statement_of_a_month_and_currency"
            ),
            models.UniqueConstraint(
                fields=("document", "number"), condition=~Q(document=""), name="a_document_has_a_number_of_its_own"
            ),
            models.CheckConstraint(
                condition=Q(document="", number__isnull=True) | ~Q(document="") & Q(number__gte=1),
                name="a_document_is_numbered_from_one",
            ),
            models.CheckConstraint(
                condition=Q(
                    closing_minor=F("opening_minor") + F("earned_minor") + F("adjusted_minor") - F("paid_minor")
                ),
                name="a_closing_is_the_opening_and_the_movements",
            ),
            models.CheckConstraint(
                condition=Q(document="invoice", net_minor__gt=0)
                | Q(document="credit_note", net_minor__lt=0)
                | Q(document="", net_minor=0),
                name="a_document_bills_or_credits_something",
            ),
        ]

    def __str__(self) -> str:
        return self.full_number or self.ref

    @property
    def full_number(self) -> str:
        """The document's number as it is printed; empty where there is no document."""
        prefix = {"invoice": "SB", "credit_note": "CN"}.get(self.document)
        return f"{prefix}-{self.number:06d}" if prefix else ""

    @property
    def gross_minor(self) -> int:
        return self.net_minor + self.tax_minor

    @cached_property
    def content(self) -> dict[str, Any]:
        """The frozen body."""
        return dict(json.loads(self.body))


class StatementParty(models.Model):
    """Who a statement is addressed to, as known when it was issued. Deleted when the person is erased."""

    statement = models.OneToOneField(Statement, on_delete=models.PROTECT, related_name="party")
    name = models.CharField(_("name"), max_length=200)
    handle = models.CharField(_("handle"), max_length=40)
    address = models.TextField(_("address"), blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    tax_number = models.CharField(_("tax number"), max_length=30, blank=True)

    class Meta:
        verbose_name = _("statement's addressee")
        verbose_name_plural = _("statements' addressees")

    def __str__(self) -> str:
        return self.name


class TaxIdentity(models.Model):
    """Who the platform (no creator) or a creator is to the tax office, from a day on. Rows are added, not edited."""

    creator = models.ForeignKey(
        "community.Creator",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="tax_identities",
        verbose_name=_("creator"),
        help_text=_("Empty for the platform itself."),
    )
    legal_name = models.CharField(_("legal name"), max_length=200)
    address = models.TextField(_("address"), max_length=600)
    country = models.CharField(_("country"), max_length=2)
    tax_number = models.CharField(_("tax number"), max_length=30, blank=True)
    valid_from = models.DateField(_("valid from"))

    class Meta:
        verbose_name = _("tax identity")
        verbose_name_plural = _("tax identities")
        ordering = ("creator_id", "-valid_from")
        constraints = [
            models.UniqueConstraint(
                fields=("creator", "valid_from"),
                name="a_creator_has_one_tax_identity_from_a_day",
                violation_error_message=_("There is a row from this day on already."),
            ),
            models.UniqueConstraint(
                fields=("valid_from",),
                condition=Q(creator__isnull=True),
                name="the_platform_has_one_tax_identity_from_a_day",
                violation_error_message=_("There is a row from this day on already."),
            ),
        ]

    def __str__(self) -> str:
        return self.legal_name


class TaxRule(models.Model):
    """What a document between two countries shows, while it is valid. Rows are added, not edited."""

    class Treatment(models.TextChoices):
        NONE = "none", _("no tax")
        DOMESTIC_VAT = "domestic_vat", _("domestic VAT")
        REVERSE_CHARGE = "reverse_charge", _("reverse charge")

    platform_country = models.CharField(_("platform's country"), max_length=2)
    creator_country = models.CharField(_("creator's country"), max_length=2)
    has_tax_number = models.BooleanField(_("creator has a tax number"), default=False)
    treatment = models.CharField(_("treatment"), max_length=14, choices=Treatment.choices)
    percent = models.DecimalField(_("percent"), max_digits=7, decimal_places=4, default=0)
    wording = models.CharField(
        _("sentence on the document"), max_length=300, blank=True, help_text=_("What the law wants to be said.")
    )
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(
        _("valid until"), null=True, blank=True, help_text=_("The last day; empty while no end is known.")
    )

    class Meta:
        verbose_name = _("tax rule")
        verbose_name_plural = _("tax rules")
        ordering = ("platform_country", "creator_country", "has_tax_number", "-valid_from")
        constraints = [
            models.UniqueConstraint(
                fields=("platform_country", "creator_country", "has_tax_number", "valid_from"),
                name="one_tax_rule_starts_on_a_day",
                violation_error_message=_("There is a row from this day on already."),
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                name="a_tax_rule_ends_after_it_starts",
                violation_error_message=_("A rule cannot end before it starts."),
            ),
            models.CheckConstraint(
                condition=Q(treatment="domestic_vat", percent__gt=0, percent__lte=100)
                | ~Q(treatment="domestic_vat") & Q(percent=0),
                name="only_domestic_vat_has_a_rate",
                violation_error_message=_("Domestic VAT needs a rate, the others have none."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.platform_country}-{self.creator_country}: {self.treatment}"
