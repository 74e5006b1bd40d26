"""What stands behind an order's money: its click, the rule versions that priced it, the messages it came with.

Finance, brand and creator are shown the same click and rules; only finance sees messages.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from affiliates.earnings.models import CommissionRule, Conversion, ConversionLine, ReportOutcome
from affiliates.earnings.selectors.answers import plain
from affiliates.tracking.models import Click
from affiliates.tracking.models.clicks import REASONS
from cms.core.formats import country_name, format_money

LONGEST_MESSAGE = 20_000


@dataclass(frozen=True, slots=True)
class ClickFacts:
    """The click that was credited. `verdict` is empty while it was not judged."""

    click_id: str
    at: dt.datetime
    guide: str
    came_from: str
    country: str
    device: str
    verdict: str


@dataclass(frozen=True, slots=True)
class RuleFacts:
    """One version of a rule, as it will always be."""

    version: int
    program: str
    pays: str
    when: str
    starts_at: dt.datetime
    ends_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Message:
    """A message that spoke of the order, to the byte, and what became of it."""

    at: dt.datetime
    channel: str
    result: str
    version: int | None
    sha256: str
    size: int
    text: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where else the order was spoken of: a row of a network's report."""

    what: str
    address: str


_sources: list[Callable[[Conversion], list[Source]]] = []


def register_sources(find: Callable[[Conversion], list[Source]]) -> None:
    """Let an app above say where else it keeps what was said of an order."""
    _sources.append(find)


@dataclass(frozen=True, slots=True)
class Evidence:
    """All of it."""

    click: ClickFacts | None
    rules: list[RuleFacts]


def evidence(conversion: Conversion) -> Evidence:
    """The click and the rule versions behind an order. Two queries, one more with a click."""
    return Evidence(_click(conversion), _rules(conversion))


def messages_of(conversion: Conversion) -> list[Message]:
    """The messages that an order came with, oldest first. One query."""
    outcomes = ReportOutcome.objects.filter(conversion=conversion).select_related("raw").order_by("pk")
    return [
        Message(
            at=outcome.at,
            channel=outcome.raw.get_channel_display(),
            result=outcome.get_result_display(),
            version=outcome.version,
            sha256=outcome.raw.sha256,
            size=len(outcome.raw.body),
            text=bytes(outcome.raw.body)[:LONGEST_MESSAGE].decode("utf-8", "replace"),
        )
        for outcome in outcomes
    ]


def sources_of(conversion: Conversion) -> list[Source]:
    """Rows of networks' reports about an order. One query for each app that keeps some."""
    return [source for find in _sources for source in find(conversion)]


def _click(conversion: Conversion) -> ClickFacts | None:
    if conversion.click_id is None:
        return None
    click = Click.objects.select_related("verdict").get(pk=conversion.click_id)
    verdict = getattr(click, "verdict", None)
    words = {str(reason): str(label) for reason, label in REASONS}
    return ClickFacts(
        click_id=click.click_id,
        at=click.at,
        guide=conversion.placement.title if conversion.placement else "",
        came_from=click.referrer_host,
        country=country_name(click.country) if click.country else "",
        device=click.device,
        verdict="" if verdict is None else words.get(verdict.reason, verdict.reason) or _("counted"),
    )


def _rules(conversion: Conversion) -> list[RuleFacts]:
    found: dict[int, RuleFacts] = {}
    lines = ConversionLine.objects.filter(conversion=conversion).order_by("pk")
    for line in lines.select_related("rule__program", "boost__program"):
        for rule in (line.rule, line.boost):
            if rule is not None:
                found.setdefault(rule.pk, _facts(rule))
    return sorted(found.values(), key=lambda rule: rule.version)


def _facts(rule: CommissionRule) -> RuleFacts:
    currency = rule.program.currency
    pays = (
        _("%(rate)s %% of a line") % {"rate": plain(rule.percent)}
        if rule.percent is not None
        else _("%(amount)s for a line") % {"amount": format_money(rule.flat_minor or 0, currency)}
    )
    if rule.effect != CommissionRule.Effect.BASE:
        pays = f"{pays}, {rule.get_effect_display()}"
    conditions = [
        rule.category,
        country_name(rule.country) if rule.country else "",
        _("code %(code)s") % {"code": rule.coupon} if rule.coupon else "",
        str(rule.get_customer_display()) if rule.customer else "",
        _("listed products") if rule.products else "",
        _("from %(amount)s") % {"amount": format_money(rule.basket_min_minor, currency)}
        if rule.basket_min_minor
        else "",
        _("below %(amount)s") % {"amount": format_money(rule.basket_max_minor, currency)}
        if rule.basket_max_minor
        else "",
        _("agreed with this creator") if rule.creator_id or rule.group_id else "",
    ]
    return RuleFacts(
        version=rule.version,
        program=rule.program.name,
        pays=pays,
        when=", ".join(part for part in conditions if part) or _("everything"),
        starts_at=rule.starts_at,
        ends_at=rule.ends_at,
    )
