"""What finance fills in about networks' reports."""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from wagtail.admin.forms.models import WagtailAdminModelForm

from affiliates.networks.domain.mappings import FIELDS, missing_fields
from affiliates.networks.domain.observations import Kind, State
from affiliates.networks.models import ReportMapping
from affiliates.networks.registry import NAMES, parser_of
from affiliates.parties.models import Merchant
from cms.core.domain.money import CURRENCIES

LARGEST_FILE = 500 * 1024 * 1024


class ReportUploadForm(forms.Form):
    """A network's file, to be tried first."""

    network = forms.ChoiceField(label=_("Network"), choices=lambda: list(NAMES.items()))
    merchant = forms.ModelChoiceField(label=_("Merchant"), queryset=Merchant.objects.order_by("name"))
    mapping = forms.ModelChoiceField(
        label=_("Column mapping"), queryset=ReportMapping.objects.all(), required=False,
        help_text=_("For a generic CSV."),
    )  # fmt: skip
    file = forms.FileField(label=_("File"), help_text=_("At most 500 MB."), allow_empty_file=False)

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST_FILE:
            raise ValidationError(_("The file is larger than 500 MB."))
        return file

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if network := data.get("network"):
            needed = parser_of(network).NEEDS_MAPPING
            if needed and not data.get("mapping"):
                self.add_error("mapping", _("Choose the column mapping by which this CSV is read."))
            if not needed and data.get("mapping"):
                self.add_error("mapping", _("This network's columns are known; leave this empty."))
        return data


class DaysForm(forms.Form):
    """Days (UTC), both included."""

    since = forms.DateField(label=_("First day"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    until = forms.DateField(label=_("Last day"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("since") and data.get("until") and data["since"] > data["until"]:
            self.add_error("until", _("The last day is not before the first."))
        return data


class ReportMappingForm(WagtailAdminModelForm):
    """A mapping whose columns and words are those we have."""

    class Meta:
        model = ReportMapping
        fields = [
            "name", "slug", "delimiter", "encoding", "decimal_mark", "date_order", "time_zone", "currency", "columns",
            "states", "kinds", "footer",
        ]  # fmt: skip

    def clean_columns(self) -> dict[str, str]:
        columns = self._words("columns", FIELDS, keys=True)
        if lacking := missing_fields(columns):
            raise ValidationError(_("These fields need a column: %(names)s.") % {"names": ", ".join(lacking)})
        return columns

    def clean_states(self) -> dict[str, str]:
        return self._words("states", [state.value for state in State if state])

    def clean_kinds(self) -> dict[str, str]:
        return self._words("kinds", [kind.value for kind in Kind if kind])

    def clean_currency(self) -> str:
        currency: str = self.cleaned_data["currency"].upper()
        if currency and currency not in CURRENCIES:
            raise ValidationError(_("This is not a currency we know."))
        return currency

    def clean_time_zone(self) -> str:
        zone: str = self.cleaned_data["time_zone"]
        if zone not in available_timezones():
            raise ValidationError(_("There is no such time zone."))
        return zone

    def _words(self, name: str, known: Any, *, keys: bool = False) -> dict[str, str]:
        value = self.cleaned_data[name] or {}
        if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
            raise ValidationError(
                _("Write an object of names, such as %(example)s.") % {"example": json.dumps({"a": "b"})}
            )
        if strange := sorted(set(value if keys else value.values()) - set(known)):
            text = _("%(names)s: not known here. Known: %(known)s.")
            raise ValidationError(text % {"names": ", ".join(strange), "known": ", ".join(known)})
        return value
