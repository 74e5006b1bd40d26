"""How the demo's creators are paid, and from which account. The numbers are made up; nothing leaves."""

from __future__ import annotations

import datetime as dt

from affiliates.earnings.models import PayoutAccount
from affiliates.earnings.services.payout_profiles import set_payout_profile
from community.models import Creator

SENDER = {"name": "Vitrina Demo", "iban": "DE75512108001245126199", "bic": ""}


def make_payees(*, now: dt.datetime) -> None:
    """Give everybody who writes payment details, unless they have some, and the house an account. May be repeated."""
    if not PayoutAccount.objects.exists():
        PayoutAccount.objects.create(**SENDER)
    for creator in (
        Creator.objects.filter(payout_profiles=None, user__isnull=False).select_related("user").order_by("pk")
    ):
        method, country, details = _way(creator)
        set_payout_profile(
            creator=creator,
            method=method,
            country=country,
            holder=creator.display_name,
            details=details,
            by=creator.user,
            now=now,
        )


def _way(creator: Creator) -> tuple[str, str, dict[str, str]]:
    name = creator.user.email.partition("@")[0]
    if name == "creator":
        return "bank", "GB", {"bank_code": "200000", "account_number": "55779911"}
    if name == "creator2":
        return "provider", "DE", {"account": "demo-account-2"}
    return "mail", "DE", {"email": f"{creator.handle}@payments.example"}
