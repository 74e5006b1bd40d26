"""What the catalogue does when its own rows change, or a person takes their things along or goes."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_delete, post_save

from affiliates.catalogue.models import Lane, OfferReport
from affiliates.catalogue.selectors.problems import reports_of
from cms.core import generation
from community.models import User
from community.signals import person_erased, person_exported


def on_lane_changed(sender: type, **kwargs: Any) -> None:
    """Where a shop ships stands on every page that names it."""
    generation.bump()


def export_reports(sender: Any, user: User, **kwargs: Any) -> dict[str, Any]:
    """The person's reports on offers."""
    return {
        "offer_reports": [
            {
                "ref": report.ticket.ref,
                "product": str(report.ticket.offer.product),
                "merchant": report.ticket.offer.merchant.slug,
                "kind": report.ticket.kind,
                "country": report.country,
                "note": report.note,
                "at": report.created_at.isoformat(),
            }
            for report in reports_of(user)
        ]
    }


def erase_reports(sender: Any, user: User, **kwargs: Any) -> None:
    """What was said goes; that somebody reported stays, since a decision rests on it."""
    OfferReport.objects.filter(user=user).update(user=None, note="", country="")


def connect() -> None:
    """Called once, when Django starts."""
    person_exported.connect(export_reports, dispatch_uid="catalogue.export_reports")
    person_erased.connect(erase_reports, dispatch_uid="catalogue.erase_reports")
    post_save.connect(on_lane_changed, sender=Lane, dispatch_uid="catalogue.lane_saved")
    post_delete.connect(on_lane_changed, sender=Lane, dispatch_uid="catalogue.lane_deleted")
