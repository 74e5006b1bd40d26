"""What readers say is wrong with an offer, what came of it, and shops whose buttons are suspended."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ProblemKind(models.TextChoices):
    """What a reader can report with one tap."""

    GONE = "gone", _("It is gone")
    WRONG_PRICE = "wrong_price", _("The price is wrong")
    FAKE = "fake", _("It is a fake")
    WONT_SHIP = "wont_ship", _("It does not ship to me")


class Ticket(models.Model):
    """The open question about one offer. Equal reports join the same ticket; its check answers all of them.

    `found` is what the check saw that settled it, empty where a person did. `effect` is what its confirmation changed,
    as it stood before, so that a decision which is reversed can be undone.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Being checked")
        PERSON = "person", _("Waits for a person")
        CONFIRMED = "confirmed", _("Confirmed")
        REFUTED = "refuted", _("Not confirmed")

    ref = models.CharField(max_length=16, unique=True)
    offer = models.ForeignKey("catalogue.Offer", on_delete=models.PROTECT, related_name="tickets")
    kind = models.CharField(_("kind"), max_length=12, choices=ProblemKind.choices)
    country = models.CharField(_("country"), max_length=2, blank=True)
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.OPEN)
    stated_minor = models.BigIntegerField(_("price we stated, in minor units"), null=True, blank=True)
    opened_at = models.DateTimeField(_("opened"), default=timezone.now)
    due_at = models.DateTimeField(_("to be answered by"))
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    outcome = models.CharField(_("outcome"), max_length=400, blank=True)
    found = models.CharField(_("what the check found"), max_length=16, blank=True)
    effect = models.JSONField(default=dict, blank=True, editable=False)
    # The queue of mails to the shop, and whether the operator has heard that the answer is late.
    shop_told_at = models.DateTimeField(null=True, blank=True)
    late_told_at = models.DateTimeField(null=True, blank=True)
    objection = models.TextField(_("the merchant's objection"), max_length=2000, blank=True)
    objected_at = models.DateTimeField(null=True, blank=True)
    objected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ("-opened_at", "-pk")
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        constraints = [
            models.UniqueConstraint(
                fields=["offer", "kind", "country"],
                condition=Q(closed_at__isnull=True),
                name="an_offer_has_one_open_ticket_per_question",
            )
        ]
        indexes = [models.Index(fields=["state", "due_at"], name="ticket_state_due")]

    def __str__(self) -> str:
        return f"{self.ref}: {self.kind}"


class OfferReport(models.Model):
    """One reader's report. Only those of distinct verified accounts count towards hiding an offer."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="reports")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="offer_reports"
    )
    is_verified = models.BooleanField(default=False)
    note = models.CharField(_("note"), max_length=500, blank=True)
    country = models.CharField(max_length=2, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("created_at", "pk")
        verbose_name = _("reader's report")
        verbose_name_plural = _("readers' reports")
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "user"], condition=Q(user__isnull=False), name="a_reader_reports_to_a_ticket_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.created_at:%Y-%m-%d}"


class Suspension(models.Model):
    """A shop whose buttons are off everywhere, why, and until when it may object. Lifted, never deleted.

    One that readers' reports brought about is void once those no longer suffice: then it counts as if it had not been.
    """

    merchant = models.ForeignKey("parties.Merchant", on_delete=models.PROTECT, related_name="suspensions")
    reason = models.CharField(_("reason"), max_length=400)
    began_at = models.DateTimeField(_("since"), default=timezone.now)
    began_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    by_reports = models.BooleanField(default=False, editable=False)
    is_void = models.BooleanField(default=False, editable=False)
    # Two queues: the shop's members, and readers who went there.
    members_told_at = models.DateTimeField(null=True, blank=True)
    readers_told_at = models.DateTimeField(null=True, blank=True)
    object_by = models.DateTimeField(_("objection possible until"))
    objection = models.TextField(_("objection"), max_length=2000, blank=True)
    objected_at = models.DateTimeField(null=True, blank=True)
    objected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    lifted_because = models.CharField(_("why it was lifted"), max_length=400, blank=True)

    class Meta:
        ordering = ("-began_at", "-pk")
        verbose_name = _("suspension")
        verbose_name_plural = _("suspensions")
        constraints = [
            models.UniqueConstraint(
                fields=["merchant"], condition=Q(lifted_at__isnull=True), name="a_shop_is_suspended_once_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.merchant_id} {self.began_at:%Y-%m-%d}"
