"""What happened to orders, a row for each change."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from affiliates.earnings.domain.validation import BY_HAND, Channel, Reason
from affiliates.earnings.models.conversions import Conversion

REASONS = [
    (Reason.RETURNED, _("The goods came back")),
    (Reason.CANCELLED, _("The order was cancelled")),
    (Reason.UNPAID, _("The order was never paid")),
    (Reason.FRAUD, _("Fraud")),
    (Reason.DUPLICATE, _("The order was reported twice")),
    (Reason.NOT_NEW_CUSTOMER, _("Not a new customer")),
    (Reason.TERMS_BROKEN, _("The programme's terms were broken")),
    (Reason.TEST_ORDER, _("A test order")),
    (Reason.OTHER, _("Another reason, in words")),
    (Reason.REPORTED, _("The shop's system reported it")),
]
REASONS_BY_HAND = [(code, words) for code, words in REASONS if code in BY_HAND]
CHANNELS = [
    (Channel.API, _("the shop's system")),
    (Channel.POSTBACK, _("the shop's system, by postback")),
    (Channel.FILE, _("a file")),
    (Channel.DEMO, _("the demo shop")),
    (Channel.CLAIM, _("a creator's claim")),
    (Channel.PORTAL, _("the brand portal")),
    (Channel.ADMIN, _("finance")),
    (Channel.CLOCK, _("the clock")),
]


class OrderChange(models.Model):
    """One change of an order: who, when, how, why, and the amounts before and after. Append-only."""

    conversion = models.ForeignKey("earnings.Conversion", on_delete=models.PROTECT, related_name="changes")
    at = models.DateTimeField(_("at"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    channel = models.CharField(_("over"), max_length=8, choices=CHANNELS)
    #: Empty where the order was new.
    old_status = models.CharField(_("from"), max_length=8, choices=Conversion.Status.choices, blank=True)
    status = models.CharField(_("to"), max_length=8, choices=Conversion.Status.choices)
    #: How far its money had come: pending, approved or available.
    stage = models.CharField(_("money"), max_length=10)
    creator = models.ForeignKey("community.Creator", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reason_code = models.CharField(_("reason"), max_length=20, choices=REASONS, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    old_currency = models.CharField(_("currency before"), max_length=3, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    old_amount_minor = models.BigIntegerField(_("amount before"), default=0)
    amount_minor = models.BigIntegerField(_("amount"))
    old_refunded_minor = models.BigIntegerField(_("refunded before"), default=0)
    refunded_minor = models.BigIntegerField(_("refunded"))
    old_commission_minor = models.BigIntegerField(_("commission before"), default=0)
    commission_minor = models.BigIntegerField(_("commission"))
    old_creator_minor = models.BigIntegerField(_("creator's part before"), default=0)
    creator_minor = models.BigIntegerField(_("creator's part"))

    class Meta:
        verbose_name = _("change of an order")
        verbose_name_plural = _("changes of orders")
        ordering = ("pk",)
        indexes = [models.Index(fields=("at",), name="change_of_an_order_by_time")]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(status="reversed") | models.Q(old_status="reversed") | ~models.Q(reason_code=""),
                name="no_order_is_reversed_without_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.old_status} > {self.status}"
