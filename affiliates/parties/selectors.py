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
    """The active merchants a person acts for, by name; none for strangers. One query when read, merchants included."""
    if not (user.is_authenticated and user.is_active):
        return MerchantMember.objects.none()
    found = MerchantMember.objects.filter(user=user, merchant__is_active=True)
    return found.select_related("merchant").order_by("merchant__name", "pk")


def merchant_for(user: User | AnonymousUser, slug: str) -> Merchant:
    """The merchant, if this person acts for it; Http404 otherwise, whether it exists or not. One query."""
    return get_object_or_404(memberships_of(user), merchant__slug=slug).merchant


def open_programs() -> QuerySet[Program]:
    """Programmes that any creator may join, with their merchants. One query when read."""
    return Program.objects.open().select_related("merchant")
