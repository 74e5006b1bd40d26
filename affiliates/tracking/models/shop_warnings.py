"""What readers are told of shops that were suspended after they went there."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from affiliates.tracking.models.readers import ReaderKey


class ShopWarning(models.Model):
    """One reader is told once of one suspension.

    It hangs on the reader's key and not on the reader: with their consent goes what it says of their clicks.
    """

    reader = models.ForeignKey(ReaderKey, on_delete=models.CASCADE, related_name="warnings")
    suspension = models.ForeignKey("catalogue.Suspension", on_delete=models.CASCADE, related_name="+")
    written_at = models.DateTimeField(_("written"))
    seen_at = models.DateTimeField(_("seen"), null=True, blank=True)

    class Meta:
        ordering = ("-written_at", "-pk")
        verbose_name = _("warning of a shop")
        verbose_name_plural = _("warnings of shops")
        constraints = [
            models.UniqueConstraint(fields=["reader", "suspension"], name="a_reader_is_warned_of_a_suspension_once")
        ]

    def __str__(self) -> str:
        return f"{self.reader_id} {self.written_at:%Y-%m-%d}"
