"""What the front page shows."""

from __future__ import annotations

from typing import Any

from guides.selectors.articles import latest_articles
from guides.selectors.storefronts import storefronts, topics

LEAD, SECOND, STRIP = 1, 2, 6


def front_page(locale_id: int) -> dict[str, Any]:
    """The newest guides in their places, topics and creators. Nine queries. Newest first, whatever they earn."""
    articles = latest_articles(locale_id=locale_id, limit=LEAD + SECOND + STRIP)
    return {
        "lead": articles[0] if articles else None,
        "second": articles[LEAD : LEAD + SECOND],
        "strip": articles[LEAD + SECOND :],
        "topics": [topic for topic in topics(locale_id) if topic.guide_count],
        "creators": storefronts(locale_id),
    }
