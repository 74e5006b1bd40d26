"""What finance writes into its screens."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from affiliates.earnings.models import Account, Conversion
from affiliates.parties.models import Merchant


class ProposeForm(forms.Form):
    """Which currency to pay out."""

    currency = forms.ChoiceField(label=_("Currency"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accounts = Account.objects.filter(kind=Account.Kind.CREATOR_AVAILABLE).order_by("currency")
        codes = accounts.values_list("currency", flat=True).distinct()
        self.fields["currency"].choices = [(code, code) for code in codes]  # type: ignore[attr-defined]


class DecisionForm(forms.Form):
    """A step in a batch's life, with what has to be said about it."""

    DECISIONS = [
        ("approve", _("Approve")), ("reject", _("Reject")), ("hand_over", _("Hand over")), ("sent", _("Mark as sent")),
    ]  # fmt: skip

    decision = forms.ChoiceField(choices=DECISIONS)
    # Each is needed for one of the decisions only; the browser asks for it beside that decision's button.
    reason = forms.CharField(
        label=_("Why it is rejected"), max_length=200, required=False, widget=forms.TextInput({"required": True})
    )
    reference = forms.CharField(
        label=_("Bank's reference"), max_length=80, required=False, widget=forms.TextInput({"required": True})
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("decision") == "reject" and not data.get("reason"):
            self.add_error("reason", _("Say why the batch is rejected."))
        if data.get("decision") == "sent" and not data.get("reference"):
            self.add_error("reference", _("Bank's reference: write down what the bank calls the transfer."))
        return data


class OrderFilterForm(forms.Form):
    """Which orders to list."""

    q = forms.CharField(label=_("Order"), max_length=100, required=False)
    merchant = forms.ModelChoiceField(label=_("Merchant"), queryset=Merchant.objects.order_by("name"), required=False)
    status = forms.ChoiceField(label=_("State"), choices=[("", _("All")), *Conversion.Status.choices], required=False)
    uncredited = forms.BooleanField(label=_("Only those credited to nobody"), required=False)
