"""Brands hear of applications, creators of what was decided, by mail."""

from __future__ import annotations

import datetime as dt
import logging
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import Max
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from affiliates.parties.domain import TOLD_EVERY
from affiliates.parties.models import Enrolment, MerchantMember, Program

log = logging.getLogger(__name__)
AT_ONCE = 200


def _send(subject: str, body: str, address: str) -> bool:
    try:
        send_mail(" ".join(subject.split())[:200], body, None, [address])
    except (SMTPException, OSError):
        log.exception("a letter about a programme could not be sent")
        return False
    return True


def tell_brands(*, now: dt.datetime) -> int:
    """One letter to each manager of a merchant with new applications, at most once a day; returns how many letters.

    May be repeated: what was told is not told again, and a letter that could not be sent is tried again.
    """
    untold = Enrolment.objects.waiting().filter(brand_told_at__isnull=True, program__merchant__is_active=True)
    programs = Program.objects.filter(pk__in=untold.values("program")).select_related("merchant")
    sent = 0
    for program in programs.annotate(told_at=Max("enrolments__brand_told_at")).order_by("pk"):
        if program.told_at is not None and now - program.told_at < TOLD_EVERY:
            continue
        new = list(untold.filter(program=program).select_related("creator").order_by("applied_at", "pk"))
        managers = program.merchant.members.filter(role=MerchantMember.Role.MANAGER, user__is_active=True)
        told = [_tell_manager(member, program, new) for member in managers.select_related("user").order_by("pk")]
        if all(told):
            Enrolment.objects.filter(pk__in=[enrolment.pk for enrolment in new]).update(brand_told_at=now)
        sent += sum(told)
    return sent


def _tell_manager(member: MerchantMember, program: Program, new: list[Enrolment]) -> bool:
    with override(member.user.language or settings.LANGUAGE_CODE):
        facts = {
            "name": str(member.user),
            "program": program.name,
            "creators": [str(enrolment.creator) for enrolment in new[:20]],
            "more": max(len(new) - 20, 0),
            "address": f"{settings.BASE_URL}/brands/creators/?merchant={program.merchant.slug}&status=applied",
        }
        subject = ngettext(
            "%(number)s creator asks to join %(program)s", "%(number)s creators ask to join %(program)s", len(new)
        ) % {"number": len(new), "program": program.name}
        return _send(subject, render_to_string("parties/mail/applications.txt", facts), member.user.email)


def tell_creators(*, now: dt.datetime) -> int:
    """A letter to each creator about a decision they were not told of yet; returns how many. May be repeated."""
    waiting = Enrolment.objects.of_present().filter(decided_at__isnull=False, creator_told_at__isnull=True)
    sent = 0
    for enrolment in waiting.select_related("creator__user", "program__merchant").order_by("decided_at", "pk")[
        :AT_ONCE
    ]:
        if not _tell_creator(enrolment):
            break
        Enrolment.objects.filter(pk=enrolment.pk, decided_at=enrolment.decided_at).update(creator_told_at=now)
        sent += 1
    return sent


def _tell_creator(enrolment: Enrolment) -> bool:
    user = enrolment.creator.user
    if not user.is_active or enrolment.status in {Enrolment.Status.LEFT, Enrolment.Status.APPLIED}:
        return True
    with override(user.language or settings.LANGUAGE_CODE):
        facts = {
            "name": str(enrolment.creator),
            "enrolment": enrolment,
            "program": enrolment.program.name,
            "shop": enrolment.program.merchant.name,
            "address": f"{settings.BASE_URL}/cms/programmes/",
        }
        subject = {
            Enrolment.Status.JOINED: _("You are in: %(program)s"),
            Enrolment.Status.INVITED: _("%(shop)s invites you to join %(program)s"),
        }.get(Enrolment.Status(enrolment.status), _("%(program)s: not this time")) % facts
        return _send(subject, render_to_string("parties/mail/decision.txt", facts), user.email)


def tick() -> None:
    """As the worker does. May be repeated."""
    now = timezone.now()
    tell_brands(now=now)
    tell_creators(now=now)
