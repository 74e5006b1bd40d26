"""Whether a product can be had where the reader is, and if not, why: the exact product or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from affiliates.catalogue.domain.offers import OfferView

Serving = Literal["served", "unlisted", "off", "sold_out", "not_known", "not_shipped"]


def serving(offers: Sequence[OfferView], *, country_known: bool) -> Serving:
    """What is true of a product for a reader, from all its offers.

    served: a shop ships it there and has it, or, of a reader from nowhere in particular, a shop has it.
    unlisted: no shop lists it. off: every shop's link is off. sold_out: shops ship it there and none has it.
    not_known: nobody says that it ships there. not_shipped: every shop says that it does not.
    """
    if not offers:
        return "unlisted"
    open_offers = [offer for offer in offers if not offer.block]
    if not open_offers:
        return "off"
    # Another variant serves nobody while a shop lists the exact one.
    open_offers = [offer for offer in open_offers if not offer.variant_differs] or open_offers
    near = [offer for offer in open_offers if offer.ships == "yes"] if country_known else open_offers
    if any(offer.is_buyable for offer in near):
        return "served"
    if near:
        return "sold_out"
    return "not_known" if any(offer.ships == "unknown" for offer in open_offers) else "not_shipped"
