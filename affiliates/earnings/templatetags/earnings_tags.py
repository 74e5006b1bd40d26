"""Charts of commission reports, whose figures always stand in a table as well, and rules in words."""

from __future__ import annotations

import datetime as dt

from django import template
from django.utils import formats
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from affiliates.earnings.models import CommissionRule
from affiliates.earnings.selectors.explanations import why_in_words
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
