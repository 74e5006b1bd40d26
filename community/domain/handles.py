"""What may be a handle: small letters, digits and hyphens that nobody takes for somebody else."""

from __future__ import annotations

import re

SHORTEST, LONGEST = 3, 40

#: Addresses of the site, and names that speak for it.
RESERVED = frozenset(
    [
        "about",
        "abuse",
        "account",
        "accounts",
        "admin",
        "administrator",
        "api",
        "assets",
        "billing",
        "blog",
        "brand",
        "brands",
        "cms",
        "contact",
        "creator",
        "creators",
        "demo",
        "disclosure",
        "editor",
        "editors",
        "everyone",
        "feed",
        "feeds",
        "finance",
        "follow",
        "following",
        "guide",
        "guides",
        "healthz",
        "help",
        "home",
        "info",
        "legal",
        "lists",
        "login",
        "logout",
        "mail",
        "me",
        "media",
        "moderator",
        "moderators",
        "news",
        "null",
        "official",
        "operator",
        "operators",
        "payout",
        "payouts",
        "postmaster",
        "press",
        "privacy",
        "product",
        "products",
        "readyz",
        "root",
        "robots",
        "saved",
        "search",
        "security",
        "settings",
        "shop",
        "signup",
        "sitemap",
        "staff",
        "static",
        "status",
        "support",
        "system",
        "team",
        "terms",
        "topic",
        "topics",
        "tour",
        "undefined",
        "vitrina",
        "webmaster",
        "welcome",
        "www",
        "you",
    ]
)

_SHAPE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LOOKALIKES = str.maketrans({"0": "o", "1": "l", "i": "l", "5": "s", "2": "z", "8": "b", "-": "", "_": ""})


def skeleton(handle: str) -> str:
    """What a handle looks like at a glance; two handles with one skeleton are confusable.

    >>> skeleton("rnarta-vida1") == skeleton("martavidal")
    True
    """
    return handle.lower().translate(_LOOKALIKES).replace("rn", "m").replace("vv", "w").replace("cl", "d")


_RESERVED_SKELETONS = frozenset(skeleton(word) for word in RESERVED)


def handle_fault(handle: str) -> str | None:
    """Why this cannot be a handle: "shape", "length" or "reserved"; None where it can."""
    if not SHORTEST <= len(handle) <= LONGEST:
        return "length"
    if not _SHAPE.fullmatch(handle) or handle.isdigit():
        return "shape"
    if handle in RESERVED or skeleton(handle) in _RESERVED_SKELETONS:
        return "reserved"
    return None
