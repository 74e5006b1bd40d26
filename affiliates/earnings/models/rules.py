"""What a programme pays."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class CommissionRuleQuerySet(models.QuerySet["CommissionRule"]):
    """What one asks of commission rules."""

    def in_force(self, at: dt.datetime) -> CommissionRuleQuerySet:
        """Rules that price an order of this moment."""
        return self.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at), starts_at__lte=at)


class CommissionRule(models.Model):
    """One version of what a programme pays for a line of an order.

    A version's terms never change (a trigger refuses it); an edit ends it and starts the next.
    `docs/money/commission.md` says which rule prices which line.
    """

    class Kind(models.TextChoices):
        PERCENT = "percent", _("Percent")
        FLAT = "flat", _("Flat amount per line")

    program = models.ForeignKey(
        "parties.Program", on_delete=models.PROTECT, related_name="rules", verbose_name=_("programme")
    )
    version = models.PositiveIntegerField(_("version"))
    kind = models.CharField(_("kind"), max_length=7, choices=Kind.choices, default=Kind.PERCENT)
    percent = models.DecimalField(_("percent"), max_digits=7, decimal_places=4, null=True, blank=True)
    flat_minor = models.BigIntegerField(_("flat amount in minor units"), null=True, blank=True)
    category = models.CharField(_("category"), max_length=200, blank=True)
    creator = models.ForeignKey(
        "community.Creator",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="commission_rules",
        verbose_name=_("creator"),
    )
    country = models.CharField(_("country"), max_length=2, blank=True)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    created_at = models.DateTimeField(_("made"), default=timezone.now)

    objects = CommissionRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("commission rule")
        verbose_name_plural = _("commission rules")
        ordering = ("program", "version")
        constraints = [
            models.UniqueConstraint(
                fields=("program", "version"),
                name="a_programme_numbers_its_rules_once",
                violation_error_message=_("This programme already has a rule of this version."),
            ),
            models.CheckConstraint(
                condition=(
                    Q(kind="percent", percent__isnull=False, flat_minor__isnull=True)
                    | Q(kind="flat", percent__isnull=True, flat_minor__isnull=False)
                ),
                name="a_rule_is_either_percent_or_flat",
                violation_error_message=_("A rule pays either a percentage or a flat amount."),
            ),
            models.CheckConstraint(
                condition=Q(percent__isnull=True) | Q(percent__gte=0, percent__lte=100),
                name="a_rule_pays_from_0_to_100_percent",
                violation_error_message=_("A percentage lies between 0 and 100."),
            ),
            models.CheckConstraint(
                condition=Q(flat_minor__isnull=True) | Q(flat_minor__gte=0),
                name="a_flat_amount_is_not_negative",
                violation_error_message=_("A flat amount cannot be negative."),
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=models.F("starts_at")),
                name="a_rule_ends_after_it_starts",
                violation_error_message=_("A rule cannot end before it starts."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.program} · {self.version}"
