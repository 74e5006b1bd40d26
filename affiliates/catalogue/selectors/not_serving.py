"""What could neither earn nor serve a reader, and what to do about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Count, Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from affiliates.catalogue.domain.page_health import DEAD
from affiliates.catalogue.models import Lane, Offer, OfferHealth, Product, ProductMention, SourcePolicy, Suspension
from affiliates.parties.models import Merchant, Program

MOST_OF_A_KIND = 200


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that does not work, why, and where it is put right."""

    kind: str
    problem: str | Promise
    what: str
    todo: str | Promise
    address: str


#: What apps above know of. They register here by themselves.
_more: dict[str, Callable[[], list[Trouble]]] = {}


def register_troubles(kind: str, find: Callable[[], list[Trouble]]) -> None:
    """Add a kind to the list. A second registration of a kind replaces the first."""
    _more[kind] = find


def troubles(*, now: dt.datetime) -> list[Trouble]:
    """All there is, at most 200 of a kind, the gravest kinds first. Eight queries, whatever the number, and those of
    the apps above.
    """
    return [
        *_suspended(),
        *_without_programme(),
        *_products_without_offers(),
        *_dead(),
        *(trouble for find in _more.values() for trouble in find()),
        *_without_price(now),
        *_without_lanes(),
    ]


def _suspended() -> list[Trouble]:
    rows = Suspension.objects.filter(lifted_at__isnull=True).select_related("merchant")[:MOST_OF_A_KIND]
    return [
        Trouble(
            "suspended",
            _("The shop is suspended"),
            row.merchant.name,
            _("Decide on its objection"),
            reverse("catalogue_problems"),
        )
        for row in rows
    ]  # fmt: skip


def _without_programme() -> list[Trouble]:
    programme = Program.objects.active().filter(merchant=OuterRef("pk"))
    offers = Offer.objects.filter(merchant=OuterRef("pk"), gone_at__isnull=True)
    rows = Merchant.objects.active().filter(~Exists(programme), Exists(offers))[:MOST_OF_A_KIND]
    return [
        Trouble("no_programme", _("Offers that lead nowhere: the shop has no active programme"), merchant.name,
                _("Open a programme, or take the shop out"), reverse("parties_merchants:edit", args=[merchant.pk]))
        for merchant in rows
    ]  # fmt: skip


def _products_without_offers() -> list[Trouble]:
    named = ProductMention.objects.filter(product=OuterRef("pk"), page__live=True)
    serving = Offer.objects.present().filter(product=OuterRef("pk")).exclude(
        availability__in=("out_of_stock", "discontinued")
    ).exclude(health__state__in=DEAD)  # fmt: skip
    rows = (
        Product.objects.standing()
        .filter(Exists(named), ~Exists(serving))
        .annotate(pages=Count("mentions__page", distinct=True))
    )
    return [
        Trouble("no_offer", _("Named in live guides, and no shop can sell it"), str(product),
                _("Find another shop, or merge it with its twin"),
                reverse("catalogue_product_identity", args=[product.slug]))
        for product in rows.order_by("-pages", "pk")[:MOST_OF_A_KIND]
    ]  # fmt: skip


def _dead() -> list[Trouble]:
    rows = OfferHealth.objects.filter(state__in=DEAD, offer__gone_at__isnull=True).select_related("offer__merchant")
    return [
        Trouble("dead", row.get_state_display(), f"{row.offer.title}, {row.offer.merchant.name}",
                _("Look at the shop's page; ask the shop, or mark the offer gone"),
                reverse("catalogue_offers:edit", args=[row.offer_id]))
        for row in rows.order_by("-since_at", "pk")[:MOST_OF_A_KIND]
    ]  # fmt: skip


def _without_price(now: dt.datetime) -> list[Trouble]:
    named = ProductMention.objects.filter(product=OuterRef("product"), page__live=True)
    hidden = Q(price_minor__isnull=True) | Q(price_seen_at__isnull=True)
    for hours in SourcePolicy.objects.order_by().values_list("max_price_age_hours", flat=True).distinct():
        hidden |= Q(policy__max_price_age_hours=hours, price_seen_at__lt=now - dt.timedelta(hours=hours))
    rows = (
        Offer.objects.present()
        .filter(hidden, Exists(named))
        .select_related("merchant")
        .order_by(F("price_seen_at").asc(nulls_first=True), "pk")
    )
    return [
        Trouble("no_price", _("No price that may be shown"), f"{offer.title}, {offer.merchant.name}",
                _("See whether the shop's feed still comes"), reverse("catalogue_offers:edit", args=[offer.pk]))
        for offer in rows[:MOST_OF_A_KIND]
    ]  # fmt: skip


def _without_lanes() -> list[Trouble]:
    lanes = Lane.objects.filter(merchant=OuterRef("pk"))
    stated = Offer.objects.filter(merchant=OuterRef("pk"), gone_at__isnull=True, delivery_profile__isnull=False)
    offers = Offer.objects.filter(merchant=OuterRef("pk"), gone_at__isnull=True)
    rows = Merchant.objects.active().filter(Exists(offers), ~Exists(lanes), ~Exists(stated))[:MOST_OF_A_KIND]
    return [
        Trouble("no_lanes", _("Nobody knows where the shop ships"), merchant.name,
                _("Enter its lanes with their source"), reverse("catalogue_lanes:index"))
        for merchant in rows
    ]  # fmt: skip
