"""The thing itself; it belongs to no merchant."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from wagtail.search import index

from modelsearch.queryset import SearchableQuerySetMixin


class ProductQuerySet(SearchableQuerySetMixin, models.QuerySet["Product"]):
    """What one asks of products."""

    def standing(self) -> ProductQuerySet:
        """Products that were not merged into another."""
        return self.filter(merged_into__isnull=True)

    def with_picture(self) -> ProductQuerySet:
        return self.select_related("image")


class Product(index.Indexed, models.Model):
    """A product with its identity: GTIN, or brand and MPN, or only itself."""

    slug = models.SlugField(_("address"), max_length=120, unique=True)
    name = models.CharField(_("name"), max_length=200)
    brand = models.CharField(_("brand"), max_length=120, blank=True)
    gtin = models.CharField("GTIN", max_length=14, blank=True)
    mpn = models.CharField("MPN", max_length=70, blank=True)
    description = models.TextField(_("description"), blank=True)
    category = models.CharField(_("category"), max_length=120, blank=True)
    kind = models.CharField(_("kind of thing"), max_length=24, blank=True, help_text=_("What a drawn picture shows."))
    tint = models.CharField(_("tint"), max_length=8, blank=True)
    specs = models.JSONField(_("specifications"), default=list, blank=True)
    image = models.ForeignKey(
        "core.SiteImage", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("picture")
    )
    # Size, colour, region model, year: what tells this one from its sisters, as "name: value".
    variant = models.JSONField(_("variant"), default=dict, blank=True)
    # A merged product keeps its address and its numbers and leads to the one it was merged into.
    merged_into = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="merged_products",
        verbose_name=_("merged into"),
    )
    created_at = models.DateTimeField(_("first seen"), auto_now_add=True)

    objects = ProductQuerySet.as_manager()

    search_fields = [
        index.SearchField("name", boost=4),
        index.SearchField("brand", boost=2),
        index.SearchField("category"),
        index.SearchField("description"),
        index.AutocompleteField("name"),
        index.FilterField("slug"),
    ]

    class Meta:
        ordering = ("name", "pk")
        verbose_name = _("product")
        verbose_name_plural = _("products")
        constraints = [
            models.UniqueConstraint(fields=["gtin"], condition=~Q(gtin=""), name="a_gtin_names_one_product"),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("pk")),
                name="a_product_is_not_merged_into_itself",
            ),
        ]
        indexes = [
            models.Index(fields=["mpn", "brand"], name="product_mpn_brand"),
            models.Index(fields=["category", "kind"], name="product_category_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.brand} {self.name}".strip()

    @classmethod
    def get_indexed_objects(cls) -> ProductQuerySet:
        """What the search engine lists: a merged product is found under the one it was merged into."""
        return cls.objects.standing()

    def get_indexed_instance(self) -> Product | None:
        return None if self.merged_into_id else self

    def get_absolute_url(self) -> str:
        return reverse("catalogue:product", args=[self.slug])
