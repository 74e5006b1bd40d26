"""Telling creators what became of their money, and that their payment details changed."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from affiliates.earnings.models import Payout, PayoutProfile
from cms.core.formats import format_money
from community.models import User

logger = logging.getLogger(__name__)
_BATCH = 100
#: What ended longer ago is history, not news.
NEWS = dt.timedelta(days=7)


def tell_creators(*, now: dt.datetime, limit: int = _BATCH) -> int:
    """Mail what has to be told; the row that was not told of is the queue. Returns how many were told.

    A mail that cannot be sent is tried again by the next call; one that was sent is never sent again, unless the
    process dies between sending and noting it.
    """
    told = 0
    profiles = PayoutProfile.objects.filter(told_at=None).select_related("creator__user").order_by("pk")
    ended = (
        Payout.objects.filter(told_at=None)
        .exclude(paid_at=None, returned_at=None, rejected_at=None)
        .select_related("creator__user", "profile")
        .order_by("pk")
    )
    waiting: list[PayoutProfile | Payout] = [*profiles[:limit], *ended[:limit]]
    for row in waiting:
        moment = row.created_at if isinstance(row, PayoutProfile) else row.returned_at or row.rejected_at or row.paid_at
        user = row.creator.user
        if user is not None and user.is_active and moment is not None and moment > now - NEWS:
            try:
                _send(user, row)
            except OSError:
                logger.exception("The mail about %s could not be sent", row.pk)
                break
            told += 1
        type(row).objects.filter(pk=row.pk, told_at=None).update(told_at=now)
    return told


def _send(user: User, row: PayoutProfile | Payout) -> None:
    with override(user.language or settings.LANGUAGE_CODE):
        context: dict[str, Any] = {
            "name": user.get_full_name(),
            "row": row,
            "address": f"{settings.BASE_URL}{reverse('studio_payout_details')}",
        }
        if isinstance(row, PayoutProfile):
            subject, template = _("Your payment details were changed"), "details_changed"
        else:
            context["amount"] = format_money(row.pay_minor, row.pay_currency)
            subject, template = {
                "paid": (_("%(amount)s are on your account"), "payout_paid"),
                "returned": (_("Your payout of %(amount)s came back"), "payout_back"),
                "rejected": (_("Your payout of %(amount)s was not sent"), "payout_back"),
            }[row.state]
        send_mail(
            " ".join((subject % context).split())[:200],
            render_to_string(f"earnings/mail/{template}.txt", context),
            None,
            [user.email],
        )
