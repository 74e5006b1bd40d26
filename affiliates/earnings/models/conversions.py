"""Orders as merchants last reported them, and what they earn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TypeVar

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThanOrEqual
from django.utils.translation import gettext_lazy as _

from affiliates.earnings.domain.validation import ANSWER_DAYS

Row = TypeVar("Row", bound=models.Model)


def gate_is_open() -> GreaterThanOrEqual:
    """That the brand has paid all that an order earns now, in the currency in which it earns it."""

    def total(of: models.QuerySet[models.Model], field: str) -> Coalesce:
        rows = of.filter(conversion=models.OuterRef("pk")).order_by().values("conversion")
        return Coalesce(models.Subquery(rows.annotate(total=models.Sum(field)).values("total")), 0)

    settled = apps.get_model("earnings", "BrandStatementLine").objects.filter(
        settled_at__isnull=False, statement__currency=models.OuterRef("currency")
    )
    earned = apps.get_model("earnings", "ConversionLine").objects.all()
    return GreaterThanOrEqual(total(settled, "amount_minor"), total(earned, "commission_minor"))


class RewritingQuerySet(models.QuerySet[Row]):
    """Saves many changed rows at once."""

    def rewrite(self, rows: Sequence[Row], fields: Sequence[str]) -> None:
        """Save these fields of rows that exist. One query; ten times as quick as `bulk_update`'s CASE for each row."""
        if rows:
            self.bulk_create(
                rows, update_conflicts=True, unique_fields=["id"], update_fields=list(fields), batch_size=500
            )


class ConversionQuerySet(RewritingQuerySet["Conversion"]):
    """What one asks of conversions."""

    def of_merchant(self, merchant_id: int) -> ConversionQuerySet:
        """A merchant's orders."""
        return self.filter(merchant_id=merchant_id)

    def credited(self) -> ConversionQuerySet:
        """Orders that a click or a coupon was found for."""
        return self.filter(reason="")

    def due_for_approval(self, now: dt.datetime) -> ConversionQuerySet:
        """Pending orders whose day of approving themselves has come."""
        return self.filter(status=Conversion.Status.PENDING, auto_approve_at__lte=now, locked_at__isnull=True)

    def due_for_release(self, today: dt.date) -> ConversionQuerySet:
        """Approved orders whose hold is over, and whose brand has paid where it must pay first."""
        over = self.filter(status=Conversion.Status.APPROVED, available_on__lte=today, released_at__isnull=True)
        return over.filter(Q(is_gated=False) | Q(gate_is_open()))

    def due_for_locking(self, now: dt.datetime) -> ConversionQuerySet:
        """Decided orders whose lock date has come, nobody having to answer any more."""
        answered_by = now - dt.timedelta(days=ANSWER_DAYS)
        decided = self.filter(locks_at__lte=now, locked_at__isnull=True).exclude(status=Conversion.Status.PENDING)
        return decided.filter(Q(reversed_at__isnull=True) | Q(reversed_at__lte=answered_by)).exclude(
            disputes__decided_at__isnull=True, disputes__isnull=False
        )


class Conversion(models.Model):
    """One order of one merchant in its latest reported state.

    `status` is what was decided about the order; where its money stands is the ledger's answer, and
    `check_ledger` holds the two together.
    """

    class Status(models.TextChoices):
        PENDING = "pending", _("pending")
        APPROVED = "approved", _("approved")
        REVERSED = "reversed", _("reversed")

    merchant = models.ForeignKey(
        "parties.Merchant", on_delete=models.PROTECT, related_name="conversions", verbose_name=_("merchant")
    )
    order_id = models.CharField(_("order"), max_length=100)
    program = models.ForeignKey(
        "parties.Program",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="conversions",
        verbose_name=_("programme"),
    )
    status = models.CharField(_("state"), max_length=8, choices=Status.choices)
    #: What the merchant last said; `status` may be ahead of it when the order approved itself.
    reported_status = models.CharField(_("reported state"), max_length=8, choices=Status.choices)
    currency = models.CharField(_("currency"), max_length=3)
    occurred_at = models.DateTimeField(_("ordered"))
    received_at = models.DateTimeField(_("first reported"))
    updated_at = models.DateTimeField(_("last changed"))
    click = models.ForeignKey(
        "tracking.Click", null=True, blank=True, on_delete=models.PROTECT, related_name="conversions"
    )
    reported_click_id = models.CharField(_("reported click"), max_length=100, blank=True)
    creator = models.ForeignKey(
        "community.Creator",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="conversions",
        verbose_name=_("creator"),
    )
    placement = models.ForeignKey(
        "tracking.Placement",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="conversions",
        verbose_name=_("guide"),
    )
    country = models.CharField(_("country"), max_length=2, blank=True)
    customer = models.CharField(_("customer"), max_length=9, blank=True)
    coupon = models.CharField(_("coupon"), max_length=100, blank=True)
    #: Whom the merchant pays for this order, where that is not this programme.
    channel = models.CharField(_("paid channel"), max_length=40, blank=True)
    #: The report names a click that was not there when credit was decided; it is decided again when the click comes.
    awaits_click = models.BooleanField(_("waits for its click"), default=False)
    version = models.BigIntegerField(_("version"), null=True, blank=True)
    #: Fingerprint of the report that stands, so that the same one again is known without comparing rows.
    digest = models.CharField(max_length=64, blank=True)
    #: Why nobody is credited; empty where somebody is.
    reason = models.CharField(_("reason"), max_length=40, blank=True)
    #: The merchant's own words about a reversal.
    note = models.CharField(_("merchant's note"), max_length=200, blank=True)
    #: Frozen when the order was first priced.
    creator_share_percent = models.DecimalField(
        _("creator's share in percent"), max_digits=7, decimal_places=4, null=True, blank=True
    )
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    auto_approve_at = models.DateTimeField(_("approves itself"), null=True, blank=True)
    available_on = models.DateField(_("available on"), null=True, blank=True)
    released_at = models.DateTimeField(_("made available"), null=True, blank=True)
    reversed_at = models.DateTimeField(_("reversed"), null=True, blank=True)
    #: Fixed with the other dates when the order was first reported: when it may be locked, and whether its
    #: brand must pay first.
    locks_at = models.DateTimeField(_("may change until"), null=True, blank=True)
    is_gated = models.BooleanField(_("waits for the brand's payment"), default=False)
    locked_at = models.DateTimeField(_("locked"), null=True, blank=True)
    #: Why it was last reversed; a code of the published list.
    reason_code = models.CharField(_("reason of the reversal"), max_length=20, blank=True)
    #: How often its money was booked; part of the transfers' keys.
    booking = models.PositiveIntegerField(default=0)

    objects = ConversionQuerySet.as_manager()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ("-occurred_at", "-pk")
        indexes = [
            models.Index(fields=("merchant", "-occurred_at"), name="conversion_of_merchant"),
            models.Index(fields=("creator", "-occurred_at"), name="conversion_of_creator"),
            models.Index(fields=("occurred_at",), name="conversion_by_time"),
            models.Index(fields=("auto_approve_at",), name="conversion_to_approve", condition=Q(status="pending")),
            models.Index(
                fields=("available_on",),
                name="conversion_to_release",
                condition=Q(status="approved", released_at__isnull=True),
            ),
            models.Index(fields=("locks_at",), name="conversion_to_lock", condition=Q(locked_at__isnull=True)),
            models.Index(fields=("received_at",), name="conversion_without_click", condition=Q(reason="unknown_click")),
            models.Index(
                fields=("received_at",),
                name="conversion_awaiting_click",
                condition=Q(awaits_click=True),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=("merchant", "order_id"),
                name="an_order_is_one_conversion",
                violation_error_message=_("This merchant already has an order of this number."),
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True) | Q(status="approved"),
                name="only_an_approved_order_is_available",
                violation_error_message=_("Only an approved order can be made available."),
            ),
            models.CheckConstraint(
                condition=Q(reason="") | Q(creator__isnull=True),
                name="an_order_without_credit_has_no_creator",
                violation_error_message=_("An order credited to nobody has no creator."),
            ),
        ]

    def __str__(self) -> str:
        return self.order_id

    @property
    def amount_minor(self) -> int:
        """The order's worth before refunds. Reads the lines."""
        return sum(line.amount_minor for line in self.lines.all())

    @property
    def refunded_minor(self) -> int:
        """What was refunded so far. Reads the lines."""
        return sum(line.refunded_minor for line in self.lines.all())

    @property
    def commission_minor(self) -> int:
        """What the order earns now. Reads the lines."""
        return sum(line.commission_minor for line in self.lines.all())

    @property
    def creator_minor(self) -> int:
        """The creator's part of the commission. Reads the lines."""
        return sum(line.creator_minor for line in self.lines.all())

    @property
    def platform_minor(self) -> int:
        """The platform's part of the commission. Reads the lines."""
        return sum(line.platform_minor for line in self.lines.all())


class ConversionLine(models.Model):
    """One line of an order: what was bought, what it earns, and the terms frozen when it was first priced.

    The `gross_*` amounts are before refunds and reversal, the others are what is left.
    """

    conversion = models.ForeignKey(Conversion, on_delete=models.CASCADE, related_name="lines")
    line_id = models.CharField(_("line"), max_length=100)
    sku = models.CharField(_("merchant's number"), max_length=120, blank=True)
    name = models.CharField(_("name"), max_length=300, blank=True)
    category = models.CharField(_("category"), max_length=200, blank=True)
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    amount_minor = models.BigIntegerField(_("amount"))
    refunded_minor = models.BigIntegerField(_("refunded"), default=0)
    product = models.ForeignKey(
        "catalogue.Product",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="conversion_lines",
        verbose_name=_("product"),
    )
    rule = models.ForeignKey(
        "earnings.CommissionRule", null=True, blank=True, on_delete=models.PROTECT, related_name="lines"
    )
    #: The boost that pays something on top; `percent` and `flat_minor` hold both together.
    boost = models.ForeignKey(
        "earnings.CommissionRule", null=True, blank=True, on_delete=models.PROTECT, related_name="boosted_lines"
    )
    percent = models.DecimalField(_("percent"), max_digits=7, decimal_places=4, null=True, blank=True)
    flat_minor = models.BigIntegerField(_("flat amount"), null=True, blank=True)
    #: The most it may earn before refunds, frozen when a cap of its rule cut it.
    cap_minor = models.BigIntegerField(_("capped at"), null=True, blank=True)
    #: Why this line earns less than its rule says: "cap"; or nothing although the order is credited: "no_rule" or
    #: "flat_rule_in_other_currency".
    reason = models.CharField(_("reason"), max_length=40, blank=True)
    gross_commission_minor = models.BigIntegerField(_("commission before refunds"), default=0)
    gross_creator_minor = models.BigIntegerField(_("creator's part before refunds"), default=0)
    commission_minor = models.BigIntegerField(_("commission"), default=0)
    creator_minor = models.BigIntegerField(_("creator's part"), default=0)
    platform_minor = models.BigIntegerField(_("platform's part"), default=0)
    #: The part of the order's paid money that falls on this line: a cached sum of transfers, see
    #: `check_ledger`.
    paid_minor = models.BigIntegerField(_("paid to the creator"), default=0)

    objects = RewritingQuerySet.as_manager()

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        ordering = ("pk",)
        indexes = [models.Index(fields=("rule", "commission_minor"), name="what_a_rule_paid")]
        constraints = [
            models.UniqueConstraint(
                fields=("conversion", "line_id"),
                name="an_order_has_a_line_once",
                violation_error_message=_("This order already has a line of this name."),
            ),
            models.CheckConstraint(
                condition=Q(refunded_minor__gte=0) & Q(refunded_minor__lte=models.F("amount_minor")),
                name="a_refund_is_part_of_its_line",
                violation_error_message=_("A refund cannot exceed its line."),
            ),
            models.CheckConstraint(
                condition=Q(commission_minor=models.F("creator_minor") + models.F("platform_minor")),
                name="a_commission_is_the_sum_of_its_parts",
                violation_error_message=_("Creator's and platform's part add up to the commission."),
            ),
            models.CheckConstraint(
                condition=Q(cap_minor__isnull=True, reason__in=("", "no_rule", "flat_rule_in_other_currency"))
                | Q(cap_minor__gte=0, reason="cap"),
                name="what_a_cap_cut_is_said",
                violation_error_message=_("A line that a cap cut says so."),
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.line_id
