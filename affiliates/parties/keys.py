"""How an API call shows whose it is: `Authorization: Bearer <key>`."""

from __future__ import annotations

import hmac
import re
from typing import Any

from django.http import HttpRequest

from ninja.security import HttpBearer

from affiliates.parties.models import ApiKey
from affiliates.parties.services import PREFIX_LENGTH, key_digest, note_use
from cms.core.problems import Problem

SHAPE = re.compile(r"vk_[A-Za-z0-9]{8}_[A-Za-z0-9_-]{43}", re.ASCII)


class KeyAuth(HttpBearer):
    """Sets `request.auth` to the ApiKey; an unknown, malformed or revoked key is answered with 401.

    One query, and one more for the first call of a minute.
    """

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey | None:
        if not SHAPE.fullmatch(token):
            return None
        found = ApiKey.objects.live().filter(prefix=token[:PREFIX_LENGTH])
        key = found.select_related("merchant", "creator").first()
        digest = key_digest(token)
        if not hmac.compare_digest(key.key_hash if key else "0" * 64, digest) or key is None:
            return None
        note_use(key=key)
        return key


def key_of(request: HttpRequest) -> ApiKey:
    """The key of an authenticated API request."""
    return request.auth  # type: ignore[attr-defined, no-any-return]


def require_scope(request: HttpRequest, scope: str) -> ApiKey:
    """The request's key, if it has the scope; a 403 Problem that names the scope otherwise."""
    key = key_of(request)
    if scope not in key.scopes:
        raise Problem(403, "Forbidden", f"This key does not have the scope {scope}.")
    return key


def owner_filter(key: ApiKey, *, merchant: str = "merchant_id", creator: str = "creator_id") -> dict[str, Any]:
    """The filter that confines a queryset to the key's own side; empty for the operator's key."""
    if key.merchant_id:
        return {merchant: key.merchant_id}
    if key.creator_id:
        return {creator: key.creator_id}
    return {}
