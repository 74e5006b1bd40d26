"""Finding guides, products and creators by words."""

from __future__ import annotations

from dataclasses import dataclass

from wagtail.models import Locale

from affiliates.catalogue.models import Product
from guides.models import ArticlePage, CreatorPage
from guides.selectors.articles import live_articles, load_articles

LONGEST_QUERY = 100
MOST_WORDS = 10
ARTICLES, PRODUCTS, CREATORS = 12, 12, 6


@dataclass(frozen=True)
class SearchResults:
    """What was found, best first in each kind."""

    articles: list[ArticlePage]
    products: list[Product]
    creators: list[CreatorPage]

    @property
    def is_empty(self) -> bool:
        return not (self.articles or self.products or self.creators)


def search_everything(query: str) -> SearchResults:
    """Results in the reader's language; products in all. A dozen queries, whatever the number of results."""
    words = " ".join(query.split()[:MOST_WORDS])
    locale = Locale.get_active()
    pages = live_articles().filter(locale=locale)
    articles = load_articles([page.pk for page in pages.search(words, operator="and")[:ARTICLES]])
    products = list(Product.objects.with_picture().prefetch_related("image__renditions").search(words)[:PRODUCTS])
    people = CreatorPage.objects.live().filter(locale=locale).select_related("creator__portrait")
    return SearchResults(articles, products, list(people.search(words)[:CREATORS]))
