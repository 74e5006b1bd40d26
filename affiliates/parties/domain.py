"""What a key of each owner may be allowed to do."""

from __future__ import annotations

SCOPES: dict[str, tuple[str, ...]] = {
    "merchant": ("conversions:read", "conversions:write", "reports:read", "clicks:read", "programs:read"),
    "creator": ("conversions:read", "reports:read", "clicks:read", "links:read", "links:write", "programs:read"),
    "operator": ("conversions:read", "reports:read", "clicks:read", "links:read", "programs:read"),
}
