"""Finding guides, products and creators by words."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from wagtail.models import Locale, Page

from affiliates.catalogue.models import Product
from affiliates.catalogue.selectors.cards import ProductCard, product_cards
from guides.models import ArticlePage, CreatorPage
from guides.selectors.articles import live_articles, load_articles
from guides.selectors.storefronts import storefronts

LONGEST_QUERY = 100
MOST_WORDS = 10
ARTICLES, PRODUCTS, CREATORS = 12, 12, 6
#: All but letters, digits, hyphens and apostrophes, which belong to words.
_SIGNS = re.compile(r"[^\w'’-]|(?<!\w)['’-]+|['’-]+(?!\w)")


@dataclass(frozen=True)
class SearchResults:
    """What was found, best first in each kind."""

    articles: list[ArticlePage]
    products: list[ProductCard]
    creators: list[CreatorPage]

    @property
    def is_empty(self) -> bool:
        return not (self.articles or self.products or self.creators)


def plain_words(query: str) -> str:
    """The first words of a question without the signs that mean something to a search engine.

    SQLite's stops at an unpaired quotation mark, PostgreSQL's at a lone operator.
    """
    return " ".join(_SIGNS.sub(" ", query).split()[:MOST_WORDS])


def search_everything(
    query: str, *, now: dt.datetime, reader_country: str | None = None, reader_currency: str | None = None
) -> SearchResults:
    """Results in the reader's language; products in all, each with the offer that serves the reader.

    A score of queries at most, whatever the number of results.
    """
    words = plain_words(query)
    if not words:
        return SearchResults([], [], [])
    locale = Locale.get_active()
    # As a list of keys: the search engine understands no more of a query than fields it has indexed.
    pages = Page.objects.filter(pk__in=live_articles().filter(locale=locale).values("pk"))
    articles = load_articles([page.pk for page in pages.search(words, operator="and")[:ARTICLES]])
    found = [product.pk for product in Product.objects.all().search(words)[:PRODUCTS]]
    cards = product_cards(found, reader_country=reader_country, reader_currency=reader_currency, now=now)
    products = [cards[pk] for pk in found if pk in cards]
    people = [page.pk for page in CreatorPage.objects.live().filter(locale=locale).search(words)[:CREATORS]]
    creators = {page.pk: page for page in storefronts(locale.pk, only=people)}
    return SearchResults(articles, products, [creators[pk] for pk in people if pk in creators])
