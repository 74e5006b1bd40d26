"""Reports are made, decided and counted at once: what goes wrong without the locks, and that they hold (PostgreSQL)."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

from django.db import OperationalError, connection, transaction
from django.utils import timezone

import pytest

from affiliates.catalogue.models import Offer, OfferHealth, OfferReport, Product, SourcePolicy, Suspension, Ticket
from affiliates.catalogue.services import problems, suspensions
from affiliates.parties.models import Merchant, MerchantHost
from community.models import User
from tests.factories.catalogue import make_offer
from tests.factories.community import make_user
from tests.factories.parties import make_merchant

pytestmark = pytest.mark.postgres
NOW = timezone.now().replace(microsecond=0)


@pytest.fixture
def offers(django_db_setup: None, django_db_blocker: Any) -> Iterator[list[Offer]]:
    """Two offers of one shop that other connections see; afterwards the database is as it was."""
    with django_db_blocker.unblock():
        shop = make_merchant("racing")
        made = [make_offer(merchant=shop, seen_at=NOW) for _ in range(2)]
        readers = User.objects.filter(offer_reports__isnull=False).values_list("pk", flat=True)
        try:
            yield made
        finally:
            people = list(readers)
            OfferReport.objects.all().delete()
            Ticket.objects.all().delete()
            Suspension.objects.all().delete()
            OfferHealth.objects.all().delete()
            with transaction.atomic(), connection.cursor() as cursor:
                for table in ("catalogue_reading", "catalogue_offer"):
                    cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                cursor.execute("DELETE FROM catalogue_reading")
                cursor.execute("DELETE FROM catalogue_offer")
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                for table in ("catalogue_reading", "catalogue_offer"):
                    cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            Product.objects.filter(pk__in=[offer.product_id for offer in made]).delete()
            MerchantHost.objects.filter(merchant=shop).delete()
            Merchant.objects.filter(pk=shop.pk).delete()
            SourcePolicy.objects.filter(slug="free-feed").delete()
            User.objects.filter(pk__in=people).delete()


def reader() -> User:
    user = make_user()
    user.emailaddress_set.update_or_create(email=user.email, defaults={"verified": True, "primary": True})
    return user


def report(offer: Offer, kind: str) -> Ticket:
    return problems.report_problem(offer=offer, kind=kind, country="", user=reader(), now=NOW)


def confirm(ticket: Ticket) -> None:
    problems.close_ticket(ticket=ticket, confirmed=True, outcome="", by=None, now=NOW)


def at_once(*calls: Callable[[], Any]) -> list[BaseException]:
    """What went wrong of these, each called in a thread and on a connection of its own."""
    faults: list[BaseException] = []

    def run(call: Callable[[], Any]) -> None:
        try:
            call()
        except Exception as fault:  # noqa: BLE001  whatever it is, the test looks at it
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return faults


def suspended_by_two_at_once(offers: list[Offer], monkeypatch: Any, *, locked: bool) -> int:
    """Suspensions after two editors confirmed one counterfeit each in the same moment."""
    tickets = [report(offer, "fake") for offer in offers]
    meet = threading.Barrier(2)
    real_lock, real_count = suspensions._lock, suspensions._confirmed_counterfeits

    def wait() -> None:
        # Broken where the other one waits for the lock.
        with contextlib.suppress(threading.BrokenBarrierError):
            meet.wait(timeout=1)

    def count(merchant: Merchant) -> int:
        found = real_count(merchant)
        wait()
        return found

    monkeypatch.setattr(suspensions, "_confirmed_counterfeits", count)
    monkeypatch.setattr(
        suspensions, "_lock", real_lock if locked else lambda merchant_id: Merchant.objects.get(pk=merchant_id)
    )
    assert not at_once(*[lambda ticket=ticket: confirm(ticket) for ticket in tickets])
    return Suspension.objects.count()


def report_while_decided(offers: list[Offer], monkeypatch: Any, *, offer_first: bool) -> list[BaseException]:
    """What went wrong where one reader reports and an editor decides about the same report."""
    ticket = report(offers[0], "gone")
    meet = threading.Barrier(2)
    flood, held = problems._refuse_flood, problems._locked

    def wait() -> None:
        with contextlib.suppress(threading.BrokenBarrierError):
            meet.wait(timeout=2)

    def after_the_offer(*arguments: Any) -> None:
        wait()
        flood(*arguments)

    def ticket_first(wanted: Ticket) -> Ticket:
        found = Ticket.objects.select_for_update().get(pk=wanted.pk)
        wait()
        return found

    monkeypatch.setattr(problems, "_refuse_flood", after_the_offer)
    monkeypatch.setattr(problems, "_locked", held if offer_first else ticket_first)
    person = reader()
    again = lambda: problems.report_problem(offer=offers[0], kind="gone", country="", user=person, now=NOW)  # noqa: E731
    faults = at_once(again, lambda: confirm(ticket))
    OfferReport.objects.filter(user=person).update(user=None)
    person.delete()
    return faults


def test_without_the_lock_two_counterfeits_decided_at_once_suspend_nobody(
    offers: list[Offer], monkeypatch: Any
) -> None:
    assert suspended_by_two_at_once(offers, monkeypatch, locked=False) == 0


def test_with_the_lock_two_counterfeits_decided_at_once_suspend_the_shop(offers: list[Offer], monkeypatch: Any) -> None:
    assert suspended_by_two_at_once(offers, monkeypatch, locked=True) == 1


def test_where_the_ticket_is_locked_first_reader_and_editor_stop_each_other(
    offers: list[Offer], monkeypatch: Any
) -> None:
    assert isinstance(*report_while_decided(offers, monkeypatch, offer_first=False), OperationalError)


def test_where_the_offer_is_locked_first_they_wait_for_each_other(offers: list[Offer], monkeypatch: Any) -> None:
    assert report_while_decided(offers, monkeypatch, offer_first=True) == []
