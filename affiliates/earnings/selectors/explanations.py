"""An order's money in words: who was credited and why, what each line earned by which rule, and what happens
next.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from affiliates.earnings.domain import attribution as rules
from affiliates.earnings.domain.commission_rules import FLAT_IN_OTHER_CURRENCY, NO_RULE
from affiliates.earnings.domain.validation import Reason
from affiliates.earnings.models import Conversion, ConversionLine
from affiliates.earnings.models.changes import REASONS as REVERSAL_REASONS
from affiliates.earnings.selectors.answers import latest_attributions, plain
from affiliates.tracking.models.clicks import REASONS
from cms.core.formats import format_money
from community.models import Creator


@dataclass(frozen=True, slots=True)
class TouchView:
    """A touch that was considered, with the verdict on it in words."""

    click_id: str
    at: dt.datetime
    creator: str
    creator_name: str
    guide: str
    considered: bool
    won: bool
    why: str
    text: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that decided about an order's money."""

    credit: str
    lines: tuple[str, ...]
    state: str
    touches: tuple[TouchView, ...]
    model: str
    rule_version: int | None
    window_days: int | None
    decided_at: dt.datetime | None

    @property
    def sentences(self) -> tuple[str, ...]:
        """The whole explanation, one sentence after the other."""
        return (self.credit, *self.lines, self.state)


def explain(conversion: Conversion) -> Explanation:
    """Why an order earned what it earned. Four queries."""
    decided = latest_attributions([conversion.pk]).get(conversion.pk)
    touches = decided.touches if decided else []
    creators = Creator.objects.in_bulk({touch["creator_id"] for touch in touches if touch["creator_id"]})
    return Explanation(
        credit=_credit(conversion),
        lines=tuple(line_in_words(line, conversion) for line in conversion.lines.select_related("rule").order_by("pk"))
        if not conversion.reason
        else (),
        state=state_in_words(conversion),
        touches=tuple(
            TouchView(
                click_id=touch["click_id"],
                at=dt.datetime.fromisoformat(touch["at"]),
                creator=creators[touch["creator_id"]].handle if touch["creator_id"] in creators else "",
                creator_name=str(creators[touch["creator_id"]]) if touch["creator_id"] in creators else "",
                guide=touch["guide"],
                considered=touch["considered"],
                won=touch["why"] == rules.WINNER,
                why=touch["why"],
                text=why_in_words(touch["why"]),
            )
            for touch in touches
        ),
        model=decided.model if decided else "",
        rule_version=decided.rule_version if decided else None,
        window_days=decided.window_days if decided else None,
        decided_at=decided.decided_at if decided else None,
    )


def why_in_words(why: str) -> str:
    """Why a touch won or lost, or why an order is credited to nobody."""
    code, _colon, detail = why.partition(":")
    if code == rules.INVALID_CLICK:
        names = {str(reason): str(label) for reason, label in REASONS}
        return _("The click does not count: %(reason)s.") % {"reason": names.get(detail, detail)}
    words = {
        "": "",
        rules.WINNER: _("The merchant reported this click, so it is credited."),
        rules.LAST_CLICK: _("The last click that reached the shop is credited."),
        rules.EARLIER_CLICK: _("An earlier click, probably of the same visitor; the later one is credited."),
        rules.NOT_REPORTED: _("Probably the same visitor, but the merchant reported another click."),
        rules.NO_CLICK_OR_COUPON: _("The merchant reported neither a click nor a coupon."),
        rules.UNKNOWN_COUPON: _("The reported coupon belongs to no creator."),
        rules.UNKNOWN_CLICK: _("The reported click is not known here."),
        rules.CLICK_OF_OTHER_MERCHANT: _("The reported click led to another merchant."),
        rules.OUTSIDE_WINDOW: _("The click is older than the programme allows."),
        rules.CLICK_AFTER_ORDER: _("The click came after the order."),
        rules.NO_PROGRAM: _("The merchant has no programme."),
        rules.NOT_ENROLLED: _("The creator has not joined the programme."),
        NO_RULE: _("No rule of the programme covers this line."),
        FLAT_IN_OTHER_CURRENCY: _("The rule pays a fixed amount in another currency than the order's."),
    }
    return words.get(code, code)


def _moment(moment: dt.datetime) -> str:
    return date_format(moment.astimezone(dt.UTC), "j F Y, H:i") + " UTC"


def _day(day: dt.date) -> str:
    return date_format(day, "j F Y")


def _credit(conversion: Conversion) -> str:
    if conversion.reason:
        return _("Credited to nobody. %(reason)s") % {"reason": why_in_words(conversion.reason)}
    click, guide = conversion.click, conversion.placement
    facts = {
        "creator": str(conversion.creator or ""),
        "guide": guide.title if guide else "",
        "at": _moment(click.at) if click else "",
    }
    if conversion.creator is None:
        return _("Credited to the site itself: the order names the click of %(at)s on a link of no creator.") % facts
    if guide is None:
        return _("Credited to %(creator)s: the order names the click of %(at)s on their link.") % facts
    return _("Credited to %(creator)s: the order names the click of %(at)s on their link in “%(guide)s”.") % facts


def line_in_words(line: ConversionLine, conversion: Conversion) -> str:
    """What a line earned, by which rule, and what refunds took back."""
    currency = conversion.currency
    name = line.name or line.sku or line.line_id
    if line.reason:
        return _("“%(name)s” earns nothing. %(reason)s") % {"name": name, "reason": why_in_words(line.reason)}
    facts = {
        "name": name,
        "rate": plain(line.percent) if line.percent is not None else "",
        "amount": format_money(line.amount_minor, currency),
        "gross": format_money(line.gross_commission_minor, currency),
        "version": line.rule.version if line.rule else "",
        "taken": format_money(line.gross_commission_minor - line.commission_minor, currency),
        "net": format_money(line.commission_minor, currency),
        "creator": format_money(line.creator_minor, currency),
        "share": plain(conversion.creator_share_percent) if conversion.creator_share_percent is not None else "",
    }
    if line.percent is not None:
        text = _("“%(name)s”: %(rate)s %% of %(amount)s is %(gross)s (rule version %(version)s).") % facts
    else:
        text = _("“%(name)s”: a fixed %(gross)s (rule version %(version)s).") % facts
    if line.gross_commission_minor != line.commission_minor:
        text += " " + _("%(taken)s were taken back, %(net)s are left.") % facts
    if conversion.creator_id is not None:
        text += " " + _("The creator's %(share)s %% of it are %(creator)s.") % facts
    return text


def state_in_words(conversion: Conversion) -> str:
    """How far the order's money has come, and the next date."""
    states = Conversion.Status
    if conversion.status == states.REVERSED:
        if conversion.reason_code not in {"", Reason.REPORTED}:
            facts = {"reason": dict(REVERSAL_REASONS)[Reason(conversion.reason_code)], "note": conversion.note}
            return (_("The merchant reversed the order. %(reason)s. %(note)s") % facts).strip()
        if conversion.note:
            return _("The merchant reversed the order: %(note)s") % {"note": conversion.note}
        return _("The merchant reversed the order without saying why.")
    if conversion.reason:
        return ""
    if conversion.status == states.PENDING:
        if conversion.auto_approve_at:
            return _("Waiting for the merchant's approval; approved by itself on %(day)s.") % {
                "day": _day(conversion.auto_approve_at.date())
            }
        return _("Waiting for the merchant's approval.")
    if conversion.released_at is None and conversion.available_on and conversion.is_gated:
        return _("Approved and held until %(day)s, and until the merchant has paid for it.") % {
            "day": _day(conversion.available_on)
        }
    if conversion.released_at is None and conversion.available_on:
        return _("Approved and held until %(day)s.") % {"day": _day(conversion.available_on)}
    days = conversion.program.payout_lag_days if conversion.program else 0
    return ngettext(
        "Available since %(day)s; paid with the next payout, usually within %(days)s day.",
        "Available since %(day)s; paid with the next payout, usually within %(days)s days.",
        days,
    ) % {"day": _day((conversion.released_at or conversion.updated_at).date()), "days": days}
