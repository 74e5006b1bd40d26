"""Merging, splitting and undoing, in the Wagtail admin."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from affiliates.catalogue.models import IdentityChange, MatchSuggestion, Product
from affiliates.catalogue.selectors.identity import (
    REASONS,
    better_kept,
    changes_of,
    find_product,
    identity_changes,
    open_suggestions,
    pages_naming,
)
from affiliates.catalogue.services.merging import MergeRefused, merge_products, split_product, undo_change
from affiliates.catalogue.services.suggestions import decide_different
from cms.core.staff_pages import StaffPage
from community.models import User
from community.selectors.roles import may_moderate

_PER_PAGE = 20
MENTIONS_SHOWN = 100


def _staff(request: HttpRequest) -> User:
    if not may_moderate(request.user):
        raise PermissionDenied
    return cast(User, request.user)


class IdentityView(StaffPage):
    """A page for those who curate the catalogue."""

    header_icon = "tag"
    may_see = staticmethod(may_moderate)


class MatchesView(IdentityView):
    """Pairs that may be one product, side by side."""

    template_name = "catalogue/admin/matches.html"
    page_title = gettext_lazy("Matches to decide")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        page = Paginator(open_suggestions(), _PER_PAGE).get_page(self.request.GET.get("p"))
        context["suggestions"] = page
        context["rows"] = [
            (pair, [REASONS[reason] for reason in pair.reasons if reason in REASONS], _better_first(pair))
            for pair in page
        ]
        return context


def _better_first(pair: MatchSuggestion) -> list[tuple[str, Product]]:
    """Both products with the word their button sends; the one that had better stay comes first."""
    sides = [("first", pair.first), ("second", pair.second)]
    best = better_kept({product: len(product.offers.all()) for _word, product in sides})
    return sorted(sides, key=lambda side: side[1] != best)


class ChangesView(IdentityView):
    """Merges and splits with their undo."""

    template_name = "catalogue/admin/identity_changes.html"
    page_title = gettext_lazy("Merges and splits")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["changes"] = Paginator(identity_changes(), _PER_PAGE).get_page(self.request.GET.get("p"))
        return context


class ProductIdentityView(IdentityView):
    """One product: its offers, what was merged into it, and both tools."""

    template_name = "catalogue/admin/product_identity.html"
    _product: Product | None = None

    def get_page_title(self) -> str:
        return _("Identity of %(product)s") % {"product": self.product()}

    def product(self) -> Product:
        """The product, read once a request."""
        if self._product is None:
            self._product = get_object_or_404(Product.objects.select_related("merged_into"), slug=self.kwargs["slug"])
        return self._product

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A merged product leads to the one it was merged into."""
        if into := self.product().merged_into:
            return HttpResponseRedirect(reverse("catalogue_product_identity", args=[into.slug]))
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        product = self.product()
        context["product"] = product
        context["offers"] = product.offers.select_related("merchant").order_by("merchant__name", "pk")
        context["merged"] = product.merged_products.order_by("pk")
        other = find_product(self.request.GET.get("other", ""))
        context["doubtful"] = other if other is not None and _names_another(product, other) else None
        context["changes"] = changes_of(product)[:_PER_PAGE]
        context["mentions"] = pages_naming(product)[:MENTIONS_SHOWN]
        return context


def _names_another(product: Product, other: Product) -> bool:
    """Whether their GTINs say that they are two things."""
    return bool(product.gtin and other.gtin) and product.gtin != other.gtin


def _undo_hint(request: HttpRequest, change: IdentityChange, words: str) -> None:
    link = f"{reverse('catalogue_identity_changes')}#change-{change.pk}"
    messages.success(request, format_html('{} <a href="{}">{}</a>', words, link, _("Undo it")))


@require_POST
def decide_match(request: HttpRequest, number: int) -> HttpResponse:
    """Merge a proposed pair one way or the other, or say that they are different things."""
    by = _staff(request)
    pair = get_object_or_404(MatchSuggestion.objects.select_related("first", "second"), pk=number)
    decision = request.POST.get("decision")
    try:
        if decision == "different":
            decide_different(suggestion=pair, by=by, now=timezone.now())
            messages.success(request, _("They stay apart and are not proposed again."))
        elif decision in {"first", "second"}:
            keep, absorb = (pair.first, pair.second) if decision == "first" else (pair.second, pair.first)
            change = merge_products(keep=keep, absorb=absorb, by=by, now=timezone.now())
            _undo_hint(request, change, _("%(product)s has the offers of both now.") % {"product": keep})
        else:
            messages.error(request, _("Choose what to do with the pair."))
    except MergeRefused as refused:
        messages.error(request, str(refused.reason))
    return HttpResponseRedirect(reverse("catalogue_matches"))


@require_POST
def undo(request: HttpRequest, number: int) -> HttpResponse:
    """Take a merge or a split back."""
    by = _staff(request)
    try:
        undo_change(change=get_object_or_404(IdentityChange, pk=number), by=by, now=timezone.now())
        messages.success(request, _("Taken back."))
    except MergeRefused as refused:
        messages.error(request, str(refused.reason))
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = reverse("catalogue_identity_changes")
    return HttpResponseRedirect(back)


@require_POST
def merge(request: HttpRequest, slug: str) -> HttpResponse:
    """Merge another product, named by address or GTIN, into this one; of two GTINs only when asked once more."""
    by = _staff(request)
    product = get_object_or_404(Product, slug=slug)
    other = find_product(request.POST.get("other", ""))
    if other is None:
        messages.error(request, _("There is no product with this address or GTIN."))
        return HttpResponseRedirect(reverse("catalogue_product_identity", args=[slug]))
    if _names_another(product, other) and "sure" not in request.POST:
        asked = urlencode({"other": other.slug})
        return HttpResponseRedirect(f"{reverse('catalogue_product_identity', args=[slug])}?{asked}#merge-title")
    try:
        change = merge_products(keep=product, absorb=other, by=by, now=timezone.now())
        _undo_hint(request, change, _("%(product)s has the offers of both now.") % {"product": product})
    except MergeRefused as refused:
        messages.error(request, str(refused.reason))
    return HttpResponseRedirect(reverse("catalogue_product_identity", args=[slug]))


@require_POST
def split(request: HttpRequest, slug: str) -> HttpResponse:
    """Make the chosen offers a product of their own."""
    by = _staff(request)
    product = get_object_or_404(Product, slug=slug)
    wanted = request.POST.getlist("offer")
    offers = [offer for offer in product.offers.select_related("merchant") if _name(offer) in wanted]
    try:
        change = split_product(
            product=product, offers=offers, by=by, now=timezone.now(), name=request.POST.get("name", "").strip()
        )
        _undo_hint(request, change, _("%(product)s stands for itself now.") % {"product": change.other})
    except MergeRefused as refused:
        messages.error(request, str(refused.reason))
    return HttpResponseRedirect(reverse("catalogue_product_identity", args=[slug]))


def _name(offer: Any) -> str:
    """An offer as a form names it: shop and the shop's number."""
    return f"{offer.merchant.slug}/{offer.external_id}"
