"""Readers who agreed to have their clicks joined across devices and days."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from affiliates.tracking.domain.visitors import KEY_LENGTH, reader_key


def draw_reader_key() -> str:
    """A visitor key that nothing about the reader can be computed from."""
    return reader_key(secrets.token_hex(KEY_LENGTH))


class ReaderKey(models.Model):
    """The lasting visitor key of one reader. Gone with their consent: then nothing says whose the clicks were."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reader_key")
    key = models.CharField(max_length=KEY_LENGTH, unique=True, default=draw_reader_key)
    agreed_at = models.DateTimeField(_("agreed"))

    class Meta:
        verbose_name = _("reader whose clicks are joined")
        verbose_name_plural = _("readers whose clicks are joined")

    def __str__(self) -> str:
        return str(self.user)
