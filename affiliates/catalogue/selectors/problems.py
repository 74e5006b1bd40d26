"""Readers' reports and suspended shops, as reader, merchant and operator see them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from affiliates.catalogue.models import HealthState, Offer, OfferReport, ProblemKind, Product, Suspension, Ticket
from community.models import User


@dataclass(frozen=True, slots=True)
class Problems:
    """What a merchant or the house has to look at."""

    open: QuerySet[Ticket]
    closed: QuerySet[Ticket]
    suspensions: QuerySet[Suspension]


def offers_to_report(product: Product, merchant_slug: str) -> QuerySet[Offer]:
    """The offers of one product at one shop, which a reader can say something about. One query when read."""
    return (
        Offer.objects.present()
        .filter(product=product, merchant__slug=merchant_slug)
        .select_related("merchant")
        .order_by("pk")
    )


def outcome_of(ticket: Ticket) -> str:
    """What became of it, in a sentence for the reader. No query."""
    if ticket.outcome and ticket.closed_at:
        return ticket.outcome
    if ticket.closed_at is None:
        return (
            _("A person is looking at it.")
            if ticket.state == Ticket.State.PERSON
            else _("The shop's page is being checked.")
        )
    confirmed = {
        ProblemKind.GONE: _("You were right: it is no longer there. The offer is not shown any more."),
        ProblemKind.WRONG_PRICE: _("You were right: the price has changed. The old one is not shown any more."),
        ProblemKind.FAKE: _("You were right. The shop has been told, and the report counts against it."),
        ProblemKind.WONT_SHIP: _("You were right: it is not sent there. We say so now."),
    }
    refuted = {
        ProblemKind.GONE: _("We checked the shop's page, and it can be had there."),
        ProblemKind.WRONG_PRICE: _("We checked the shop's page, and it states the price that we show."),
        ProblemKind.FAKE: _("We could not confirm that it is a fake."),
        ProblemKind.WONT_SHIP: _("We checked, and the shop says that it sends there."),
    }
    if ticket.state == Ticket.State.CONFIRMED and ticket.found == HealthState.SOLD_OUT:
        return _("You were right: it is sold out. We say so now.")
    table = confirmed if ticket.state == Ticket.State.CONFIRMED else refuted
    return table[ProblemKind(ticket.kind)]


def _tickets() -> QuerySet[Ticket]:
    verified = Count("reports__user", filter=Q(reports__is_verified=True), distinct=True)
    return Ticket.objects.select_related("offer__product", "offer__merchant").annotate(
        all_reports=Count("reports", distinct=True), verified_reporters=verified
    )


def problem_queue() -> Problems:
    """What editors see: what waits for a person first, then what is being checked. Three queries when read."""
    return Problems(
        # "person" comes before "open" in reverse order of the alphabet.
        open=_tickets().filter(closed_at__isnull=True).order_by("-state", "due_at", "pk"),
        closed=_tickets().filter(closed_at__isnull=False).order_by("-closed_at", "-pk"),
        suspensions=Suspension.objects.filter(lifted_at__isnull=True).select_related("merchant").order_by("began_at"),
    )


def problems_of(merchant_id: int) -> Problems:
    """What a merchant sees of its own offers. Three queries when read."""
    tickets = _tickets().filter(offer__merchant_id=merchant_id)
    return Problems(
        open=tickets.filter(closed_at__isnull=True).order_by("due_at", "pk"),
        closed=tickets.filter(closed_at__isnull=False).order_by("-closed_at", "-pk"),
        suspensions=Suspension.objects.filter(merchant_id=merchant_id).order_by("-began_at"),
    )


def waiting_problems() -> int:
    """How many tickets wait for a person. One query."""
    return Ticket.objects.filter(state=Ticket.State.PERSON, closed_at__isnull=True).count()


def checks_awaited() -> int:
    """How many tickets wait for a check of the shop's page. One query."""
    return Ticket.objects.filter(state=Ticket.State.OPEN).count()


def answers_owed() -> int:
    """How many readers have not been told yet. One query."""
    return OfferReport.objects.filter(
        answered_at__isnull=True, user__is_active=True, ticket__closed_at__isnull=False
    ).count()


def reports_of(user: User) -> QuerySet[OfferReport]:
    """What a reader reported, newest first. One query when read."""
    return user.offer_reports.select_related("ticket__offer__product", "ticket__offer__merchant").order_by(
        "-created_at", "-pk"
    )


def is_suspended() -> Exists:
    """For annotating offers: whether their merchant's buttons are off."""
    return Exists(Suspension.objects.filter(merchant_id=OuterRef("merchant_id"), lifted_at__isnull=True))


def late_tickets(now: dt.datetime) -> QuerySet[Ticket]:
    """Reports whose answer is late, the most overdue first. One query when read."""
    return Ticket.objects.filter(closed_at__isnull=True, due_at__lt=now).order_by("due_at", "pk")


def suspensions_to_tell() -> QuerySet[Suspension]:
    """Suspensions that the shop's members have not been told of. One query when read."""
    untold = Suspension.objects.filter(members_told_at__isnull=True, lifted_at__isnull=True)
    return untold.select_related("merchant").order_by("began_at", "pk")


def decisions_to_tell() -> QuerySet[Ticket]:
    """Decisions that the shop's members have not been told of: what was confirmed, and what became of their objections.

    One query when read.
    """
    concerns_them = Q(state=Ticket.State.CONFIRMED) | Q(state=Ticket.State.REFUTED, objected_at__isnull=False)
    untold = Ticket.objects.filter(concerns_them, shop_told_at__isnull=True, closed_at__isnull=False)
    return untold.select_related("offer__product", "offer__merchant").order_by("closed_at", "pk")
