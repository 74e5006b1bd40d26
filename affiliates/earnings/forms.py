"""What finance writes into its screens."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from affiliates.earnings.models import Account, Conversion
from affiliates.parties.models import Merchant
from community.models import Creator


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

    DECISIONS = [("approve", _("Approve")), ("reject", _("Reject")), ("sent", _("Mark as sent"))]

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


class HoldingForm(forms.Form):
    """Whose a code is from when until when, in UTC."""

    creator = forms.CharField(label=_("Creator's handle"), max_length=60, required=False)
    from_at = forms.DateTimeField(label=_("From (UTC; empty: now)"), required=False)
    until_at = forms.DateTimeField(label=_("Until (UTC; empty: without end)"), required=False)

    def clean_creator(self) -> Creator | None:
        handle = self.cleaned_data["creator"].strip().lstrip("@")
        if not handle:
            return None
        creator = Creator.objects.filter(handle__iexact=handle, erased_at__isnull=True).first()
        if creator is None:
            raise forms.ValidationError(_("There is no creator of this handle."))
        return creator

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name in ("from_at", "until_at"):
            if data.get(name):
                data[name] = data[name].replace(tzinfo=dt.UTC)
        return data


class CouponForm(HoldingForm):
    """A new code and its first holder."""

    merchant = forms.ModelChoiceField(label=_("Merchant"), queryset=Merchant.objects.order_by("name"))
    code = forms.CharField(label=_("Code"), max_length=100)
    exclusive = forms.BooleanField(label=_("Exclusive: given to one creator for their own readers"), required=False)
    field_order = ("merchant", "code", "creator", "from_at", "until_at", "exclusive")

    def clean_creator(self) -> Creator | None:
        creator = super().clean_creator()
        if creator is None:
            raise forms.ValidationError(_("Say whose code it is."))
        return creator
