"""What finance writes about brands' money, disputes and adjustments."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from affiliates.earnings.domain.validation import COUNTERPARTS, CREATOR_AVAILABLE, LONGEST_NOTE, may_adjust
from affiliates.earnings.models import Account
from affiliates.parties.models import Merchant, currency_code
from cms.core.domain.money import parse_amount
from community.models import Creator


def read_amount(text: str, currency: str) -> int:
    """An amount in minor units as somebody typed it. ValidationError says how to write it."""
    try:
        return parse_amount(text, currency)
    except ValueError as error:
        raise forms.ValidationError(
            _("Write an amount in %(currency)s, such as 12.50.") % {"currency": currency}
        ) from error


class MoneyForm(forms.Form):
    """An amount in a currency."""

    currency = forms.CharField(label=_("Currency"), max_length=3, validators=[currency_code])
    amount = forms.CharField(label=_("Amount"), max_length=20)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("currency") and data.get("amount"):
            try:
                data["amount_minor"] = parse_amount(data["amount"], data["currency"])
            except (ValueError, LookupError):
                self.add_error("amount", _("Write a positive amount in this currency, such as 12.50."))
        return data


class BrandPaymentForm(MoneyForm):
    """Money that a brand sent."""

    merchant = forms.ModelChoiceField(label=_("Brand"), queryset=Merchant.objects.order_by("name"))
    reference = forms.CharField(label=_("Bank's reference"), max_length=80)
    paid_on = forms.DateField(label=_("Paid on"), widget=forms.DateInput({"type": "date"}))

    field_order = ("merchant", "currency", "amount", "reference", "paid_on")


class StatementForm(forms.Form):
    """For whom to issue a statement."""

    statement_merchant = forms.ModelChoiceField(label=_("Brand"), queryset=Merchant.objects.order_by("name"))
    statement_currency = forms.CharField(label=_("Currency"), max_length=3, validators=[currency_code])


class CaseForm(forms.Form):
    """Finance's decision about a dispute or claim."""

    granted = forms.TypedChoiceField(
        choices=[("yes", _("The creator is right")), ("no", _("It stands"))], coerce=lambda value: value == "yes"
    )
    answer = forms.CharField(label=_("Answer"), required=False, max_length=LONGEST_NOTE)
    amount = forms.CharField(label=_("What the order was worth"), required=False, max_length=20)

    def __init__(self, *args: Any, currency: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency

    def clean_amount(self) -> int | None:
        if not self.cleaned_data["amount"] or not self.currency:
            return None
        return read_amount(self.cleaned_data["amount"], self.currency)


_KINDS = [(kind, label) for kind, label in Account.Kind.choices if kind == CREATOR_AVAILABLE or kind in COUNTERPARTS]


class AdjustmentForm(MoneyForm):
    """Money to move by hand."""

    creator = forms.ModelChoiceField(
        label=_("Creator"), queryset=Creator.objects.order_by("handle"), to_field_name="handle"
    )
    debit_kind = forms.ChoiceField(label=_("From"), choices=_KINDS, initial="platform_margin")
    credit_kind = forms.ChoiceField(label=_("To"), choices=_KINDS, initial=CREATOR_AVAILABLE)
    reason = forms.CharField(label=_("Reason"), max_length=LONGEST_NOTE)

    field_order = ("creator", "debit_kind", "credit_kind", "currency", "amount", "reason")

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not may_adjust(data.get("debit_kind", ""), data.get("credit_kind", "")):
            self.add_error("credit_kind", _("One of the two is the creator's available money, the other is not."))
        return data
