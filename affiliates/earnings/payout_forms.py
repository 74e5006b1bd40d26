"""What creators write about how they are paid, and finance about what became of it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from babel import Locale

from affiliates.earnings.domain.payout_methods import (
    DetailFaults,
    Method,
    can_pay,
    check_details,
    fields_for,
    methods_for,
)
from affiliates.earnings.models import PayoutProfile
from cms.core.domain.money import CURRENCIES
from cms.core.reader import known_country

LABELS = {
    "iban": _("IBAN"),
    "bic": _("BIC"),
    "bank_code": _("Bank code (routing number, sort code, BSB, IFSC)"),
    "branch_code": _("Branch or transit number"),
    "account_number": _("Account number"),
    "tax_number": _("CPF"),
    "email": _("E-mail address at the payment service"),
    "account": _("Account at our payment provider"),
    "note": _("What we arranged"),
}
FAULTS = {
    "missing": _("This is needed."),
    "form": _("This does not have the form it should have."),
    "check": _("The check digits do not fit. Compare it digit by digit."),
    "length": _("An IBAN of this country has another length."),
    "country": _("This is not of the country you chose."),
    "sepa": _("This country does not take part in SEPA. Choose a bank transfer."),
}


def country_choices() -> list[tuple[str, str]]:
    """Countries by name in the reader's language."""
    names = Locale.parse((get_language() or settings.LANGUAGE_CODE).replace("-", "_")).territories
    return sorted(
        ((code, str(name)) for code, name in names.items() if known_country(code) == code), key=lambda c: c[1]
    )


def open_methods(country: str) -> list[Method]:
    """The ways open to creators of a country on this site."""
    return [one for one in methods_for(country) if one is not Method.PROVIDER or settings.PAYOUT_PROVIDER]


class CountryForm(forms.Form):
    """Where the account is. The ways of payment follow from it."""

    country = forms.ChoiceField(label=_("Country of the account"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = country_choices()  # type: ignore[attr-defined]


class MethodForm(forms.Form):
    """How to be paid, of what is open to the country."""

    method = forms.ChoiceField(label=_("Way of payment"))

    def __init__(self, *args: Any, country: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = dict(PayoutProfile.Method.choices)
        self.fields["method"].choices = [(one.value, labels[one]) for one in open_methods(country)]  # type: ignore[attr-defined]


class DetailsForm(forms.Form):
    """The details that a way of payment asks for in a country."""

    holder = forms.CharField(label=_("Account holder"), max_length=70)
    currency = forms.ChoiceField(
        label=_("Paid in"),
        required=False,
        help_text=_(
            "Other currencies are exchanged at the central bank's rate of the day of the proposal, without a fee."
        ),
    )

    def __init__(self, *args: Any, method: Method, country: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.method, self.country = method, country
        codes = [code for code in sorted(CURRENCIES) if can_pay(method, code)]
        self.fields["currency"].choices = [("", _("the currency in which it was earned")), *((c, c) for c in codes)]  # type: ignore[attr-defined]
        for field in fields_for(method, country):
            self.fields[field.name] = forms.CharField(
                label=LABELS[field.name],
                required=not field.optional,
                max_length=254,
                widget=forms.TextInput({"autocomplete": "off"}),
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.errors:
            return data
        names = [field.name for field in fields_for(self.method, self.country)]
        try:
            data["details"] = check_details(self.method, self.country, {name: data[name] for name in names})
        except DetailFaults as faults:
            for name, fault in faults.faults.items():
                self.add_error(name if name in self.fields else None, FAULTS[fault])
        return data


class EndForm(forms.Form):
    """How a payout ended."""

    ends = forms.ChoiceField(
        label=_("Outcome"), choices=[("paid", _("paid")), ("returned", _("returned")), ("rejected", _("rejected"))]
    )
    words = forms.CharField(label=_("Bank's reference, or why it came back"), max_length=200, required=False)


class OutcomesForm(forms.Form):
    """A list of outcomes from a bank or a service."""

    file = forms.FileField(label=_("CSV with the columns payout, status, reference, reason"))

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > 2_000_000:
            raise forms.ValidationError(_("The file is larger than 2 MB."))
        return file
