"""Build the demo: people, shops, guides, and ninety days of trade made by the real services."""

from __future__ import annotations

import datetime as dt
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation

from cms.core import generation
from cms.demo.domain.content import load_content
from cms.demo.domain.shapes import Content
from cms.demo.models import DemoStep
from cms.demo.services import articles, months, payees, people, rates, shops, talk, trading
from cms.home.services import ensure_site_tree
from community.models import User

CONTENT = Path(__file__).resolve().parents[2] / "content"


class Command(BaseCommand):
    """`manage.py demo`: may be stopped and started again; what stands is left alone."""

    help = "Fill the site with demo content. May be repeated. --clicks N adds clicks for volume."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--if-needed", action="store_true", help="do nothing where the demo stands")
        parser.add_argument("--clicks", type=int, default=0, metavar="N", help="about N more clicks over 90 days")

    def handle(self, *args: Any, **options: Any) -> None:
        if not (settings.BASE_IS_LOOPBACK or settings.DEMO_FORCED):
            raise CommandError(
                f"{settings.BASE_URL} is not a loopback address, and the demo's passwords are public. "
                "Set DEMO_FORCE=1 to build the demo all the same."
            )
        done = set(DemoStep.objects.values_list("name", flat=True))
        if not done and User.objects.exists() and options["if_needed"]:
            self.stdout.write("This site has people of its own; the demo is left out (DEMO=0 silences this line).")
            return
        with translation.override("en"):
            self._build(done)
        if options["clicks"]:
            trading.make_clicks(
                now=timezone.now(), daily=options["clicks"] / trading.DAYS, seed=f"volume {options['clicks']}"
            )

    def _build(self, done: set[str]) -> None:
        self.content: Content | None = None
        self.now = timezone.now()
        steps: list[tuple[str, str, Callable[[], None]]] = [
            ("tree", "the page tree", self._tree),
            ("shops", "shops and products", self._shops),
            ("rates", "rates of exchange", self._rates),
            ("people", "people", self._people),
            ("pictures", "pictures of the products", self._pictures),
            ("guides", "guides and reviews", self._guides),
            ("talk", "follows and comments", self._talk),
            ("payees", "how creators are paid", self._payees),
            ("trade", "ninety days of clicks, orders and payouts", self._trade),
            ("months", "closed months and statements", self._months),
        ]
        missing = [step for step in steps if step[0] not in done]
        for number, (name, title, run) in enumerate(missing, 1):
            self._say(f"Demo {number}/{len(missing)}: {title} ...")
            started = time.monotonic()
            run()
            DemoStep.objects.get_or_create(name=name)
            self._say(f"Demo {number}/{len(missing)}: {title}, {time.monotonic() - started:.1f} s", last=True)
        if missing:
            generation.bump()

    def _say(self, text: str, *, last: bool = False) -> None:
        if sys.stdout.isatty():
            self.stdout.write(f"\r\033[K{text}", ending="\n" if last else "")
            self.stdout.flush()
        elif last:
            self.stdout.write(text)

    def _content(self) -> Content:
        if self.content is None:
            self.content = load_content(CONTENT)
        return self.content

    def _tree(self) -> None:
        ensure_site_tree()
        articles.make_standard_pages(self._content())
        articles.make_topics(self._content())

    def _shops(self) -> None:
        shops.make_merchants(self._content(), now=self.now)
        shops.make_keys()
        shops.list_products(self._content(), now=self.now)

    def _rates(self) -> None:
        rates.date_rates(now=self.now)

    def _people(self) -> None:
        who = people.make_people(self._content())
        people.make_creators(self._content(), who, joined_at=self.now - dt.timedelta(days=trading.DAYS + 7))
        articles.draw_portraits(self._content())

    def _pictures(self) -> None:
        articles.draw_products()

    def _guides(self) -> None:
        articles.make_articles(self._content(), now=self.now)

    def _talk(self) -> None:
        who = people.make_people(self._content())
        talk.make_follows(self._content(), who)
        talk.make_comments(self._content(), who, now=self.now)

    def _payees(self) -> None:
        payees.make_payees(now=self.now - dt.timedelta(days=trading.DAYS + 7))

    def _trade(self) -> None:
        who = people.make_people(self._content())
        sold = trading.make_clicks(now=self.now)
        stories = trading.make_stories(sold, now=self.now)
        trading.add_debt(stories, now=self.now)
        trading.play(stories, finance=who["finance"], second=who["finance2"], now=self.now)

    def _months(self) -> None:
        who = people.make_people(self._content())
        months.describe_taxes()
        months.close_months(by=who["finance"], now=self.now)
