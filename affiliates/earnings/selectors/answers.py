"""Orders as the API answers them, the same for merchant, creator and operator."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Max, prefetch_related_objects

from affiliates.earnings.domain.attribution import COUPON
from affiliates.earnings.models import Attribution, Conversion, ConversionLine
from cms.core.domain.money import decimal_string
from community.models import Creator


def conversion_answers(conversions: Sequence[Conversion], *, for_creator_id: int | None = None) -> list[dict[str, Any]]:
    """Each order as the API's object. At most four queries, however many orders.

    The same for everybody; but a creator is told no other creator's handle.
    """
    prefetch_related_objects(list(conversions), "lines")
    decided = latest_attributions([conversion.pk for conversion in conversions])
    handles = creator_handles(
        {touch["creator_id"] for attribution in decided.values() for touch in attribution.touches}
        | {conversion.creator_id for conversion in conversions}
    )
    if for_creator_id is not None:
        handles = {pk: handle for pk, handle in handles.items() if pk in {None, for_creator_id}}
    return [_answer(conversion, decided.get(conversion.pk), handles) for conversion in conversions]


def latest_attributions(conversion_ids: Sequence[int]) -> dict[int, Attribution]:
    """The decision that stands for each order. One query."""
    newest = (
        Attribution.objects.filter(conversion_id__in=conversion_ids)
        .order_by()
        .values("conversion_id")
        .annotate(newest=Max("pk"))
        .values("newest")
    )
    found = Attribution.objects.filter(pk__in=newest).select_related("click")
    return {attribution.conversion_id: attribution for attribution in found}


def creator_handles(creator_ids: Iterable[int | None]) -> dict[int | None, str | None]:
    """creator → handle, and None → None. One query where there are any."""
    wanted = {pk for pk in creator_ids if pk is not None}
    found: dict[int | None, str | None] = {None: None}
    if wanted:
        found.update(Creator.objects.filter(pk__in=wanted).values_list("pk", "handle"))
    return found


def utc(moment: dt.datetime) -> str:
    """A moment as the API writes it."""
    return moment.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


def plain(number: Decimal) -> str:
    """A rate without trailing zeros: 7.5000 → "7.5"."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _answer(
    conversion: Conversion, attribution: Attribution | None, handles: dict[int | None, str | None]
) -> dict[str, Any]:
    currency, lines = conversion.currency, list(conversion.lines.all())

    def money(minor: int) -> str:
        return decimal_string(minor, currency)

    return {
        "order_id": conversion.order_id,
        "status": conversion.status,
        "currency": currency,
        "occurred_at": utc(conversion.occurred_at),
        "amount": money(sum(line.amount_minor for line in lines)),
        "refunded": money(sum(line.refunded_minor for line in lines)),
        "commission": {
            "total": money(sum(line.commission_minor for line in lines)),
            "creator": money(sum(line.creator_minor for line in lines)),
            "platform": money(sum(line.platform_minor for line in lines)),
        },
        "creator": handles.get(conversion.creator_id),
        "attribution": _attribution(conversion, attribution, handles),
        "lines": [_line(line, currency) for line in lines],
        "version": conversion.version,
        "available_on": conversion.available_on.isoformat() if conversion.available_on else None,
        "locked_at": utc(conversion.locked_at) if conversion.locked_at else None,
    }


def _attribution(
    conversion: Conversion, attribution: Attribution | None, handles: dict[int | None, str | None]
) -> dict[str, Any]:
    if attribution is None:
        return {
            "model": None,
            "rule_version": None,
            "window_days": None,
            "winner": None,
            "reason": conversion.reason,
            "touches": [],
        }
    click = attribution.click
    winner = None
    if click is not None:
        winner = {
            "click_id": click.click_id,
            "creator": handles.get(attribution.creator_id),
            "guide": attribution.placement_ref or None,
            "guide_title": attribution.placement_title or None,
            "at": utc(click.at),
        }
    elif attribution.reason == COUPON:
        winner = {
            "click_id": None,
            "coupon": conversion.coupon,
            "creator": handles.get(attribution.creator_id),
            "guide": None,
            "guide_title": None,
            "at": utc(conversion.occurred_at),
        }
    return {
        "model": attribution.model or None,
        "rule_version": attribution.rule_version,
        "window_days": attribution.window_days,
        "winner": winner,
        "reason": attribution.reason,
        "touches": [
            {
                "click_id": touch["click_id"] or None,
                "creator": handles.get(touch["creator_id"]),
                "at": utc(dt.datetime.fromisoformat(touch["at"])),
                "considered": touch["considered"],
                "why": touch["why"],
                **({"coupon": touch["coupon"]} if touch.get("coupon") else {}),
                **(
                    {"joined_by": touch["join"], "share": plain(Decimal(touch["share"]) / 100)}
                    if "join" in touch
                    else {}
                ),
            }
            for touch in attribution.touches
        ],
    }


def _line(line: ConversionLine, currency: str) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "line_id": line.line_id,
        "amount": decimal_string(line.amount_minor, currency),
        "refunded": decimal_string(line.refunded_minor, currency),
        "rate": plain(line.percent) if line.percent is not None else None,
        "commission": decimal_string(line.commission_minor, currency),
    }
    if line.flat_minor is not None:
        answer["flat"] = decimal_string(line.flat_minor, currency)
    if line.reason:
        answer["reason"] = line.reason
    return answer
