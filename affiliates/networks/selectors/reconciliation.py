"""A network's word against ours for some days: what is equal, what one side lacks, what differs in the amount."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    Count,
    Exists,
    F,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, NullIf
from django.urls import reverse
from django.utils.translation import gettext as _

from affiliates.earnings.models import Conversion, ConversionLine
from affiliates.earnings.selectors.evidence import Source
from affiliates.networks.domain.observations import STATUS
from affiliates.networks.models import Observation, ReportFile, ReportRow
from affiliates.networks.models.statements import RowResult

EQUAL, DIFFERS, NOT_HERE, NOT_THERE = VERDICTS = ("equal", "differs", "missing_here", "missing_there")
_DECLINED = [state.value for state, status in STATUS.items() if status == "reversed"]


@dataclass(frozen=True, slots=True)
class Side:
    """How many transactions end alike in one currency, and what they come to there and here."""

    verdict: str
    words: str
    currency: str
    number: int
    reported_minor: int
    booked_minor: int

    @property
    def difference_minor(self) -> int:
        """What the network says beyond what we booked."""
        return self.reported_minor - self.booked_minor


def verdict_words(verdict: str) -> str:
    """A verdict for people."""
    return {
        EQUAL: _("Equal"),
        DIFFERS: _("Amount or state differs"),
        NOT_HERE: _("Missing here"),
        NOT_THERE: _("Missing there"),
    }[verdict]


def days_of(file: ReportFile) -> tuple[dt.date, dt.date] | None:
    """The first and the last day (UTC) of what a file says; None where it says nothing. One query."""
    found = ReportRow.objects.filter(file=file).aggregate(
        first=Min("observation__event_at"), last=Max("observation__event_at")
    )
    if found["first"] is None:
        return None
    return found["first"].astimezone(dt.UTC).date(), found["last"].astimezone(dt.UTC).date()


def _within(name: str, since: dt.date, until: dt.date) -> Q:
    start = dt.datetime.combine(since, dt.time(), dt.UTC)
    end = dt.datetime.combine(until + dt.timedelta(days=1), dt.time(), dt.UTC)
    return Q(**{f"{name}__gte": start, f"{name}__lt": end})


def transactions(file: ReportFile, *, since: dt.date, until: dt.date) -> QuerySet[Any]:
    """The latest word on each transaction of the file's network and merchant in these days, with `verdict`,
    `reported_minor`, `booked_minor` and `in_currency`. One query when read.
    """
    later = Observation.objects.filter(
        network=OuterRef("network"), external_id=OuterRef("external_id"), merchant=OuterRef("merchant"),
        number__gt=OuterRef("number"),
    )  # fmt: skip
    line = ConversionLine.objects.filter(
        conversion=OuterRef("change__conversion"), line_id=OuterRef("external_id")
    ).order_by("pk")
    declined = Q(state__in=_DECLINED)
    unbooked = Q(change__result__in=[RowResult.PARKED, RowResult.REJECTED]) | Q(line_minor__isnull=True)
    differs = (
        declined & ~Q(line_minor=0)
        | ~declined & ~Q(commission_text="") & ~Q(commission_currency=F("line_currency"))
        | ~declined & ~Q(commission_text="") & Q(commission_minor__isnull=True)
        | ~declined & ~Q(commission_text="") & ~Q(commission_minor=F("line_minor"))
    )
    zero, big = Value(0), BigIntegerField()
    said = Case(
        When(declined, then=zero),
        When(commission_text="", then=Coalesce("line_minor", zero)),
        default=Coalesce("commission_minor", zero),
        output_field=big,
    )
    rows: Any = Observation.objects.filter(
        ~Exists(later), _within("event_at", since, until), network=file.network, merchant=file.merchant
    )
    found: QuerySet[Any] = rows.annotate(
        line_minor=Subquery(line.values("commission_minor")[:1]),
        line_currency=Subquery(line.values("conversion__currency")[:1]),
    ).annotate(
        verdict=Case(
            When(unbooked, then=Value(NOT_HERE)), When(differs, then=Value(DIFFERS)), default=Value(EQUAL),
            output_field=CharField(),
        ),
        reported_minor=said,
        booked_minor=Case(When(unbooked, then=zero), default=F("line_minor"), output_field=big),
        in_currency=Coalesce(NullIf("commission_currency", Value("")), "sale_currency"),
    )  # fmt: skip
    return found.select_related("merchant", "change__conversion__merchant", "file").order_by("-event_at", "-pk")


def unreported(file: ReportFile, *, since: dt.date, until: dt.date) -> QuerySet[Any]:
    """Orders of the merchant in these days of which the network never spoke, with `booked_minor`. One query."""
    spoken = Observation.objects.filter(
        network=file.network, merchant=OuterRef("merchant"), order_id=OuterRef("order_id")
    )
    orders: Any = Conversion.objects.filter(
        ~Exists(spoken), _within("occurred_at", since, until), merchant=file.merchant
    )
    found: QuerySet[Any] = orders.annotate(booked_minor=Sum("lines__commission_minor", default=0))
    return found.select_related("merchant").order_by("-occurred_at", "-pk")


def sides(file: ReportFile, *, since: dt.date, until: dt.date) -> list[Side]:
    """Reported against booked, by verdict and currency. Two queries."""
    made = [
        Side(row["verdict"], verdict_words(row["verdict"]), row["in_currency"], row["n"], row["said"], row["ours"])
        for row in transactions(file, since=since, until=until)
        .order_by()
        .values("verdict", "in_currency")
        .annotate(n=Count("pk"), said=Sum("reported_minor"), ours=Sum("booked_minor"))
    ]
    totals: dict[str, list[int]] = {}
    for currency, minor in unreported(file, since=since, until=until).values_list("currency", "booked_minor"):
        total = totals.setdefault(currency, [0, 0])
        total[0] += 1
        total[1] += minor
    made += [
        Side(NOT_THERE, verdict_words(NOT_THERE), currency, number, 0, minor)
        for currency, (number, minor) in totals.items()
    ]
    return sorted(made, key=lambda side: (side.currency, VERDICTS.index(side.verdict)))


def sources_of_order(conversion: Conversion) -> list[Source]:
    """The rows of networks' reports that spoke of an order, oldest first. One query."""
    rows = ReportRow.objects.filter(observation__change__conversion=conversion).select_related("file").order_by("pk")
    return [
        Source(
            _("%(network)s report “%(file)s”, row %(row)s: %(result)s")
            % {
                "network": row.file.network, "file": row.file.name, "row": row.number,
                "result": row.get_result_display(),
            },
            f"{reverse('networks_report', args=[row.file.ref])}?row={row.number}",
        )
        for row in rows
    ]  # fmt: skip
