"""Readers' reports: taken, checked, answered.

Locks are taken in one order everywhere: the offer, then the ticket, then the offer's health, then the merchant.
"""

from __future__ import annotations

import datetime as dt
import secrets

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from allauth.account.models import EmailAddress

from affiliates.catalogue.domain.page_health import DEAD
from affiliates.catalogue.domain.problems import (
    ANONYMOUS_AN_HOUR,
    ANSWER_WITHIN,
    CHECK_WITHIN,
    OBJECTION_WITHIN,
    REPORTS_A_DAY,
    VERIFIED_TO_HIDE,
    Seen,
    verdict,
)
from affiliates.catalogue.models import Lane, Offer, OfferCheck, OfferHealth, OfferReport, ProblemKind, Ticket
from affiliates.catalogue.services.problem_effects import take_effect, undo_effect
from affiliates.catalogue.signals import offers_changed
from cms.core import generation
from community.models import User

_BATCH = 200


class ReportRefused(Exception):
    """The report was not taken; `reason` can be shown to the reader."""

    def __init__(self, reason: str | Promise) -> None:
        super().__init__(str(reason))
        self.reason = reason


@transaction.atomic
def report_problem(
    *, offer: Offer, kind: str, country: str, user: User | None, note: str = "", now: dt.datetime
) -> Ticket:
    """The ticket that answers the report; equal reports share one. Repeated by the same reader it changes nothing.

    Afterwards the offer is due for a check, unless only a person can tell. With three distinct verified accounts the
    offer is hidden until then; anonymous reports ask for the check and count for nothing else.
    """
    if kind not in ProblemKind.values:
        raise ReportRefused(gettext_lazy("Choose what is wrong."))
    _locked_offer(offer.pk)
    # Only delivery depends on where the reader is.
    country = country if kind == ProblemKind.WONT_SHIP else ""
    ticket = Ticket.objects.filter(offer=offer, kind=kind, country=country, closed_at__isnull=True).first()
    if user is not None and ticket is not None and ticket.reports.filter(user=user).exists():
        return ticket
    _refuse_flood(user, now)
    if ticket is None:
        needs_person = kind == ProblemKind.FAKE
        ticket = Ticket.objects.create(
            ref=secrets.token_urlsafe(9)[:12].replace("_", "x").replace("-", "y"),
            offer=offer,
            kind=kind,
            country=country,
            state=Ticket.State.PERSON if needs_person else Ticket.State.OPEN,
            stated_minor=offer.asked_minor(now),
            opened_at=now,
            due_at=now + ANSWER_WITHIN,
        )
    OfferReport.objects.create(
        ticket=ticket, user=user, is_verified=_is_verified(user), note=note[:500], country=country, created_at=now
    )
    health, _made = OfferHealth.objects.get_or_create(offer=offer, defaults={"next_check_at": now})
    if ticket.state == Ticket.State.OPEN and health.next_check_at > now:
        OfferHealth.objects.filter(pk=health.pk).update(next_check_at=now)
    if health.hidden_at is None and _verified_reports(ticket) >= VERIFIED_TO_HIDE:
        OfferHealth.objects.filter(pk=health.pk).update(hidden_at=now)
        _tell_pages(offer)
    return ticket


def answer_checked_tickets(*, now: dt.datetime, limit: int = _BATCH) -> int:
    """Close the tickets whose check has come in, and hand those over that it could not settle. Returns how many.

    May be repeated; the open ticket is the queue.
    """
    answered = 0
    waiting = Ticket.objects.filter(state=Ticket.State.OPEN).select_related("offer__health", "offer__merchant")
    for ticket in waiting.order_by("opened_at", "pk")[:limit]:
        check = ticket.offer.checks.filter(checked_at__gte=ticket.opened_at).order_by("-checked_at").first()
        said = verdict(ticket.kind, _seen(ticket, check)) if check else "again"
        if said == "again" and now < ticket.opened_at + CHECK_WITHIN:
            continue
        if check is None or said in ("again", "unsure"):
            Ticket.objects.filter(pk=ticket.pk, state=Ticket.State.OPEN).update(state=Ticket.State.PERSON)
        else:
            confirmed = said == "confirmed"
            close_ticket(ticket=ticket, confirmed=confirmed, outcome="", by=None, now=now, found=check.state)
        answered += 1
    return answered


@transaction.atomic
def close_ticket(
    *, ticket: Ticket, confirmed: bool, outcome: str, by: User | None, now: dt.datetime, found: str = ""
) -> Ticket:
    """Afterwards the question is answered and the offer is shown again, unless it is known to be dead.

    A confirmed "does not ship" is kept as the lane's answer. The second confirmed counterfeit suspends the shop.
    What an earlier confirmation did is undone when the decision is reversed. `found` is what a check saw; without it a
    person has decided. Repeating it changes nothing: the first answer stands.
    """
    ticket = _locked(ticket)
    if ticket.closed_at is not None:
        return ticket
    ticket.state = Ticket.State.CONFIRMED if confirmed else Ticket.State.REFUTED
    ticket.closed_at, ticket.closed_by, ticket.outcome, ticket.found = now, by, outcome[:400], found
    ticket.save()
    if not confirmed:
        undo_effect(ticket=ticket, by=by, now=now)
        ticket.effect = {}
    elif not ticket.effect:
        ticket.effect = take_effect(ticket=ticket, by=by, now=now)
    ticket.save(update_fields=["effect"])
    if not _still_in_question(ticket):
        OfferHealth.objects.filter(offer=ticket.offer).update(hidden_at=None)
    _tell_pages(ticket.offer)
    return ticket


@transaction.atomic
def object_to_ticket(*, ticket: Ticket, text: str, by: User, now: dt.datetime) -> Ticket:
    """The merchant's side of it. A closed ticket is opened again for a person, once, within its deadline.

    Those who reported it, and the shop, will be told of the new decision.
    """
    ticket = _locked(ticket)
    if ticket.objected_at is not None:
        raise ReportRefused(gettext_lazy("You have objected to this already."))
    if not may_object(ticket, now):
        raise ReportRefused(gettext_lazy("The time to object is over."))
    if ticket.closed_at is not None and _same_question(ticket).exists():
        raise ReportRefused(
            gettext_lazy("The same was reported again and is open. Please object to that report; it is decided first.")
        )
    ticket.objection, ticket.objected_at, ticket.objected_by = text.strip()[:2000], now, by
    if ticket.state in (Ticket.State.OPEN, Ticket.State.CONFIRMED):
        if ticket.closed_at is not None:
            ticket.reports.update(answered_at=None)
        ticket.state = Ticket.State.PERSON
        ticket.closed_at = ticket.shop_told_at = ticket.late_told_at = None
        ticket.due_at = now + ANSWER_WITHIN
    ticket.save()
    return ticket


def _locked_offer(offer_id: int) -> Offer:
    """The offer, held. Clicks on it and new checks of it do not wait for this."""
    offers = Offer.objects.select_for_update(of=("self",), no_key=True)
    return offers.select_related("merchant", "policy").get(pk=offer_id)


def _locked(ticket: Ticket) -> Ticket:
    """The ticket with its offer, both held."""
    offer = _locked_offer(ticket.offer_id)
    held = Ticket.objects.select_for_update(no_key=True).get(pk=ticket.pk)
    held.offer = offer
    return held


def _same_question(ticket: Ticket) -> QuerySet[Ticket]:
    """The open ticket that asks what another asked."""
    others = Ticket.objects.filter(offer=ticket.offer_id, kind=ticket.kind, country=ticket.country)
    return others.filter(closed_at__isnull=True).exclude(pk=ticket.pk)


def may_object(ticket: Ticket, now: dt.datetime) -> bool:
    """Whether a merchant can still say something: while it is open, and for two weeks after it was confirmed."""
    if ticket.objected_at is not None or ticket.state == Ticket.State.REFUTED:
        return False
    return ticket.closed_at is None or now <= ticket.closed_at + OBJECTION_WITHIN


def _refuse_flood(user: User | None, now: dt.datetime) -> None:
    if not settings.RATE_LIMITS:
        return
    if user is None:
        recent = OfferReport.objects.filter(user__isnull=True, created_at__gt=now - dt.timedelta(hours=1)).count()
        if recent >= ANONYMOUS_AN_HOUR:
            raise ReportRefused(
                gettext_lazy("There are very many reports at the moment. Please log in, or try again in an hour.")
            )
    elif user.offer_reports.filter(created_at__gt=now - dt.timedelta(days=1)).count() >= REPORTS_A_DAY:
        raise ReportRefused(gettext_lazy("You have sent many reports today. Please go on tomorrow."))


def _is_verified(user: User | None) -> bool:
    return user is not None and EmailAddress.objects.filter(user=user, verified=True).exists()


def _verified_reports(ticket: Ticket) -> int:
    return ticket.reports.filter(is_verified=True, user__isnull=False).values("user").distinct().count()


def _still_in_question(closed: Ticket) -> bool:
    """Whether another open ticket alone would hide the offer."""
    others = Ticket.objects.filter(offer=closed.offer, closed_at__isnull=True).exclude(pk=closed.pk)
    return any(_verified_reports(ticket) >= VERIFIED_TO_HIDE for ticket in others)


def _seen(ticket: Ticket, check: OfferCheck) -> Seen:
    offer = ticket.offer
    health = getattr(offer, "health", None)
    lane = Lane.objects.filter(merchant=offer.merchant, country=ticket.country, seen_at__gte=ticket.opened_at).first()
    read = offer.price_seen_at is not None and offer.price_seen_at >= ticket.opened_at
    return Seen(
        state=check.state,
        is_sure=check.is_sure,
        is_believed=health is not None and health.state in DEAD,
        price_was_read=read,
        price_is_the_pages=offer.source_kind == Offer.SourceKind.SCHEMA,
        stated_minor=ticket.stated_minor,
        price_minor=offer.asked_minor(offer.price_seen_at) if read and offer.price_seen_at else None,
        ships=lane.ships if lane else "unknown",  # type: ignore[arg-type]  # the column's choices
        ships_was_read=lane is not None,
    )


def _tell_pages(offer: Offer) -> None:
    offers_changed.send(sender=Offer, offer_ids=[offer.pk])
    generation.bump()
