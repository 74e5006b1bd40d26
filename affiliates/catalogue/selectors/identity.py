"""What editors decide on: proposed matches, and the merges and splits that were made."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from affiliates.catalogue.models import IdentityChange, MatchSuggestion, Product

REASONS: dict[str, str | Promise] = {
    "same_brand": _("The same brand."),
    "same_number": _("The same maker's number."),
    "same_words": _("The same words in the name."),
    "like_words": _("Half or more of the words in the names are the same."),
}


def open_suggestions() -> QuerySet[MatchSuggestion]:
    """Pairs to be decided, the most alike first. Two queries when read, products and offers included."""
    found = MatchSuggestion.objects.filter(
        state=MatchSuggestion.State.OPEN, first__merged_into__isnull=True, second__merged_into__isnull=True
    )
    return found.select_related("first__image", "second__image").prefetch_related(
        "first__offers__merchant", "second__offers__merchant", "first__image__renditions", "second__image__renditions"
    )


def suggestions_waiting() -> int:
    """How many pairs wait for a decision. One query."""
    return MatchSuggestion.objects.filter(
        state=MatchSuggestion.State.OPEN, first__merged_into__isnull=True, second__merged_into__isnull=True
    ).count()


def identity_changes() -> QuerySet[IdentityChange]:
    """Merges and splits, the latest first. One query when read."""
    return IdentityChange.objects.select_related("product", "other", "by", "undone_by")


def find_product(text: str) -> Product | None:
    """The standing product with this address or GTIN. At most two queries."""
    text = text.strip().rstrip("/").rpartition("/")[2]
    if not text:
        return None
    standing = Product.objects.standing()
    return standing.filter(slug=text).first() or standing.filter(gtin=text).first()
