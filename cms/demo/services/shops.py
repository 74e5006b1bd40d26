"""The demo's shops: merchants, programmes, rules, products and what they cost."""

from __future__ import annotations

import datetime as dt
import json
import os
from decimal import Decimal

from django.utils import timezone

from affiliates.catalogue.domain.feed_rows import FeedDelivery, FeedRow
from affiliates.catalogue.models import Offer, Product, SourcePolicy
from affiliates.catalogue.services.listings import apply_rows
from affiliates.catalogue.services.search_index import index_products
from affiliates.catalogue.signals import offers_changed
from affiliates.earnings.models import CommissionRule
from affiliates.parties.models import Merchant, MerchantHost, Program
from affiliates.parties.services import create_api_key
from cms.core.domain.money import parse_amount
from cms.demo.domain import shapes as demo_content
from cms.demo.services.history import tell_prices
from cms.demo.shop_client import keys_file

CLICK_PARAMS = {
    "kaufgarten": "kg_ref",
    "harbourlane": "hl_cid",
    "bluemesa": "bm_click",
    "minatoya": "mref",
    "solymar": "sm_clic",
    "lumenshop": "ls_id",
}
RATES = {"kaufgarten": "7.5", "harbourlane": "6", "bluemesa": "8", "minatoya": "5.5", "solymar": "9", "lumenshop": "10"}
HOLD_DAYS = {"kaufgarten": 14, "harbourlane": 21, "bluemesa": 30, "minatoya": 14, "solymar": 14, "lumenshop": 7}
#: Apart from real feeds, whose prices nobody renews but the feed.
POLICY = "demo-feed"
CREATOR_SHARE = Decimal("75")
STALE_AGE = dt.timedelta(days=12)


def make_merchants(content: demo_content.Content, *, now: dt.datetime) -> None:
    """Afterwards the six merchants have their hosts and an open programme with one percent rule. May be repeated."""
    for shop in content.merchants:
        merchant, _made = Merchant.objects.get_or_create(
            slug=shop.slug,
            defaults={"name": shop.name, "home_country": shop.country, "currency": shop.currency},
        )
        for host in (f"{shop.slug}.example", f"www.{shop.slug}.example"):
            MerchantHost.objects.get_or_create(host=host, defaults={"merchant": merchant})
        program, _made = Program.objects.get_or_create(
            merchant=merchant,
            is_active=True,
            defaults={
                "name": f"{shop.name} Partners",
                "currency": shop.currency,
                "window_days": 30,
                "hold_days": HOLD_DAYS[shop.slug],
                "payout_lag_days": 7,
                "creator_share_percent": CREATOR_SHARE,
                "click_param": CLICK_PARAMS[shop.slug],
            },
        )
        CommissionRule.objects.get_or_create(
            program=program,
            version=1,
            defaults={
                "kind": "percent",
                "percent": Decimal(RATES[shop.slug]),
                "starts_at": now - dt.timedelta(days=400),
            },
        )


def make_keys() -> None:
    """Afterwards each shop has an API key, kept in a file that only this user may read. May be repeated."""
    path = keys_file()
    if path.exists():
        return
    keys = {m.slug: create_api_key(merchant=m, label="Demo shop", is_demo=True)[1] for m in Merchant.objects.all()}
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(keys, file)


def offer_url(merchant: str, slug: str) -> str:
    """Where a demo shop lists a product."""
    return f"https://{merchant}.example/{'products' if merchant == 'lumenshop' else 'p'}/{slug}"


def _row(product: demo_content.Product, offer: demo_content.Offer) -> FeedRow:
    price = parse_amount(offer.price, offer.currency)
    return FeedRow(
        external_id=f"{offer.merchant[:2].upper()}-{product.mpn or product.slug}"[:120],
        title=f"{product.brand} {product.name}",
        url=offer_url(offer.merchant, product.slug),
        currency=offer.currency,
        price_minor=price,
        list_price_minor=parse_amount(offer.list_price, offer.currency) if offer.list_price else None,
        availability=offer.availability,
        description=product.description,
        brand=product.brand,
        gtin=product.gtin,
        mpn=product.mpn,
        category=product.category,
        deliveries=tuple(
            FeedDelivery(
                lane.country, parse_amount(lane.price, offer.currency), offer.currency, lane.min_days, lane.max_days
            )
            for lane in offer.ships
        ),
    )


def rows_by_merchant(content: demo_content.Content, *, stale: bool) -> dict[str, list[FeedRow]]:
    """What each demo shop lists; the offers whose price went stale apart from the others."""
    rows: dict[str, list[FeedRow]] = {}
    for product in content.products:
        for offer in product.offers:
            if offer.stale == stale:
                rows.setdefault(offer.merchant, []).append(_row(product, offer))
    return rows


def list_products(content: demo_content.Content, *, now: dt.datetime) -> None:
    """Afterwards the demo's products are listed at its shops. Repeated, it only renews the prices' time."""
    policy, _made = SourcePolicy.objects.get_or_create(slug=POLICY, defaults={"name": "Demo shop's own feed"})
    changed: list[int] = []
    for merchant in Merchant.objects.filter(slug__in=CLICK_PARAMS):
        fresh = rows_by_merchant(content, stale=False).get(merchant.slug, [])
        old = rows_by_merchant(content, stale=True).get(merchant.slug, [])
        tell_prices(merchant=merchant, rows=fresh, policy=policy, now=now)
        for rows, at in ((fresh, now), (old, now - STALE_AGE)):
            if rows:
                outcome = apply_rows(merchant=merchant, rows=rows, policy=policy, now=at)
                changed += outcome.created + outcome.updated
    for product in content.products:
        Product.objects.filter(gtin=product.gtin).update(
            slug=product.slug,
            name=product.name,
            description=product.description,
            category=product.category,
            kind=product.kind,
            tint=product.tint,
            specs=[{"name": name, "value": value} for name, value in product.specs.items()],
        )
    gtins = [product.gtin for product in content.products]
    index_products(list(Product.objects.filter(gtin__in=gtins).values_list("pk", flat=True)))
    if changed:
        offers_changed.send(sender=Offer, offer_ids=changed)


def renew_prices() -> None:
    """The demo shops confirm their prices, as a daily feed would; stale ones stay stale. For the worker."""
    policy = SourcePolicy.objects.filter(slug=POLICY).first()
    if policy is None:
        return
    now = timezone.now()
    recent = now - dt.timedelta(days=10)
    offers = Offer.objects.filter(merchant__slug__in=CLICK_PARAMS, policy=policy, price_seen_at__gt=recent)
    offers.filter(price_seen_at__lt=now - dt.timedelta(hours=6)).update(price_seen_at=now, last_seen_at=now)
