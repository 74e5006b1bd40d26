"""Shops whose orders earn commission, for tests."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

from django.db import connection

from affiliates.catalogue.models import ExchangeRate
from affiliates.earnings.domain.payout_methods import fingerprint
from affiliates.earnings.domain.reports import ConversionReport, parse_report
from affiliates.earnings.models import CommissionRule, Conversion, PayoutProfile
from affiliates.earnings.services.conversions import Accepted, accept_report, new_raw
from affiliates.parties.models import Merchant, MerchantHost, Program
from affiliates.tracking.models import Click, Link, Placement
from community.models import Creator
from tests.factories.community import make_bare_creator
from tests.factories.parties import make_enrolment
from tests.factories.tracking import make_click, make_link, make_placement

NOON = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)
LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
DETAILS = {
    "manual": {"note": "as agreed"},
    "sepa": {"iban": "DE89370400440532013000"},
    "bank": {"bank_code": "021000021", "account_number": "123456789"},
    "mail": {"email": "ana@example.org"},
    "provider": {"account": "acct_1"},
}
_numbers = itertools.count(1)
_guards = [
    import_module(f"affiliates.earnings.migrations.{path.stem}")
    for name in ("append_only", "closed_months_are_shut", "commission_rules_complete")
    for path in sorted((Path(__file__).parents[2] / "affiliates/earnings/migrations").glob(f"*_{name}.py"))
]


@dataclass
class Shop:
    """A merchant with its programme, and a creator whose guide links to it."""

    merchant: Merchant
    program: Program
    creator: Creator
    link: Link
    placement: Placement

    def click(self, at: dt.datetime = NOON - dt.timedelta(hours=1), **fields: Any) -> Click:
        """A click on the creator's link."""
        return make_click(link=self.link, at=at, placement=self.placement, **fields)

    def report(self, order_id: str = "A-1", *, click: Click | None = None, **fields: Any) -> ConversionReport:
        """A report as the API would read it; `lines` are (line_id, amount, refunded) or whole objects."""
        return parse_report(self.body(order_id, click=click, **fields), now=NOON + dt.timedelta(days=3650))

    def body(self, order_id: str = "A-1", *, click: Click | None = None, **fields: Any) -> dict[str, Any]:
        """The JSON of a report."""
        lines = [
            dict(zip(("line_id", "amount", "refunded"), line, strict=False)) if isinstance(line, tuple) else line
            for line in fields.pop("lines", [("1", "100.00" if self.program.currency != "JPY" else "100")])
        ]
        return {
            "order_id": order_id,
            "click_id": click.click_id if click else None,
            "status": "pending",
            "currency": self.program.currency,
            "occurred_at": NOON.isoformat(),
            "lines": lines,
            **fields,
        }

    def order(
        self, order_id: str = "A-1", *, click: Click | None = None, now: dt.datetime = NOON, **fields: Any
    ) -> Conversion:
        """Report an order and return it as stored."""
        return self.accept(self.report(order_id, click=click, **fields), now=now).conversion

    def accept(self, report: ConversionReport, *, now: dt.datetime = NOON) -> Accepted:
        """Take in a report."""
        body = json.dumps(report.as_json()).encode()
        raw = new_raw(merchant=self.merchant, body=body, channel="api", now=now)
        return accept_report(merchant=self.merchant, report=report, raw=raw, now=now)


def make_rule(
    program: Program, *, percent: str | None = "10", flat_minor: int | None = None, **fields: Any
) -> CommissionRule:
    """The next version of a programme's rules, in force since 2020; one with equal conditions ends."""
    fields.setdefault("starts_at", dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    fields["products"] = "\n".join(sorted(fields.get("products", "").split()))
    equal = CommissionRule(program=program, **fields).conditions()
    program.rules.filter(ends_at__isnull=True, **equal).update(ends_at=fields["starts_at"])
    return CommissionRule.objects.create(
        program=program,
        version=fields.pop("version", program.rules.count() + 1),
        kind="flat" if flat_minor is not None else "percent",
        percent=None if flat_minor is not None or percent is None else Decimal(percent),
        flat_minor=flat_minor,
        **fields,
    )


def make_shop(
    slug: str | None = None,
    *,
    currency: str = "EUR",
    percent: str = "10",
    share: str = "70",
    creator: Creator | None = None,
    **program: Any,
) -> Shop:
    """A merchant, its programme with one percent rule, and a creator's link on a guide; without a storefront."""
    slug = slug or f"shop-{next(_numbers)}"
    merchant = Merchant.objects.create(slug=slug, name=slug.title(), home_country="DE", currency=currency)
    MerchantHost.objects.create(merchant=merchant, host=f"{slug}.example")
    program.setdefault("hold_days", 14)
    made = Program.objects.create(
        merchant=merchant,
        name=f"{slug.title()} Partners",
        currency=currency,
        creator_share_percent=Decimal(share),
        click_param="vt_click",
        **program,
    )
    make_rule(made, percent=percent)
    creator = creator or make_bare_creator()
    if not creator.payout_profiles.exists():
        make_profile(creator)
    make_enrolment(made, creator)
    link = make_link(merchant=merchant, creator=creator)
    return Shop(merchant, made, creator, link, make_placement(creator=creator, title=f"The best of {slug}"))


def make_profile(creator: Creator, *, method: str = "manual", country: str = "DE", **fields: Any) -> PayoutProfile:
    """The creator's payment details, set long ago; by arrangement unless a way is named."""
    details = fields.pop("details", None) or DETAILS[method]
    creator.payout_profiles.filter(replaced_at=None).update(replaced_at=LONG_AGO)
    return PayoutProfile.objects.create(
        creator=creator,
        version=creator.payout_profiles.count() + 1,
        method=method,
        country=country,
        holder=fields.pop("holder", creator.display_name),
        details=details,
        fingerprint=fingerprint(country, details),
        created_by=creator.user,
        created_at=fields.pop("created_at", LONG_AGO),
        told_at=LONG_AGO,
        **fields,
    )


def make_rates(on: dt.date, **rates: str) -> None:
    """The central bank's rates of a day: how many of each currency one euro was worth."""
    for currency, rate in rates.items():
        ExchangeRate.objects.create(currency=currency, on=on, rate_e8=int(Decimal(rate) * 10**8))


class _Editor:
    """As much of a schema editor as the triggers' migration needs, inside a transaction too."""

    connection = connection

    def execute(self, sql: str, params: object = None) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql)


def _now() -> None:
    """PostgreSQL changes no table that has checks outstanding."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@contextlib.contextmanager
def without_guards() -> Iterator[None]:
    """The database without the triggers that keep what is written once, as its owner could make it."""
    _now()
    for guards in reversed(_guards):
        guards.backwards(None, _Editor())
    try:
        yield
    finally:
        _now()
        for guards in _guards:
            guards.forwards(None, _Editor())
