"""Money on its way to creators."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


def payout_ref() -> str:
    """A short reference that is not a number in a row."""
    return secrets.token_hex(6)


class PayoutBatch(models.Model):
    """One run of payouts of one currency: proposed by one person, approved by another, handed over, sent.

    Its state is which of its moments have come; `digest` freezes its items when it is approved, `sender` the account
    it leaves from when it is handed over. It is sent once none of its payouts is open.
    """

    ref = models.CharField(_("reference"), max_length=20, unique=True, default=payout_ref, editable=False)
    currency = models.CharField(_("currency"), max_length=3)
    total_minor = models.BigIntegerField(_("total"))
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("proposed by")
    )
    proposed_at = models.DateTimeField(_("proposed"))
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("approved by"),
    )
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    digest = models.CharField(_("fingerprint of the items"), max_length=64, blank=True)
    handed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("handed over by"),
    )
    handed_at = models.DateTimeField(_("handed over"), null=True, blank=True)
    sender = models.JSONField(_("sent from"), default=dict, blank=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("marked as sent by"),
    )
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    rejected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("rejected by"),
    )
    rejected_at = models.DateTimeField(_("rejected"), null=True, blank=True)
    rejection = models.CharField(_("why it was rejected"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("payout batch")
        verbose_name_plural = _("payout batches")
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("proposed_by")),
                name="two_people_propose_and_approve",
                violation_error_message=_("Whoever proposed a batch cannot approve it."),
            ),
            models.CheckConstraint(
                condition=(
                    Q(approved_at__isnull=True, approved_by__isnull=True, digest="")
                    | Q(approved_at__isnull=False, approved_by__isnull=False) & ~Q(digest="")
                ),
                name="an_approved_batch_is_frozen_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(approved_at__isnull=False, rejected_at__isnull=True),
                name="only_an_approved_batch_is_sent",
            ),
            models.CheckConstraint(
                condition=Q(handed_at__isnull=True) | Q(approved_at__isnull=False, rejected_at__isnull=True),
                name="only_an_approved_batch_is_handed_over",
            ),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def state(self) -> str:
        """proposed, approved, handed (over), sent or rejected."""
        if self.rejected_at:
            return "rejected"
        if self.sent_at:
            return "sent"
        if self.handed_at:
            return "handed"
        return "approved" if self.approved_at else "proposed"


class PayoutQuerySet(models.QuerySet["Payout"]):
    """What one asks of payouts."""

    def open(self) -> PayoutQuerySet:
        """Those whose money is in transit."""
        return self.filter(paid_at=None, returned_at=None, rejected_at=None)

    def arrived(self) -> PayoutQuerySet:
        """Those that were paid and did not come back."""
        return self.filter(paid_at__isnull=False, returned_at=None)


class Payout(models.Model):
    """What one creator gets in one batch: all that was available when the batch was proposed.

    It ends in one of paid, returned and rejected; what was paid can still come back. `amount_minor` is taken from the
    creator's account, `pay_minor` is what arrives: the same, unless a quote lies between.
    """

    ref = models.CharField(_("reference"), max_length=20, unique=True, default=payout_ref, editable=False)
    batch = models.ForeignKey(PayoutBatch, on_delete=models.PROTECT, related_name="payouts")
    creator = models.ForeignKey(
        "community.Creator", on_delete=models.PROTECT, related_name="payouts", verbose_name=_("creator")
    )
    currency = models.CharField(_("currency"), max_length=3)
    amount_minor = models.BigIntegerField(_("amount"))
    #: The last transfer that was counted: all that the creator had available up to it is in this payout.
    through_seq = models.BigIntegerField()
    profile = models.ForeignKey(
        "earnings.PayoutProfile",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="payouts",
        verbose_name=_("payment details"),
    )
    quote = models.ForeignKey(
        "earnings.ExchangeQuote", null=True, blank=True, on_delete=models.PROTECT, related_name="payouts"
    )
    pay_currency = models.CharField(_("paid in"), max_length=3)
    pay_minor = models.BigIntegerField(_("amount paid"))
    sent_reference = models.CharField(_("bank's reference"), max_length=80, blank=True)
    #: When it left the house or, with a provider, was claimed by whoever calls it; `attempt` counts the claims.
    handed_at = models.DateTimeField(_("handed over"), null=True, blank=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField(_("provider last asked"), null=True, blank=True)
    answer = models.CharField(_("provider's last answer"), max_length=10, blank=True)
    paid_at = models.DateTimeField(_("paid"), null=True, blank=True)
    returned_at = models.DateTimeField(_("returned"), null=True, blank=True)
    rejected_at = models.DateTimeField(_("rejected"), null=True, blank=True)
    reason = models.CharField(_("why it came back"), max_length=200, blank=True)
    #: NULL while the creator has to be told how it ended.
    told_at = models.DateTimeField(null=True, blank=True)

    objects = PayoutQuerySet.as_manager()

    class Meta:
        verbose_name = _("payout")
        verbose_name_plural = _("payouts")
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=("batch", "creator", "currency"), name="a_batch_pays_a_creator_once_in_a_currency"
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="a_payout_is_a_positive_amount"),
            models.CheckConstraint(condition=Q(pay_minor__gt=0), name="a_payout_arrives_as_a_positive_amount"),
            models.CheckConstraint(
                condition=Q(rejected_at=None) | Q(paid_at=None, returned_at=None), name="a_payout_ends_once"
            ),
            models.CheckConstraint(
                condition=Q(quote__isnull=False) | Q(pay_currency=F("currency")),
                name="another_currency_needs_a_quote",
            ),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def state(self) -> str:
        """waiting, underway, paid, returned or rejected."""
        if self.rejected_at:
            return "rejected"
        if self.returned_at:
            return "returned"
        if self.paid_at:
            return "paid"
        return "underway" if self.handed_at else "waiting"

    @property
    def is_open(self) -> bool:
        """Whether its money is in transit."""
        return self.state in {"waiting", "underway"}

    @property
    def method(self) -> str:
        """The way it goes; without payment details somebody arranges it."""
        return self.profile.method if self.profile else "manual"
