"""What editors decide on: proposed matches, and the merges and splits that were made."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Prefetch, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from affiliates.catalogue.models import IdentityChange, MatchSuggestion, Offer, Product, ProductMention

REASONS: dict[str, str | Promise] = {
    "same_brand": _("The same brand."),
    "same_number": _("The same maker's number."),
    "same_words": _("The same words in the name."),
    "like_words": _("Half or more of the words in the names are the same."),
    "other_mpn": _("But the maker's numbers differ."),
    "one_gtin": _("Only one of them has a GTIN, so nothing speaks against it."),
}


def open_suggestions() -> QuerySet[MatchSuggestion]:
    """Pairs to be decided, the most alike first. Five queries when read, products and offers included."""
    found = MatchSuggestion.objects.filter(
        state=MatchSuggestion.State.OPEN, first__merged_into__isnull=True, second__merged_into__isnull=True
    )
    present = Offer.objects.filter(gone_at__isnull=True).select_related("merchant").order_by("merchant__name", "pk")
    return found.select_related("first__image", "second__image").prefetch_related(
        Prefetch("first__offers", present), Prefetch("second__offers", present),
        "first__image__renditions", "second__image__renditions",
    )  # fmt: skip


def better_kept(listed: Mapping[Product, int]) -> Product:
    """Which of several products, each with the number of its offers, had better stay: the one with a GTIN, then the
    one with more offers, then the older.
    """
    return min(listed, key=lambda product: (not product.gtin, -listed[product], product.pk))


def suggestions_waiting() -> int:
    """How many pairs wait for a decision. One query."""
    return MatchSuggestion.objects.filter(
        state=MatchSuggestion.State.OPEN, first__merged_into__isnull=True, second__merged_into__isnull=True
    ).count()


def identity_changes() -> QuerySet[IdentityChange]:
    """Merges and splits, the latest first. One query when read."""
    return IdentityChange.objects.select_related("product", "other", "by", "undone_by")


def changes_of(product: Product) -> QuerySet[IdentityChange]:
    """What was merged into a product and split off it, the latest first. One query when read."""
    return identity_changes().filter(Q(product=product) | Q(other=product))


def pages_naming(product: Product) -> QuerySet[ProductMention]:
    """The pages that speak of a product, drafts left out. One query when read."""
    found = ProductMention.objects.filter(product=product, page__live=True)
    return found.select_related("page", "named").order_by("page__title", "page_id", "position")


def find_product(text: str) -> Product | None:
    """The standing product with this address or GTIN. At most two queries."""
    text = text.strip().rstrip("/").rpartition("/")[2]
    if not text:
        return None
    standing = Product.objects.standing()
    return standing.filter(slug=text).first() or standing.filter(gtin=text).first()
