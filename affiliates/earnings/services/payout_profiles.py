"""Creators say how they want to be paid; finance decides about accounts that two of them share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from affiliates.earnings.domain.payout_methods import Method, can_pay, check_details, fingerprint
from affiliates.earnings.models import PayoutProfile, SharedAccount
from affiliates.earnings.selectors.payout_profiles import holders
from community.models import Creator, User


@transaction.atomic
def set_payout_profile(
    *,
    creator: Creator,
    method: str,
    country: str,
    holder: str,
    details: Mapping[str, str],
    by: User,
    now: dt.datetime,
    currency: str = "",
) -> PayoutProfile:
    """Make these the creator's payment details from now on, as a new version; the one before is kept.

    DetailFaults names what cannot be right. The same details again change nothing. Two creators with one account
    are one case for finance.
    """
    kept = check_details(Method(method), country, details)
    if currency and not can_pay(Method(method), currency):
        raise ValueError("this way of payment cannot carry the currency")
    # One after the other: versions are numbered.
    Creator.objects.select_for_update(of=("self",), no_key=True).get(pk=creator.pk)
    active = PayoutProfile.objects.filter(creator=creator, replaced_at=None).first()
    wanted = (method, country, holder.strip(), currency, kept)
    if active and (active.method, active.country, active.holder, active.currency, active.details) == wanted:
        return active
    if active:
        active.replaced_at = now
        active.save(update_fields=["replaced_at"])
    last = PayoutProfile.objects.filter(creator=creator).order_by("-version").first()
    made = PayoutProfile.objects.create(
        creator=creator,
        version=(last.version if last else 0) + 1,
        method=method,
        country=country,
        holder=holder.strip(),
        currency=currency,
        details=kept,
        fingerprint=fingerprint(country, kept),
        created_by=by,
        created_at=now,
    )
    raise_cases(fingerprints=[made.fingerprint], now=now)
    # Two who give one account at the same moment do not see each other before both have committed.
    transaction.on_commit(partial(raise_cases, fingerprints=[made.fingerprint], now=now))
    return made


@transaction.atomic
def raise_cases(*, fingerprints: list[str], now: dt.datetime) -> int:
    """One open case for each of these accounts that several creators gave; returns how many were opened or reopened.

    May be repeated. A case that was closed is reopened only by somebody it did not name.
    """
    opened = 0
    for account, people in sorted(holders(fingerprints).items()):
        case, _made = SharedAccount.objects.get_or_create(fingerprint=account, defaults={"opened_at": now})
        new = people - set(case.creators.values_list("pk", flat=True))
        if not new:
            continue
        case.creators.add(*new)
        case.opened_at, case.closed_at, case.closed_by, case.note = now, None, None, ""
        case.save()
        opened += 1
    return opened


class CaseRefused(Exception):
    """A case that this person may not close; the message says why, in the reader's language."""


@transaction.atomic
def close_case(*, case: SharedAccount, by: User, note: str, now: dt.datetime) -> SharedAccount:
    """Agree that these creators share an account; they are paid again. May be repeated.

    CaseRefused for whoever is one of them, and without a reason.
    """
    fresh = SharedAccount.objects.select_for_update(of=("self",)).get(pk=case.pk)
    if fresh.closed_at is not None:
        return fresh
    if fresh.creators.filter(user=by).exists():
        raise CaseRefused(_("You are one of these creators, so somebody else has to decide."))
    if not note.strip():
        raise CaseRefused(_("Say why they may share the account."))
    fresh.closed_at, fresh.closed_by, fresh.note = now, by, note.strip()[:200]
    fresh.save(update_fields=["closed_at", "closed_by", "note"])
    return fresh


@transaction.atomic
def forget_profiles(*, user: User, now: dt.datetime) -> None:
    """Empty the payment details of a person who is erased, except the versions that money was sent by. May be repeated.

    The fingerprints stay: they name nobody, and payouts rest on them.
    """
    own = PayoutProfile.objects.filter(creator__user=user)
    own.filter(replaced_at=None).update(replaced_at=now)
    own.filter(payouts=None).update(details={}, holder="")
    own.filter(told_at=None).update(told_at=now)
