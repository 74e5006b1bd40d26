"""How the offers of products stand in some countries, and since when those that cannot be had cannot."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace

from django.db.models import F, Q

from affiliates.catalogue.domain.needs import Fault, Standing
from affiliates.catalogue.domain.offers import OfferView, blocked, compared
from affiliates.catalogue.models import Delivery, Lane, Offer, Reading
from affiliates.catalogue.selectors.cards import OFFER_FIELDS, offer_block, plain_view
from affiliates.catalogue.selectors.problems import is_suspended
from affiliates.catalogue.selectors.rates import rates_on
from cms.core.reader import currency_of_country

#: A listing that went away is remembered this long.
REMEMBERED = dt.timedelta(days=90)
OUT = frozenset({"out_of_stock", "discontinued"})


def standings(
    product_ids: Collection[int], *, countries: Iterable[str], now: dt.datetime
) -> dict[str, dict[int, list[Standing]]]:
    """country → product id → its offers there, those that went away of late among them.

    Six queries at most, whatever the number of products and countries. A product without offers is missing.
    """
    countries = list(countries)
    offers = _offers(product_ids, now)
    deliveries: dict[tuple[int, str], Delivery] = {}
    profiles = {offer.delivery_profile_id for offer in offers if offer.delivery_profile_id}
    wanted = Delivery.objects.filter(profile_id__in=profiles, country__in=countries)
    for delivery in wanted.order_by(F("price_minor").asc(nulls_last=True), "pk"):
        deliveries.setdefault((delivery.profile_id, delivery.country), delivery)
    merchants = {offer.merchant_id for offer in offers}
    lanes = {
        (lane.merchant_id, lane.country): lane
        for lane in Lane.objects.filter(merchant_id__in=merchants, country__in=countries)
    }
    faults = {offer.pk: _fault(offer) for offer in offers}
    since = _sold_out_since([offer for offer in offers if faults[offer.pk] == "sold_out"])
    table = rates_on(now.date())
    found: dict[str, dict[int, list[Standing]]] = {country: defaultdict(list) for country in countries}
    for country in countries:
        currency = currency_of_country(country) or "EUR"

        def seen(view: OfferView, country: str = country, currency: str = currency) -> OfferView:
            return compared(view, currency=currency, country=country, table=table, on=now.date())

        for offer in offers:
            at = deliveries.get((offer.delivery_profile_id or 0, country)), lanes.get((offer.merchant_id, country))
            view = plain_view(offer, *at, now)
            fault = faults[offer.pk]
            whole = view
            if fault:
                # A page that is gone confirms no price: what counts is how the offer stood when it was last seen.
                whole = plain_view(offer, *at, offer.price_seen_at or now)
                whole = replace(whole, availability="in_stock") if whole.availability in OUT else whole
            shown = None if offer.gone_at else seen(blocked(view, offer_block(offer)))
            since_at = _since(offer, fault, since) if fault else None
            found[country][offer.product_id].append(Standing(shown, seen(whole), fault, since_at, _untracked_at(offer)))
    return found


def _offers(product_ids: Collection[int], now: dt.datetime) -> list[Offer]:
    """Listed offers and those that went of late. One query."""
    of_late = Q(gone_at__isnull=True) | Q(gone_at__gt=now - REMEMBERED)
    offers = Offer.objects.filter(of_late, product_id__in=product_ids, merchant__is_active=True)
    offers = offers.select_related("merchant", "policy", "health").only(*OFFER_FIELDS, "gone_at", "health__since_at")
    return list(offers.annotate(is_suspended=is_suspended()).order_by("pk"))


def _fault(offer: Offer) -> Fault:
    if offer.gone_at:
        return "gone"
    block = offer_block(offer)
    if block:
        return "gone" if block == "gone" else "off"
    return "sold_out" if offer.availability in OUT else ""


def _since(offer: Offer, fault: Fault, sold_out: dict[int, dt.datetime]) -> dt.datetime | None:
    health = getattr(offer, "health", None)
    if fault == "gone":
        return offer.gone_at or (health.since_at if health else None)
    if fault == "off":
        return health.hidden_at if health else None
    if health and health.state == "sold_out":
        return health.since_at
    return sold_out.get(offer.pk)


def _untracked_at(offer: Offer) -> dt.datetime | None:
    health = getattr(offer, "health", None)
    return health.since_at if health and health.state == "tag_stripped" else None


def _sold_out_since(offers: list[Offer]) -> dict[int, dt.datetime]:
    """When sold-out offers ran out, as far as their sources let us keep readings. One query."""
    keys = [offer.pk for offer in offers]
    since: dict[int, dt.datetime] = {}
    readings = Reading.objects.filter(offer_id__in=keys).order_by("offer_id", "observed_at", "pk")
    for offer_id, availability, at in readings.values_list("offer_id", "availability", "observed_at"):
        if availability in OUT:
            since.setdefault(offer_id, at)
        else:
            since.pop(offer_id, None)
    return since
