"""Ninety days of clicks, orders, refunds and payouts, made by the real services with a simulated clock.

The chance is seeded, so that two demos tell the same story; times count back from the day the demo is made.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from django.conf import settings
from django.db import transaction

from affiliates.catalogue.models import Offer
from affiliates.earnings.domain.reports import ConversionReport, LineReport
from affiliates.earnings.services.clockwork import approve_due, release_holds
from affiliates.earnings.services.conversions import accept_reports, new_raw
from affiliates.earnings.services.payouts import approve_batch, mark_batch_sent, propose_payouts
from affiliates.parties.models import Merchant
from affiliates.tracking.domain.codes import ALPHABET, CLICK_ID_LENGTH
from affiliates.tracking.domain.payloads import encode
from affiliates.tracking.domain.validity import FLAG_PREFETCH
from affiliates.tracking.models import Link, Placement
from affiliates.tracking.services.journal import Journal
from affiliates.tracking.services.loader import load_pending
from community.models import User
from guides.selectors.articles import article_classes

DAYS = 90
#: Of all clicks: the share that buys, and of the orders what becomes of them.
BUYS, NO_CLICK, PARTIAL, REVERSED = 0.035, 0.05, 0.07, 0.05
REASONS = ("Returned within the withdrawal period", "Payment failed", "Cancelled by the customer", "Parcel refused")
AGENTS = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.6 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 "
    "Mobile Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.6 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
)
ROBOTS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "WhatsApp/2.23.20.0",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
)
COUNTRIES = (("DE", 30), ("ES", 24), ("GB", 14), ("US", 12), ("FR", 8), ("MX", 6), ("JP", 4), ("", 2))
REFERRERS = ("", "", "", "www.google.com", "duckduckgo.com", "www.pinterest.com", "www.reddit.com")


@dataclass(frozen=True)
class Spot:
    """A link in a guide, since when it is there, and how often it is followed."""

    link: Link
    place: str
    since: dt.datetime
    weight: float


@dataclass
class SoldClick:
    """A click somebody bought after."""

    click_id: str
    at: dt.datetime
    offer: Offer
    country: str


@dataclass
class Story:
    """What happens to one order: its restatements by day."""

    merchant: Merchant
    report: ConversionReport
    later: list[tuple[dt.datetime, ConversionReport]] = field(default_factory=list)


def spots() -> list[Spot]:
    """Every tracked link of every live guide, best offers of a guide more often than the rest."""
    published: dict[int, dt.datetime] = {}
    for model in article_classes():
        published |= dict(model.objects.live().values_list("pk", "first_published_at"))
    found = []
    for placement in (
        Placement.objects.filter(page_id__in=published, creator__isnull=False).select_related("page").order_by("pk")
    ):
        page_id = placement.page_id or 0
        links = (
            Link.objects.filter(
                creator=placement.creator,
                offer__product__mentions__page_id=page_id,
                offer__gone_at__isnull=True,
            )
            .exclude(offer__product__mentions__role="rejected")
            .exclude(offer__availability__in=["out_of_stock", "discontinued"])
            .select_related("offer__merchant")
            .order_by("pk")
            .distinct()
        )
        popularity = 0.4 + (page_id * 37 % 100) / 60
        for number, link in enumerate(links):
            found.append(Spot(link, placement.ref, published[page_id], popularity / (1 + number * 0.6)))
    return found


def day_factor(day: int) -> float:
    """How busy a day is: a quiet first month, a busy second, weekends up, and a wave through it all."""
    month = (0.45, 1.6, 1.0)[min(day // 30, 2)]
    return month * (1.25 if day % 7 in (5, 6) else 1.0) * (1 + 0.25 * math.sin(day / 4))


def make_clicks(*, now: dt.datetime, daily: float = 190, days: int = DAYS, seed: str = "vitrina") -> list[SoldClick]:
    """Write clicks to the journal and load them, as the server and its loader do; returns those somebody bought after.

    May be repeated: the same clicks have the same ids, and what is known is not stored twice.
    """
    chance = random.Random(seed)  # noqa: S311  (a story, not a secret)
    places = spots()
    sold: list[SoldClick] = []
    journal = Journal(settings.JOURNAL_DIR, sync="interval")
    start = (now - dt.timedelta(days=days)).replace(minute=0, second=0, microsecond=0)
    for day in range(days):
        at = start + dt.timedelta(days=day)
        live = [spot for spot in places if spot.since < at]
        if not live:
            continue
        weights = [spot.weight for spot in live]
        count = int(daily * day_factor(day) * min(1.0, len(live) / len(places) + 0.3))
        for _ in range(count):
            spot = chance.choices(live, weights)[0]
            when = at + dt.timedelta(seconds=chance.randrange(86_400))
            if when < now - dt.timedelta(minutes=5):
                _click(journal, chance, spot, when, sold)
    journal.close()
    load_pending()
    return sold


def _click(journal: Journal, chance: random.Random, spot: Spot, when: dt.datetime, sold: list[SoldClick]) -> None:
    country = chance.choices([c for c, _ in COUNTRIES], [w for _, w in COUNTRIES])[0]
    visitor = f"{chance.getrandbits(128):032x}"
    luck = chance.random()
    agent = chance.choice(AGENTS) if luck > 0.09 else chance.choice(ROBOTS)
    method = "HEAD" if 0.09 < luck < 0.11 else "GET"
    flags = FLAG_PREFETCH if 0.11 < luck < 0.14 else ""
    times = [when, *([when + dt.timedelta(seconds=4)] if 0.14 < luck < 0.2 else [])]
    for moment in times:
        click_id = "".join(chance.choice(ALPHABET) for _ in range(CLICK_ID_LENGTH))
        micros = int((moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) / dt.timedelta(microseconds=1))
        payload = encode(
            click_id, micros, spot.link.pk, method, flags, visitor, "public4", f"{spot.place}.card", country, "",
            chance.choice(REFERRERS), agent,
        )  # fmt: skip
        journal.append(payload)
    if luck > 0.2 and spot.link.offer and chance.random() < BUYS:
        sold.append(SoldClick(click_id, when, spot.link.offer, country))


def make_stories(sold: list[SoldClick], *, now: dt.datetime) -> list[Story]:
    """An order for each click that was bought after, and what became of it."""
    chance = random.Random("orders")  # noqa: S311
    stories = []
    for number, click in enumerate(sorted(sold, key=lambda c: (c.at, c.click_id)), 1):
        at = click.at + dt.timedelta(minutes=chance.randrange(3, 4000))
        if at > now - dt.timedelta(hours=1):
            continue
        quantity = chance.choices((1, 2), (9, 1))[0]
        amount = (click.offer.price_minor or 2900) * quantity
        line = LineReport(
            line_id="1",
            amount_minor=amount,
            sku=click.offer.external_id,
            name=click.offer.title[:200],
            category=click.offer.product.category,
            quantity=quantity,
        )
        report = ConversionReport(
            order_id=f"{click.offer.merchant.slug[:2].upper()}{240000 + number * 7}",
            status="pending",
            currency=click.offer.currency,
            occurred_at=at.replace(microsecond=0),
            lines=(line,),
            click_id="" if chance.random() < NO_CLICK else click.click_id,
            customer=chance.choice(("new", "new", "returning")),
            country=click.country or click.offer.merchant.home_country,
        )
        stories.append(_story(click.offer.merchant, report, chance))
    return stories


def _story(merchant: Merchant, report: ConversionReport, chance: random.Random) -> Story:
    story = Story(merchant, report)
    day = dt.timedelta(days=1)
    luck = chance.random()
    settled = report.occurred_at + day * chance.randrange(5, 16)
    if luck < REVERSED:
        story.later.append((settled, replace(report, status="reversed", note=chance.choice(REASONS))))
        return story
    approved = replace(report, status="approved")
    story.later.append((settled, approved))
    if luck < REVERSED + PARTIAL:
        refunded = replace(report.lines[0], refunded_minor=report.lines[0].amount_minor // 3)
        story.later.append((settled + day * chance.randrange(2, 25), replace(approved, lines=(refunded,))))
    return story


def add_debt(stories: list[Story], *, now: dt.datetime) -> None:
    """One large order, approved and paid early, comes back whole after its payout: a balance below zero."""
    of_gb = [s for s in stories if s.merchant.slug == "harbourlane" and s.report.click_id]
    if not of_gb:
        return
    early = min(of_gb, key=lambda s: s.report.occurred_at)
    large = replace(early.report.lines[0], amount_minor=189_000)
    report = replace(early.report, lines=(large,))
    approved = replace(report, status="approved")
    returned = replace(approved, lines=(replace(large, refunded_minor=large.amount_minor),), note=REASONS[0])
    early.report = report
    early.later = [
        (report.occurred_at + dt.timedelta(days=3), approved),
        (now - dt.timedelta(days=6), returned),
    ]


def play(stories: list[Story], *, finance: User, second: User, now: dt.datetime) -> None:
    """Let the days pass: shops report, holds end, payouts are proposed, approved and sent. All or nothing."""
    events: dict[dt.date, dict[int, list[tuple[dt.datetime, ConversionReport]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    merchants = {story.merchant.pk: story.merchant for story in stories}
    for story in stories:
        for at, report in [(story.report.occurred_at, story.report), *story.later]:
            if at < now - dt.timedelta(minutes=10):
                events[at.date()][story.merchant.pk].append((at, report))
    with transaction.atomic():
        for day in _days(now):
            evening = min(dt.datetime.combine(day, dt.time(23, 30), dt.UTC), now)
            for merchant_id, reports in sorted(events.get(day, {}).items()):
                ordered = [report for _, report in sorted(reports, key=lambda pair: pair[0])]
                body = json.dumps([report.as_json() for report in ordered]).encode()
                merchant = merchants[merchant_id]
                raw = new_raw(merchant=merchant, body=body, channel="api", now=evening)
                accept_reports(merchant=merchant, reports=ordered, raw=raw, now=evening)
            approve_due(now=evening)
            release_holds(now=evening)
            if (now.date() - day).days in PAYDAYS:
                _pay(finance, second, evening)
        for currency in _currencies():
            propose_payouts(by=finance, currency=currency, now=now - dt.timedelta(hours=5))


#: Days before today on which the demo paid.
PAYDAYS = (62, 38, 12)


def _pay(finance: User, second: User, now: dt.datetime) -> None:
    for currency in _currencies():
        if batch := propose_payouts(by=finance, currency=currency, now=now):
            approve_batch(batch=batch, by=second, now=now + dt.timedelta(minutes=10))
            mark_batch_sent(batch=batch, by=second, now=now + dt.timedelta(minutes=20))


def _currencies() -> list[str]:
    return sorted(set(Merchant.objects.values_list("currency", flat=True)))


def _days(now: dt.datetime) -> Iterator[dt.date]:
    for day in range(DAYS, -1, -1):
        yield (now - dt.timedelta(days=day)).date()
