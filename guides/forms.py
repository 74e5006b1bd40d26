"""What is checked when an article is saved or published in the admin."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from wagtail.admin.forms import WagtailAdminPageForm

from affiliates.earnings.models import Conversion
from affiliates.earnings.selectors.reports import ReportFilter, report_choices
from affiliates.parties.models import Enrolment, Merchant, Program
from cms.core.periods import DEFAULT_DAYS
from community.models import Creator
from community.selectors.roles import creator_of, may_moderate
from guides.services.references import foreign_references


class OwnThingsForm(WagtailAdminPageForm):
    """What a creator saves may point only to what is theirs or everybody's, drafts and previews included."""

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean()
        creator = creator_of(self.for_user)
        if creator is not None and not may_moderate(self.for_user):
            for field, message in self._foreign_things(data, creator):
                self.add_error(field if field in self.fields else None, message)
        return data

    def _foreign_things(self, data: dict[str, Any], creator: Creator) -> Iterator[tuple[str, str]]:
        page = self._meta.model(pk=self.instance.pk)
        for field in page._meta.concrete_fields:
            if field.name in data and field.name in self.fields:
                setattr(page, field.name, data[field.name])
        for reference in foreign_references(page, creator):
            message = _("“%(where)s” points to something that is not yours to use: choose one of your own.")
            yield reference.field, message % {"where": reference.where}


class ArticlePageForm(OwnThingsForm):
    """Drafts may be incomplete; what is published has its disclosure."""

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not self.is_deferred_validation and not self.errors:
            for name in ("body", "disclosure", "facts_confirmed", "product"):
                if name in data:
                    setattr(self.instance, name, data[name])
            try:
                self.instance.check_disclosure()
            except ValidationError as error:
                for name, messages in error.message_dict.items():
                    self.add_error(name, messages)
        return data


class EarningsForm(forms.Form):
    """The period of the studio's figures, inclusive days in UTC, and what they are narrowed to."""

    start = forms.DateField(label=_lazy("First day"), required=False, widget=forms.DateInput({"type": "date"}))
    end = forms.DateField(label=_lazy("Last day"), required=False, widget=forms.DateInput({"type": "date"}))
    guide = forms.TypedChoiceField(label=_lazy("Guide"), required=False, coerce=int, empty_value=None)
    status = forms.ChoiceField(label=_lazy("State"), required=False)

    def __init__(self, *args: Any, creator: Creator, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.creator, self.today = creator, today
        everything = [("", _lazy("All"))]
        choices = report_choices(creator_id=creator.pk)
        self.fields["guide"].choices = [*everything, *choices.placements]  # type: ignore[attr-defined]
        self.fields["status"].choices = [*everything, *Conversion.Status.choices]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["end"] = data.get("end") or self.today
        data["start"] = data.get("start") or data["end"] - dt.timedelta(days=DEFAULT_DAYS - 1)
        if data["start"] > data["end"]:
            self.add_error("start", _("The first day comes after the last day."))
        return data

    def filters(self) -> ReportFilter:
        """The filter; only after is_valid()."""
        data = self.cleaned_data
        return ReportFilter(
            from_on=data["start"],
            to_on=data["end"],
            creator_id=self.creator.pk,
            placement_id=data.get("guide"),
            status=data.get("status") or None,
        )


class DisputeForm(forms.Form):
    """What a creator says against a reversal."""

    evidence = forms.CharField(
        label=_("Why the reversal is wrong"), max_length=2000, widget=forms.Textarea({"rows": 5})
    )
    document = forms.URLField(
        label=_("Address of a document"),
        max_length=500,
        required=False,
        assume_scheme="https",
        help_text=_("A receipt or a screenshot, where the brand can open it."),
    )


class ClaimForm(forms.Form):
    """A sale that was never reported."""

    merchant = forms.ModelChoiceField(
        label=_("Shop"), queryset=Merchant.objects.active().order_by("name"), to_field_name="slug"
    )
    order_id = forms.CharField(label=_("Order number"), max_length=100)
    ordered_on = forms.DateField(label=_("Day of the order"), widget=forms.DateInput({"type": "date"}))
    evidence = forms.CharField(label=_("How you know of it"), max_length=2000, widget=forms.Textarea({"rows": 5}))
    document = forms.URLField(label=_("Address of a document"), max_length=500, required=False, assume_scheme="https")


class ProgramFilterForm(forms.Form):
    """Which programmes a creator looks at."""

    STANDS = [
        ("", _lazy("All")), ("joined", _lazy("Joined")), ("waiting", _lazy("Waiting for an answer")),
        ("invited", _lazy("Invited")), ("none", _lazy("Not joined")),
    ]  # fmt: skip

    q = forms.CharField(label=_lazy("Shop or programme"), max_length=80, required=False)
    stands = forms.ChoiceField(label=_lazy("How you stand"), choices=STANDS, required=False)

    def narrow(self, found: QuerySet[Program], *, creator: Creator) -> QuerySet[Program]:
        """Those that match; all of them where what was asked makes no sense."""
        data = self.cleaned_data if self.is_valid() else {}
        if q := data.get("q"):
            found = found.filter(Q(name__icontains=q) | Q(merchant__name__icontains=q))
        mine = Enrolment.objects.filter(creator=creator)
        states = {"joined": "joined", "waiting": "applied", "invited": "invited"}
        if (stands := data.get("stands")) in states:
            found = found.filter(pk__in=mine.filter(status=states[stands]).values("program"))
        elif stands == "none":
            found = found.exclude(pk__in=mine.filter(status__in=states.values()).values("program"))
        return found


class ApplicationForm(forms.Form):
    """What a creator writes to the brand."""

    message = forms.CharField(
        label=_lazy("What you would like the brand to know"),
        max_length=1000,
        widget=forms.Textarea({"rows": 5}),
        help_text=_lazy("What you write about and for whom. The brand sees it with your storefront."),
    )
