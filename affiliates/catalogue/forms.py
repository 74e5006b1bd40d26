"""Products, offers and lanes in the admin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _

from wagtail.admin.forms.models import WagtailAdminModelForm

from affiliates.catalogue.domain.faults import FieldFault
from affiliates.catalogue.domain.feed_rows import read_url
from affiliates.catalogue.domain.gtin import normal_gtin
from affiliates.catalogue.form_fields import VariantField
from affiliates.catalogue.models import Lane, Offer, ProblemKind, Product, Reading, ReadingDay, SourcePolicy
from affiliates.catalogue.services.suggestions import look_again
from affiliates.catalogue.signals import offers_changed
from cms.core import generation
from cms.core.domain.money import decimal_string, parse_amount
from cms.core.drawing import KINDS
from cms.core.formats import currencies, territories
from community.forms import HoneypotMixin

#: What of a product decides which others it is held against.
NAMING = frozenset({"name", "brand", "gtin", "mpn", "variant"})


class ProductForm(WagtailAdminModelForm):
    """What an editor may set right of a product. Its address stays as it is."""

    kind = forms.ChoiceField(
        label=_("Kind of thing"),
        required=False,
        choices=[("", "—"), *((kind, kind) for kind in KINDS)],
        help_text=_("What a drawn picture shows."),
    )
    variant = VariantField(
        label=_("Variant"),
        required=False,
        help_text=_("What was tested, such as colour: white or size: M. Shops that list another one are marked so."),
    )

    class Meta:
        model = Product
        fields = ["slug", "name", "brand", "gtin", "mpn", "variant", "category", "description", "kind", "image"]

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
        if not NAMING.isdisjoint(self.changed_data):
            look_again(product=product)
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


class SourcePolicyForm(WagtailAdminModelForm):
    """What a source allows. Forbidding history deletes what was kept of it, so that has to be confirmed."""

    confirm = forms.BooleanField(label=_("Delete the history that was kept"), required=False)

    class Meta:
        model = SourcePolicy
        fields = ["slug", "name", "may_keep_history", "may_alert", "max_price_age_hours", "may_cache_images"]
        help_texts = {
            "may_keep_history": _(
                "Where it is forbidden, no price is kept, drawn or called a deal; what was kept is deleted for good."
            ),
            "may_alert": _("Alerts rest on history: where that is forbidden, none is sent."),
            "max_price_age_hours": _("An older price appears nowhere: no page, list, search, feed or interface."),
            "may_cache_images": _("Where it is forbidden, the shop's own pictures are not copied."),
        }

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean()
        if self.instance.pk and "may_keep_history" in self.changed_data and not data.get("may_keep_history"):
            kept = sum(model.objects.filter(policy=self.instance).count() for model in (Reading, ReadingDay))
            if kept and not data.get("confirm"):
                words = ngettext(
                    "This deletes %(count)s reading for good. Tick the box below to confirm.",
                    "This deletes %(count)s readings for good. Tick the box below to confirm.",
                    kept,
                )
                self.add_error("may_keep_history", words % {"count": kept})
        return data

    @transaction.atomic
    def save(self, commit: bool = True) -> SourcePolicy:
        policy: SourcePolicy = super().save(commit=True)
        generation.bump()
        return policy


class ProblemForm(HoneypotMixin):
    """What is wrong with an offer. The button that is pressed is the answer; the rest may stay empty."""

    kind = forms.ChoiceField(
        choices=ProblemKind.choices,
        error_messages={"required": _("Choose what is wrong."), "invalid_choice": _("Choose what is wrong.")},
    )
    item = forms.ChoiceField(label=_("Which one"), required=False)
    country = forms.ChoiceField(label=_("Where you are"), required=False)
    note = forms.CharField(
        label=_("What you saw"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, offers: Sequence[Offer], country: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offers = {offer.external_id: offer for offer in offers}
        self.fields["item"].choices = [(offer.external_id, offer.title) for offer in offers]  # type: ignore[attr-defined]
        self.fields["item"].initial = offers[0].external_id
        places = territories(get_language() or "en").items()
        self.fields["country"].choices = [("", _("Not said")), *places]  # type: ignore[attr-defined]
        self.fields["country"].initial = country
        if len(offers) == 1:
            del self.fields["item"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("kind") == ProblemKind.WONT_SHIP and not data.get("country"):
            self.add_error("country", _("Say where it should be sent."))
        return data

    @property
    def offer(self) -> Offer:
        """The offer meant; only after is_valid()."""
        chosen = self.cleaned_data.get("item") or next(iter(self.offers))
        return self.offers[chosen]


class ObjectionForm(forms.Form):
    """What a merchant has to say to a report or to a suspension."""

    objection = forms.CharField(
        label=_("Your side of it"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("A person reads it. Name what can be checked: batch numbers, invoices, the page where it stands."),
    )


class DecisionForm(forms.Form):
    """What a person found out about a report, or why a suspension ends."""

    outcome = forms.CharField(label=_("What the reader is told"), max_length=400, required=False)


class LaneForm(WagtailAdminModelForm):
    """Where a merchant ships, entered by hand. What nobody found out stays unknown."""

    country = forms.ChoiceField(label=_("Country"), choices=lambda: [("", "—"), *territories(_language()).items()])
    price = forms.CharField(
        label=_("Delivery price"), required=False, max_length=20, help_text=_("Such as 4.90. Empty: not known.")
    )
    currency = forms.ChoiceField(
        label=_("Currency of the delivery price"),
        required=False,
        choices=lambda: [("", "—"), *((code, f"{code} · {name}") for code, name in currencies(_language()).items())],
    )

    class Meta:
        model = Lane
        fields = [
            "merchant", "country", "ships", "min_days", "max_days", "source_kind", "source", "source_url", "seen_at",
        ]  # fmt: skip

    field_order = [
        "merchant", "country", "ships", "price", "currency", "min_days", "max_days", "source_kind", "source",
        "source_url", "seen_at",
    ]  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lane: Lane = self.instance
        if lane.price_minor is not None:
            self.fields["price"].initial = decimal_string(lane.price_minor, lane.currency)
        self.fields["currency"].initial = lane.currency
        if not lane.pk:
            self.fields["seen_at"].initial = timezone.now()

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean()
        least, most = data.get("min_days"), data.get("max_days")
        if least is not None and most is not None and least > most:
            self.add_error("max_days", _("It takes at least as long as the days at least."))
        self._clean_price(data)
        by_hand = data.get("source_kind") == Lane.SourceKind.HAND
        if by_hand and data.get("ships") == Lane.Ships.YES and not (data.get("source") or data.get("source_url")):
            self.add_error("source", _("Say where it is written that the shop ships there."))
        return data

    def _clean_price(self, data: dict[str, Any]) -> None:
        """The price in minor units, or a fault at its field."""
        text, currency = (data.get("price") or "").strip(), data.get("currency") or ""
        self.instance.price_minor, self.instance.currency = None, currency if text else ""
        if not text:
            return
        if data.get("ships") != Lane.Ships.YES:
            self.add_error("price", _("A delivery price belongs to a country the shop ships to."))
        elif not currency:
            self.add_error("currency", _("A price needs its currency."))
        else:
            try:
                self.instance.price_minor = parse_amount(text, currency)
            except ValueError:
                self.add_error("price", _("This is not an amount such as 4.90, with the currency’s decimals."))


def _language() -> str:
    return get_language() or "en"
