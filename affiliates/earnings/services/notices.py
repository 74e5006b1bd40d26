"""Creators are told of their first sale and of a reversal with its reason: in the studio, and by mail."""

from __future__ import annotations

import datetime as dt
import logging
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import Exists, OuterRef, Q
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from affiliates.earnings.domain.states import Status
from affiliates.earnings.models import Conversion, CreatorNotice, OrderChange
from affiliates.earnings.selectors.explanations import state_in_words

log = logging.getLogger(__name__)
#: How far back the worker looks for what it has not told yet.
LOOKS_BACK = dt.timedelta(days=7)
AT_ONCE = 200


def write_notices(*, now: dt.datetime) -> int:
    """Write down what creators are to be told about the last days' changes; returns how many. May be repeated."""
    recent = OrderChange.objects.filter(at__gt=now - LOOKS_BACK, at__lte=now, creator__isnull=False)
    told = CreatorNotice.objects.filter(change=OuterRef("pk"))
    reversals = recent.filter(
        ~Exists(told.filter(kind=CreatorNotice.Kind.REVERSAL)), ~Q(old_status=Status.REVERSED), status=Status.REVERSED
    )
    earlier = Conversion.objects.filter(creator=OuterRef("creator")).filter(
        Q(received_at__lt=OuterRef("conversion__received_at"))
        | Q(received_at=OuterRef("conversion__received_at"), pk__lt=OuterRef("conversion"))
    )
    welcomed = CreatorNotice.objects.filter(creator=OuterRef("creator"), kind=CreatorNotice.Kind.FIRST_SALE)
    first = recent.filter(~Exists(earlier), ~Exists(welcomed)).exclude(status=Status.REVERSED)
    found = [(CreatorNotice.Kind.REVERSAL, change) for change in reversals.select_related("creator").order_by("pk")]
    firsts = {change.creator_id: change for change in first.select_related("creator").order_by("-pk")}
    found += [(CreatorNotice.Kind.FIRST_SALE, change) for change in firsts.values()]
    CreatorNotice.objects.bulk_create(
        [CreatorNotice(creator=change.creator, kind=kind, change=change, at=now) for kind, change in found],
        ignore_conflicts=True,
    )
    return len(found)


def mail_notices(*, now: dt.datetime) -> int:
    """Send by mail what was not sent yet; returns how many. May be repeated: what could not be sent is tried again."""
    waiting = CreatorNotice.objects.filter(mailed_at__isnull=True).select_related(
        "creator__user", "change__conversion__merchant", "change__conversion__program"
    )
    sent = 0
    for notice in waiting.order_by("pk")[:AT_ONCE]:
        try:
            _mail(notice)
        except (SMTPException, OSError):
            log.exception("a creator's notice could not be sent")
            break
        CreatorNotice.objects.filter(pk=notice.pk).update(mailed_at=now)
        sent += 1
    return sent


def _mail(notice: CreatorNotice) -> None:
    user, conversion = notice.creator.user, notice.change.conversion
    if user is None or not user.is_active:
        return
    with override(user.language or settings.LANGUAGE_CODE):
        facts = {
            "notice": notice,
            "name": str(notice.creator),
            "order": conversion.order_id,
            "shop": conversion.merchant.name,
            "state": state_in_words(conversion),
            "address": f"{settings.BASE_URL}/cms/earnings/orders/{conversion.merchant.slug}/{conversion.order_id}/",
        }
        first = notice.kind == CreatorNotice.Kind.FIRST_SALE
        subject = (_("Your first sale, at %(shop)s") if first else _("Order %(order)s was reversed")) % facts
        send_mail(
            " ".join(subject.split())[:200], render_to_string("earnings/mail/notice.txt", facts), None, [user.email]
        )


def tick() -> None:
    """As the worker does. May be repeated."""
    now = timezone.now()
    write_notices(now=now)
    mail_notices(now=now)
