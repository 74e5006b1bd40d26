"""A volume bonus in words: the same for its creator, its brand and finance."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from affiliates.earnings.domain.volume_tiers import Part, next_tier, parts_of
from affiliates.earnings.models import Transfer, VolumeBonus, VolumeTiers
from affiliates.earnings.selectors.answers import plain
from affiliates.earnings.selectors.history import Event, transfer_event
from cms.core.formats import format_money


@dataclass(frozen=True, slots=True)
class BonusPage:
    """What a page about a bonus shows."""

    bonus: VolumeBonus
    sentences: tuple[str, ...]
    history: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class TiersView:
    """A version with its tiers in words."""

    version: VolumeTiers
    sentences: tuple[str, ...]


def bonus_page(bonus: VolumeBonus) -> BonusPage:
    """Why a month of sales earns what it earns, and every transfer of it. One query."""
    transfers = Transfer.objects.filter(bonus=bonus).select_related("debit", "credit").order_by("seq")
    return BonusPage(bonus, tuple(_sentences(bonus)), tuple(map(transfer_event, transfers)))


def _sentences(bonus: VolumeBonus) -> list[str]:
    tiers, currency = bonus.tiers.tiers, bonus.currency
    words = [
        _("Month %(month)s, %(program)s: %(sales)s of approved sales after refunds (volume tiers version %(version)s).")
        % {
            "month": bonus.month,
            "program": bonus.program,
            "sales": format_money(bonus.sales_minor, currency),
            "version": bonus.tiers.version,
        }
    ]
    words += [part_in_words(part, currency) for part in parts_of(bonus.sales_minor, tiers)]
    if bonus.bonus_minor:
        words.append(
            _("The bonus is %(bonus)s; the creator's %(share)s %% of it are %(creator)s.")
            % {
                "bonus": format_money(bonus.bonus_minor, currency),
                "share": plain(bonus.tiers.creator_share_percent),
                "creator": format_money(bonus.creator_minor, currency),
            }
        )
        words.append(_state(bonus))
    elif bonus.booking:
        words.append(_("What was booked is taken back."))
    if following := next_tier(bonus.sales_minor, tiers):
        words.append(
            _("+%(percent)s %% is paid on what lies above %(above)s: %(missing)s more to go.")
            % {
                "percent": plain(following.percent),
                "above": format_money(following.above_minor, currency),
                "missing": format_money(following.above_minor - bonus.sales_minor, currency),
            }
        )
    return words


def part_in_words(part: Part, currency: str) -> str:
    """What one tier's part of the sales earns."""
    facts = {
        "above": format_money(part.tier.above_minor, currency),
        "until": format_money(part.until_minor, currency) if part.until_minor is not None else "",
        "sales": format_money(part.sales_minor, currency),
        "percent": plain(part.tier.percent),
        "bonus": format_money(part.bonus_minor, currency),
    }
    if part.until_minor is None:
        return _("%(sales)s of them lie above %(above)s: +%(percent)s %% of that is %(bonus)s.") % facts
    return _("%(sales)s of them lie between %(above)s and %(until)s: +%(percent)s %% of that is %(bonus)s.") % facts


def _state(bonus: VolumeBonus) -> str:
    if bonus.released_at:
        return _("Available since %(day)s.") % {"day": _day(bonus.released_at.date())}
    if bonus.tiers.is_gated:
        return _("Approved and held until %(day)s, and until the merchant has paid for it.") % {
            "day": _day(bonus.available_on)
        }
    return _("Approved and held until %(day)s.") % {"day": _day(bonus.available_on)}


def _day(day: dt.date) -> str:
    return date_format(day, "j F Y")


def tiers_in_words(versions: Iterable[VolumeTiers]) -> list[TiersView]:
    """Versions with a sentence for each of their tiers. No query."""
    return [
        TiersView(
            version,
            tuple(
                _("+%(percent)s %% of what lies above %(above)s")
                % {"percent": plain(tier.percent), "above": format_money(tier.above_minor, version.currency)}
                for tier in version.tiers
            ),
        )
        for version in versions
    ]
