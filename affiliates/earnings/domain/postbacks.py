"""Signatures of postbacks, for shops that can only call an address."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac

TOLERANCE = dt.timedelta(minutes=5)


def signature(secret: str, signed: str) -> str:
    """Hex HMAC-SHA256 of what is signed: the query string as it is sent, up to "&sig"."""
    return hmac.new(secret.encode(), signed.encode(), hashlib.sha256).hexdigest()


def is_signed(secret: str, query: str) -> bool:
    """Whether a query string ends in `&sig=` with the right signature of all that comes before."""
    signed, found, given = query.rpartition("&sig=")
    return bool(found) and hmac.compare_digest(signature(secret, signed).encode(), given.lower().encode())


def is_fresh(ts: str, *, now: dt.datetime) -> bool:
    """Whether `ts`, seconds since 1970, lies within five minutes of now."""
    if not (ts.isascii() and ts.isdigit() and len(ts) <= 12):
        return False
    return abs(now.timestamp() - int(ts)) <= TOLERANCE.total_seconds()
