"""Money that came or went and nobody knows why, until two people have found out."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from affiliates.earnings.models.payouts import payout_ref


class SuspenseItem(models.Model):
    """An amount at the bank that could not be matched. Positive came in, negative went out. Written once."""

    ref = models.CharField(_("our reference"), max_length=20, unique=True, default=payout_ref, editable=False)
    currency = models.CharField(_("currency"), max_length=3)
    amount_minor = models.BigIntegerField(_("amount"))
    moved_on = models.DateField(_("day at the bank"))
    reference = models.CharField(_("bank's reference"), max_length=80)
    party = models.CharField(_("who sent or got it"), max_length=140, blank=True)
    words = models.CharField(_("what is known"), max_length=500)
    recorded_at = models.DateTimeField(_("recorded"))
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("unexplained amount")
        verbose_name_plural = _("unexplained amounts")
        ordering = ("moved_on", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("currency", "reference"),
                name="an_unexplained_amount_is_recorded_once",
                violation_error_message=_("An amount with this bank reference is recorded already."),
            ),
            models.CheckConstraint(condition=~Q(amount_minor=0), name="an_unexplained_amount_is_something"),
        ]

    def __str__(self) -> str:
        return self.ref


class SuspenseEnd(models.Model):
    """Where an unexplained amount, or a part of it, belongs: one person proposes, another approves, it is booked."""

    class Target(models.TextChoices):
        BRAND = "brand", _("a brand's payment")
        FEE = "fee", _("the platform's own: a bank's fee or interest")
        BACK = "back", _("back through the bank")

    ref = models.CharField(_("reference"), max_length=20, unique=True, default=payout_ref, editable=False)
    item = models.ForeignKey(SuspenseItem, on_delete=models.PROTECT, related_name="ends")
    target = models.CharField(_("where it belongs"), max_length=5, choices=Target.choices)
    merchant = models.ForeignKey(
        "parties.Merchant", null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("brand")
    )
    amount_minor = models.BigIntegerField(_("amount"))
    reason = models.CharField(_("reason"), max_length=500)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(_("proposed"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    rejected_at = models.DateTimeField(_("rejected"), null=True, blank=True)
    payment = models.OneToOneField(
        "earnings.BrandPayment", null=True, blank=True, on_delete=models.PROTECT, related_name="from_suspense"
    )

    class Meta:
        verbose_name = _("end of an unexplained amount")
        verbose_name_plural = _("ends of unexplained amounts")
        ordering = ("pk",)
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="an_end_is_a_positive_amount"),
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True) | Q(decided_by__isnull=False) & ~Q(decided_by=F("proposed_by")),
                name="two_people_explain_an_amount",
                violation_error_message=_("Whoever proposed it cannot approve it."),
            ),
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True) | Q(rejected_at__isnull=True),
                name="an_end_is_approved_or_rejected",
            ),
            models.CheckConstraint(
                condition=Q(target="brand", merchant__isnull=False)
                | Q(target__in=("fee", "back"), merchant__isnull=True),
                name="only_a_brands_payment_has_a_brand",
            ),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def state(self) -> str:
        """proposed, approved or rejected."""
        if self.rejected_at:
            return "rejected"
        return "approved" if self.approved_at else "proposed"


class SuspenseSignature(models.Model):
    """Somebody of finance knows what is still unexplained at the end of a month, and it may be closed. Written once."""

    month = models.CharField(_("month"), max_length=7)
    currency = models.CharField(_("currency"), max_length=3)
    amount_minor = models.BigIntegerField(_("amount"))
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(_("signed"))

    class Meta:
        verbose_name = _("signature under unexplained amounts")
        verbose_name_plural = _("signatures under unexplained amounts")
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=("month", "currency", "amount_minor"), name="a_list_of_unexplained_amounts_is_signed_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.month} {self.currency}"
