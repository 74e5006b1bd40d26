"""Which page says what about which product."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ProductMention(models.Model):
    """Written by the app that owns the page, read by product page and brand portal."""

    product = models.ForeignKey("catalogue.Product", on_delete=models.CASCADE, related_name="mentions")
    # What the page itself names. It differs from `product` where that was merged into another, and it alone knows the
    # way back when the merge is undone.
    named = models.ForeignKey("catalogue.Product", on_delete=models.CASCADE, related_name="mentions_by_name")
    page = models.ForeignKey("wagtailcore.Page", on_delete=models.CASCADE, related_name="product_mentions")
    role = models.CharField(_("role"), max_length=24, blank=True)
    verdict = models.CharField(_("verdict"), max_length=400, blank=True)
    # What the page's author was given, paid or owns, beside commission: [{"kind", "by", "what"}].
    facts = models.JSONField(_("gifts, fees and own goods"), default=list, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("page_id", "position")
        constraints = [
            models.UniqueConstraint(fields=["named", "page", "role"], name="a_page_mentions_a_product_once_per_role")
        ]

    def __str__(self) -> str:
        return f"{self.product_id} · {self.page_id}"
