"""For whom the portal opens."""

from __future__ import annotations

from django.http import Http404, HttpRequest

from affiliates.parties.models import Merchant
from affiliates.parties.selectors import memberships_of


def merchant_of(request: HttpRequest) -> Merchant:
    """The merchant this person acts for (?merchant= chooses among several); 404 for everybody else."""
    members = list(memberships_of(request.user).select_related("merchant"))
    slug = request.GET.get("merchant")
    for member in members:
        if slug is None or member.merchant.slug == slug:
            return member.merchant
    raise Http404
