"""What a confirmed report changes, and how that is taken back when the decision is reversed.

The caller holds the locks of the offer and of the ticket, taken in that order.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from affiliates.catalogue.models import Lane, Offer, ProblemKind, Reading, Ticket
from affiliates.catalogue.selectors.history_rights import history_allowed
from affiliates.catalogue.services.suspensions import lift_where_unfounded, suspend_where_due
from community.models import User

_PRICES = ("price_minor", "sale_price_minor", "list_price_minor")
_LANE = ("ships", "price_minor", "currency", "min_days", "max_days", "source", "source_kind", "source_url")


def take_effect(*, ticket: Ticket, by: User | None, now: dt.datetime) -> dict[str, Any]:
    """Change what the confirmed report is about; returns what stood before, for `undo_effect`. Not repeatable."""
    if ticket.kind == ProblemKind.GONE:
        return _take_away(ticket, now)
    if ticket.kind == ProblemKind.WRONG_PRICE:
        return _drop_price(ticket, now)
    if ticket.kind == ProblemKind.WONT_SHIP and ticket.country:
        return _close_lane(ticket, now)
    if ticket.kind == ProblemKind.FAKE:
        suspend_where_due(merchant_id=ticket.offer.merchant_id, by=by, now=now)
    return {}


def undo_effect(*, ticket: Ticket, by: User | None, now: dt.datetime) -> None:
    """Put back what the ticket's confirmation changed, where nobody has changed it since. May be repeated."""
    offer, effect = ticket.offer, ticket.effect
    if "gone_at" in effect:
        Offer.objects.filter(pk=offer.pk, gone_at=_time(effect["gone_at"])).update(gone_at=None, row_hash="")
    if "prices" in effect:
        _restore_price(offer, effect, now)
    if "lane" in effect:
        _reopen_lane(ticket, effect["lane"])
    if ticket.kind == ProblemKind.FAKE:
        lift_where_unfounded(merchant_id=offer.merchant_id, by=by, now=now)


def _take_away(ticket: Ticket, now: dt.datetime) -> dict[str, Any]:
    # What a check found is the offer's health: it hides the offer, looks again, and shows it when it is back.
    if ticket.found or not Offer.objects.filter(pk=ticket.offer_id, gone_at__isnull=True).update(gone_at=now):
        return {}
    return {"gone_at": now.isoformat()}


def _drop_price(ticket: Ticket, now: dt.datetime) -> dict[str, Any]:
    """A price that was found wrong is not shown again; one that was read since then is."""
    offer = ticket.offer
    before = {name: getattr(offer, name) for name in _PRICES}
    read_since = offer.price_seen_at is not None and offer.price_seen_at >= ticket.opened_at
    if read_since or not any(value is not None for value in before.values()):
        return {}
    Offer.objects.filter(pk=offer.pk).update(row_hash="", **dict.fromkeys(_PRICES))
    _keep_reading(offer, None, now)
    return {"prices": before, "seen_at": offer.price_seen_at.isoformat() if offer.price_seen_at else None}


def _restore_price(offer: Offer, effect: dict[str, Any], now: dt.datetime) -> None:
    untouched = Offer.objects.filter(pk=offer.pk, price_seen_at=_time(effect["seen_at"]))
    if untouched.filter(**{f"{name}__isnull": True for name in _PRICES}).update(row_hash="", **effect["prices"]):
        for name, value in effect["prices"].items():
            setattr(offer, name, value)
        _keep_reading(offer, offer.asked_minor(now), now)


def _keep_reading(offer: Offer, price_minor: int | None, now: dt.datetime) -> None:
    if history_allowed(offer.policy):
        Reading.objects.create(
            offer=offer, price_minor=price_minor, currency=offer.currency, availability=offer.availability,
            observed_at=now, before_at=offer.price_seen_at, policy=offer.policy,
        )  # fmt: skip


def _close_lane(ticket: Ticket, now: dt.datetime) -> dict[str, Any]:
    merchant_id, country = ticket.offer.merchant_id, ticket.country
    old = Lane.objects.select_for_update(no_key=True).filter(merchant_id=merchant_id, country=country).first()
    stated = {
        "ships": Lane.Ships.NO, "price_minor": None, "currency": "", "min_days": None, "max_days": None,
        "source": _("Readers' reports, checked"), "source_kind": Lane.SourceKind.HAND, "source_url": "", "seen_at": now,
    }  # fmt: skip
    Lane.objects.update_or_create(merchant_id=merchant_id, country=country, defaults=stated)
    before = {name: getattr(old, name) for name in _LANE} if old else None
    if before is not None and old is not None:
        before["seen_at"] = old.seen_at.isoformat() if old.seen_at else None
    return {"lane": {"before": before, "closed_at": now.isoformat()}}


def _reopen_lane(ticket: Ticket, lane: dict[str, Any]) -> None:
    ours = Lane.objects.filter(
        merchant_id=ticket.offer.merchant_id, country=ticket.country, ships=Lane.Ships.NO,
        source_kind=Lane.SourceKind.HAND, seen_at=_time(lane["closed_at"]),
    )  # fmt: skip
    if lane["before"] is None:
        ours.delete()
    else:
        ours.update(**lane["before"] | {"seen_at": _time(lane["before"]["seen_at"])})


def _time(stored: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(stored) if stored else None
