"""Orders that a creator helped without being credited. Their own only, and without money."""

from __future__ import annotations

from django.db.models import QuerySet

from affiliates.earnings.models import Assist


def assists_of_creator(creator_id: int) -> QuerySet[Assist]:
    """A creator's assists, latest first, with shop and guide. One query when read."""
    found = Assist.objects.filter(creator_id=creator_id)
    return found.select_related("conversion__merchant", "click__placement").order_by("-occurred_at", "-pk")
