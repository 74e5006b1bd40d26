"""A product's page with one offer and with twenty: equally many queries, and what the other nineteen cost in time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from tests.bench.servers import ROOT, alternate, server
from tests.bench.site_data import demo_data_dir

PREFIX = "bench-offers"
NUMBERS = (1, 20)


def main() -> list[dict[str, Any]]:
    """Rows of requests a second, queries and ratios."""
    data = str(demo_data_dir())
    environment = {**os.environ, "DATA_DIR": data}
    command = [sys.executable, "-m", "tests.bench.products"]
    counted = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout
    queries: dict[str, int] = json.loads(counted.splitlines()[-1])
    # A session cookie, valid or not, keeps a page out of the cache.
    headers = ("Accept-Language: de-DE", "Cookie: sessionid=bench")
    with server("cms.wsgi:application", DATA_DIR=data, PORT="8000") as site:
        targets = {f"{number}": (f"{site}/products/{PREFIX}-{number}/", headers) for number in NUMBERS}
        found = alternate(targets)
    base = found[f"{NUMBERS[0]}"][0]
    return [
        {
            "what": f"product page, {name} offer{'s' if name != '1' else ''}",
            "per_second": round(rate),
            "p99_ms": round(p99, 1),
            "queries": queries[name],
            "ratio": round(rate / base, 3),
            "target": "queries equal",
        }
        for name, (rate, p99) in found.items()
    ]


def _count() -> None:
    """In a process with the bench's database: make the two products, and print the queries of their pages."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.production")
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    counted = {}
    for number in NUMBERS:
        _make_product(number)
        client = Client(headers={"accept-language": "de-DE"}, SERVER_NAME=settings.ALLOWED_HOSTS[0])
        client.cookies[settings.SESSION_COOKIE_NAME] = "bench"
        address = f"/products/{PREFIX}-{number}/"
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        counted[f"{number}"] = len(captured)
    print(json.dumps(counted))


def _make_product(number: int) -> None:
    """A product that `number` of offers list, of the demo's shops in turn. May be repeated."""
    from django.utils import timezone

    from affiliates.catalogue.models import Delivery, DeliveryProfile, Offer, Product, SourcePolicy
    from affiliates.parties.models import Merchant

    now = timezone.now()
    product, _ = Product.objects.get_or_create(slug=f"{PREFIX}-{number}", defaults={"name": f"Bench {number}"})
    policy, _ = SourcePolicy.objects.get_or_create(slug="bench", defaults={"name": "Bench"})
    merchants = list(Merchant.objects.order_by("slug"))
    for place in range(number):
        merchant = merchants[place % len(merchants)]
        profile, _ = DeliveryProfile.objects.get_or_create(merchant=merchant, digest="bench")
        Delivery.objects.get_or_create(
            profile=profile,
            country="DE",
            service="",
            defaults={"price_minor": 490, "currency": merchant.currency, "min_days": 2, "max_days": 5},
        )
        Offer.objects.update_or_create(
            merchant=merchant,
            external_id=f"{PREFIX}-{number}-{place}",
            defaults={
                "product": product, "url": f"https://{merchant.slug}.example/{place}", "title": product.name,
                "price_minor": 4000 + place, "currency": merchant.currency, "availability": "in_stock",
                "delivery_profile": profile, "policy": policy, "source_label": "Bench", "price_seen_at": now,
            },
        )  # fmt: skip


if __name__ == "__main__":
    _count()
