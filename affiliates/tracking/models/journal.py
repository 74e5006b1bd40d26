"""How far each journal segment has been loaded."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class JournalPosition(models.Model):
    """The end of the last frame of a segment whose click is stored; written in the transaction that stores it."""

    segment = models.CharField(_("segment"), max_length=80, unique=True)
    offset = models.BigIntegerField(_("bytes"), default=0)

    class Meta:
        verbose_name = _("journal position")
        verbose_name_plural = _("journal positions")

    def __str__(self) -> str:
        return f"{self.segment}: {self.offset}"
