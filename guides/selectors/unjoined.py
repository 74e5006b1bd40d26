"""Which of an article's shops earn its author nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from affiliates.catalogue.models import Offer
from affiliates.parties.models import Merchant
from affiliates.tracking.selectors.links import unjoined_merchants
from guides.selectors.article_page import body_products

if TYPE_CHECKING:
    from guides.models import ArticlePage


def unjoined_shops_of(article: ArticlePage) -> list[Merchant]:
    """Shops that sell what the article shows and whose programmes its author is not in, by name. One query."""
    products = {product.pk for _kind, _value, product in body_products(article.body) if product is not None}
    if reviewed := getattr(article, "product_id", None):
        products.add(reviewed)
    if not products or article.creator_id is None:
        return []
    offers = Offer.objects.filter(product__in=products, gone_at=None)
    return list(unjoined_merchants(article.creator_id).filter(pk__in=offers.values("merchant")))
