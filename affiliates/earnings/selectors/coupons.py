"""Whose a coupon code is, and was."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from affiliates.earnings.domain.attribution import Code
from affiliates.earnings.models import Coupon, CouponHolding
from affiliates.earnings.models.coupons import folded


@dataclass(frozen=True, slots=True)
class HeldCoupon:
    """A code with who holds it now and until when; nobody where it is not in force."""

    coupon: Coupon
    holding: CouponHolding | None
    ends_at: dt.datetime | None
    begins_at: dt.datetime | None


def codes_in_force(
    *, merchant_id: int, asked: Iterable[tuple[str, dt.datetime]]
) -> dict[tuple[str, dt.datetime], Code]:
    """For each (code as reported, the order's time) whose code it was. Two queries where any is asked."""
    wanted = {key for key in asked if key[0].strip()}
    if not wanted:
        return {}
    coupons = Coupon.objects.filter(merchant_id=merchant_id, folded__in={folded(code) for code, _ in wanted})
    known = {coupon.folded: coupon for coupon in coupons}
    holdings = _holdings(known.values())
    found: dict[tuple[str, dt.datetime], Code] = {}
    for code, moment in wanted:
        coupon = known.get(folded(code))
        if coupon is None:
            found[code, moment] = Code(code, known=False)
            continue
        held = [holding for holding in holdings[coupon.pk] if holding.starts_at <= moment]
        found[code, moment] = Code(code, held[-1].creator_id if held else None, coupon.exclusive)
    return found


def _holdings(coupons: Iterable[Coupon]) -> dict[int, list[CouponHolding]]:
    found: dict[int, list[CouponHolding]] = defaultdict(list)
    rows = CouponHolding.objects.filter(coupon__in=[coupon.pk for coupon in coupons]).select_related("creator__user")
    for holding in rows.order_by("coupon_id", "starts_at"):
        found[holding.coupon_id].append(holding)
    return found


def held_coupons(coupons: QuerySet[Coupon], *, now: dt.datetime) -> list[HeldCoupon]:
    """Codes with who holds each now and what comes next. Two queries."""
    rows = list(coupons.select_related("merchant"))
    holdings = _holdings(rows)
    found = []
    for coupon in rows:
        past = [holding for holding in holdings[coupon.pk] if holding.starts_at <= now]
        ahead = [holding for holding in holdings[coupon.pk] if holding.starts_at > now]
        current = past[-1] if past and past[-1].creator_id is not None else None
        following = ahead[0].starts_at if ahead else None
        found.append(HeldCoupon(coupon, current, following if current else None, None if current else following))
    return found


def coupons_of_creator(creator_id: int, *, now: dt.datetime) -> list[HeldCoupon]:
    """The codes that are or will be this creator's. Three queries; nothing about other holders is in the answer."""
    own = Coupon.objects.filter(holdings__creator_id=creator_id).distinct()
    planned = CouponHolding.objects.filter(creator_id=creator_id, starts_at__gt=now).order_by("-starts_at")
    begins = dict(planned.values_list("coupon_id", "starts_at"))
    found = []
    for held in held_coupons(own, now=now):
        if held.holding is not None and held.holding.creator_id == creator_id:
            found.append(held)
            continue
        if held.coupon.pk in begins:
            found.append(HeldCoupon(held.coupon, None, None, begins[held.coupon.pk]))
    return found
