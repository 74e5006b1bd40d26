"""What brands owe, stated, and what they paid."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from affiliates.earnings.models.payouts import payout_ref
from community.models import Creator


class BrandStatement(models.Model):
    """What a brand owes for a stretch of time, in one currency: from the end of its last statement to this
    one's end. Written once.
    """

    ref = models.CharField(_("reference"), max_length=20, unique=True, default=payout_ref, editable=False)
    merchant = models.ForeignKey(
        "parties.Merchant", on_delete=models.PROTECT, related_name="statements", verbose_name=_("merchant")
    )
    currency = models.CharField(_("currency"), max_length=3)
    #: Empty for the first.
    starts_at = models.DateTimeField(_("from"), null=True, blank=True)
    ends_at = models.DateTimeField(_("until"))
    issued_at = models.DateTimeField(_("issued"))
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    total_minor = models.BigIntegerField(_("total"))

    class Meta:
        verbose_name = _("brand statement")
        verbose_name_plural = _("brand statements")
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=("merchant", "currency", "ends_at"), name="a_brand_has_one_statement_up_to_a_moment"
            ),
            models.UniqueConstraint(
                fields=("merchant", "currency", "starts_at"),
                name="a_brand_has_one_statement_from_a_moment",
            ),
            models.UniqueConstraint(
                fields=("merchant", "currency"),
                condition=Q(starts_at__isnull=True),
                name="a_brand_has_one_first_statement",
            ),
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True) | Q(starts_at__lt=F("ends_at")),
                name="a_statement_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return self.ref


class BrandPayment(models.Model):
    """Money that a brand sent. Written once."""

    ref = models.CharField(_("our reference"), max_length=20, unique=True, default=payout_ref, editable=False)
    merchant = models.ForeignKey(
        "parties.Merchant", on_delete=models.PROTECT, related_name="payments", verbose_name=_("merchant")
    )
    currency = models.CharField(_("currency"), max_length=3)
    amount_minor = models.BigIntegerField(_("amount"))
    reference = models.CharField(_("bank's reference"), max_length=80)
    paid_on = models.DateField(_("paid on"))
    recorded_at = models.DateTimeField(_("recorded"))
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("brand's payment")
        verbose_name_plural = _("brands' payments")
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=("merchant", "reference"),
                name="a_brands_payment_is_recorded_once",
                violation_error_message=_("A payment of this brand with this bank reference is recorded already."),
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="a_brand_pays_a_positive_amount"),
        ]

    def __str__(self) -> str:
        return self.ref


class BrandStatementLine(models.Model):
    """One order or volume bonus of a statement. Only whether it is settled is added later."""

    statement = models.ForeignKey(BrandStatement, on_delete=models.PROTECT, related_name="lines")
    conversion = models.ForeignKey(
        "earnings.Conversion", null=True, blank=True, on_delete=models.PROTECT, related_name="statement_lines"
    )
    bonus = models.ForeignKey(
        "earnings.VolumeBonus", null=True, blank=True, on_delete=models.PROTECT, related_name="statement_lines"
    )
    amount_minor = models.BigIntegerField(_("commission"))
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)

    class Meta:
        verbose_name = _("line of a brand statement")
        verbose_name_plural = _("lines of brand statements")
        ordering = ("pk",)
        indexes = [models.Index(fields=("statement",), name="line_to_settle", condition=Q(settled_at__isnull=True))]
        constraints = [
            models.UniqueConstraint(fields=("statement", "conversion"), name="a_statement_has_an_order_once"),
            models.UniqueConstraint(fields=("statement", "bonus"), name="a_statement_has_a_bonus_once"),
            models.CheckConstraint(
                condition=Q(conversion__isnull=False, bonus__isnull=True)
                | Q(conversion__isnull=True, bonus__isnull=False),
                name="a_statement_line_is_about_an_order_or_a_bonus",
            ),
            models.CheckConstraint(condition=~Q(amount_minor=0), name="a_statement_line_says_something"),
        ]

    def __str__(self) -> str:
        return str(self.conversion_id or self.bonus_id)

    @property
    def creator(self) -> Creator | None:
        """Who earned it; nobody for an order of a link of the house."""
        about = self.conversion or self.bonus
        return about.creator if about else None
