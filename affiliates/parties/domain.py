"""What a key of each owner may be allowed to do."""

from __future__ import annotations

SCOPES: dict[str, tuple[str, ...]] = {
    "merchant": ("conversions:read", "conversions:write", "reports:read", "clicks:read", "programs:read"),
    "creator": ("conversions:read", "reports:read", "clicks:read", "links:read", "links:write", "programs:read"),
    #: Of a merchant that tries the API out: nothing that shows real orders.
    "sandbox": ("conversions:read", "conversions:write", "clicks:read", "programs:read"),
    "operator": ("conversions:read", "reports:read", "clicks:read", "links:read", "programs:read"),
}
