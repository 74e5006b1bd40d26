"""Readers' reports: taken, checked, answered."""

from __future__ import annotations

import datetime as dt
import secrets

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from allauth.account.models import EmailAddress

from affiliates.catalogue.domain.problems import (
    ANONYMOUS_AN_HOUR,
    ANSWER_WITHIN,
    CHECK_WITHIN,
    COUNTERFEITS_TO_SUSPEND,
    OBJECTION_WITHIN,
    REPORTS_A_DAY,
    VERIFIED_TO_HIDE,
    Seen,
    verdict,
)
from affiliates.catalogue.models import Lane, Offer, OfferHealth, OfferReport, ProblemKind, Ticket
from affiliates.catalogue.services.suspensions import suspend_shop
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
    Offer.objects.select_for_update().get(pk=offer.pk)
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
        if check is None and now < ticket.opened_at + CHECK_WITHIN:
            continue
        found = verdict(ticket.kind, _seen(ticket, check.state)) if check else "unsure"
        if found == "unsure":
            Ticket.objects.filter(pk=ticket.pk, state=Ticket.State.OPEN).update(state=Ticket.State.PERSON)
        else:
            close_ticket(ticket=ticket, confirmed=found == "confirmed", outcome="", by=None, now=now)
        answered += 1
    return answered


@transaction.atomic
def close_ticket(*, ticket: Ticket, confirmed: bool, outcome: str, by: User | None, now: dt.datetime) -> Ticket:
    """Afterwards the question is answered and the offer is shown again, unless it is known to be dead.

    A confirmed "does not ship" is kept as the lane's answer. The second confirmed counterfeit suspends the shop.
    Repeating it changes nothing: the first answer stands.
    """
    ticket = Ticket.objects.select_for_update(of=("self",)).select_related("offer__merchant").get(pk=ticket.pk)
    if ticket.closed_at is not None:
        return ticket
    ticket.state = Ticket.State.CONFIRMED if confirmed else Ticket.State.REFUTED
    ticket.closed_at, ticket.closed_by, ticket.outcome = now, by, outcome[:400]
    ticket.save()
    offer = ticket.offer
    if confirmed and ticket.kind == ProblemKind.GONE:
        Offer.objects.filter(pk=offer.pk, gone_at__isnull=True).update(gone_at=now)
    if confirmed and ticket.kind == ProblemKind.WRONG_PRICE:
        _drop_wrong_price(offer, ticket)
    if confirmed and ticket.kind == ProblemKind.WONT_SHIP and ticket.country:
        _note_lane(ticket, now)
    if confirmed and ticket.kind == ProblemKind.FAKE:
        _suspend_where_due(ticket, by, now)
    if not _still_in_question(ticket):
        OfferHealth.objects.filter(offer=offer).update(hidden_at=None)
    _tell_pages(offer)
    return ticket


@transaction.atomic
def object_to_ticket(*, ticket: Ticket, text: str, by: User, now: dt.datetime) -> Ticket:
    """The merchant's side of it. A closed ticket is opened again for a person, once, within its deadline."""
    ticket = Ticket.objects.select_for_update(of=("self",)).get(pk=ticket.pk)
    if ticket.objected_at is not None:
        raise ReportRefused(gettext_lazy("You have objected to this already."))
    if not may_object(ticket, now):
        raise ReportRefused(gettext_lazy("The time to object is over."))
    ticket.objection, ticket.objected_at, ticket.objected_by = text.strip()[:2000], now, by
    if ticket.state in (Ticket.State.OPEN, Ticket.State.CONFIRMED):
        ticket.state = Ticket.State.PERSON
        ticket.closed_at = None
        ticket.due_at = now + ANSWER_WITHIN
    ticket.save()
    return ticket


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


def _seen(ticket: Ticket, state: str) -> Seen:
    offer = ticket.offer
    lane = Lane.objects.filter(merchant=offer.merchant, country=ticket.country, seen_at__gte=ticket.opened_at).first()
    read = offer.price_seen_at is not None and offer.price_seen_at >= ticket.opened_at
    return Seen(
        state=state,
        price_was_read=read,
        stated_minor=ticket.stated_minor,
        price_minor=offer.asked_minor(offer.price_seen_at) if read and offer.price_seen_at else None,
        ships=lane.ships if lane else "unknown",  # type: ignore[arg-type]  # the column's choices
        ships_was_read=lane is not None,
    )


def _drop_wrong_price(offer: Offer, ticket: Ticket) -> None:
    """A price that was found wrong is not shown again; one that was read since then is."""
    Offer.objects.filter(pk=offer.pk).filter(
        Q(price_seen_at__lt=ticket.opened_at) | Q(price_seen_at__isnull=True)
    ).update(price_minor=None, sale_price_minor=None, list_price_minor=None, row_hash="")


def _note_lane(ticket: Ticket, now: dt.datetime) -> None:
    Lane.objects.update_or_create(
        merchant=ticket.offer.merchant,
        country=ticket.country,
        defaults={
            "ships": Lane.Ships.NO,
            "price_minor": None,
            "currency": "",
            "min_days": None,
            "max_days": None,
            "source": _("Readers' reports, checked"),
            "source_kind": Lane.SourceKind.HAND,
            "source_url": "",
            "seen_at": now,
        },
    )


def _suspend_where_due(ticket: Ticket, by: User | None, now: dt.datetime) -> None:
    merchant = ticket.offer.merchant
    lifted = merchant.suspensions.filter(lifted_at__isnull=False).order_by("-lifted_at").first()
    confirmed = OfferReport.objects.filter(
        ticket__offer__merchant=merchant,
        ticket__kind=ProblemKind.FAKE,
        ticket__state=Ticket.State.CONFIRMED,
        is_verified=True,
        user__isnull=False,
    )
    if lifted is not None:
        confirmed = confirmed.filter(ticket__closed_at__gt=lifted.lifted_at)
    if confirmed.values("user").distinct().count() >= COUNTERFEITS_TO_SUSPEND:
        suspend_shop(
            merchant=merchant, reason=_("Two readers' reports of counterfeit goods were confirmed."), by=by, now=now
        )


def _tell_pages(offer: Offer) -> None:
    offers_changed.send(sender=Offer, offer_ids=[offer.pk])
    generation.bump()
