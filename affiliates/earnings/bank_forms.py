"""What finance says about lines of the bank and money nobody can explain."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from affiliates.earnings.domain.validation import LONGEST_NOTE
from affiliates.earnings.finance_forms import MoneyForm, read_amount
from affiliates.earnings.models import BankMapping, SuspenseEnd
from affiliates.parties.models import Merchant

LARGEST_FILE = 20_000_000


class BankFileForm(forms.Form):
    """A bank's file: camt.053, or a CSV with its mapping."""

    mapping = forms.ModelChoiceField(
        label=_("How it is read"),
        queryset=BankMapping.objects.all(),
        required=False,
        empty_label=_("camt.053 (XML)"),
    )
    file = forms.FileField(label=_("File"))

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST_FILE:
            raise forms.ValidationError(_("The file is larger than 20 MB."))
        return file


class UnexplainedForm(MoneyForm):
    """Money at the bank that nobody can explain."""

    came = forms.TypedChoiceField(
        label=_("Direction"), choices=[("in", _("came in")), ("out", _("went out"))], coerce=lambda value: value == "in"
    )
    moved_on = forms.DateField(label=_("Day at the bank"), widget=forms.DateInput({"type": "date"}))
    reference = forms.CharField(label=_("Bank's reference"), max_length=80)
    party = forms.CharField(label=_("Who sent or got it"), max_length=140, required=False)
    words = forms.CharField(label=_("What is known"), max_length=500)
    field_order = ("came", "currency", "amount", "moved_on", "reference", "party", "words")


class EndForm(forms.Form):
    """Where an unexplained amount belongs."""

    target = forms.ChoiceField(label=_("Where it belongs"), choices=SuspenseEnd.Target.choices)
    merchant = forms.ModelChoiceField(
        label=_("Brand, where it is its payment"), queryset=Merchant.objects.order_by("name"), required=False
    )
    amount = forms.CharField(label=_("Amount"), max_length=20)
    reason = forms.CharField(label=_("Reason"), max_length=LONGEST_NOTE)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency

    def clean_amount(self) -> int:
        return read_amount(self.cleaned_data["amount"], self.currency)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("target") == SuspenseEnd.Target.BRAND and not data.get("merchant"):
            self.add_error("merchant", _("Say which brand paid."))
        if data.get("target") != SuspenseEnd.Target.BRAND:
            data["merchant"] = None
        return data
