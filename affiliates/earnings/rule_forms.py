"""A rule that is drafted, and an order that is only thought of: for finance and for brands."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from affiliates.earnings.models import CommissionRule
from affiliates.earnings.services.previews import Preview, Wanted, preview_order
from affiliates.earnings.services.rules import RuleTerms, draft_rule
from affiliates.parties.models import CreatorGroup, Program
from affiliates.parties.selectors import groups_of_program
from cms.core.domain.money import parse_amount
from cms.core.formats import territories
from community.models import Creator

LINES = 5
CUSTOMERS = [("", _("not said")), ("new", _("New")), ("returning", _("Returning"))]


def _countries(empty: Any) -> list[tuple[str, Any]]:
    return [("", empty), *territories(get_language() or "en").items()]


def _by_handle(text: str) -> Creator | None:
    handle = text.strip().lstrip("@")
    if not handle:
        return None
    creator = Creator.objects.present().filter(handle__iexact=handle).first()
    if creator is None:
        raise forms.ValidationError(gettext("There is no creator of this handle."))
    return creator


def _minor(text: str, currency: str) -> int:
    try:
        return parse_amount(text.strip(), currency)
    except ValueError:
        raise forms.ValidationError(
            gettext("Write an amount of %(currency)s such as 12.50, with no more decimals than it has.")
            % {"currency": currency}
        ) from None


class WantedLineForm(forms.Form):
    """A line of the order."""

    sku = forms.CharField(label=_("Number (SKU)"), max_length=120, required=False)
    category = forms.CharField(label=_("Category"), max_length=200, required=False)
    amount = forms.CharField(label=_("Amount, net"), max_length=20, required=False)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        self.fields["amount"].widget.attrs["inputmode"] = "decimal"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if text := (data.get("amount") or "").strip():
            try:
                data["amount_minor"] = _minor(text, self.currency)
            except forms.ValidationError as error:
                self.add_error("amount", error)
        elif data.get("sku") or data.get("category"):
            self.add_error("amount", gettext("Say what this line is worth."))
        return data


class PreviewForm(forms.Form):
    """An order that is only thought of, in the programme's currency."""

    on = forms.DateField(label=_("Day of the order (UTC)"), required=False, widget=forms.DateInput({"type": "date"}))
    creator = forms.CharField(
        label=_("Creator's handle"), max_length=60, required=False, help_text=_("Empty for a link of the site itself.")
    )
    country = forms.ChoiceField(label=_("Delivered to"), required=False)
    customer = forms.ChoiceField(label=_("Customer"), choices=CUSTOMERS, required=False)
    coupon = forms.CharField(label=_("Code"), max_length=100, required=False)

    def __init__(self, data: Any = None, *, program: Program) -> None:
        super().__init__(data)
        self.program = program
        self.fields["country"].choices = _countries(_("not said"))  # type: ignore[attr-defined]
        lines = forms.formset_factory(WantedLineForm, extra=LINES, max_num=LINES, absolute_max=LINES)
        # A form that is sent by GET names its lines itself; how many there are is fixed.
        counted = None
        if data is not None:
            counted = data.copy()
            counted.update({"line-TOTAL_FORMS": str(LINES), "line-INITIAL_FORMS": "0"})
        self.lines = lines(counted, prefix="line", form_kwargs={"currency": program.currency})

    def clean_creator(self) -> Creator | None:
        return _by_handle(self.cleaned_data["creator"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.lines.is_valid():
            data["lines"] = [
                Wanted(form.cleaned_data["amount_minor"], form.cleaned_data["sku"], form.cleaned_data["category"])
                for form in self.lines
                if form.cleaned_data.get("amount_minor") is not None
            ]
            if not data["lines"]:
                self.add_error(None, gettext("Write down at least one line with its amount."))
        else:
            self.add_error(None, gettext("Correct the lines that are marked."))
        return data

    def preview(self) -> Preview:
        """What the order would earn; only after is_valid()."""
        data, now = self.cleaned_data, timezone.now()
        on = data["on"] or now.date()
        moment = now if on == now.date() else dt.datetime.combine(on, dt.time(12), dt.UTC)
        return preview_order(
            program=self.program,
            occurred_at=moment,
            lines=data["lines"],
            creator=data["creator"],
            country=data["country"],
            customer=data["customer"],
            coupon=data["coupon"].strip(),
        )


class RuleForm(forms.Form):
    """A new rule of a programme. Amounts are in the programme's currency, days in UTC."""

    effect = forms.ChoiceField(label=_("What it does"), choices=CommissionRule.Effect.choices)
    percent = forms.DecimalField(
        label=_("Percent of the line"), required=False, min_value=Decimal(0), max_value=Decimal(100), decimal_places=4
    )
    flat = forms.CharField(label=_("or a fixed amount a line"), required=False, max_length=20)
    starts_on = forms.DateField(
        label=_("First day"), required=False, widget=forms.DateInput({"type": "date"}),
        help_text=_("Empty: from now on."),
    )  # fmt: skip
    ends_on = forms.DateField(
        label=_("Last day"), required=False, widget=forms.DateInput({"type": "date"}),
        help_text=_("A boost needs one."),
    )  # fmt: skip
    category = forms.CharField(label=_("Only in the category"), max_length=200, required=False)
    creator = forms.CharField(label=_("Only for the creator (handle)"), max_length=60, required=False)
    group = forms.ModelChoiceField(
        label=_("Only for the group"), queryset=CreatorGroup.objects.none(), required=False, empty_label=_("Everybody")
    )
    country = forms.ChoiceField(label=_("Only delivered to"), required=False)
    customer = forms.ChoiceField(
        label=_("Only for"), required=False, choices=[("", _("all customers")), *CommissionRule.Customer.choices]
    )
    coupon = forms.CharField(label=_("Only with the code"), max_length=100, required=False)
    products = forms.CharField(
        label=_("Only for these products"), required=False, widget=forms.Textarea({"rows": 3}),
        help_text=_("Your numbers or GTINs, separated by spaces or lines."),
    )  # fmt: skip
    basket_min = forms.CharField(label=_("Orders worth at least"), required=False, max_length=20)
    basket_max = forms.CharField(label=_("Orders worth less than"), required=False, max_length=20)
    order_cap = forms.CharField(label=_("Most for an order"), required=False, max_length=20)
    creator_month = forms.CharField(label=_("Most for a creator a month"), required=False, max_length=20)
    budget = forms.CharField(label=_("Most in all"), required=False, max_length=20)

    MONEY = {
        "flat": "flat_minor", "basket_min": "basket_min_minor", "basket_max": "basket_max_minor",
        "order_cap": "order_minor", "creator_month": "creator_month_minor", "budget": "budget_minor",
    }  # fmt: skip

    def __init__(self, *args: Any, program: Program, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.program = program
        self.fields["group"].queryset = groups_of_program(program.pk)  # type: ignore[attr-defined]
        self.fields["country"].choices = _countries(_("everywhere"))  # type: ignore[attr-defined]

    def clean_creator(self) -> Creator | None:
        return _by_handle(self.cleaned_data["creator"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name in self.MONEY:
            if text := (data.get(name) or "").strip():
                try:
                    data[self.MONEY[name]] = _minor(text, self.program.currency)
                except forms.ValidationError as error:
                    self.add_error(name, error)
        if (data.get("percent") is None) == (not data.get("flat")) and not self.errors:
            self.add_error("percent", gettext("Say either a percentage or a fixed amount."))
        if data.get("starts_on") and data.get("ends_on") and data["ends_on"] < data["starts_on"]:
            self.add_error("ends_on", gettext("The last day comes before the first day."))
        if data.get("creator") and data.get("group"):
            self.add_error("group", gettext("A rule is for one creator or for a group, not for both."))
        return data

    def terms(self) -> RuleTerms:
        """What the rule says; only after is_valid()."""
        data = self.cleaned_data
        terms = RuleTerms(
            percent=data["percent"],
            category=data["category"],
            creator=data["creator"],
            country=data["country"],
            effect=data["effect"],
            group=data["group"],
            products=data["products"].split(),
            coupon=data["coupon"],
            customer=data["customer"],
            ends_at=_start_of(data["ends_on"] + dt.timedelta(days=1)) if data["ends_on"] else None,
        )
        for name in self.MONEY.values():
            terms[name] = data.get(name)  # type: ignore[literal-required]
        return terms

    def starts_at(self, now: dt.datetime) -> dt.datetime:
        """When the rule begins; only after is_valid()."""
        day = self.cleaned_data["starts_on"]
        return now if day is None or day == now.date() else _start_of(day)

    def draft(self, now: dt.datetime) -> CommissionRule:
        """The rule, not stored; only after is_valid()."""
        return draft_rule(program=self.program, starts_at=self.starts_at(now), now=now, **self.terms())


def _start_of(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(0), dt.UTC)
