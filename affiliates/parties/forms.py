"""Merchants, members and programmes in the admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from wagtail.admin.forms.models import WagtailAdminModelForm

from affiliates.parties.models import Merchant, MerchantMember
from affiliates.parties.services import refuse_wrong_hosts, set_hosts
from community.models import User


class MerchantForm(WagtailAdminModelForm):
    """A merchant with its hosts, one a line."""

    hosts = forms.CharField(
        label=_("Hosts"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One a line, such as www.shop.example. Links of this merchant lead to these and nowhere else."),
    )

    class Meta:
        model = Merchant
        fields = ["slug", "name", "home_country", "currency", "is_active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            # Commands, keys and postback addresses name a merchant by it.
            self.fields["slug"].disabled = True
            self.fields["hosts"].initial = "\n".join(self.instance.hosts.values_list("host", flat=True))

    def clean_hosts(self) -> list[str]:
        hosts = [line.strip().lower() for line in self.cleaned_data["hosts"].splitlines() if line.strip()]
        refuse_wrong_hosts(merchant=self.instance, hosts=hosts)
        return hosts

    @transaction.atomic
    def save(self, commit: bool = True) -> Merchant:
        merchant: Merchant = super().save(commit=True)
        set_hosts(merchant=merchant, hosts=self.cleaned_data["hosts"])
        return merchant


class MemberForm(WagtailAdminModelForm):
    """Somebody acts for a merchant; named by e-mail address, so that no list of people is shown."""

    email = forms.EmailField(label=_("E-mail address"), help_text=_("Of somebody who has an account here."))

    class Meta:
        model = MerchantMember
        fields = ["merchant", "role"]

    field_order = ["merchant", "email", "role"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["merchant"].disabled = self.fields["email"].disabled = True
            self.fields["email"].initial = self.instance.user.email

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        self.person = User.objects.filter(email__iexact=email, is_active=True).first()
        if self.person is None:
            raise forms.ValidationError(_("Nobody with this address has an account here."))
        return email

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean()
        merchant, person = data.get("merchant"), getattr(self, "person", None)
        if merchant and person:
            others = MerchantMember.objects.filter(merchant=merchant, user=person).exclude(pk=self.instance.pk)
            if others.exists():
                raise forms.ValidationError(_("This person acts for this merchant already."))
            self.instance.user = person
        return data
