"""What was decided about which listings are of one thing, so that it can be seen and undone."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class IdentityChange(models.Model):
    """A merge or a split, with what it moved, so that it can be undone; then `undone_at` says so."""

    class Kind(models.TextChoices):
        MERGE = "merge", _("Merged")
        SPLIT = "split", _("Split")

    kind = models.CharField(_("kind"), max_length=5, choices=Kind.choices)
    product = models.ForeignKey(
        "catalogue.Product", on_delete=models.PROTECT, related_name="identity_changes", verbose_name=_("product")
    )
    other = models.ForeignKey(
        "catalogue.Product",
        on_delete=models.PROTECT,
        related_name="identity_changes_as_other",
        verbose_name=_("the other product"),
    )
    moved = models.JSONField(default=dict, help_text=_("Keys of what was moved, and what was filled in."))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(_("when"), default=timezone.now)
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ("-at", "-pk")
        verbose_name = _("merge or split")
        verbose_name_plural = _("merges and splits")
        constraints = [models.CheckConstraint(condition=~Q(product=F("other")), name="a_product_is_not_its_own_other")]

    def __str__(self) -> str:
        return f"{self.kind} {self.product_id} {self.other_id}"


class MatchSuggestion(models.Model):
    """Two products that may be one. It only proposes; a person decides."""

    class State(models.TextChoices):
        OPEN = "open", _("To be decided")
        SAME = "same", _("The same")
        DIFFERENT = "different", _("Different things")

    first = models.ForeignKey("catalogue.Product", on_delete=models.CASCADE, related_name="suggestions")
    second = models.ForeignKey("catalogue.Product", on_delete=models.CASCADE, related_name="suggestions_as_second")
    score = models.PositiveSmallIntegerField(_("likeness of 100"), default=0)
    reasons = models.JSONField(_("reasons"), default=list)
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.OPEN)
    created_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ("-score", "pk")
        verbose_name = _("suggested match")
        verbose_name_plural = _("suggested matches")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="two_products_are_proposed_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="a_pair_is_named_in_one_order"),
        ]
        indexes = [models.Index(fields=["state", "-score"], name="suggestion_state_score")]

    def __str__(self) -> str:
        return f"{self.first_id} ~ {self.second_id}"


class MatchKey(models.Model):
    """Under what a product is looked for when another may be the same: its number, its brand with a telling word."""

    product = models.ForeignKey("catalogue.Product", on_delete=models.CASCADE, related_name="match_keys")
    key = models.CharField(max_length=80, db_index=True)

    def __str__(self) -> str:
        return self.key
