"""What can be bought, where, and what we know of it."""

from __future__ import annotations

from affiliates.catalogue.models.feeds import FeedRun
from affiliates.catalogue.models.lanes import Delivery, Lane
from affiliates.catalogue.models.mentions import ProductMention
from affiliates.catalogue.models.offers import Offer, Reading, SourcePolicy
from affiliates.catalogue.models.products import Product

__all__ = ["Delivery", "FeedRun", "Lane", "Offer", "Product", "ProductMention", "Reading", "SourcePolicy"]
