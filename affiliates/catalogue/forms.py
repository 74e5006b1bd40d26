"""Products and offers in the admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from wagtail.admin.forms.models import WagtailAdminModelForm

from affiliates.catalogue.domain.faults import FieldFault
from affiliates.catalogue.domain.feed_rows import read_url
from affiliates.catalogue.domain.gtin import normal_gtin
from affiliates.catalogue.models import Offer, Product
from affiliates.catalogue.signals import offers_changed
from cms.core import generation
from cms.core.drawing import KINDS


class ProductForm(WagtailAdminModelForm):
    """What an editor may set right of a product. Its address stays as it is."""

    kind = forms.ChoiceField(
        label=_("Kind of thing"),
        required=False,
        choices=[("", "—"), *((kind, kind) for kind in KINDS)],
        help_text=_("What a drawn picture shows."),
    )

    class Meta:
        model = Product
        fields = ["slug", "name", "brand", "gtin", "mpn", "category", "description", "kind", "image"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["slug"].disabled = True

    def clean_gtin(self) -> str:
        gtin: str = self.cleaned_data["gtin"]
        if not gtin:
            return ""
        try:
            return normal_gtin(gtin)
        except ValueError:
            raise forms.ValidationError(_("This is not a GTIN: its check digit or its length is wrong.")) from None

    @transaction.atomic
    def save(self, commit: bool = True) -> Product:
        product: Product = super().save(commit=True)
        generation.bump()
        return product


class OfferForm(WagtailAdminModelForm):
    """What an operator may set right of an offer. The merchant's next feed has the last word."""

    url = forms.URLField(label=_("Address at the merchant"), max_length=2000, assume_scheme="https")

    class Meta:
        model = Offer
        fields = ["title", "url", "availability", "condition", "policy", "gone_at"]

    def clean_url(self) -> str:
        hosts = frozenset(self.instance.merchant.hosts.values_list("host", flat=True))
        try:
            return read_url(self.cleaned_data["url"], hosts)
        except FieldFault:
            raise forms.ValidationError(_("This is not an address at one of the merchant's hosts.")) from None

    @transaction.atomic
    def save(self, commit: bool = True) -> Offer:
        self.instance.row_hash = ""
        offer: Offer = super().save(commit=True)
        offers_changed.send(sender=Offer, offer_ids=[offer.pk])
        generation.bump()
        return offer
