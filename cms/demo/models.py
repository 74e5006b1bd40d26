"""What of the demo stands already, so that a stopped run goes on where it was."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class DemoStep(models.Model):
    """A step of building the demo that is done."""

    name = models.CharField(max_length=40, unique=True)
    done_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name
