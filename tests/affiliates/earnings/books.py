"""Books in which something of every kind happened, and a reader that follows amounts to what they are the sum of."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from html import unescape

from django.test import Client

from affiliates.earnings.domain.periods import Month
from affiliates.earnings.models import BrandStatement, Payout, Statement
from affiliates.earnings.services.adjustments import approve_adjustment, propose_adjustment
from affiliates.earnings.services.brand_accounts import issue_statement, record_brand_payment
from affiliates.earnings.services.clockwork import release_holds
from affiliates.earnings.services.payout_ends import confirm_payout, return_payout
from affiliates.earnings.services.periods import close_period
from cms.core.formats import format_money
from community.models import User
from tests.affiliates.earnings.payday import handed
from tests.factories.community import make_creator, make_finance, make_user
from tests.factories.earnings import NOON, Shop, make_shop
from tests.factories.parties import make_member

DAY = dt.timedelta(days=1)
_AMOUNT = re.compile(r'<a href="([^"]*/(?:transfers|lines|figures/[a-z-]+)/\?[^"]*|[^"]*/transfers/)"[^>]*>([^<]+)</a>')


@dataclass
class Books:
    """A shop whose creator earned in two months, was paid, had one payout returned and owes for a refund."""

    shop: Shop
    other: Shop
    brand: User
    finance: User
    statements: list[Statement]
    brand_statement: BrandStatement
    payouts: list[Payout]

    def client(self, who: str) -> Client:
        """Somebody who is logged in: finance, brand, creator, or another creator."""
        person = {
            "finance": self.finance, "brand": self.brand, "creator": self.shop.creator.user,
            "other": self.other.creator.user,
        }[who]  # fmt: skip
        client = Client()
        client.force_login(person)
        return client


def keep_books() -> Books:
    """March: orders, a refund, a payout that was returned. April: paid, refunded after that, adjusted by hand."""
    shop = make_shop("acme", creator=make_creator("maria"))
    other = make_shop("other", creator=make_creator("otto"))
    brand, finance = make_user(), make_finance()
    make_member(shop.merchant, brand)

    def order(of: Shop, name: str, now: dt.datetime, **fields: object) -> None:
        of.order(name, click=of.click(), now=now, **fields)

    order(shop, "A-1", NOON, status="approved", lines=[("1", "900.00"), ("2", "100.00")])
    order(shop, "A-2", NOON, status="approved", lines=[("1", "300.00", "120.00")])
    order(shop, "A-3", NOON, lines=[("1", "50.00")])
    order(shop, "A-4", NOON, status="reversed", lines=[("1", "70.00")])
    order(other, "O-1", NOON, status="approved", lines=[("1", "80.00")])
    release_holds(now=NOON + 15 * DAY)
    first, person = handed(shop, now=NOON + 16 * DAY)
    confirm_payout(payout=first, by=person, now=NOON + 17 * DAY)
    return_payout(payout=first, by=person, now=NOON + 18 * DAY, reason="Account closed")
    close_period(month=Month(2026, 3), by=finance, now=NOON + 25 * DAY)
    april = NOON + 30 * DAY
    second, person = handed(shop, now=april)
    confirm_payout(payout=second, by=person, now=april + DAY, reference="B-77")
    order(shop, "A-1", april + 2 * DAY, status="approved", lines=[("1", "900.00", "450.00"), ("2", "100.00")])
    given = propose_adjustment(
        creator=shop.creator, currency="EUR", debit_kind="platform_margin", credit_kind="creator_available",
        amount_minor=500, reason="Goodwill", by=finance, now=april,
    )  # fmt: skip
    approve_adjustment(adjustment=given, by=person, now=april + 3 * DAY)
    stated = issue_statement(merchant=shop.merchant, currency="EUR", ends_at=april, now=april + 4 * DAY)
    assert stated
    record_brand_payment(
        merchant=shop.merchant, currency="EUR", amount_minor=10_500, reference="B-1", paid_on=april.date(), by=finance,
        now=april + 5 * DAY,
    )  # fmt: skip
    close_period(month=Month(2026, 4), by=finance, now=NOON + 60 * DAY)
    order(shop, "A-5", NOON + 61 * DAY, status="approved", lines=[("1", "20.00")])
    statements = list(Statement.objects.filter(creator=shop.creator).order_by("pk"))
    return Books(shop, other, brand, finance, statements, stated, [first, second])


def amounts_of(page: str) -> list[tuple[str, str]]:
    """(address, amount) of every amount of a page that leads to what it is the sum of."""
    return [(unescape(address), unescape(words)) for address, words in _AMOUNT.findall(page)]


def follow(client: Client, address: str) -> tuple[str, str]:
    """What the page behind an amount adds up to: at its foot, and row by row."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    context = answer.context
    if "total_minor" in context:
        rows, total = [line.worth_minor for line in context["lines"]], context["total_minor"]
    else:
        rows = [getattr(row, "signed_minor", getattr(row, "amount_minor", 0)) for row in context["rows"]]
        total = context["total"].amount_minor
    page = answer.content.decode()
    foot = page[page.index("<tfoot>") : page.index("</tfoot>")] if "<tfoot>" in page else format_money(0, "EUR")
    words = format_money(total, context["currency"])
    assert words in unescape(foot), address
    return words, format_money(sum(rows), context["currency"])
