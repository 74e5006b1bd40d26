"""The rates that compare today's prices."""

from __future__ import annotations

import datetime as dt

from django.core.cache import cache

from affiliates.catalogue.domain.rates import LONGEST_USE, RateTable
from affiliates.catalogue.models import ExchangeRate
from cms.core import generation

#: Whose rates are preferred where several sources published some.
PREFERRED_SOURCE = "ECB"
SECONDS = 3600


def rates_on(day: dt.date) -> RateTable | None:
    """The newest rates not after the day and not older than a week, all of one source and one day; None without any.

    Those of the central bank go before others'. Two queries, then none until the next generation of pages, which an
    import begins.
    """
    key = f"rates:{generation.current()}:{day.isoformat()}"
    kept: tuple[RateTable | None] | None = cache.get(key)
    if kept is None:
        kept = (_table(day),)
        cache.set(key, kept, SECONDS)
    return kept[0]


def _table(day: dt.date) -> RateTable | None:
    usable = ExchangeRate.objects.filter(on__lte=day, on__gte=day - LONGEST_USE)
    sets = set(usable.order_by().values_list("source", "on", "base").distinct())
    if not sets:
        return None
    source, on, base = max(sets, key=lambda one: (one[0] == PREFERRED_SOURCE, one[1], one[0], one[2]))
    rates = dict(usable.filter(source=source, on=on, base=base).values_list("currency", "rate_e8"))
    return RateTable(on=on, source=source, base=base, rates_e8=rates)
