"""Feeds, uploads and column mappings in the admin."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from wagtail.admin.forms.models import WagtailAdminModelForm

from affiliates.catalogue.domain.formats import FORMATS
from affiliates.catalogue.domain.mappings import FIELDS, REQUIRED, suggest_mapping
from affiliates.catalogue.domain.samples import HEAD_BYTES, Sample, UnreadableSample, read_sample
from affiliates.catalogue.models import Feed, FeedFormat, FeedMapping
from affiliates.catalogue.models.offers import Availability
from affiliates.catalogue.services.feed_fetching import LARGEST_FILE, own_places
from affiliates.parties.models import Merchant
from cms.core.fetch import FetchRefused, check_url

#: What changes how a file is read, so that an unchanged file must be read again.
READ_ANEW = {"url", "format", "mapping", "policy", "is_complete", "merchant"}
LABELS = {
    "external_id": _("merchant's own number"), "title": _("title"), "url": _("address"), "price": _("price"),
    "sale_price": _("sale price"), "list_price": _("list price"), "currency": _("currency"),
    "availability": _("stock"), "description": _("description"), "image_url": _("picture"), "brand": _("brand"),
    "gtin": _("GTIN (EAN, UPC)"), "mpn": _("maker's number (MPN)"), "condition": _("condition"),
    "category": _("category"), "group_id": _("group of variants"), "delivery_price": _("delivery price"),
    "colour": _("colour"), "size": _("size"),
}  # fmt: skip


def format_choices() -> list[tuple[str, Any]]:
    """The formats that can be read."""
    return [(value, label) for value, label in FeedFormat.choices if value in FORMATS]


def check_mapping(format: str, mapping: FeedMapping | None, merchant: Merchant | None) -> None:
    """A CSV needs a mapping that is the merchant's or everybody's; other formats know their columns."""
    if format == FeedFormat.CSV and mapping is None:
        raise ValidationError({"mapping": _("Choose the column mapping by which this CSV is read.")})
    if format != FeedFormat.CSV and mapping is not None:
        raise ValidationError({"mapping": _("Only a CSV of the merchant's own is read by a mapping.")})
    if mapping is not None and merchant is not None and mapping.merchant_id not in {None, merchant.pk}:
        raise ValidationError({"mapping": _("This mapping is another merchant's.")})


class FeedForm(WagtailAdminModelForm):
    """A feed. Its address can be replaced but not read back, since it may carry a key."""

    url = forms.CharField(
        label=_("Address"), max_length=2000, required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "url", "spellcheck": "false"}),
    )  # fmt: skip

    class Meta:
        model = Feed
        fields = ["merchant", "name", "format", "mapping", "policy", "url", "every_minutes", "is_complete", "is_active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["format"].choices = format_choices()  # type: ignore[attr-defined]
        self.stored_url = self.instance.url
        self.initial["url"] = ""
        if self.stored_url:
            self.fields["url"].help_text = _(
                "Kept: %(address)s. It may carry a key, so it is not shown; fill this in only to replace it."
            ) % {"address": self.instance.public_url}
        else:
            self.fields["url"].required = True
            self.fields["url"].help_text = _("http or https. It may carry a key: it is shown to nobody afterwards.")

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"].strip()
        if not url:
            return self.stored_url
        try:
            check_url(url, allow=own_places())
        except FetchRefused as refusal:
            raise ValidationError(str(refusal)) from None
        return url

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or {}
        check_mapping(data.get("format", ""), data.get("mapping"), data.get("merchant"))
        return data

    def save(self, commit: bool = True) -> Feed:
        if READ_ANEW.intersection(self.changed_data):
            self.instance.etag = self.instance.last_modified = self.instance.content_hash = ""
        feed: Feed = super().save(commit)
        return feed


class FeedUploadForm(forms.Form):
    """A file to import once."""

    merchant = forms.ModelChoiceField(label=_("Merchant"), queryset=Merchant.objects.filter(is_active=True))
    format = forms.ChoiceField(label=_("Format"), choices=format_choices)
    mapping = forms.ModelChoiceField(
        label=_("Column mapping"), queryset=FeedMapping.objects.all(), required=False,
        help_text=_("For a CSV of the merchant's own."),
    )  # fmt: skip
    file = forms.FileField(
        label=_("File"), help_text=_("At most 500 MB, also packed with gzip."), allow_empty_file=False
    )
    complete = forms.BooleanField(
        label=_("The file is complete"), required=False,
        help_text=_("What it lacks is marked as gone. Otherwise it only adds and changes."),
    )  # fmt: skip

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST_FILE:
            raise ValidationError(_("The file is larger than 500 MB."))
        return file

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "format" in data:
            check_mapping(data["format"], data.get("mapping"), data.get("merchant"))
        return data


class FeedMappingForm(WagtailAdminModelForm):
    """Which column holds what. A sample of the file fills in the columns and what its words for stock mean."""

    sample = forms.FileField(
        label=_("A file of this kind"), required=False, allow_empty_file=True,
        help_text=_("Only its beginning is read, to find the columns; nothing is imported."),
    )  # fmt: skip
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = FeedMapping
        fields = ["name", "slug", "merchant", "delimiter", "encoding", "decimal_mark", "currency"]

    def __init__(self, *args: Any, found: Sample | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.found = found
        columns = dict(self.instance.columns or {})
        words = dict(self.instance.words or {})
        headers, seen_words = self._known(columns, words)
        if found is not None:
            headers = list(found.headers)
            columns = {**suggest_mapping(found.headers), **{f: c for f, c in columns.items() if c in headers}}
            seen_words = list(found.words_of(columns.get("availability", "")))
        self.headers, self.words = headers, seen_words
        self.initial["seen"] = json.dumps([headers, seen_words])
        choices = [("", "—"), *((header, header) for header in headers)]
        for name in FIELDS:
            self.fields[f"column_{name}"] = forms.ChoiceField(
                label=capfirst(str(LABELS[name])), choices=choices, required=bool(headers) and name in REQUIRED,
                initial=columns.get(name, ""),
            )  # fmt: skip
        for number, word in enumerate(seen_words):
            self.fields[f"word_{number}"] = forms.ChoiceField(
                label=_("“%(word)s” means") % {"word": word}, required=False, initial=words.get(word, ""),
                choices=[("", _("Known without this")), *Availability.choices],
            )  # fmt: skip

    def _known(self, columns: dict[str, str], words: dict[str, str]) -> tuple[list[str], list[str]]:
        """Columns and words that a sample showed before, or that the mapping names."""
        try:
            headers, seen = json.loads(self.data.get(self.add_prefix("seen")) or "null") or ([], [])
            known = [str(header)[:200] for header in headers][:500], [str(word)[:120] for word in seen][:12]
        except (ValueError, TypeError):
            known = [], []
        return (
            list(dict.fromkeys([*known[0], *columns.values()])),
            list(dict.fromkeys([*known[1], *words])),
        )

    def column_fields(self) -> list[Any]:
        """The selects for our fields, bound."""
        return [self[f"column_{name}"] for name in FIELDS]

    def word_fields(self) -> list[Any]:
        """The selects for the file's words, bound."""
        return [self[f"word_{number}"] for number in range(len(self.words))]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.headers:
            self.add_error("sample", _("Choose a file of this kind and read its columns first."))
            return data
        return data

    def save(self, commit: bool = True) -> FeedMapping:
        data = self.cleaned_data
        self.instance.columns = {name: data[f"column_{name}"] for name in FIELDS if data.get(f"column_{name}")}
        self.instance.words = {
            word: data[f"word_{number}"] for number, word in enumerate(self.words) if data.get(f"word_{number}")
        }
        mapping: FeedMapping = super().save(commit)
        Feed.objects.filter(mapping=mapping).update(etag="", last_modified="", content_hash="")
        return mapping


def sample_of(file: UploadedFile | None) -> Sample:
    """The beginning of an uploaded file; a ValidationError where it is no table."""
    if file is None:
        raise ValidationError(_("Choose a file of this kind first."))
    try:
        return read_sample(file.read(HEAD_BYTES))
    except UnreadableSample as fault:
        raise ValidationError(_("No columns could be found: %(reason)s.") % {"reason": fault}) from None
