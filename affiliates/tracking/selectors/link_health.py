"""Links to a bare address that are no use any more."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from affiliates.catalogue.selectors.not_serving import MOST_OF_A_KIND, Trouble
from affiliates.tracking.models import LinkHealth


def failing_links(creator_id: int) -> QuerySet[LinkHealth]:
    """A creator's own, the latest first. One query when read."""
    return LinkHealth.objects.failing().filter(link__creator_id=creator_id).select_related("link__merchant")


def dead_links() -> list[Trouble]:
    """Everybody's, for the operator's list. One query."""
    rows = LinkHealth.objects.failing().select_related("link__merchant", "link__creator")
    return [
        Trouble(
            "dead_link",
            row.get_state_display(),
            f"{row.link.label or row.link.url}, {row.link.merchant.name}"
            + (f", @{row.link.creator.handle}" if row.link.creator else ""),
            _("Ask the shop for its new address; the link's creator has been told"),
            reverse("parties_merchants:edit", args=[row.link.merchant_id]),
        )
        for row in rows[:MOST_OF_A_KIND]
    ]
