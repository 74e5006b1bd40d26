"""The ledger: accounts, and transfers between two of them."""

from __future__ import annotations

import datetime as dt
import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _


class AccountQuerySet(models.QuerySet["Account"]):
    """What one asks of accounts."""

    def with_balance(self, *, as_of: dt.datetime | None = None) -> AccountQuerySet:
        """Adds `balance_minor`, credits less debits, to each account. One query."""
        booked = Transfer.objects.all() if as_of is None else Transfer.objects.filter(effective_at__lte=as_of)

        def total(side: str) -> models.Subquery:
            rows = booked.filter(**{side: models.OuterRef("pk")}).order_by().values(side)
            return models.Subquery(rows.annotate(total=Sum("amount_minor")).values("total"))

        zero = models.Value(0, output_field=models.BigIntegerField())
        return self.annotate(balance_minor=Coalesce(total("credit_id"), zero) - Coalesce(total("debit_id"), zero))


class Account(models.Model):
    """A place where money of one currency stands. Never changed, never deleted.

    A balance is credits less debits, so what we owe a creator is positive and what a merchant owes us is
    negative.
    """

    class Kind(models.TextChoices):
        MERCHANT_RECEIVABLE = "merchant_receivable", _("owed by the merchant")
        CREATOR_PENDING = "creator_pending", _("creator, pending")
        CREATOR_APPROVED = "creator_approved", _("creator, approved and held")
        CREATOR_AVAILABLE = "creator_available", _("creator, available")
        PAYOUT_IN_TRANSIT = "payout_in_transit", _("payouts on their way")
        BANK = "bank", _("bank")
        PLATFORM_PENDING = "platform_pending", _("platform, pending")
        PLATFORM_MARGIN = "platform_margin", _("platform's fee")
        SUSPENSE = "suspense", _("unexplained")
        CLAWBACK_LOSS = "clawback_loss", _("debts written off")
        FX_CLEARING = "fx_clearing", _("currency exchange")

    OF_MERCHANT = (Kind.MERCHANT_RECEIVABLE,)
    OF_CREATOR = (Kind.CREATOR_PENDING, Kind.CREATOR_APPROVED, Kind.CREATOR_AVAILABLE)

    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    merchant = models.ForeignKey(
        "parties.Merchant",
        null=True,
        on_delete=models.PROTECT,
        related_name="accounts",
        verbose_name=_("merchant"),
    )
    creator = models.ForeignKey(
        "community.Creator",
        null=True,
        on_delete=models.PROTECT,
        related_name="accounts",
        verbose_name=_("creator"),
    )
    currency = models.CharField(_("currency"), max_length=3)

    #: Only on accounts that `with_balance()` brought.
    balance_minor: int

    objects = AccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.UniqueConstraint(
                fields=("kind", "merchant", "currency"),
                condition=Q(merchant__isnull=False),
                name="a_merchant_has_one_account_of_a_kind_and_currency",
            ),
            models.UniqueConstraint(
                fields=("kind", "creator", "currency"),
                condition=Q(creator__isnull=False),
                name="a_creator_has_one_account_of_a_kind_and_currency",
            ),
            models.UniqueConstraint(
                fields=("kind", "currency"),
                condition=Q(creator__isnull=True, merchant__isnull=True),
                name="the_house_has_one_account_of_a_kind_and_currency",
            ),
            models.UniqueConstraint(fields=("id", "currency"), name="an_account_has_one_currency"),
            models.CheckConstraint(
                condition=(
                    Q(kind="merchant_receivable", merchant__isnull=False, creator__isnull=True)
                    | Q(
                        kind__in=("creator_pending", "creator_approved", "creator_available"),
                        merchant__isnull=True,
                        creator__isnull=False,
                    )
                    | ~Q(
                        kind__in=(
                            "merchant_receivable",
                            "creator_pending",
                            "creator_approved",
                            "creator_available",
                        )
                    )
                    & Q(merchant__isnull=True, creator__isnull=True)
                ),
                name="an_account_has_the_owner_of_its_kind",
            ),
        ]

    def __str__(self) -> str:
        owner = self.merchant_id or self.creator_id or ""
        return f"{self.kind}:{owner}:{self.currency}"


class Transfer(models.Model):
    """One positive amount moved from one account (debit) to another (credit) of the same currency, with its
    cause.

    Append-only; triggers in the database refuse every change. `seq` is the order of booking.
    """

    seq = models.BigAutoField(primary_key=True)
    group = models.UUIDField(_("booked together"), default=uuid.uuid4)
    debit = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="debits", db_constraint=True)
    credit = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="credits", db_constraint=True)
    amount_minor = models.BigIntegerField(_("amount in minor units"))
    currency = models.CharField(_("currency"), max_length=3)
    kind = models.CharField(_("kind"), max_length=16)
    source_key = models.CharField(_("cause"), max_length=180, unique=True)
    conversion = models.ForeignKey(
        "earnings.Conversion", null=True, blank=True, on_delete=models.PROTECT, related_name="transfers"
    )
    payout = models.ForeignKey(
        "earnings.Payout", null=True, blank=True, on_delete=models.PROTECT, related_name="transfers"
    )
    #: The creator's month of sales that it pays something on top for.
    bonus = models.ForeignKey(
        "earnings.VolumeBonus", null=True, blank=True, on_delete=models.PROTECT, related_name="transfers"
    )
    effective_at = models.DateTimeField(_("effective"))
    created_at = models.DateTimeField(_("booked"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        ordering = ("seq",)
        indexes = [models.Index(fields=("effective_at",), name="transfer_by_effect")]
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="a_transfer_moves_a_positive_amount"),
            models.CheckConstraint(condition=~Q(debit=F("credit")), name="a_transfer_has_two_accounts"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.kind}"
