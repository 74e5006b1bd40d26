"""What the demo's prices did in the ninety days before: told with the real services, at the times they belong to."""

from __future__ import annotations

import datetime as dt

from affiliates.catalogue.domain.feed_rows import FeedRow
from affiliates.catalogue.models import Reading, SourcePolicy
from affiliates.catalogue.services.listings import apply_rows
from affiliates.parties.models import Merchant

#: Days ago, and the price then in percent of today's. The last step of the first is a deal, the others are not.
COURSES: tuple[tuple[tuple[int, int], ...], ...] = (
    ((92, 118), (71, 124), (64, 119), (40, 122), (31, 118), (3, 100)),
    ((92, 100), (60, 94), (53, 100), (21, 104), (12, 100)),
    ((88, 108), (45, 112), (38, 103), (15, 100)),
)
#: How many of a shop's listings have a history.
TOLD = 9
#: A feed comes every other day, so that nobody can say that no one looked; this shop's once did not for a week.
EVERY_DAYS = 2
OUTAGES = {"harbourlane": range(44, 52)}


def tell_prices(*, merchant: Merchant, rows: list[FeedRow], policy: SourcePolicy, now: dt.datetime) -> None:
    """Afterwards the shop's first listings have ninety days of readings. Told once; repeated, it changes nothing."""
    told = rows[:TOLD]
    if Reading.objects.filter(offer__merchant=merchant, observed_at__lt=now - dt.timedelta(days=60)).exists():
        return
    steps = {day for course in COURSES for day, _percent in course}
    days = steps | set(range(EVERY_DAYS, max(steps), EVERY_DAYS))
    for day in sorted(days - set(OUTAGES.get(merchant.slug, ())), reverse=True):
        then = [_at(row, COURSES[place % len(COURSES)], day) for place, row in enumerate(told)]
        known = [row for row in then if row is not None]
        apply_rows(merchant=merchant, rows=known, policy=policy, now=now - dt.timedelta(days=day), index=False)


def _at(row: FeedRow, course: tuple[tuple[int, int], ...], day: int) -> FeedRow | None:
    """The listing as it was that many days ago; None before its course begins."""
    percent = next((share for start, share in reversed(course) if start >= day), None)
    if percent is None or row.price_minor is None:
        return None
    return row._replace(price_minor=row.price_minor * percent // 100, list_price_minor=None)
