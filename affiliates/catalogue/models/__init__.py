"""What can be bought, where, and what we know of it."""

from __future__ import annotations

from affiliates.catalogue.models.feeds import Feed, FeedFormat, FeedMapping, FeedRun
from affiliates.catalogue.models.health import HealthState, HostPace, OfferCheck, OfferHealth
from affiliates.catalogue.models.identity import IdentityChange, MatchKey, MatchSuggestion
from affiliates.catalogue.models.lanes import Delivery, DeliveryProfile, Lane
from affiliates.catalogue.models.mentions import ProductMention
from affiliates.catalogue.models.offers import Offer
from affiliates.catalogue.models.pictures import ShopPicture
from affiliates.catalogue.models.policies import SourcePolicy
from affiliates.catalogue.models.products import Product
from affiliates.catalogue.models.rates import ExchangeRate
from affiliates.catalogue.models.readings import Reading, ReadingDay
from affiliates.catalogue.models.reports import OfferReport, ProblemKind, Suspension, Ticket

__all__ = [
    "Delivery",
    "DeliveryProfile",
    "ExchangeRate",
    "Feed",
    "FeedFormat",
    "FeedMapping",
    "FeedRun",
    "HealthState",
    "HostPace",
    "IdentityChange",
    "Lane",
    "MatchKey",
    "MatchSuggestion",
    "Offer",
    "OfferCheck",
    "OfferHealth",
    "OfferReport",
    "ProblemKind",
    "Product",
    "ProductMention",
    "Reading",
    "ReadingDay",
    "ShopPicture",
    "SourcePolicy",
    "Suspension",
    "Ticket",
]
