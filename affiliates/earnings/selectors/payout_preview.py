"""Whom a batch would pay, and why not the others. What is proposed is decided here too."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from affiliates.catalogue.domain.rates import NoRate, RateTable, convert
from affiliates.catalogue.selectors.rates import rates_on
from affiliates.earnings.domain.payout_methods import Method, can_pay
from affiliates.earnings.domain.payouts import HOLD_AFTER_CHANGE, minimum_minor
from affiliates.earnings.models import Payout, PayoutProfile
from affiliates.earnings.selectors.ledger import available_balances
from affiliates.earnings.selectors.payout_gates import held_back
from affiliates.earnings.selectors.payout_profiles import undecided_accounts
from community.models import Creator


@dataclass(frozen=True, slots=True)
class Candidate:
    """A creator with money in a currency. Without a `reason` a batch would pay them."""

    creator: Creator
    currency: str
    balance_minor: int
    profile: PayoutProfile | None = None
    pay_currency: str = ""
    pay_minor: int = 0
    reason: str = ""
    detail: str = ""

    @property
    def why(self) -> str:
        """The reason in words."""
        words = {
            "in_debt": _("In debt: later earnings set it off"),
            "below_minimum": _("Below the minimum, carried forward"),
            "open_payout": _("The last payout has not ended yet"),
            "no_profile": _("No payment details yet"),
            "just_changed": _("Payment details changed: on hold until %(detail)s"),
            "shared_account": _("Another creator has the same account; see the case"),
            "held": "%(detail)s",
            "method_currency": _("This way of payment cannot carry %(detail)s"),
            "no_rate": _("There is no exchange rate for %(detail)s"),
        }
        return words[self.reason] % {"detail": self.detail} if self.reason else ""


def candidates(
    currency: str, *, now: dt.datetime, balances: Mapping[int, tuple[int, int]] | None = None
) -> list[Candidate]:
    """Every creator with money in a currency, those who would be paid first. Seven queries, and the gates'."""
    if balances is None:
        balances = available_balances(currency)
    owed = {creator_id: balance for creator_id, (_account, balance) in balances.items() if balance}
    creators = Creator.objects.in_bulk(list(owed))
    profiles = {
        profile.creator_id: profile for profile in PayoutProfile.objects.filter(creator_id__in=owed, replaced_at=None)
    }
    opened = set(
        Payout.objects.open().filter(creator_id__in=owed, currency=currency).values_list("creator_id", flat=True)
    )
    shared = undecided_accounts({profile.fingerprint for profile in profiles.values()})
    gates = held_back(list(owed), now.date())
    rates = rates_on(now.date())
    found = []
    for creator_id, balance in owed.items():
        profile = profiles.get(creator_id)
        into = (profile.currency if profile else "") or currency
        reason, detail = _reason(balance, currency, into, profile, now=now, opened=creator_id in opened, shared=shared)
        if not reason and creator_id in gates:
            reason, detail = "held", gates[creator_id]
        if not reason and profile and not can_pay(Method(profile.method), into):
            reason, detail = "method_currency", into
        pay_minor = 0
        if not reason:
            pay_minor, detail = _converted(balance, currency, into, rates)
            reason = "no_rate" if detail else ""
        found.append(Candidate(creators[creator_id], currency, balance, profile, into, pay_minor, reason, detail))
    return sorted(
        found, key=lambda one: (bool(one.reason), one.reason, one.creator.display_name.lower(), one.creator.pk)
    )


def _reason(
    balance: int,
    currency: str,
    into: str,
    profile: PayoutProfile | None,
    *,
    now: dt.datetime,
    opened: bool,
    shared: set[str],
) -> tuple[str, str]:
    if balance < 0:
        return "in_debt", ""
    if balance < minimum_minor(currency):
        return "below_minimum", ""
    if opened:
        return "open_payout", ""
    if profile is None:
        return "no_profile", ""
    if profile.created_at > now - HOLD_AFTER_CHANGE:
        return "just_changed", (profile.created_at + HOLD_AFTER_CHANGE).strftime("%Y-%m-%d %H:%M UTC")
    if profile.fingerprint and profile.fingerprint in shared:
        return "shared_account", ""
    return "", ""


def _converted(minor: int, currency: str, into: str, rates: RateTable | None) -> tuple[int, str]:
    try:
        return convert(minor, currency, into, rates), ""
    except NoRate:
        return 0, f"{currency} → {into}"
