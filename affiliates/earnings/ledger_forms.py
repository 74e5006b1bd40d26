"""What finance asks the ledger."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from affiliates.earnings.domain import ledger as causes
from affiliates.earnings.models import Account
from affiliates.earnings.selectors.chart import end_of
from affiliates.earnings.selectors.figures import Figure, of_accounts
from affiliates.earnings.selectors.history import transfer_words
from affiliates.parties.models import Merchant
from community.models import Creator

_ONE_DAY = dt.timedelta(days=1)
#: What the end of a cause's key may be: who typed a reference means one of these.
KEYS = ("brand-payment", "adjustment", "suspense", "suspense-end")
CAUSES = (
    causes.ACCRUAL, causes.APPROVAL, causes.RELEASE, causes.RETURN, causes.REVERSAL, causes.RECREDIT, causes.PAYOUT,
    causes.PAYOUT_SENT, causes.PAYOUT_RETURNED, causes.PAYOUT_REJECTED, causes.PAYOUT_EXCHANGE, causes.BRAND_PAYMENT,
    causes.ADJUSTMENT, causes.SUSPENSE, causes.SUSPENSE_END,
)  # fmt: skip


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))


def _currencies() -> list[tuple[str, str]]:
    codes = Account.objects.order_by("currency").values_list("currency", flat=True).distinct()
    return [(code, code) for code in codes]


class ChartForm(forms.Form):
    """The day whose balances are asked for."""

    on = _day(_("Balances at the end of (UTC; empty: now)"))


class AccountsForm(ChartForm):
    """Which accounts of a kind to list."""

    currency = forms.ChoiceField(choices=_currencies, widget=forms.HiddenInput)
    kind = forms.ChoiceField(choices=Account.Kind.choices, widget=forms.HiddenInput)
    q = forms.CharField(label=_("Owner"), max_length=100, required=False)
    field_order = ("currency", "kind", "q", "on")


class TransferForm(forms.Form):
    """Which transfers to list. Without an account each counts with its amount."""

    currency = forms.ChoiceField(label=_("Currency"), choices=_currencies)
    account = forms.ChoiceField(label=_("Account"), required=False, choices=[("", _("All")), *Account.Kind.choices])
    merchant = forms.CharField(label=_("Brand's short name"), max_length=60, required=False)
    creator = forms.CharField(label=_("Creator's handle"), max_length=60, required=False)
    counter = forms.ChoiceField(
        label=_("Other account"), required=False, choices=[("", _("All")), *Account.Kind.choices]
    )
    cause = forms.ChoiceField(label=_("Cause"), required=False)
    since = _day(_("First day"))
    until = _day(_("Last day"))
    ref = forms.CharField(label=_("Order, payout, batch or reference"), max_length=100, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cause"].choices = [  # type: ignore[attr-defined]
            ("", _("All")),
            *((kind, transfer_words(kind).capitalize()) for kind in CAUSES),
        ]

    def clean_merchant(self) -> int | None:
        slug = self.cleaned_data["merchant"].strip()
        if not slug:
            return None
        pk = Merchant.objects.filter(slug=slug).values_list("pk", flat=True).first()
        if pk is None:
            raise forms.ValidationError(_("There is no brand of this short name."))
        return pk

    def clean_creator(self) -> int | None:
        handle = self.cleaned_data["creator"].strip().lstrip("@")
        if not handle:
            return None
        pk = Creator.objects.filter(handle=handle).values_list("pk", flat=True).first()
        if pk is None:
            raise forms.ValidationError(_("There is no creator of this handle."))
        return pk

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("since") and data.get("until") and data["since"] > data["until"]:
            self.add_error("until", _("The last day is not before the first."))
        return data

    def figure(self) -> Figure:
        """The transfers asked for, as a sum."""
        data = self.cleaned_data
        where = Q()
        if data["since"]:
            where &= Q(effective_at__gte=end_of(data["since"] - _ONE_DAY))
        if data["until"]:
            where &= Q(effective_at__lt=end_of(data["until"]))
        if data["cause"]:
            where &= Q(kind=data["cause"])
        if ref := data["ref"].strip():
            where &= (
                Q(conversion__order_id=ref)
                | Q(payout__ref=ref)
                | Q(payout__batch__ref=ref)
                | Q(source_key__in=[f"{key}:{ref}:1" for key in KEYS])
            )
        owner = {"merchant_id": data["merchant"], "creator_id": data["creator"]}
        if not data["account"] and not any(value is not None for value in owner.values()):
            if data["counter"]:
                where &= Q(debit__kind=data["counter"]) | Q(credit__kind=data["counter"])
            return Figure(data["currency"], where & Q(seq__gt=0), Q(seq__lt=0))
        kinds = [data["account"]] if data["account"] else Account.Kind.values
        found = of_accounts(data["currency"], kinds, where=where, **owner)
        if data["counter"]:
            into, out = Q(debit__kind=data["counter"]), Q(credit__kind=data["counter"])
            return Figure(found.currency, found.into & into, found.out_of & out)
        return found
