"""How creators want to be paid, and accounts that two of them share."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from affiliates.earnings.domain.payout_methods import destination


class PayoutProfile(models.Model):
    """One version of a creator's payment details. A change makes a new one and dates the end of the old.

    `fingerprint` is the same for the same account, whoever holds it; it stays when the details are erased.
    """

    class Method(models.TextChoices):
        SEPA = "sepa", _("SEPA transfer")
        BANK = "bank", _("bank transfer")
        MAIL = "mail", _("payment service, by e-mail address")
        PROVIDER = "provider", _("account with our payment provider")
        MANUAL = "manual", _("by arrangement")

    creator = models.ForeignKey(
        "community.Creator", on_delete=models.PROTECT, related_name="payout_profiles", verbose_name=_("creator")
    )
    version = models.PositiveIntegerField(_("version"))
    method = models.CharField(_("way of payment"), max_length=10, choices=Method.choices)
    country = models.CharField(
        _("country"), max_length=2, validators=[RegexValidator(r"^[A-Z]{2}$", _("Two capital letters, such as DE."))]
    )
    holder = models.CharField(_("account holder"), max_length=70)
    currency = models.CharField(_("paid in"), max_length=3, blank=True)
    details = models.JSONField(_("details"), default=dict)
    fingerprint = models.CharField(_("fingerprint of the account"), max_length=64, blank=True, db_index=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("set by")
    )
    created_at = models.DateTimeField(_("set"))
    replaced_at = models.DateTimeField(_("replaced"), null=True, blank=True)
    #: NULL while the creator has to be told of the change.
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("payment details")
        verbose_name_plural = _("payment details")
        ordering = ("creator", "-version")
        constraints = [
            models.UniqueConstraint(fields=("creator", "version"), name="payment_details_have_one_version_of_a_number"),
            models.UniqueConstraint(
                fields=("creator",), condition=Q(replaced_at=None), name="a_creator_has_one_active_payout_profile"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_method_display()} {self.destination}".strip()

    @property
    def destination(self) -> str:
        """The account by its last four signs."""
        return destination(self.details)


class SharedAccount(models.Model):
    """An account that more than one creator gave. Until finance closes the case, none of them is paid."""

    fingerprint = models.CharField(max_length=64, unique=True, editable=False)
    creators = models.ManyToManyField("community.Creator", related_name="+", verbose_name=_("creators"))
    opened_at = models.DateTimeField(_("opened"))
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("closed by"),
    )
    note = models.CharField(_("why they may share it"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("shared account")
        verbose_name_plural = _("shared accounts")
        ordering = ("-opened_at",)
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None) | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="somebody_closes_a_case",
            )
        ]

    def __str__(self) -> str:
        return self.fingerprint[:12]


class ExchangeQuote(models.Model):
    """The rates at which a batch exchanged one currency into another. Written once."""

    batch = models.ForeignKey("earnings.PayoutBatch", on_delete=models.PROTECT, related_name="quotes")
    given = models.CharField(_("from"), max_length=3)
    into = models.CharField(_("into"), max_length=3)
    on = models.DateField(_("rates of"))
    source = models.CharField(_("source"), max_length=40)
    base = models.CharField(_("base"), max_length=3)
    given_e8 = models.BigIntegerField()
    into_e8 = models.BigIntegerField()
    made_at = models.DateTimeField(_("quoted"))

    class Meta:
        verbose_name = _("exchange quote")
        verbose_name_plural = _("exchange quotes")
        constraints = [
            models.UniqueConstraint(fields=("batch", "given", "into"), name="a_batch_has_one_quote_for_a_pair"),
            models.CheckConstraint(condition=Q(given_e8__gt=0, into_e8__gt=0), name="a_quoted_rate_is_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.given}/{self.into} {self.on}"
