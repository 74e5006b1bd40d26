"""Pages a reader reads: guides, reviews, topics, storefronts and their indexes."""

from __future__ import annotations

from guides.models.articles import ArticlePage, ArticleTag, GuidePage, ReviewPage
from guides.models.indexes import CreatorIndexPage, GuideIndexPage, TopicIndexPage
from guides.models.storefronts import CreatorPage
from guides.models.topics import TopicPage

__all__ = [
    "ArticlePage",
    "ArticleTag",
    "CreatorIndexPage",
    "CreatorPage",
    "GuideIndexPage",
    "GuidePage",
    "ReviewPage",
    "TopicIndexPage",
    "TopicPage",
]
