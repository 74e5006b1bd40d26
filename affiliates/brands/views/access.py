"""For whom the portal opens."""

from __future__ import annotations

from django.http import Http404, HttpRequest

from affiliates.parties.models import Merchant, MerchantMember
from affiliates.parties.selectors import memberships_of


def merchant_of(request: HttpRequest) -> Merchant:
    """The merchant this person acts for (?merchant= chooses among several); 404 for everybody else."""
    members = list(memberships_of(request.user).select_related("merchant"))
    slug = request.GET.get("merchant")
    for member in members:
        if slug is None or member.merchant.slug == slug:
            return member.merchant
    raise Http404


def is_manager(request: HttpRequest, merchant: Merchant) -> bool:
    """Whether this person may decide for the merchant, not only look. One query."""
    mine = memberships_of(request.user).filter(merchant=merchant)
    return mine.filter(role=MerchantMember.Role.MANAGER).exists()


def managed_merchant(request: HttpRequest) -> Merchant:
    """The merchant for which this person may decide; 404 for viewers and everybody else."""
    merchant = merchant_of(request)
    if not is_manager(request, merchant):
        raise Http404
    return merchant
