"""Payment details, and the accounts that creators share."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Count, QuerySet

from affiliates.earnings.models import PayoutProfile, SharedAccount


def active_profile(creator_id: int) -> PayoutProfile | None:
    """How the creator is paid now. One query."""
    return PayoutProfile.objects.filter(creator_id=creator_id, replaced_at=None).first()


def profile_versions(creator_id: int) -> QuerySet[PayoutProfile]:
    """All versions of the creator's payment details, latest first. One query when read."""
    return PayoutProfile.objects.filter(creator_id=creator_id).order_by("-version")


def holders(fingerprints: Collection[str]) -> dict[str, set[int]]:
    """fingerprint → the creators who gave this account at any time, where they are more than one. Two queries."""
    wanted = [fingerprint for fingerprint in fingerprints if fingerprint]
    given = PayoutProfile.objects.filter(fingerprint__in=wanted).order_by()
    several = list(
        given.values_list("fingerprint", flat=True)
        .annotate(people=Count("creator_id", distinct=True))
        .filter(people__gt=1)
    )
    found: dict[str, set[int]] = {fingerprint: set() for fingerprint in several}
    for fingerprint, creator_id in given.filter(fingerprint__in=several).values_list("fingerprint", "creator_id"):
        found[fingerprint].add(creator_id)
    return found


def undecided_accounts(fingerprints: Collection[str]) -> set[str]:
    """Those accounts that creators share without finance having agreed to all of them. Four queries."""
    shared = holders(fingerprints)
    cases = SharedAccount.objects.filter(fingerprint__in=list(shared), closed_at__isnull=False)
    agreed = {
        case.fingerprint: {creator.pk for creator in case.creators.all()} for case in cases.prefetch_related("creators")
    }
    return {fingerprint for fingerprint, people in shared.items() if not people <= agreed.get(fingerprint, set())}


def open_cases() -> QuerySet[SharedAccount]:
    """Accounts that finance has to decide about, latest first. Two queries when read."""
    return SharedAccount.objects.filter(closed_at=None).prefetch_related("creators__user")
