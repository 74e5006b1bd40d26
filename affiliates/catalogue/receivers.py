"""What a person gave the catalogue: taken along and erased with the rest."""

from __future__ import annotations

from typing import Any

from affiliates.catalogue.models import OfferReport
from affiliates.catalogue.selectors.problems import reports_of
from community.models import User
from community.signals import person_erased, person_exported


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
