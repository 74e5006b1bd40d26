"""Merchants, programmes, members and keys for tests."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from typing import Any

from affiliates.parties.models import ApiKey, Enrolment, Merchant, MerchantHost, MerchantMember, Program, Stay
from affiliates.parties.services import create_api_key
from community.models import Creator, User

_numbers = itertools.count(1)


def make_merchant(
    slug: str | None = None, *, currency: str = "EUR", home_country: str = "DE", with_hosts: bool = True, **fields: Any
) -> Merchant:
    """A merchant with the hosts <slug>.example and www.<slug>.example."""
    slug = slug or f"shop-{next(_numbers)}"
    fields.setdefault("name", slug.replace("-", " ").title())
    merchant = Merchant.objects.create(slug=slug, currency=currency, home_country=home_country, **fields)
    if with_hosts:
        for host in (f"{slug}.example", f"www.{slug}.example"):
            MerchantHost.objects.create(merchant=merchant, host=host)
    return merchant


def make_program(merchant: Merchant | None = None, **fields: Any) -> Program:
    """The merchant's open programme: last click within 30 days, held for 14, 80 % to the creator."""
    merchant = merchant or make_merchant()
    fields.setdefault("name", f"{merchant.name} partners")
    fields.setdefault("currency", merchant.currency)
    fields.setdefault("click_param", "click_ref")
    fields.setdefault("creator_share_percent", Decimal(80))
    return Program.objects.create(merchant=merchant, **fields)


def make_member(merchant: Merchant, user: User, role: str = MerchantMember.Role.VIEWER) -> MerchantMember:
    """The person acts for the merchant."""
    return MerchantMember.objects.create(merchant=merchant, user=user, role=role)


def make_enrolment(program: Program, creator: Creator, **fields: Any) -> Enrolment:
    """The creator is in the programme, since 2020 unless said otherwise, or has the state given."""
    since = fields.setdefault("joined_at", dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    enrolment = Enrolment.objects.create(program=program, creator=creator, **fields)
    if enrolment.status == Enrolment.Status.JOINED:
        Stay.objects.create(enrolment=enrolment, starts_at=since)
    return enrolment


def make_key(
    *, merchant: Merchant | None = None, creator: Creator | None = None, operator: bool = False, **options: Any
) -> tuple[ApiKey, str]:
    """A key and its plaintext."""
    return create_api_key(merchant=merchant, creator=creator, operator=operator, **options)


def bearer(plaintext: str) -> dict[str, str]:
    """Extra arguments of Django's test client that send the key."""
    return {"HTTP_AUTHORIZATION": f"Bearer {plaintext}"}
