"""What a key of each owner may be allowed to do, and how long people may change their minds."""

from __future__ import annotations

import datetime as dt

#: A creator who left a programme may come back within this time as if nothing had been.
CHANGE_OF_MIND = dt.timedelta(hours=24)
#: Who was declined may apply again after this time.
AFTER_DECLINE = dt.timedelta(days=30)
#: A brand is told of new applications at most once in this time.
TOLD_EVERY = dt.timedelta(hours=20)

SCOPES: dict[str, tuple[str, ...]] = {
    "merchant": ("conversions:read", "conversions:write", "reports:read", "clicks:read", "programs:read"),
    "creator": ("conversions:read", "reports:read", "clicks:read", "links:read", "links:write", "programs:read"),
    #: Of a merchant that tries the API out: nothing that shows real orders.
    "sandbox": ("conversions:read", "conversions:write", "clicks:read", "programs:read"),
    "operator": ("conversions:read", "reports:read", "clicks:read", "links:read", "programs:read"),
}


def creator_steps(
    status: str, *, is_open: bool, left_at: dt.datetime | None, decided_at: dt.datetime | None, now: dt.datetime
) -> tuple[str, ...]:
    """What a creator can do about a programme in force: "join", "apply", "withdraw", "leave"; `status` is empty for
    whoever never had to do with it.
    """
    if status == "joined":
        return ("leave",)
    if status == "invited":
        return ("join", "withdraw")
    if status == "applied":
        return ("withdraw",)
    if status == "declined":
        return ("apply",) if decided_at is None or now - decided_at >= AFTER_DECLINE else ()
    just_left = status == "left" and left_at is not None and now - left_at <= CHANGE_OF_MIND
    return ("join",) if is_open or just_left else ("apply",)
