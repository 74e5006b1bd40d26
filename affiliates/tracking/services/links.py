"""Making links and placements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from wagtail.models import Page

from affiliates.catalogue.models import Offer
from affiliates.parties.models import MerchantHost, Program
from affiliates.tracking.domain.destinations import (
    Address,
    BadDestination,
    Refused,
    clean_address,
    parse_address,
)
from affiliates.tracking.models import Link, Placement
from cms.core.keys import among
from community.models import Creator


class LinkRefused(ValueError):
    """An address that no link is made for. `reason` is one of the words below; it is part of the API."""

    NO_PROGRAM = "no_programme"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class MadeLink:
    """A link, and whether it is new."""

    link: Link
    is_new: bool


def ensure_links(*, offer_ids: Iterable[int], creator_id: int | None) -> dict[int, str]:
    """offer id → code of the creator's (or the house's) link, making what is missing.

    Two queries, four where something was missing. May be repeated. Offers that do not exist are left out.
    """
    merchants = dict(Offer.objects.filter(pk__in=set(offer_ids)).values_list("pk", "merchant_id"))
    return Link.objects.all().ensure_for_offers(merchants, creator_id) if merchants else {}


def ensure_placement(*, page: Page, creator: Creator | None) -> Placement:
    """The placement of a page, with its present title and address. May be repeated, also by two at once."""
    path = page.get_url() or ""
    placements = Placement.objects.filter(page_id=page.pk, creator=creator)
    placement = placements.first()
    if placement is None:
        try:
            with transaction.atomic():
                return Placement.objects.create(page_id=page.pk, creator=creator, title=page.title, path=path)
        except IntegrityError:
            placement = placements.get()
    if (placement.title, placement.path) != (page.title, path):
        placement.title, placement.path = page.title, path
        placement.save(update_fields=["title", "path"])
    return placement


@transaction.atomic
def create_link_for_url(*, creator: Creator, url: str, label: str = "") -> MadeLink:
    """The creator's link to a merchant's address; the one they have already, if they have one.

    Other people's tracking parameters are taken off. LinkRefused with a reason where the address is not one, is not at
    a host of a merchant, or the merchant has no programme for this creator.
    """
    try:
        address = clean_address(parse_address(url.strip()))
    except BadDestination as error:
        raise LinkRefused(error.reason.value) from error
    merchant_id = _merchant_of(address)
    if not _may_join(merchant_id, creator):
        raise LinkRefused(LinkRefused.NO_PROGRAM)
    # An offer's address is a link to the offer: it then follows the offer when its address changes.
    offer = _offer_at(merchant_id, address)
    wanted = {"offer": offer} if offer else {"url": address.url(), "offer": None}
    link = Link.objects.filter(creator=creator, **wanted).first()
    if link is not None:
        return MadeLink(link, is_new=False)
    return MadeLink(Link.objects.create(creator=creator, merchant_id=merchant_id, label=label[:120], **wanted), True)


def _merchant_of(address: Address) -> int:
    host = MerchantHost.objects.filter(host=address.host, merchant__is_active=True).first()
    if host is None:
        raise LinkRefused(Refused.UNKNOWN_HOST.value)
    return host.merchant_id


def _may_join(merchant_id: int, creator: Creator) -> bool:
    joined = Q(enrolments__creator=creator, enrolments__status="joined")
    programs = Program.objects.filter(merchant_id=merchant_id, is_active=True)
    return programs.filter(Q(is_open=True) | joined).exists()


def _offer_at(merchant_id: int, address: Address) -> Offer | None:
    bare = address.url()
    return Offer.objects.filter(merchant_id=merchant_id, url__in={bare, bare.rstrip("/")}, gone_at=None).first()


def switch_link(*, link: Link, is_active: bool) -> Link:
    """Switch a link on or off. Its clicks and orders stay as they are; may be repeated."""
    link.is_active = is_active
    link.save(update_fields=["is_active", "updated_at"])
    return link


def renew_links(*, offer_ids: Sequence[int]) -> None:
    """Every link to these offers counts as changed now, so that link maps read it again. May be repeated.

    One query.
    """
    if offer_ids:
        Link.objects.filter(offer_id__in=among(offer_ids)).update(updated_at=timezone.now())
