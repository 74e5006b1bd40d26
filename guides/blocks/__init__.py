"""What a guide is made of."""

from __future__ import annotations

from guides.blocks.body import ArticleBody
from guides.blocks.disclosure import DisclosureFacts

__all__ = ["ArticleBody", "DisclosureFacts"]
