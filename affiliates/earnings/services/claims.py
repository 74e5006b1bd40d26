"""Sales that were never reported: a creator claims one, the brand or finance grants or refuses it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from affiliates.earnings.domain.reports import ConversionReport, LineReport
from affiliates.earnings.domain.states import Status
from affiliates.earnings.domain.validation import ANSWER_DAYS
from affiliates.earnings.models import Conversion, RawReport, SaleClaim
from affiliates.earnings.selectors.explanations import why_in_words
from affiliates.earnings.services.conversions import accept_report, new_raw
from affiliates.earnings.services.disputes import DisputeRefused, close_case, refuse_answer
from affiliates.earnings.services.orders_in_hand import report_of
from affiliates.parties.models import Merchant
from affiliates.tracking.models import Click
from community.models import Creator, User


def claim_sale(
    *,
    creator: Creator,
    merchant: Merchant,
    order_id: str,
    ordered_on: dt.date,
    evidence: str,
    now: dt.datetime,
    document: str = "",
) -> SaleClaim:
    """The creator says that an order was never reported; the brand has until the deadline to answer.

    Not repeatable: DisputeRefused for an order that is the creator's already, one claimed already, a day to come, and
    where the creator has no click on the merchant within the programme's window before the end of the day.
    """
    if ordered_on > now.date():
        raise DisputeRefused(_("The day of the order has not come yet."))
    if Conversion.objects.filter(merchant=merchant, order_id=order_id, creator=creator).exists():
        raise DisputeRefused(_("This order is credited to you already."))
    click = _click_for(creator, merchant, ordered_on)
    if click is None:
        raise DisputeRefused(_("There is no click on your links to this shop within the programme's window."))
    try:
        with transaction.atomic():
            return SaleClaim.objects.create(
                creator=creator,
                merchant=merchant,
                order_id=order_id,
                ordered_on=ordered_on,
                click=click,
                evidence=evidence,
                document=document,
                opened_at=now,
                answer_by=now + dt.timedelta(days=ANSWER_DAYS),
            )
    except IntegrityError as error:
        raise DisputeRefused(_("You claimed this order already.")) from error


def _click_for(creator: Creator, merchant: Merchant, ordered_on: dt.date) -> Click | None:
    program = merchant.programs.filter(is_active=True).first()
    if program is None:
        return None
    end = dt.datetime.combine(ordered_on, dt.time(0), dt.UTC) + dt.timedelta(days=1)
    start = end - dt.timedelta(days=program.window_days)
    clicks = Click.objects.filter(creator=creator, merchant=merchant, at__gte=start, at__lt=end)
    return clicks.order_by("at").last()


@transaction.atomic
def answer_claim(
    *,
    claim: SaleClaim,
    granted: bool,
    answer: str,
    by: User,
    channel: str,
    now: dt.datetime,
    amount_minor: int | None = None,
) -> SaleClaim:
    """Grant a claim, so that its order is approved, credited to the creator and booked, or refuse it. Once.

    A new order has the amount given; one that the shop reported in the meantime keeps its own. DisputeRefused
    where `answer_dispute` would be, without an amount for a new order, and where the click cannot be credited or the
    order is locked; then nothing is changed.
    """
    fresh = (
        SaleClaim.objects.select_for_update(of=("self",))
        .select_related("creator", "merchant", "click")
        .get(pk=claim.pk)
    )
    refuse_answer(fresh, by=by, granted=granted, answer=answer, channel=channel)
    close_case(fresh, granted=granted, answer=answer, by=by, now=now)
    if granted:
        _book(fresh, amount_minor, now)
    return fresh


def _book(claim: SaleClaim, amount_minor: int | None, now: dt.datetime) -> None:
    merchant = claim.merchant
    report = _report(claim, amount_minor)
    body = json.dumps(report.as_json(), sort_keys=True).encode()
    raw = new_raw(merchant=merchant, body=body, channel=RawReport.Channel.CLAIM, now=now)
    accepted = accept_report(merchant=merchant, report=report, raw=raw, now=now)
    if accepted.is_refused:
        raise DisputeRefused(_("This order is locked and can no longer change."))
    if accepted.conversion.creator_id != claim.creator_id:
        why = why_in_words(accepted.conversion.reason)
        raise DisputeRefused(_("The order cannot be credited to this creator. %(why)s") % {"why": why})


def _report(claim: SaleClaim, amount_minor: int | None) -> ConversionReport:
    known = Conversion.objects.filter(merchant=claim.merchant, order_id=claim.order_id).first()
    if known is not None:
        said = report_of(known)
        return dataclasses.replace(said, click_id=claim.click.click_id, status=Status.APPROVED, version=None)
    if amount_minor is None or amount_minor <= 0:
        raise DisputeRefused(_("Say what the order was worth."))
    program = claim.merchant.programs.filter(is_active=True).first()
    day = dt.datetime.combine(claim.ordered_on, dt.time(0), dt.UTC)
    return ConversionReport(
        order_id=claim.order_id,
        status=Status.APPROVED,
        currency=program.currency if program else claim.merchant.currency,
        occurred_at=max(day, claim.click.at),
        lines=(LineReport(line_id="1", amount_minor=amount_minor),),
        click_id=claim.click.click_id,
    )
