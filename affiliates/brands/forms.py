"""How a brand narrows its report. Every choice offered belongs to the brand; anything else is refused by name."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from affiliates.earnings.domain.validation import LONGEST_NOTE, Reason
from affiliates.earnings.models import Conversion
from affiliates.earnings.models.changes import REASONS_BY_HAND
from affiliates.earnings.selectors.reports import ReportFilter, report_choices
from affiliates.parties.models import Merchant
from cms.core.periods import DEFAULT_DAYS

MOST_BYTES = 2_000_000
GROUPS = [
    ("day", _("Day")),
    ("creator", _("Creator")),
    ("guide", _("Guide")),
    ("product", _("Product")),
    ("country", _("Country")),
]
LONGEST_DAYS = 731


class ReportForm(forms.Form):
    """Dates (inclusive, UTC), creator, guide, product, status, and what a row stands for."""

    start = forms.DateField(label=_("First day"), required=False, widget=forms.DateInput({"type": "date"}))
    end = forms.DateField(label=_("Last day"), required=False, widget=forms.DateInput({"type": "date"}))
    creator = forms.TypedChoiceField(label=_("Creator"), required=False, coerce=int, empty_value=None)
    guide = forms.TypedChoiceField(label=_("Guide"), required=False, coerce=int, empty_value=None)
    product = forms.TypedChoiceField(label=_("Product"), required=False, coerce=int, empty_value=None)
    status = forms.ChoiceField(label=_("State"), required=False)
    group = forms.ChoiceField(label=_("A row for each"), required=False, choices=GROUPS)

    def __init__(self, *args: Any, merchant: Merchant, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.merchant = merchant
        choices = report_choices(merchant_id=merchant.pk)
        everything = [("", _("All"))]
        for name, options in (
            ("creator", choices.creators),
            ("guide", choices.placements),
            ("product", choices.products),
        ):
            self.fields[name].choices = [*everything, *options]  # type: ignore[attr-defined]
        self.fields["status"].choices = [*everything, *Conversion.Status.choices]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["end"] = data.get("end") or self.today
        data["start"] = data.get("start") or data["end"] - dt.timedelta(days=DEFAULT_DAYS - 1)
        days = (data["end"] - data["start"]).days
        if days < 0:
            self.add_error("start", _("The first day comes after the last day."))
        elif days > LONGEST_DAYS:
            self.add_error("start", _("At most two years at once."))
        return data

    def filters(self) -> ReportFilter:
        """The report's filter; only after is_valid()."""
        data = self.cleaned_data
        return ReportFilter(
            from_on=data["start"],
            to_on=data["end"],
            merchant_id=self.merchant.pk,
            creator_id=data.get("creator"),
            placement_id=data.get("guide"),
            product_id=data.get("product"),
            status=data.get("status") or None,
        )

    @property
    def group_by(self) -> str:
        """What a row stands for; days unless chosen."""
        return self.cleaned_data.get("group") or "day"


class OrderDecisionForm(forms.Form):
    """One decision about one order."""

    decision = forms.ChoiceField(choices=[("approve", _("Approve")), ("decline", _("Reverse"))])
    reason = forms.ChoiceField(label=_("Reason"), required=False, choices=[("", _("Choose")), *REASONS_BY_HAND])
    note = forms.CharField(label=_("In your words"), required=False, max_length=LONGEST_NOTE)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("decision") == "decline":
            if not data.get("reason"):
                self.add_error("reason", _("Choose why the order is reversed."))
            elif data["reason"] == Reason.OTHER and not data.get("note"):
                self.add_error("note", _("Say in words why the order is reversed."))
        return data


class ChosenOrdersForm(forms.Form):
    """Which orders to list and decide about. Dates are inclusive, UTC."""

    status = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("All")), *Conversion.Status.choices])
    q = forms.CharField(label=_("Order starts with"), required=False, max_length=100)
    start = forms.DateField(label=_("First day"), required=False, widget=forms.DateInput({"type": "date"}))
    end = forms.DateField(label=_("Last day"), required=False, widget=forms.DateInput({"type": "date"}))


class DecisionFileForm(forms.Form):
    """A file of decisions."""

    file = forms.FileField(label=_("CSV file"))

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 2 MB; split it."))
        return file


class AnswerForm(forms.Form):
    """A brand's or finance's answer to a dispute or claim."""

    granted = forms.TypedChoiceField(
        choices=[("yes", _("The creator is right")), ("no", _("It stands"))], coerce=lambda value: value == "yes"
    )
    answer = forms.CharField(label=_("Your answer"), required=False, max_length=LONGEST_NOTE)
    amount = forms.CharField(label=_("What the order was worth"), required=False, max_length=20)
