"""Which tax a document shows: a look-up in dated rows, never advice. `docs/money/periods.md`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from cms.core.domain.money import half_even

NONE, DOMESTIC, REVERSE = TREATMENTS = ("none", "domestic_vat", "reverse_charge")


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the configuration."""

    platform_country: str
    creator_country: str
    has_tax_number: bool
    treatment: str
    percent: Decimal
    wording: str
    valid_from: dt.date
    valid_until: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """As much of the platform or a creator as decides about tax."""

    country: str
    has_tax_number: bool


@dataclass(frozen=True, slots=True)
class Tax:
    """What the document shows. `missing` names the row that is not there: platform, creator or rule."""

    treatment: str
    percent: Decimal
    wording: str
    net_minor: int
    tax_minor: int
    missing: str = ""

    @property
    def gross_minor(self) -> int:
        return self.net_minor + self.tax_minor


def tax_on(net_minor: int, *, platform: Party | None, creator: Party | None, rules: Iterable[Rule], on: dt.date) -> Tax:
    """The tax by the row that is valid on a day; nothing where a row is missing, and which one that is."""
    if platform is None or creator is None:
        missing = "platform" if platform is None else "creator"
        return Tax("", Decimal(0), "", net_minor, 0, missing)
    fitting = [
        rule
        for rule in rules
        if (rule.platform_country, rule.creator_country, rule.has_tax_number)
        == (platform.country, creator.country, creator.has_tax_number)
        and rule.valid_from <= on
        and (rule.valid_until is None or on <= rule.valid_until)
    ]
    if not fitting:
        return Tax("", Decimal(0), "", net_minor, 0, "rule")
    rule = max(fitting, key=lambda one: one.valid_from)
    percent = rule.percent if rule.treatment == DOMESTIC else Decimal(0)
    return Tax(rule.treatment, percent, rule.wording, net_minor, half_even(net_minor * percent / 100))
