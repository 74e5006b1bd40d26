"""What the catalogue does when its own rows change."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_delete, post_save

from affiliates.catalogue.models import Lane
from cms.core import generation


def on_lane_changed(sender: type, **kwargs: Any) -> None:
    """Where a shop ships stands on every page that names it."""
    generation.bump()


def connect() -> None:
    """Called once, when Django starts."""
    post_save.connect(on_lane_changed, sender=Lane, dispatch_uid="catalogue.lane_saved")
    post_delete.connect(on_lane_changed, sender=Lane, dispatch_uid="catalogue.lane_deleted")
