"""Merchants, members and programmes in the admin."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wagtail.admin.forms.models import WagtailAdminModelForm

from affiliates.parties.models import CreatorGroup, Enrolment, Merchant, MerchantMember, Program
from affiliates.parties.selectors import groups_of_program
from affiliates.parties.services import refuse_wrong_hosts, set_hosts
from affiliates.parties.services.joining import (
    approve_application,
    assign_group,
    create_group,
    decline_application,
    invite_creator,
)
from community.models import Creator, User


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


class EnrolmentFilterForm(forms.Form):
    """Which creators of a programme are listed."""

    q = forms.CharField(label=_("Creator"), max_length=80, required=False)
    status = forms.ChoiceField(label=_("State"), choices=[("", _("All")), *Enrolment.Status.choices], required=False)
    group = forms.TypedChoiceField(label=_("Group"), required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, program: Program | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = groups_of_program(program.pk) if program else CreatorGroup.objects.select_related("program")
        names = [(group.pk, str(group) if program else f"{group} · {group.program}") for group in groups]
        self.fields["group"].choices = [("", _("All")), *names]  # type: ignore[attr-defined]

    def narrowing(self) -> dict[str, Any]:
        """What the list is narrowed by; nothing where what was asked makes no sense."""
        data = self.cleaned_data if self.is_valid() else {}
        return {"q": data.get("q") or "", "status": data.get("status") or "", "group_id": data.get("group")}


class EnrolmentAnswerForm(forms.Form):
    """What a brand or finance does about one creator in a programme."""

    STEPS = [("approve", _("Let in")), ("decline", _("Decline")), ("group", _("Move to the group"))]

    step = forms.ChoiceField(choices=STEPS)
    reason = forms.CharField(label=_("Why not: the creator reads this"), max_length=300, required=False)
    group = forms.ModelChoiceField(
        label=_("Group"), queryset=CreatorGroup.objects.none(), required=False, empty_label=_("No group")
    )

    def __init__(self, *args: Any, program: Program, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["group"].queryset = groups_of_program(program.pk)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("step") == "decline" and not (data.get("reason") or "").strip():
            self.add_error("reason", _("Say why: the creator reads it."))
        return data

    def carry_out(self, enrolment: Enrolment, *, by: User, now: dt.datetime) -> str:
        """Do it, and say what was done. JoiningRefused as the services."""
        data, facts = self.cleaned_data, {"creator": enrolment.creator}
        if data["step"] == "approve":
            approve_application(enrolment=enrolment, by=by, now=now)
            return gettext("%(creator)s is in the programme and is told so.") % facts
        if data["step"] == "decline":
            decline_application(enrolment=enrolment, reason=data["reason"], by=by, now=now)
            return gettext("%(creator)s is not in the programme and is told why.") % facts
        assign_group(enrolment=enrolment, group=data["group"], now=now)
        return gettext("%(creator)s: the group holds for orders from now on.") % facts


class InvitationForm(forms.Form):
    """Whom to invite, named by handle, so that no list of people is shown."""

    handle = forms.CharField(label=_("Creator's handle"), max_length=60)
    group = forms.ModelChoiceField(
        label=_("Group"), queryset=CreatorGroup.objects.none(), required=False, empty_label=_("No group")
    )

    def __init__(self, *args: Any, program: Program, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.program = program
        self.fields["group"].queryset = groups_of_program(program.pk)  # type: ignore[attr-defined]

    def clean_handle(self) -> Creator:
        handle = self.cleaned_data["handle"].strip().lstrip("@")
        creator = Creator.objects.present().filter(handle__iexact=handle).first()
        if creator is None:
            raise forms.ValidationError(_("There is no creator of this handle."))
        return creator

    def carry_out(self, *, by: User, now: dt.datetime) -> str:
        """Invite them, and say what became of it. JoiningRefused as the service."""
        data = self.cleaned_data
        made = invite_creator(program=self.program, creator=data["handle"], group=data["group"], by=by, now=now)
        if made.status == Enrolment.Status.JOINED:
            return gettext("%(creator)s is in the programme.") % {"creator": made.creator}
        return gettext("%(creator)s is invited and is told so.") % {"creator": made.creator}


class GroupForm(forms.Form):
    """A new group of creators."""

    name = forms.CharField(label=_("Name of the group"), max_length=80)

    def carry_out(self, program: Program) -> str:
        """Make it, and say so. JoiningRefused as the service."""
        group = create_group(program=program, name=self.cleaned_data["name"])
        return gettext("The group “%(group)s” is there; a commission rule can be for it.") % {"group": group}
