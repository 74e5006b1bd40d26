"""Paid links stand where they are labelled, and nowhere else."""

from __future__ import annotations

import re

_BARE = re.compile(r"""href\s*=\s*["']?\s*(?:https?:)?(?://[^/"'\s>]+)?/(?:[a-z]{2}/)?go/""", re.IGNORECASE)


def has_bare_paid_link(html: str) -> bool:
    """Whether a text holds a tracked link of its own, which would show readers neither label nor disclosure."""
    return bool(_BARE.search(html))
