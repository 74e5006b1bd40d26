"""An order's money in words: who was credited and why, what each line earned by which rule, and what happens
next.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from affiliates.earnings.domain import attribution as rules
from affiliates.earnings.domain.commission_rules import CAP, Terms, uncapped
from affiliates.earnings.domain.validation import Reason
from affiliates.earnings.models import Conversion, ConversionLine
from affiliates.earnings.models.changes import REASONS as REVERSAL_REASONS
from affiliates.earnings.selectors.answers import latest_attributions, plain
from affiliates.earnings.selectors.rule_words import lost_in_words
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
    coupon: str = ""
    join: str = ""
    share: int = 0


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


def explain(conversion: Conversion, *, for_creator_id: int | None = None) -> Explanation:
    """Why an order earned what it earned. Four queries.

    The same words for everybody; but a creator is told no other creator's name or guide.
    """
    decided = latest_attributions([conversion.pk]).get(conversion.pk)
    touches = decided.touches if decided else []
    creators = Creator.objects.in_bulk({touch["creator_id"] for touch in touches if touch["creator_id"]})
    return Explanation(
        credit=_credit(conversion),
        lines=tuple(
            line_in_words(line, conversion) for line in conversion.lines.select_related("rule", "boost").order_by("pk")
        )
        if not conversion.reason
        else (),
        state=state_in_words(conversion),
        touches=tuple(_touch(touch, touches, creators, for_creator_id) for touch in touches),
        model=decided.model if decided else "",
        rule_version=decided.rule_version if decided else None,
        window_days=decided.window_days if decided else None,
        decided_at=decided.decided_at if decided else None,
    )


def _touch(
    touch: dict[str, Any], touches: list[dict[str, Any]], creators: dict[int, Creator], for_creator_id: int | None
) -> TouchView:
    creator = creators.get(touch["creator_id"])
    hidden = creator is not None and for_creator_id not in {None, creator.pk}
    name = str(creator or "")
    return TouchView(
        click_id="" if hidden else touch["click_id"],
        at=dt.datetime.fromisoformat(touch["at"]),
        creator="" if hidden or creator is None else creator.handle,
        creator_name=_("another creator") if hidden else name,
        guide="" if hidden else touch["guide"],
        considered=touch["considered"],
        won=touch["why"] == rules.WINNER,
        why=touch["why"],
        text=" ".join(_touch_in_words(touch, touches)),
        coupon="" if hidden else touch.get("coupon", ""),
        join=touch.get("join", ""),
        share=touch.get("share", 0),
    )


def _touch_in_words(touch: dict[str, Any], touches: list[dict[str, Any]]) -> list[str]:
    """Why a touch won or lost, how it is known to be the buyer's, and that a code seems to have leaked."""
    join, why = touch.get("join", ""), touch["why"]
    if join == rules.CODE and why == rules.WINNER:
        words = [_("The order was placed with this creator's code, so it is credited.")]
    elif join in {rules.DAY, rules.READER} and why == rules.WINNER:
        words = [_("The first click of this visitor, so it is credited.")]
    elif join == rules.CODE and why == rules.NOT_ENROLLED:
        words = [_("The creator of this code was not in this programme at the time of the order.")]
    else:
        words = [why_in_words(why)]
    if join == rules.READER:
        words.append(_("Made by the same signed-in reader, perhaps on another device or day, who agreed to this."))
    clicks_of_others = [
        other for other in touches
        if other.get("join") != rules.CODE and other["creator_id"] not in {None, touch["creator_id"]}
    ]  # fmt: skip
    if join == rules.CODE and touch.get("exclusive") and touch["creator_id"] and clicks_of_others:
        words.append(_("The code is exclusive but was used after another creator's click; it may have leaked."))
    return words


def why_in_words(why: str) -> str:
    """Why a touch won or lost, or why an order is credited to nobody."""
    code, _colon, detail = why.partition(":")
    if code == rules.INVALID_CLICK:
        names = {str(reason): str(label) for reason, label in REASONS}
        return _("The click does not count: %(reason)s.") % {"reason": names.get(detail, detail)}
    words = {
        "": "",
        rules.FIRST_CLICK: _("The first click of this visitor is credited."),
        rules.LATER_CLICK: _("A later click, probably of the same visitor; the first one is credited."),
        rules.SMALLER_SHARE: _("It has a share of the credit, and another click has the largest or an earlier one."),
        rules.UNCOUNTED: _("A repeated click has no share of its own."),
        rules.COUPON: _("The holder of the code is credited."),
        rules.LOST_TO_CODE: _("Lost to a code: the order was placed with a creator's code, which comes first here."),
        rules.LOST_TO_CLICK: _("Lost to a click: in this programme the click comes before the code."),
        rules.SAME_CREATOR: _("Code and click are the same creator's; the click is credited."),
        rules.COUPON_NOT_IN_FORCE: _("The reported coupon was nobody's at the time of the order."),
        rules.PAID_ELSEWHERE: _("The merchant paid another channel for this order."),
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
        rules.NOT_ENROLLED: _("The creator was not in this programme at the time of the click."),
    }
    return words[code] if code in words else lost_in_words(why)


def _moment(moment: dt.datetime) -> str:
    return date_format(moment.astimezone(dt.UTC), "j F Y, H:i") + " UTC"


def _day(day: dt.date) -> str:
    return date_format(day, "j F Y")


def _credit(conversion: Conversion) -> str:
    if conversion.reason == rules.PAID_ELSEWHERE and conversion.channel.casefold() != rules.PAID_ELSEWHERE:
        return _("Credited to nobody. The merchant paid another channel for this order: %(channel)s.") % {
            "channel": conversion.channel
        }
    if conversion.reason == rules.NOT_ENROLLED and not conversion.reported_click_id:
        return _("Credited to nobody. The creator of this code was not in this programme at the time of the order.")
    if conversion.reason:
        return _("Credited to nobody. %(reason)s") % {"reason": why_in_words(conversion.reason)}
    click, guide = conversion.click, conversion.placement
    facts = {
        "creator": str(conversion.creator or ""),
        "guide": guide.title if guide else "",
        "at": _moment(click.at) if click else "",
    }
    if conversion.click is None and conversion.creator is not None:
        return _("Credited to %(creator)s: the order was placed with their code “%(code)s”.") % {
            **facts,
            "code": conversion.coupon,
        }
    if click is not None and click.click_id != conversion.reported_click_id:
        if conversion.creator is None:
            return (
                _("Credited to the site itself: the visitor's first click, of %(at)s, was on a link of no creator.")
                % facts
            )
        if guide is None:
            return _("Credited to %(creator)s: the visitor's first click, of %(at)s, was on their link.") % facts
        return (
            _("Credited to %(creator)s: the visitor's first click, of %(at)s, was on their link in “%(guide)s”.")
            % facts
        )
    if conversion.creator is None:
        return _("Credited to the site itself: the order names the click of %(at)s on a link of no creator.") % facts
    if guide is None:
        return _("Credited to %(creator)s: the order names the click of %(at)s on their link.") % facts
    return _("Credited to %(creator)s: the order names the click of %(at)s on their link in “%(guide)s”.") % facts


def line_in_words(line: ConversionLine, conversion: Conversion) -> str:
    """What a line earned, by which rule, and what refunds took back."""
    currency = conversion.currency
    name = line.name or line.sku or line.line_id
    if line.reason and line.reason != CAP:
        return _("“%(name)s” earns nothing. %(reason)s") % {"name": name, "reason": why_in_words(line.reason)}
    facts = {
        "name": name,
        "rate": plain(line.percent) if line.percent is not None else "",
        "amount": format_money(line.amount_minor, currency),
        "gross": format_money(line.gross_commission_minor, currency),
        "uncut": format_money(
            uncapped(Terms(percent=line.percent, flat_minor=line.flat_minor), line.amount_minor), currency
        ),
        "version": line.rule.version if line.rule else "",
        "taken": format_money(line.gross_commission_minor - line.commission_minor, currency),
        "net": format_money(line.commission_minor, currency),
        "creator": format_money(line.creator_minor, currency),
        "share": plain(conversion.creator_share_percent) if conversion.creator_share_percent is not None else "",
    }
    if line.percent is not None:
        text = _("“%(name)s”: %(rate)s %% of %(amount)s is %(uncut)s (rule version %(version)s).") % facts
    else:
        text = _("“%(name)s”: a fixed %(uncut)s (rule version %(version)s).") % facts
    if line.boost:
        text += " " + _("A boost is part of it (rule version %(version)s).") % {"version": line.boost.version}
    if line.reason == CAP:
        text += " " + _("The rule's cap or budget was reached, so it earns only %(gross)s.") % facts
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
