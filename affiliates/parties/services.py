"""Keys are made and revoked, creators join programmes."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from affiliates.parties.domain import SCOPES
from affiliates.parties.models import ApiKey, Enrolment, Merchant, Program
from community.models import Creator

PREFIX_LENGTH = 12
USE_IS_NOTED_EVERY = dt.timedelta(minutes=1)


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
) -> tuple[ApiKey, str]:
    """A new key and its plaintext, which is shown once and never stored.

    Without scopes it has every scope of its owner. ValueError unless there is exactly one owner, and for a scope
    the owner cannot have. Not repeatable: each call makes another key.
    """
    if [merchant is not None, creator is not None, operator].count(True) != 1:
        raise ValueError("a key belongs to one merchant, one creator or the operator")
    owner = "merchant" if merchant else "creator" if creator else "operator"
    allowed = SCOPES[owner]
    if scopes and (unknown := sorted(set(scopes) - set(allowed))):
        raise ValueError(f"a {owner} key cannot have {', '.join(unknown)}; it can have {', '.join(allowed)}")
    plaintext = f"vk_{secrets.token_urlsafe(6).replace('-', 'x').replace('_', 'y')}_{secrets.token_urlsafe(32)}"
    key = ApiKey.objects.create(
        prefix=plaintext[:PREFIX_LENGTH - 1],
        key_hash=key_digest(plaintext),
        merchant=merchant,
        creator=creator,
        is_operator=operator,
        scopes=list(scopes or allowed),
        label=label,
    )
    return key, plaintext


def note_use(*, key: ApiKey) -> None:
    """Remember that a key was used, at most once a minute. May be repeated."""
    now = timezone.now()
    if key.last_used_at is None or now - key.last_used_at > USE_IS_NOTED_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)


def revoke_key(*, key: ApiKey) -> None:
    """The key is refused from now on. May be repeated."""
    ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(revoked_at=timezone.now())


@transaction.atomic
def join_program(*, program: Program, creator: Creator, now: dt.datetime | None = None) -> Enrolment:
    """The creator earns from this programme from now on. May be repeated.

    ValueError where the programme is not open; applications are decided by the merchant.
    """
    if not (program.is_open and program.is_active):
        raise ValueError(f"{program.name} is not open")
    enrolment, created = Enrolment.objects.get_or_create(
        program=program, creator=creator, defaults={"joined_at": now or timezone.now()}
    )
    if not created and enrolment.status != Enrolment.Status.JOINED:
        enrolment.status = Enrolment.Status.JOINED
        enrolment.save(update_fields=["status"])
    return enrolment
