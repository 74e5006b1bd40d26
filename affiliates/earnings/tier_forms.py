"""What finance and brands' managers write into the screens of volume tiers."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from affiliates.earnings.domain.periods import Month
from affiliates.earnings.domain.volume_tiers import Tier
from affiliates.parties.models import Program
from cms.core.domain.money import CURRENCIES, parse_amount

PLACES = range(1, 6)
MONTHS_AHEAD = 12


def _months(first: Month, number: int) -> list[tuple[str, str]]:
    found = [first]
    while len(found) < number:
        found.append(found[-1].next)
    return [(str(month), str(month)) for month in found]


class TiersForm(forms.Form):
    """A new version: for which programme, from which month, and up to five tiers."""

    program = forms.ModelChoiceField(label=_("Programme"), queryset=Program.objects.none())
    currency = forms.ChoiceField(label=_("Currency of the sales"), required=False)
    starts = forms.ChoiceField(label=_("From the month"))

    def __init__(self, *args: Any, programs: QuerySet[Program], today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["program"].queryset = programs  # type: ignore[attr-defined]
        own = [("", _("The programme's own"))]
        self.fields["currency"].choices = [*own, *((c, c) for c in sorted(CURRENCIES))]  # type: ignore[attr-defined]
        self.fields["starts"].choices = _months(Month(today.year, today.month), MONTHS_AHEAD + 1)  # type: ignore[attr-defined]
        for place in PLACES:
            facts = {"number": place}
            self.fields[f"above_{place}"] = forms.CharField(
                label=_("Tier %(number)s: above") % facts,
                max_length=20,
                required=place == 1,
                widget=forms.TextInput({"inputmode": "decimal"}),
            )
            self.fields[f"percent_{place}"] = forms.DecimalField(
                label=_("Tier %(number)s: + percent") % facts,
                min_value=0,
                max_value=100,
                max_digits=7,
                decimal_places=4,
                required=place == 1,
            )

    def clean_starts(self) -> Month:
        return Month.parse(self.cleaned_data["starts"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "program" not in data or "starts" not in data:
            return data
        data["currency"] = data.get("currency") or data["program"].currency
        tiers = []
        for place in PLACES:
            above, percent = data.get(f"above_{place}"), data.get(f"percent_{place}")
            if not above and percent is None:
                continue
            if not above or percent is None:
                missing = "percent" if above else "above"
                if f"{missing}_{place}" not in self.errors:
                    self.add_error(f"{missing}_{place}", _("A tier has a threshold and a percentage."))
                continue
            try:
                tiers.append(Tier(parse_amount(above, data["currency"]), percent))
            except ValueError:
                self.add_error(
                    f"above_{place}",
                    _("Write an amount in %(currency)s, such as 1000.00.") % {"currency": data["currency"]},
                )
        data["tiers"] = tiers
        return data


class EndTiersForm(forms.Form):
    """The first month for which a version pays nothing any more."""

    ends = forms.ChoiceField(label=_("No more from the month"))

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        following = Month(today.year, today.month).next
        self.fields["ends"].choices = _months(following, MONTHS_AHEAD)  # type: ignore[attr-defined]

    def clean_ends(self) -> Month:
        return Month.parse(self.cleaned_data["ends"])
