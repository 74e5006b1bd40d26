"""What finance writes into its screens."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from affiliates.earnings.models import Account, Conversion, TaxIdentity, TaxRule
from affiliates.parties.models import Merchant
from cms.core.formats import territories
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


def _countries() -> list[tuple[str, str]]:
    return [("", "–"), *territories(get_language() or "en").items()]


def _day(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label, required=required, help_text=help_text, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )


class TaxIdentityForm(forms.ModelForm):
    """Who the platform or a creator is to the tax office, from a day on."""

    handle = forms.SlugField(label=_("Creator's handle"), required=False, help_text=_("Empty for the platform itself."))
    country = forms.ChoiceField(label=_("Country"), choices=_countries)
    valid_from = _day(_("Valid from"))

    class Meta:
        model = TaxIdentity
        fields = ("handle", "legal_name", "address", "country", "tax_number", "valid_from")
        widgets = {"address": forms.Textarea({"rows": 3})}

    def clean_handle(self) -> str:
        handle: str = self.cleaned_data["handle"]
        if handle:
            self.instance.creator = Creator.objects.present().filter(handle=handle).first()
            if self.instance.creator is None:
                raise forms.ValidationError(_("Nobody has this handle."))
        return handle

    def _get_validation_exclusions(self) -> set[str]:
        # The creator comes from the handle; without it the constraint on creator and day would be skipped.
        return super()._get_validation_exclusions() - {"creator"}  # type: ignore[misc]


class TaxRuleForm(forms.ModelForm):
    """What documents between two countries show, while the row is valid."""

    platform_country = forms.ChoiceField(label=_("Platform's country"), choices=_countries)
    creator_country = forms.ChoiceField(label=_("Creator's country"), choices=_countries)
    valid_from = _day(_("Valid from"))
    valid_until = _day(_("Valid until"), required=False, help_text=_("The last day; empty while no end is known."))

    class Meta:
        model = TaxRule
        fields = (
            "platform_country", "creator_country", "has_tax_number", "treatment", "percent", "wording",
            "valid_from", "valid_until",
        )  # fmt: skip


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
