"""A reader reports, or a ticket is closed, while a page is looked at: nobody waits in a ring (PostgreSQL)."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from typing import Any

from django.db import OperationalError, connection
from django.utils import timezone

import pytest

from affiliates.catalogue.domain.page_health import Finding
from affiliates.catalogue.domain.shop_pages import ShopPage
from affiliates.catalogue.models import Offer, OfferHealth, OfferReport, Product, SourcePolicy, Ticket
from affiliates.catalogue.services import health, problems
from affiliates.parties.models import Merchant, MerchantHost
from tests.factories.catalogue import make_offer, make_policy, make_product
from tests.factories.parties import make_merchant

pytestmark = pytest.mark.postgres
NOW = timezone.now().replace(microsecond=0)
#: For how long the first one waits for the second to take its first lock.
PATIENCE_SECONDS = 1.0


@pytest.fixture
def offer(django_db_setup: None, django_db_blocker: Any) -> Iterator[Offer]:
    """An offer that other connections see; afterwards the database is as it was."""
    with django_db_blocker.unblock():
        policy, shop = make_policy("racing-feed"), make_merchant("racing")
        made = make_offer(make_product("Lamp", slug="racing"), shop, policy=policy, price_minor=8990, seen_at=NOW)
        OfferHealth.objects.create(offer=made, next_check_at=NOW + dt.timedelta(hours=1))
        try:
            yield made
        finally:
            # Readings go only where history is forbidden, and the source's trigger deletes them by itself.
            SourcePolicy.objects.filter(pk=made.policy_id).update(may_keep_history=True)
            SourcePolicy.objects.filter(pk=made.policy_id).update(may_keep_history=False)
            OfferReport.objects.filter(ticket__offer=made).delete()
            Ticket.objects.filter(offer=made).delete()
            Offer.objects.filter(pk=made.pk).delete()
            Product.objects.filter(pk=made.product_id).delete()
            MerchantHost.objects.filter(merchant=made.merchant_id).delete()
            Merchant.objects.filter(pk=made.merchant_id).delete()
            SourcePolicy.objects.filter(pk=made.policy_id).delete()


def check(offer: Offer) -> None:
    page = ShopPage(True, price_minor=7000, currency=offer.currency)
    health.note_finding(offer=offer, finding=Finding("price_mismatch", "x"), page=page, now=NOW)


def report(offer: Offer) -> Ticket:
    return problems.report_problem(offer=offer, kind="gone", country="", user=None, now=NOW)


def close(ticket: Ticket) -> Ticket:
    return problems.close_ticket(ticket=ticket, confirmed=True, outcome="", by=None, now=NOW)


def both(
    offer: Offer, other: Callable[[], Any], monkeypatch: pytest.MonkeyPatch, *, pause: tuple[Any, str], locked: bool
) -> list[str]:
    """Who failed of a check and of `other`, which holds the offer when it comes to the function `pause`."""
    holding, checking = threading.Event(), threading.Event()
    failed: list[str] = []
    owner, name = pause
    real, take_in = getattr(owner, name), health._take_in

    def paused(*args: Any) -> Any:
        holding.set()
        checking.wait(PATIENCE_SECONDS)
        return real(*args)

    def reached(*args: Any) -> bool:
        # It holds the health row by now, and wants the offer next.
        checking.set()
        return take_in(*args)

    monkeypatch.setattr(owner, name, paused)
    monkeypatch.setattr(health, "_take_in", reached)
    if not locked:
        monkeypatch.setattr(health, "_held", lambda offer: offer)

    def run(who: str, does: Callable[[], Any]) -> None:
        try:
            does()
        except OperationalError:
            failed.append(who)
        finally:
            connection.close()

    first = threading.Thread(target=run, args=("other", other))
    first.start()
    assert holding.wait(10)
    second = threading.Thread(target=run, args=("check", lambda: check(offer)))
    second.start()
    for thread in (first, second):
        thread.join(20)
    return failed


def test_without_the_lock_a_report_or_a_check_is_lost(offer: Offer, monkeypatch: pytest.MonkeyPatch) -> None:
    pause = (problems, "_refuse_flood")
    assert len(both(offer, lambda: report(offer), monkeypatch, pause=pause, locked=False)) == 1


def test_with_the_lock_report_and_check_are_both_kept(offer: Offer, monkeypatch: pytest.MonkeyPatch) -> None:
    pause = (problems, "_refuse_flood")
    assert both(offer, lambda: report(offer), monkeypatch, pause=pause, locked=True) == []


def test_without_the_lock_a_closing_or_a_check_is_lost(offer: Offer, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = report(offer)
    pause = (problems, "_still_in_question")
    assert len(both(offer, lambda: close(ticket), monkeypatch, pause=pause, locked=False)) == 1


def test_with_the_lock_closing_and_check_are_both_kept(offer: Offer, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = report(offer)
    pause = (problems, "_still_in_question")
    assert both(offer, lambda: close(ticket), monkeypatch, pause=pause, locked=True) == []
