"""What creators object to: a reversal, or a sale that was never reported."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from affiliates.earnings.models.accounts import Account
from affiliates.earnings.models.payouts import payout_ref


class Objection(models.Model):
    """Somebody's case, with a deadline for the brand's answer, after which finance decides."""

    ref = models.CharField(_("reference"), max_length=20, unique=True, default=payout_ref, editable=False)
    creator = models.ForeignKey("community.Creator", on_delete=models.PROTECT, related_name="%(class)ss")
    evidence = models.TextField(_("evidence"), max_length=2000)
    document = models.URLField(_("address of a document"), max_length=500, blank=True)
    opened_at = models.DateTimeField(_("opened"))
    answer_by = models.DateTimeField(_("answer by"))
    escalated_at = models.DateTimeField(_("went to finance"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    granted = models.BooleanField(_("granted"), null=True, blank=True)
    answer = models.CharField(_("answer"), max_length=500, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.ref

    @property
    def state(self) -> str:
        """open, escalated, granted or refused."""
        if self.decided_at is not None:
            return "granted" if self.granted else "refused"
        return "escalated" if self.escalated_at else "open"


_DECIDED = Q(decided_at__isnull=True, decided_by__isnull=True, granted__isnull=True) | Q(
    decided_at__isnull=False, decided_by__isnull=False, granted__isnull=False
)


class Dispute(Objection):
    """A creator's objection to a reversal."""

    conversion = models.ForeignKey("earnings.Conversion", on_delete=models.PROTECT, related_name="disputes")
    #: The reversal that is disputed.
    change = models.ForeignKey("earnings.OrderChange", on_delete=models.PROTECT, related_name="disputes")

    class Meta:
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=("change",), name="a_reversal_is_disputed_once"),
            models.CheckConstraint(condition=_DECIDED, name="a_dispute_is_decided_by_somebody"),
        ]


class SaleClaim(Objection):
    """A sale of which a creator says that it was never reported."""

    merchant = models.ForeignKey("parties.Merchant", on_delete=models.PROTECT, related_name="claims")
    order_id = models.CharField(_("order"), max_length=100)
    ordered_on = models.DateField(_("day of the order"))
    click = models.ForeignKey("tracking.Click", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=("creator", "merchant", "order_id"), name="a_sale_is_claimed_once_by_a_creator"
            ),
            models.CheckConstraint(condition=_DECIDED, name="a_claim_is_decided_by_somebody"),
        ]


class Adjustment(models.Model):
    """Money that finance moves by hand: proposed by one person, approved by another, booked once."""

    ref = models.CharField(_("reference"), max_length=20, unique=True, default=payout_ref, editable=False)
    creator = models.ForeignKey("community.Creator", on_delete=models.PROTECT, related_name="adjustments")
    currency = models.CharField(_("currency"), max_length=3)
    debit_kind = models.CharField(_("from"), max_length=20, choices=Account.Kind.choices)
    credit_kind = models.CharField(_("to"), max_length=20, choices=Account.Kind.choices)
    amount_minor = models.BigIntegerField(_("amount"))
    reason = models.CharField(_("reason"), max_length=500)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(_("proposed"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    rejected_at = models.DateTimeField(_("rejected"), null=True, blank=True)

    class Meta:
        verbose_name = _("adjustment")
        verbose_name_plural = _("adjustments")
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="an_adjustment_is_a_positive_amount"),
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True) | Q(decided_by__isnull=False) & ~Q(decided_by=F("proposed_by")),
                name="two_people_make_an_adjustment",
                violation_error_message=_("Whoever proposed an adjustment cannot approve it."),
            ),
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True) | Q(rejected_at__isnull=True),
                name="an_adjustment_is_approved_or_rejected",
            ),
            models.CheckConstraint(
                condition=Q(
                    debit_kind="creator_available", credit_kind__in=("platform_margin", "suspense", "clawback_loss")
                )
                | Q(credit_kind="creator_available", debit_kind__in=("platform_margin", "suspense", "clawback_loss")),
                name="an_adjustment_is_between_a_creator_and_the_house",
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


class CreatorNotice(models.Model):
    """Something a creator is told, in the site and by mail: their first sale, or a reversal with its reason."""

    class Kind(models.TextChoices):
        FIRST_SALE = "first_sale", _("Your first sale")
        REVERSAL = "reversal", _("An order was reversed")

    creator = models.ForeignKey("community.Creator", on_delete=models.PROTECT, related_name="money_notices")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    change = models.ForeignKey("earnings.OrderChange", on_delete=models.PROTECT, related_name="notices")
    at = models.DateTimeField(_("at"))
    mailed_at = models.DateTimeField(_("mailed"), null=True, blank=True)

    class Meta:
        verbose_name = _("notice to a creator")
        verbose_name_plural = _("notices to creators")
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(fields=("change", "kind"), name="a_creator_is_told_of_a_change_once"),
            models.UniqueConstraint(
                fields=("creator",), condition=Q(kind="first_sale"), name="a_creator_has_one_first_sale"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.change_id}"
