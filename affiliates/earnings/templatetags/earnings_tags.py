"""Charts of commission reports, whose figures also stand in a table, and amounts that lead to their transfers."""

from __future__ import annotations

import datetime as dt

from django import template
from django.http import QueryDict
from django.urls import reverse
from django.utils import formats
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from affiliates.earnings.models import Account, CommissionRule, Transfer
from affiliates.earnings.selectors.bank_matching import at_bank
from affiliates.earnings.selectors.causes import cause_of
from affiliates.earnings.selectors.explanations import why_in_words
from affiliates.earnings.selectors.history import transfer_words
from affiliates.earnings.selectors.reports import CommissionReport
from affiliates.earnings.selectors.rule_words import rule_in_words
from cms.core.charts import Point, bar_chart
from cms.core.formats import format_money

register = template.Library()
LONGEST = 92


@register.filter
def rule_words(rule: CommissionRule, currency: str) -> str:
    """What a rule pays and when."""
    return rule_in_words(rule, currency)


@register.filter
def lost_words(why: str) -> str:
    """Why a rule did not price a line, or nobody is credited."""
    return why_in_words(why)


@register.simple_tag
def behind(minor: int, of_currency: str, address: str, **asked: object) -> SafeString:
    """An amount that leads to what it is the sum of, at an address with these arguments; empty ones are left out."""
    query = urlencode({name: str(value) for name, value in sorted(asked.items()) if str(value)})
    separator = "&" if "?" in address else "?"
    return format_html(
        '<a href="{}">{}</a>', f"{address}{separator if query else ''}{query}", format_money(int(minor), of_currency)
    )


@register.simple_tag
def figure(minor: int, currency: str, name: str, **asked: object) -> SafeString:
    """An amount of finance's pages that leads to its transfers."""
    return behind(minor, currency, reverse("earnings_figure", args=[name]), currency=currency, **asked)


@register.simple_tag
def lines_behind(
    minor: int, of_currency: str, address: str, query: str, by: str, key: str | None, column: str
) -> SafeString:
    """An amount of a report that leads to the lines of orders behind it; `query` is the report's own."""
    asked = QueryDict(query, mutable=True)
    for name in ("page", "p", "key"):
        asked.pop(name, None)
    asked["currency"], asked["by"], asked["column"] = of_currency, by, column
    if key is not None:
        asked["key"] = key
    return format_html('<a href="{}?{}">{}</a>', address, asked.urlencode(), format_money(int(minor), of_currency))


@register.filter("at_bank")
def moved_at_bank(transfer: Transfer) -> int:
    """What a transfer moved at the bank: positive came in."""
    return at_bank(transfer)


@register.filter
def cause_words(kind: str) -> str:
    """What a kind of transfer means."""
    return transfer_words(kind).capitalize()


@register.filter
def account_words(account: Account) -> str:
    """An account for people: what it is, and whose."""
    owner = account.merchant or account.creator
    return f"{account.get_kind_display()}: {owner}" if owner else str(account.get_kind_display())


@register.simple_tag
def account_address(account: Account, until: str = "") -> str:
    """Where an account's transfers are listed."""
    asked = {"currency": account.currency, "account": account.kind}
    if account.merchant:
        asked["merchant"] = account.merchant.slug
    elif account.creator:
        asked["creator"] = account.creator.handle
    return f"{reverse('earnings_transfers')}?{urlencode(asked | ({'until': until} if until else {}))}"


@register.simple_tag
def cause_link(transfer: Transfer) -> SafeString:
    """What caused a transfer, leading to its page in finance's corner where it has one."""
    words, address = cause_of(transfer)
    return format_html('<a href="{}">{}</a>', address, words) if address else format_html("{}", words)


@register.simple_tag
def commission_chart(report: CommissionReport, part: str = "commission_minor") -> SafeString:
    """Bars of commission by day, a chart per currency; long periods are gathered by week."""
    charts = []
    for total in report.totals:
        by_day = {row.key: getattr(row, part) for row in report.rows if row.currency == total.currency}
        if any(by_day.values()):
            title = _("Commission by day in %(currency)s") % {"currency": total.currency}
            charts.append((bar_chart(_points(report, by_day, total.currency), title=title),))
    return format_html_join("\n", "{}", charts)


def _points(report: CommissionReport, by_day: dict[str, int], currency: str) -> list[Point]:
    days = (report.to_on - report.from_on).days + 1
    step = 1 if days <= LONGEST else 7
    points = []
    for offset in range(0, days, step):
        start = report.from_on + dt.timedelta(days=offset)
        keys = [(start + dt.timedelta(days=n)).isoformat() for n in range(step)]
        minor = sum(by_day.get(key, 0) for key in keys)
        label = formats.date_format(start, "j M")
        points.append(Point(label, max(minor, 0), format_money(minor, currency)))
    return points
