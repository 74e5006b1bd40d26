"""Creators join programmes and leave them; brands and finance answer, invite and group them."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from affiliates.parties.domain import CHANGE_OF_MIND, creator_steps
from affiliates.parties.models import CreatorGroup, Enrolment, GroupMembership, Program, Stay
from community.models import Creator, User

Status = Enrolment.Status


class JoiningRefused(ValueError):
    """A step that cannot be taken; the message says why, in the reader's language."""


def _locked(program: Program, creator: Creator, *, first: str) -> tuple[Enrolment, bool]:
    """The creator's enrolment, locked, and whether it is new; a new one has the state `first`."""
    enrolment, is_new = Enrolment.objects.get_or_create(program=program, creator=creator, defaults={"status": first})
    return _again(enrolment), is_new


def _again(enrolment: Enrolment) -> Enrolment:
    return Enrolment.objects.select_for_update(of=("self",)).select_related("program", "creator").get(pk=enrolment.pk)


def _in_force(program: Program) -> None:
    if not (program.is_active and program.merchant.is_active):
        raise JoiningRefused(_("This programme is not in force."))


def _enter(enrolment: Enrolment, *, now: dt.datetime) -> None:
    """In the programme from now on. Who comes back starts without a group, unless they were only away for a moment."""
    away = enrolment.stays.order_by("starts_at").last()
    if away is not None and away.ends_at is not None and now - away.ends_at > CHANGE_OF_MIND:
        held = GroupMembership.objects.filter(group__program=enrolment.program, creator=enrolment.creator)
        held.filter(ends_at=None, starts_at__lte=away.ends_at).update(ends_at=now)
    enrolment.status, enrolment.joined_at, enrolment.left_at, enrolment.reason = Status.JOINED, now, None, ""
    Stay.objects.get_or_create(enrolment=enrolment, ends_at=None, defaults={"starts_at": now})


def _exit(enrolment: Enrolment, *, now: dt.datetime) -> None:
    enrolment.stays.filter(ends_at=None).update(ends_at=now)
    enrolment.left_at = now


@transaction.atomic
def join_program(*, program: Program, creator: Creator, now: dt.datetime | None = None) -> Enrolment:
    """The creator is in this programme: what is clicked on their links from now on can earn. May be repeated.

    Into a programme that is not open come those who are invited, and those who left within the last day.
    JoiningRefused for others, for whoever the brand declined, and where the programme is not in force.
    """
    now = now or timezone.now()
    _in_force(program)
    if not (program.is_open or Enrolment.objects.filter(program=program, creator=creator).exists()):
        raise _why_not(Status.LEFT, program)
    enrolment, is_new = _locked(program, creator, first=Status.JOINED)
    if enrolment.status == Status.JOINED and not is_new:
        return enrolment
    if not is_new and "join" not in _steps(enrolment, program, now):
        raise _why_not(enrolment.status, program)
    _enter(enrolment, now=now)
    enrolment.save()
    return enrolment


def _steps(enrolment: Enrolment, program: Program, now: dt.datetime) -> tuple[str, ...]:
    return creator_steps(
        enrolment.status,
        is_open=program.is_open,
        left_at=enrolment.left_at,
        decided_at=enrolment.decided_at,
        now=now,
    )


def _why_not(status: str, program: Program) -> JoiningRefused:
    """Why a creator can neither join nor apply."""
    if status == Status.DECLINED:
        return JoiningRefused(_("The brand declined this. You can apply again after a month."))
    if status in {Status.JOINED, Status.INVITED}:
        return JoiningRefused(_("You need not apply: you are in it or invited to it."))
    if program.is_open:
        return JoiningRefused(_("This programme is open: join it without asking."))
    return JoiningRefused(_("%(program)s is not open; apply to join it.") % {"program": program.name})


@transaction.atomic
def apply_to_program(*, program: Program, creator: Creator, message: str, now: dt.datetime) -> Enrolment:
    """The creator's application waits for the brand, which is told of it. May be repeated: the message is replaced.

    JoiningRefused where there is nothing to apply for: the programme is open, not in force, joined already, or
    declined this creator less than a month ago.
    """
    _in_force(program)
    enrolment, is_new = _locked(program, creator, first=Status.APPLIED)
    if is_new and program.is_open:
        raise _why_not(Status.LEFT, program)
    if not is_new and enrolment.status != Status.APPLIED and "apply" not in _steps(enrolment, program, now):
        raise _why_not(enrolment.status, program)
    if is_new or enrolment.status != Status.APPLIED:
        enrolment.status, enrolment.applied_at, enrolment.brand_told_at = Status.APPLIED, now, None
    enrolment.message, enrolment.reason = message.strip()[:1000], ""
    enrolment.save()
    return enrolment


@transaction.atomic
def withdraw_application(*, enrolment: Enrolment, now: dt.datetime) -> None:
    """An application or invitation is taken back or turned down: nothing waits any more. May be repeated."""
    fresh = Enrolment.objects.select_for_update(of=("self",)).filter(pk=enrolment.pk).first()
    if fresh is None or fresh.status not in {Status.APPLIED, Status.INVITED}:
        return
    if fresh.stays.exists():
        fresh.status, fresh.message = Status.LEFT, ""
        fresh.save(update_fields=["status", "message"])
    else:
        fresh.delete()


@transaction.atomic
def leave_program(*, enrolment: Enrolment, now: dt.datetime) -> Enrolment:
    """The creator is in the programme no longer. What was clicked before can still earn. May be repeated."""
    fresh = _again(enrolment)
    if fresh.status == Status.JOINED:
        _exit(fresh, now=now)
        fresh.status = Status.LEFT
        fresh.save()
    return fresh


@transaction.atomic
def approve_application(*, enrolment: Enrolment, by: User, now: dt.datetime) -> Enrolment:
    """The creator who applied, or was declined before, is in the programme from now on and is told. Repeatable.

    JoiningRefused for whoever left or was only invited: nobody is brought in without asking.
    """
    fresh = _again(enrolment)
    if fresh.status == Status.JOINED:
        return fresh
    if fresh.status not in {Status.APPLIED, Status.DECLINED}:
        raise JoiningRefused(_("%(creator)s has not applied.") % {"creator": fresh.creator})
    _enter(fresh, now=now)
    _decided(fresh, by=by, now=now)
    return fresh


@transaction.atomic
def decline_application(*, enrolment: Enrolment, reason: str, by: User, now: dt.datetime) -> Enrolment:
    """The creator is not, or no longer, in the programme, and is told why. What was clicked before can still earn.

    May be repeated with another reason. JoiningRefused without a reason, and for whoever neither applied nor is in.
    """
    if not reason.strip():
        raise JoiningRefused(_("Say why: the creator reads it."))
    fresh = _again(enrolment)
    if fresh.status in {Status.LEFT, Status.INVITED}:
        raise JoiningRefused(_("%(creator)s has not applied.") % {"creator": fresh.creator})
    if fresh.status == Status.JOINED:
        _exit(fresh, now=now)
    fresh.status, fresh.reason = Status.DECLINED, reason.strip()[:300]
    _decided(fresh, by=by, now=now)
    return fresh


def _decided(enrolment: Enrolment, *, by: User, now: dt.datetime) -> None:
    enrolment.decided_at, enrolment.decided_by, enrolment.creator_told_at = now, by, None
    enrolment.save()


@transaction.atomic
def invite_creator(
    *, program: Program, creator: Creator, by: User, now: dt.datetime, group: CreatorGroup | None = None
) -> Enrolment:
    """The creator may join, and is told; whoever applied is in at once. With a group, they are in it. Repeatable."""
    _in_force(program)
    enrolment, is_new = _locked(program, creator, first=Status.INVITED)
    if enrolment.status == Status.APPLIED:
        enrolment = approve_application(enrolment=enrolment, by=by, now=now)
    elif is_new or enrolment.status in {Status.LEFT, Status.DECLINED}:
        enrolment.status, enrolment.reason = Status.INVITED, ""
        _decided(enrolment, by=by, now=now)
    if group is not None:
        assign_group(enrolment=enrolment, group=group, now=now)
    return enrolment


@transaction.atomic
def assign_group(*, enrolment: Enrolment, group: CreatorGroup | None, now: dt.datetime) -> None:
    """From now on the creator is in this group of the programme and in no other; None: in no group. Repeatable.

    Orders placed before keep the old group's rate. JoiningRefused for another programme's group.
    """
    fresh = _again(enrolment)
    if group is not None and group.program_id != fresh.program_id:
        raise JoiningRefused(_("The group belongs to another programme."))
    held = GroupMembership.objects.filter(
        group__program_id=fresh.program_id, creator_id=fresh.creator_id, ends_at__isnull=True
    )
    held.exclude(group=group).update(ends_at=now)
    if group is not None and not held.filter(group=group).exists():
        GroupMembership.objects.create(group=group, creator_id=fresh.creator_id, starts_at=now)


def create_group(*, program: Program, name: str) -> CreatorGroup:
    """The programme's group of this name, made if it is missing. May be repeated. JoiningRefused without a name."""
    name = " ".join(name.split())[:80]
    if not name:
        raise JoiningRefused(_("Give the group a name."))
    known = CreatorGroup.objects.filter(program=program, name__iexact=name).first()
    return known or CreatorGroup.objects.get_or_create(program=program, name=name)[0]
