"""Who acts for whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import CharField, OuterRef, Q, QuerySet, Subquery

from affiliates.parties.models import CreatorGroup, Enrolment, GroupMembership, MerchantMember
from cms.core.spreadsheets import safe_cell

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from community.models import User


def memberships_of(user: User | AnonymousUser) -> QuerySet[MerchantMember]:
    """The active merchants a person acts for, by name; none for strangers. One query when read, merchants included."""
    if not (user.is_authenticated and user.is_active):
        return MerchantMember.objects.none()
    found = MerchantMember.objects.filter(user=user, merchant__is_active=True)
    return found.select_related("merchant").order_by("merchant__name", "pk")


def enrolments_listed(
    *, program_id: int | None = None, status: str = "", group_id: int | None = None, q: str = ""
) -> QuerySet[Enrolment]:
    """Creators who have to do with a programme, or with any, newest first, with the group they are in now
    (`group_name`). One query when read.
    """
    held = GroupMembership.objects.filter(
        group__program=OuterRef("program"), creator=OuterRef("creator"), ends_at__isnull=True
    ).order_by("-starts_at")
    found = Enrolment.objects.of_present().select_related("creator__user", "program__merchant", "decided_by")
    found = found.annotate(
        group_name=Subquery(held.values("group__name")[:1], output_field=CharField()),
        group_pk=Subquery(held.values("group")[:1]),
    )
    if program_id is not None:
        found = found.filter(program_id=program_id)
    if status:
        found = found.filter(status=status)
    if group_id is not None:
        found = found.filter(group_pk=group_id)
    if q:
        found = found.filter(Q(creator__handle__icontains=q) | Q(creator__display_name__icontains=q))
    return found.order_by("-joined_at", "-pk")


def applications_waiting(*, program_id: int | None = None, merchant_id: int | None = None) -> QuerySet[Enrolment]:
    """Applications nobody has answered, the oldest first, of one programme or of all. One query when read."""
    found = Enrolment.objects.waiting().of_present().select_related("creator__user", "program__merchant")
    if program_id is not None:
        found = found.filter(program_id=program_id)
    if merchant_id is not None:
        found = found.filter(program__merchant_id=merchant_id)
    return found.order_by("applied_at", "pk")


def groups_of_program(program_id: int) -> QuerySet[CreatorGroup]:
    """A programme's groups by name. One query when read."""
    return CreatorGroup.objects.filter(program_id=program_id)


#: The columns of a file of creators.
ENROLMENT_COLUMNS = [
    "merchant",
    "programme",
    "creator",
    "name",
    "state",
    "group",
    "joined_at",
    "applied_at",
    "left_at",
    "decided_at",
    "reason",
]


def enrolment_cells(enrolment: Enrolment) -> list[str]:
    """A creator's row in a file, of those that `enrolments_listed` finds. No query."""

    def moment(at: Any) -> str:
        return at.isoformat(timespec="seconds") if at else ""

    been_in = enrolment.status in {Enrolment.Status.JOINED, Enrolment.Status.LEFT}
    cells = [
        enrolment.program.merchant.slug,
        enrolment.program.name,
        enrolment.creator.handle,
        str(enrolment.creator),
        enrolment.status,
        getattr(enrolment, "group_name", None) or "",
        moment(enrolment.joined_at) if been_in else "",
        moment(enrolment.applied_at),
        moment(enrolment.left_at),
        moment(enrolment.decided_at),
        enrolment.reason,
    ]
    return [safe_cell(cell) for cell in cells]
