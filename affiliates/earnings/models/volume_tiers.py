"""What programmes pay on top for a month's sales, and what of it each creator earned."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.apps import apps
from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import BigIntegerField, F, Q, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from affiliates.earnings.domain.periods import Month
from affiliates.earnings.domain.volume_tiers import Tier
from affiliates.earnings.models.conversions import RewritingQuerySet
from affiliates.earnings.models.payouts import payout_ref

month_code = RegexValidator(r"^[0-9]{4}-(0[1-9]|1[0-2])$", _("Write a month such as 2026-03."))


class VolumeTiersQuerySet(models.QuerySet["VolumeTiers"]):
    """What one asks of volume tiers."""

    def in_force(self, month: str) -> VolumeTiersQuerySet:
        """Versions that a month's sales are paid by."""
        return self.filter(Q(ends__isnull=True) | Q(ends__gt=month), starts__lte=month)


class VolumeTiers(models.Model):
    """One version of what a programme pays on top for a creator's sales of a month, in one currency.

    Its terms never change (a trigger refuses it), and no two of a programme and currency are in force in one month
    (another trigger). `docs/money/commission.md` says what they pay.
    """

    ref = models.CharField(_("reference"), max_length=20, unique=True, default=payout_ref, editable=False)
    program = models.ForeignKey(
        "parties.Program", on_delete=models.PROTECT, related_name="volume_tiers", verbose_name=_("programme")
    )
    version = models.PositiveIntegerField(_("version"))
    currency = models.CharField(_("currency"), max_length=3)
    #: [threshold in minor units, percent as text], lowest first.
    steps = models.JSONField(_("tiers"))
    starts = models.CharField(_("from"), max_length=7, validators=[month_code])
    #: The first month that it is not in force any more.
    ends = models.CharField(_("until"), max_length=7, null=True, blank=True, validators=[month_code])
    creator_share_percent = models.DecimalField(_("creator's share in percent"), max_digits=7, decimal_places=4)
    hold_days = models.PositiveSmallIntegerField(_("days held after the month"))
    is_gated = models.BooleanField(_("waits for the brand's payment"), default=False)
    created_at = models.DateTimeField(_("made"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = VolumeTiersQuerySet.as_manager()

    class Meta:
        verbose_name = _("volume tiers")
        verbose_name_plural = _("volume tiers")
        ordering = ("program", "version")
        constraints = [
            models.UniqueConstraint(fields=("program", "version"), name="a_programme_numbers_its_volume_tiers_once"),
            models.CheckConstraint(
                condition=Q(ends__isnull=True) | Q(ends__gte=F("starts")), name="volume_tiers_end_after_they_start"
            ),
            models.CheckConstraint(
                condition=Q(creator_share_percent__gte=0, creator_share_percent__lte=100),
                name="a_creators_share_of_a_bonus_is_a_part_of_the_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.program} · {self.version}"

    @property
    def tiers(self) -> list[Tier]:
        """The steps as the domain knows them."""
        return [Tier(above, Decimal(percent)) for above, percent in self.steps]

    @property
    def last_month(self) -> str:
        """The last month that it is in force; empty while no end is known."""
        return str(Month.parse(self.ends).before) if self.ends else ""

    def is_over(self, month: str) -> bool:
        """Whether it pays no more in a month."""
        return self.ends is not None and self.ends <= month


class VolumeBonusQuerySet(RewritingQuerySet["VolumeBonus"]):
    """What one asks of volume bonuses."""

    def earned(self) -> VolumeBonusQuerySet:
        """Those that earn something now, or were booked before."""
        return self.filter(booking__gt=0)

    def due_for_release(self, today: dt.date) -> VolumeBonusQuerySet:
        """Bonuses whose hold is over, and whose brand has paid where it must pay first."""
        over = self.filter(bonus_minor__gt=0, available_on__lte=today, released_at__isnull=True)
        lines = apps.get_model("earnings", "BrandStatementLine").objects.filter(
            settled_at__isnull=False, bonus=models.OuterRef("pk")
        )
        settled = lines.order_by().values("bonus").annotate(total=Sum("amount_minor")).values("total")
        zero = Value(0, output_field=BigIntegerField())
        over = over.annotate(settled_minor=Coalesce(models.Subquery(settled), zero))
        return over.filter(Q(tiers__is_gated=False) | Q(settled_minor__gte=F("bonus_minor")))


class VolumeBonus(models.Model):
    """What a creator's sales of one programme, month and currency earn on top of their orders.

    The amounts are what the approved orders say now; `check_ledger` holds them against orders and transfers.
    """

    ref = models.CharField(_("reference"), max_length=20, unique=True, default=payout_ref, editable=False)
    program = models.ForeignKey("parties.Program", on_delete=models.PROTECT, related_name="volume_bonuses")
    creator = models.ForeignKey("community.Creator", on_delete=models.PROTECT, related_name="volume_bonuses")
    tiers = models.ForeignKey(VolumeTiers, on_delete=models.PROTECT, related_name="bonuses")
    month = models.CharField(_("month"), max_length=7, validators=[month_code])
    currency = models.CharField(_("currency"), max_length=3)
    sales_minor = models.BigIntegerField(_("approved sales"), default=0)
    bonus_minor = models.BigIntegerField(_("bonus"), default=0)
    creator_minor = models.BigIntegerField(_("creator's part"), default=0)
    platform_minor = models.BigIntegerField(_("platform's part"), default=0)
    #: What of the creator's part was paid: a cached sum of transfers.
    paid_minor = models.BigIntegerField(_("paid to the creator"), default=0)
    #: The time of the last order that counts; reports date the bonus by it.
    last_sale_at = models.DateTimeField(_("last sale"), null=True, blank=True)
    available_on = models.DateField(_("available on"))
    released_at = models.DateTimeField(_("made available"), null=True, blank=True)
    #: How often its money was booked; part of the transfers' keys.
    booking = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(_("made"))
    updated_at = models.DateTimeField(_("last changed"))

    objects = VolumeBonusQuerySet.as_manager()

    class Meta:
        verbose_name = _("volume bonus")
        verbose_name_plural = _("volume bonuses")
        ordering = ("-month", "pk")
        indexes = [
            models.Index(fields=("last_sale_at",), name="bonus_by_time"),
            models.Index(fields=("available_on",), name="bonus_to_release", condition=Q(released_at__isnull=True)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=("program", "creator", "month", "currency"),
                name="a_creators_month_in_a_programme_has_one_bonus",
            ),
            models.CheckConstraint(
                condition=Q(bonus_minor=F("creator_minor") + F("platform_minor")),
                name="a_bonus_is_the_sum_of_its_parts",
            ),
            models.CheckConstraint(condition=Q(sales_minor__gte=0, bonus_minor__gte=0), name="a_bonus_is_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.month} {self.ref}"
