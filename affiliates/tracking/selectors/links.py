"""Where the site's own paid links lead, and a party's clicks."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, Exists, OuterRef, QuerySet

from affiliates.catalogue.models import Offer
from affiliates.parties.models import Enrolment, Merchant, Program
from affiliates.tracking.models import Link


def go_paths(offer_ids: Iterable[int], *, creator_id: int | None, placement_ref: str | None) -> dict[int, str]:
    """offer id → `/go/<code>?p=<placement>`, for `rel="sponsored nofollow noopener"` anchors.

    One query where every link exists, four where some had to be made, whatever the number of offers.
    """
    wanted = set(offer_ids)
    if not wanted:
        return {}
    links = Link.objects.all()
    codes = links.codes_for_offers(wanted, creator_id)
    missing = wanted - codes.keys()
    if missing:
        merchants = dict(Offer.objects.filter(pk__in=missing).values_list("pk", "merchant_id"))
        codes |= links.ensure_for_offers(merchants, creator_id)
    place = f"?p={placement_ref}" if placement_ref else ""
    return {offer_id: f"/go/{code}{place}" for offer_id, code in codes.items()}


def links_of(creator_id: int) -> QuerySet[Link]:
    """A creator's links with what a list shows of them. One query."""
    return Link.objects.filter(creator_id=creator_id).select_related("merchant", "offer__product")


def unjoined_merchants(creator_id: int) -> QuerySet[Merchant]:
    """Merchants with a programme in force that a creator is not in, by name: clicks to them earn nothing."""
    programs = Program.objects.filter(merchant=OuterRef("pk"), is_active=True)
    joined = Enrolment.objects.filter(
        program__merchant=OuterRef("pk"),
        program__is_active=True,
        creator_id=creator_id,
        status=Enrolment.Status.JOINED,
    )
    return Merchant.objects.active().filter(Exists(programs), ~Exists(joined)).order_by("name", "pk")


def unjoined_links(creator_id: int) -> list[tuple[Merchant, int]]:
    """Where a creator's links lead that earn them nothing, with how many links lead there. Two queries."""
    mine = Link.objects.filter(creator_id=creator_id, is_active=True).values("merchant_id")
    counted = mine.annotate(number=Count("pk")).values_list("merchant_id", "number")
    numbers = dict(counted)
    return [(merchant, numbers[merchant.pk]) for merchant in unjoined_merchants(creator_id) if merchant.pk in numbers]


def earning_links(links: Iterable[Link]) -> set[int]:
    """The keys of those whose creator is in the merchant's programme now. One query."""
    wanted = list(links)
    joined = set(
        Enrolment.objects.filter(
            program__merchant__in={link.merchant_id for link in wanted},
            program__is_active=True,
            creator__in={link.creator_id for link in wanted if link.creator_id},
            status=Enrolment.Status.JOINED,
        ).values_list("program__merchant_id", "creator_id")
    )
    return {link.pk for link in wanted if link.is_active and (link.merchant_id, link.creator_id) in joined}
