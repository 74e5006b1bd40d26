"""Whether prices may be followed over time: what the source allows, and what the site's own terms allow."""

from __future__ import annotations

from affiliates.catalogue.models import SourcePolicy
from cms.core.models import site_defaults


def tracking_is_on() -> bool:
    """False where Amazon's programme is used without its consent to price tracking. At most one query."""
    defaults = site_defaults()
    return defaults.may_track_prices


def history_allowed(policy: SourcePolicy) -> bool:
    """Whether readings of this source may be kept and shown."""
    return policy.may_keep_history and tracking_is_on()
