"""Keys are made, used and revoked."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import string
from collections.abc import Sequence

from django.utils import timezone

from affiliates.parties.domain import SCOPES
from affiliates.parties.models import ApiKey, Merchant
from community.models import Creator

PREFIX_LENGTH = 11
MARK = "vk_"
ALPHABET = string.ascii_letters + string.digits
USE_IS_NOTED_EVERY = dt.timedelta(minutes=1)


def new_key() -> str:
    """A key in plaintext: a public part to find it by, and 256 random bits."""
    public = "".join(secrets.choice(ALPHABET) for _ in range(PREFIX_LENGTH - len(MARK)))
    return f"{MARK}{public}_{secrets.token_urlsafe(32)}"


def key_digest(plaintext: str) -> str:
    """What is stored of a key. SHA-256 suffices for 256 random bits."""
    return hashlib.sha256(plaintext.encode()).hexdigest()


def create_api_key(
    *,
    merchant: Merchant | None = None,
    creator: Creator | None = None,
    operator: bool = False,
    scopes: Sequence[str] | None = None,
    label: str = "",
    is_demo: bool = False,
    is_sandbox: bool = False,
) -> tuple[ApiKey, str]:
    """A new key and its plaintext, which is shown once and never stored.

    Without scopes it has every scope of its owner. A merchant's can be a sandbox's: what is reported with it is
    reckoned and not stored. ValueError unless there is exactly one owner, and for a scope the owner cannot have. Not
    repeatable: each call makes another key.
    """
    if [merchant is not None, creator is not None, operator].count(True) != 1:
        raise ValueError("a key belongs to one merchant, one creator or the operator")
    owner = "merchant" if merchant else "creator" if creator else "operator"
    if is_sandbox:
        if owner != "merchant":
            raise ValueError("only a merchant's key can be a sandbox's")
        owner = "sandbox"
    allowed = SCOPES[owner]
    if scopes and (unknown := sorted(set(scopes) - set(allowed))):
        raise ValueError(f"a {owner} key cannot have {', '.join(unknown)}; it can have {', '.join(allowed)}")
    plaintext = new_key()
    key = ApiKey.objects.create(
        prefix=plaintext[:PREFIX_LENGTH],
        key_hash=key_digest(plaintext),
        merchant=merchant,
        creator=creator,
        is_operator=operator,
        scopes=list(dict.fromkeys(scopes or allowed)),
        label=label,
        is_demo=is_demo,
        is_sandbox=is_sandbox,
    )
    return key, plaintext


def note_use(*, key: ApiKey) -> None:
    """Remember that a key was used, at most once a minute. May be repeated."""
    now = timezone.now()
    if key.last_used_at is None or now - key.last_used_at >= USE_IS_NOTED_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
        key.last_used_at = now


def revoke_key(*, key: ApiKey) -> None:
    """The key is refused from now on. May be repeated."""
    ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(revoked_at=timezone.now())
