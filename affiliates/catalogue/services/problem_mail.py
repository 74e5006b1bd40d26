"""Telling readers what became of their report."""

from __future__ import annotations

import datetime as dt
import logging

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from affiliates.catalogue.models import OfferReport
from affiliates.catalogue.selectors.problems import outcome_of

logger = logging.getLogger(__name__)
_BATCH = 100


def answer_reporters(*, now: dt.datetime, limit: int = _BATCH) -> int:
    """Mail those whose report was settled; the unanswered report is the queue. Returns how many were told.

    A mail that cannot be sent is tried again by the next call; one that was sent is never sent again, unless the
    process dies between sending and noting it.
    """
    told = 0
    waiting = (
        OfferReport.objects.filter(answered_at__isnull=True, user__isnull=False, ticket__closed_at__isnull=False)
        .exclude(user__is_active=False)
        .select_related("user", "ticket__offer__product", "ticket__offer__merchant")
        .order_by("created_at", "pk")
    )
    for report in waiting[:limit]:
        try:
            _send(report)
        except OSError:
            logger.exception("The answer to report %s could not be sent", report.pk)
            break
        OfferReport.objects.filter(pk=report.pk).update(answered_at=now)
        told += 1
    return told


def _send(report: OfferReport) -> None:
    user, ticket = report.user, report.ticket
    if user is None:
        return
    with override(user.language or settings.LANGUAGE_CODE):
        context = {
            "name": user.get_full_name(),
            "product": str(ticket.offer.product),
            "shop": ticket.offer.merchant.name,
            "kind": ticket.get_kind_display(),
            "outcome": outcome_of(ticket),
            "again": ticket.objected_at is not None,
            "address": f"{settings.BASE_URL}{reverse('catalogue:ticket', args=[ticket.ref])}",
        }
        subject = _("Your report on %(product)s") % context
        send_mail(
            " ".join(subject.split())[:200],
            render_to_string("catalogue/mail/report_answered.txt", context),
            None,
            [user.email],
        )
