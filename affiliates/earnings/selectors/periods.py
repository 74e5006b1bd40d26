"""Which months are closed, and what stands in the way of closing the next."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Min, QuerySet, Sum
from django.utils.translation import gettext as _

from affiliates.earnings.domain.periods import Month
from affiliates.earnings.models import Account, Period, SuspenseSignature, Transfer
from cms.core.formats import format_money


@dataclass(frozen=True, slots=True)
class OpenMonth:
    """A month that is not closed, with why it cannot be closed now; nothing where it can."""

    month: Month
    blockers: list[str]


def last_closed() -> Period | None:
    """The last closed month. One query."""
    return Period.objects.order_by("-ends_at").first()


def next_month_to_close() -> Month | None:
    """The oldest open month; None while nothing was ever booked. Two queries."""
    if closed := last_closed():
        return closed.as_month().next
    first = Transfer.objects.aggregate(first=Min("effective_at"))["first"]
    return Month.of(first) if first else None


def unexplained(before: dt.datetime) -> dict[str, int]:
    """currency → what stands in suspense just before a moment, where that is anything. Two queries."""
    sums: dict[str, int] = {}
    found = Transfer.objects.filter(effective_at__lt=before).order_by()
    for side, sign in (("credit", 1), ("debit", -1)):
        rows = found.filter(**{f"{side}__kind": Account.Kind.SUSPENSE}).values_list("currency")
        for currency, total in rows.annotate(total=Sum("amount_minor")):
            sums[currency] = sums.get(currency, 0) + sign * total
    return {currency: amount for currency, amount in sorted(sums.items()) if amount}


def blockers(month: Month, *, now: dt.datetime) -> list[str]:
    """Why a month cannot be closed, in words; whether the books are sound is asked apart. Five queries."""
    found = []
    if now < month.ends_at:
        found.append(_("%(month)s has not ended.") % {"month": month})
    turn = next_month_to_close()
    if turn is None:
        found.append(_("Nothing was ever booked, so there is nothing to close."))
    elif turn < month:
        found.append(_("%(before)s has to be closed before %(month)s.") % {"before": turn, "month": month})
    elif turn > month:
        found.append(_("%(month)s is not the month to close: that is %(turn)s.") % {"month": month, "turn": turn})
    signed = set(SuspenseSignature.objects.filter(month=str(month)).values_list("currency", "amount_minor"))
    for currency, amount in unexplained(month.ends_at).items():
        if (currency, amount) in signed:
            continue
        found.append(
            _("%(amount)s stands unexplained in suspense at the end of %(month)s.")
            % {"amount": format_money(amount, currency), "month": month}
        )
    return found


def next_close(*, now: dt.datetime) -> OpenMonth | None:
    """The oldest open month with what is in its way; None while nothing was ever booked. Seven queries."""
    month = next_month_to_close()
    return OpenMonth(month, blockers(month, now=now)) if month else None


def closed_months() -> QuerySet[Period]:
    """The closed months, latest first, with the number of their statements. One query when read."""
    return (
        Period.objects.annotate(number=Count("statements"))
        .select_related("closed_by", "run", "seal")
        .defer("seal__leaves")
        .order_by("-ends_at")
    )
