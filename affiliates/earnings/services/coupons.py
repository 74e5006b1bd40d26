"""Coupon codes are given out, handed on and withdrawn."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from affiliates.earnings.models import Coupon, CouponHolding
from affiliates.parties.models import Merchant
from community.models import Creator, User


@transaction.atomic
def create_coupon(
    *,
    merchant: Merchant,
    code: str,
    creator: Creator,
    exclusive: bool,
    from_at: dt.datetime,
    until_at: dt.datetime | None,
    by: User | None,
    now: dt.datetime,
) -> Coupon:
    """Afterwards the code is the creator's from one moment until before another, and nobody's outside.

    ValidationError where the merchant has the code already, in whatever case, or the times are the wrong way round.
    Not to be repeated.
    """
    coupon = Coupon(merchant=merchant, code=code.strip(), exclusive=exclusive, created_at=now)
    coupon.folded = coupon.code.casefold()
    coupon.full_clean()
    coupon.save()
    _hold(coupon, creator, from_at=from_at, until_at=until_at, by=by, now=now)
    return coupon


@transaction.atomic
def hand_over_coupon(
    *,
    coupon: Coupon,
    creator: Creator | None,
    from_at: dt.datetime,
    until_at: dt.datetime | None = None,
    by: User | None,
    now: dt.datetime,
) -> None:
    """Afterwards the code is another's, or nobody's, from a moment on; what was planned after it is dropped.

    Orders placed before keep their creator. ValidationError for a moment before the present holder's first, since
    that would take the code from somebody in hindsight. May be repeated.
    """
    Coupon.objects.select_for_update().get(pk=coupon.pk)
    begun = coupon.holdings.filter(starts_at__lte=now).order_by("starts_at").last()
    if begun is not None and from_at < begun.starts_at:
        raise ValidationError({"from_at": _("The code changed hands after that moment; choose a later one.")})
    coupon.holdings.filter(starts_at__gt=now).delete()
    coupon.holdings.filter(starts_at=from_at).delete()
    _hold(coupon, creator, from_at=from_at, until_at=until_at, by=by, now=now)


def _hold(
    coupon: Coupon,
    creator: Creator | None,
    *,
    from_at: dt.datetime,
    until_at: dt.datetime | None,
    by: User | None,
    now: dt.datetime,
) -> None:
    if until_at is not None and until_at <= from_at:
        raise ValidationError({"until_at": _("The code would end before it begins.")})
    rows = [CouponHolding(coupon=coupon, creator=creator, starts_at=from_at, given_by=by, given_at=now)]
    if until_at is not None and creator is not None:
        rows.append(CouponHolding(coupon=coupon, creator=None, starts_at=until_at, given_by=by, given_at=now))
    CouponHolding.objects.bulk_create(rows)
