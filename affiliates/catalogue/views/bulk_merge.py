"""Merging the products that were ticked in the list."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from wagtail.admin import messages
from wagtail.admin.views.bulk_action import BulkAction

from affiliates.catalogue.models import Product
from affiliates.catalogue.selectors.identity import better_kept
from affiliates.catalogue.services.merging import MergeRefused, merge_products
from community.selectors.roles import may_moderate

#: More than that are hardly one thing, and a person has to look at each.
MOST_AT_ONCE = 20


class KeepForm(forms.Form):
    """Which of the products stays."""

    keep = forms.SlugField()


class MergeProducts(BulkAction):
    """Two or more products become one; which one stays is asked first."""

    display_name = _("Merge")
    action_type = "merge"
    aria_label = _("Merge the selected products")
    template_name = "catalogue/admin/bulk_merge.html"
    action_priority = 10
    models = [Product]
    form_class = KeepForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not may_moderate(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_all_objects_in_listing_query(self, parent_id: Any) -> list[int]:
        """The whole catalogue is never merged into one."""
        return []

    @classmethod
    def get_queryset(cls, model: type[Product], object_ids: Any) -> list[Product]:
        keys = {int(key) for key in object_ids if str(key).isascii() and str(key).isdigit() and len(str(key)) < 19}
        listed = Count("offers", filter=Q(offers__gone_at__isnull=True))
        return list(Product.objects.standing().filter(pk__in=keys).annotate(listed=listed).order_by("pk"))

    def object_context(self, obj: Any) -> dict[str, Any]:
        return {"item": obj, "offers": obj.listed}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        products = [row["item"] for row in context["items"]]
        context["refusal"] = _refusal(len(products))
        context["best"] = better_kept({product: product.listed for product in products}).slug if products else ""
        return context

    def form_valid(self, form: KeepForm) -> HttpResponse:
        found, _none = self.get_actionable_objects()
        keep = next((product for product in found if product.slug == form.cleaned_data["keep"]), None)
        if keep is None or _refusal(len(found)):
            return self.form_invalid(form)
        try:
            answer: HttpResponse = super().form_valid(form)
        except MergeRefused as refused:
            messages.error(self.request, str(refused.reason))
            return redirect(self.next_url)
        return answer

    def get_execution_context(self) -> dict[str, Any]:
        assert self.cleaned_form is not None  # noqa: S101 - set by form_valid, which calls this
        return {"keep": self.cleaned_form.cleaned_data["keep"], "by": self.request.user}

    @classmethod
    def execute_action(cls, objects: list[Product], keep: str = "", by: Any = None, **kwargs: Any) -> tuple[int, int]:
        standing = next(product for product in objects if product.slug == keep)
        others = [product for product in objects if product.slug != keep]
        for other in others:
            merge_products(keep=standing, absorb=other, by=by, now=timezone.now())
        return len(others), 0

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str:
        words = ngettext(
            "%(count)s product was merged. Undo it under “Merges and splits”.",
            "%(count)s products were merged. Undo it under “Merges and splits”.",
            num_parent_objects,
        )
        return words % {"count": num_parent_objects}


def _refusal(number: int) -> str:
    if number < 2:
        return str(_("Choose at least two products that were not merged yet."))
    if number > MOST_AT_ONCE:
        return str(_("Choose at most %(most)s products.") % {"most": MOST_AT_ONCE})
    return ""
