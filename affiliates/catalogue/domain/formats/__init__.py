"""The formats merchants send, each a pure reader."""

from __future__ import annotations

from affiliates.catalogue.domain.feed_records import FeedFormat
from affiliates.catalogue.domain.formats.awin import AWIN_FEED
from affiliates.catalogue.domain.formats.google import GOOGLE_FEED
from affiliates.catalogue.domain.formats.mapped import MAPPED_FEED
from affiliates.catalogue.domain.formats.meta import META_FEED
from affiliates.catalogue.domain.formats.shopify import SHOPIFY_FEED

FORMATS: dict[str, FeedFormat] = {
    known.slug: known for known in (GOOGLE_FEED, AWIN_FEED, META_FEED, SHOPIFY_FEED, MAPPED_FEED)
}
