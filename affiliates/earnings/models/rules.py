"""What a programme pays."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class CommissionRuleQuerySet(models.QuerySet["CommissionRule"]):
    """What one asks of commission rules."""

    def in_force(self, at: dt.datetime) -> CommissionRuleQuerySet:
        """Rules that price an order of this moment."""
        return self.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at), starts_at__lte=at)

    def shown_to(self, creator_id: int) -> CommissionRuleQuerySet:
        """The rules a creator may know of: nobody else's special rates."""
        mine = Q(group__memberships__creator_id=creator_id)
        return self.filter(Q(creator__isnull=True) | Q(creator_id=creator_id), Q(group__isnull=True) | mine).distinct()


class CommissionRule(models.Model):
    """One version of what a programme pays for a line of an order.

    A version's terms never change (a trigger refuses it); an edit ends it and starts the next. Two versions with
    equal conditions and effect are never in force at one time (another trigger). `docs/money/commission.md` says
    which rule prices which line.
    """

    class Kind(models.TextChoices):
        PERCENT = "percent", _("Percent")
        FLAT = "flat", _("Flat amount per line")

    class Effect(models.TextChoices):
        BASE = "base", _("Prices the line")
        REPLACES = "replaces", _("Boost: instead of the other rules")
        ADDS = "adds", _("Boost: on top of the other rules")

    class Customer(models.TextChoices):
        NEW = "new", _("new customers")
        RETURNING = "returning", _("returning customers")
        UNKNOWN = "unknown", _("customers of whom nothing is said")

    program = models.ForeignKey(
        "parties.Program", on_delete=models.PROTECT, related_name="rules", verbose_name=_("programme")
    )
    version = models.PositiveIntegerField(_("version"))
    kind = models.CharField(_("kind"), max_length=7, choices=Kind.choices, default=Kind.PERCENT)
    percent = models.DecimalField(_("percent"), max_digits=7, decimal_places=4, null=True, blank=True)
    flat_minor = models.BigIntegerField(_("flat amount in minor units"), null=True, blank=True)
    effect = models.CharField(_("effect"), max_length=8, choices=Effect.choices, default=Effect.BASE)
    category = models.CharField(_("category"), max_length=200, blank=True)
    creator = models.ForeignKey(
        "community.Creator",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="commission_rules",
        verbose_name=_("creator"),
    )
    group = models.ForeignKey(
        "parties.CreatorGroup",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="commission_rules",
        verbose_name=_("group of creators"),
    )
    country = models.CharField(_("country"), max_length=2, blank=True)
    #: Merchant's numbers and GTINs, one a line, in lower case, sorted.
    products = models.TextField(_("products"), blank=True)
    #: In lower case.
    coupon = models.CharField(_("coupon"), max_length=100, blank=True)
    customer = models.CharField(_("customer"), max_length=9, choices=Customer.choices, blank=True)
    basket_min_minor = models.BigIntegerField(
        _("order worth at least, in minor units"), null=True, blank=True, validators=[MinValueValidator(0)]
    )
    basket_max_minor = models.BigIntegerField(
        _("order worth less than, in minor units"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    budget_minor = models.BigIntegerField(_("budget in minor units"), null=True, blank=True)
    creator_month_minor = models.BigIntegerField(_("most for a creator a month, in minor units"), null=True, blank=True)
    order_minor = models.BigIntegerField(_("most for an order, in minor units"), null=True, blank=True)
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
            models.CheckConstraint(
                condition=Q(effect="base") | Q(effect__in=("replaces", "adds"), ends_at__isnull=False),
                name="a_boost_has_an_end",
                violation_error_message=_("A boost needs an end."),
            ),
            models.CheckConstraint(
                condition=~Q(effect="adds")
                | Q(budget_minor__isnull=True, creator_month_minor__isnull=True, order_minor__isnull=True),
                name="a_boost_on_top_has_no_cap",
                violation_error_message=_("Only a rule that prices the line itself can have a cap or budget."),
            ),
            models.CheckConstraint(
                condition=Q(basket_min_minor__isnull=True)
                | Q(basket_max_minor__isnull=True)
                | Q(basket_min_minor__lt=models.F("basket_max_minor")),
                name="an_orders_worth_starts_below_its_end",
                violation_error_message=_("The least worth of an order lies below the most."),
            ),
            models.CheckConstraint(
                condition=Q(creator__isnull=True) | Q(group__isnull=True),
                name="a_rule_is_for_a_creator_or_a_group",
                violation_error_message=_("A rule is for one creator or for a group, not for both."),
            ),
            models.CheckConstraint(
                condition=(Q(budget_minor__isnull=True) | Q(budget_minor__gte=0))
                & (Q(creator_month_minor__isnull=True) | Q(creator_month_minor__gte=0))
                & (Q(order_minor__isnull=True) | Q(order_minor__gte=0)),
                name="a_cap_is_not_negative",
                violation_error_message=_("A cap or budget cannot be negative."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.program} · {self.version}"

    @property
    def product_numbers(self) -> frozenset[str]:
        """The numbers and GTINs it is confined to."""
        return frozenset(self.products.split())

    @property
    def is_over(self) -> bool:
        """Whether it prices no new orders any more."""
        return self.ends_at is not None and self.ends_at <= timezone.now()

    def conditions(self) -> dict[str, Any]:
        """What two versions must share so that only one of them may be in force."""
        names = (
            "program_id", "effect", "category", "creator_id", "group_id", "country", "products", "coupon",
            "customer", "basket_min_minor", "basket_max_minor",
        )  # fmt: skip
        return {name: getattr(self, name) for name in names}
