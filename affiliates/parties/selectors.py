"""Who acts for whom, and which programmes stand open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from affiliates.parties.models import Merchant, MerchantMember, Program

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from community.models import User


def memberships_of(user: User | AnonymousUser) -> QuerySet[MerchantMember]:
    """The merchants a person acts for, by name; none for anonymous people. One query when read."""
    if not user.is_authenticated:
        return MerchantMember.objects.none()
    return MerchantMember.objects.filter(user=user, merchant__is_active=True).order_by("merchant__name")


def merchant_for(user: User | AnonymousUser, slug: str) -> Merchant:
    """The merchant, if this person acts for it; Http404 otherwise, whether it exists or not. One query."""
    return get_object_or_404(memberships_of(user).select_related("merchant"), merchant__slug=slug).merchant


def open_programs() -> QuerySet[Program]:
    """Active programmes of active merchants."""
    return Program.objects.filter(is_active=True, merchant__is_active=True).select_related("merchant")
