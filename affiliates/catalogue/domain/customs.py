"""Where a parcel meets customs. Dated, since unions gain and lose members."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

_ALWAYS = dt.date.min


@dataclass(frozen=True, slots=True)
class Membership:
    """A country within the customs union of the European Union, both days included."""

    country: str
    since: dt.date = _ALWAYS
    until: dt.date = dt.date.max


#: Regulation (EU) No 952/2013, article 4: the members, and Monaco, which belongs to the union's customs territory.
#: Of the members' overseas lands, which have country codes of their own, none does. Turkey, Andorra and San Marino
#: have agreements for some goods and keep their formalities, so they are left out.
UNION = (
    *(
        Membership(country)
        for country in (
            "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HU", "IE", "IT", "LT", "LU", "LV",
            "MC", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
        )
    ),
    Membership("HR", since=dt.date(2013, 7, 1)),
    Membership("GB", until=dt.date(2020, 12, 31)),
)  # fmt: skip


def in_customs_union(country: str, on: dt.date) -> bool:
    """Whether the country was in the union that day."""
    return any(one.country == country and one.since <= on <= one.until for one in UNION)


def crosses_customs(origin: str, destination: str, on: dt.date) -> bool:
    """Whether a parcel between two countries met customs that day, so that import charges may come on top."""
    if origin == destination:
        return False
    return not (in_customs_union(origin, on) and in_customs_union(destination, on))
