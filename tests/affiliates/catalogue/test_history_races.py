"""A source forbids history while an import writes a reading: without the lock the reading stays, with it none does."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

import pytest

from affiliates.catalogue.domain.feed_rows import FeedRow
from affiliates.catalogue.models import Offer, Product, Reading, SourcePolicy
from affiliates.catalogue.services.listings import apply_rows
from affiliates.parties.models import Merchant, MerchantHost
from tests.factories.catalogue import make_policy
from tests.factories.parties import make_merchant

pytestmark = pytest.mark.postgres
ROW = FeedRow("A", "Lamp", "https://racing.example/1", "EUR", 100)
#: How long the second one is waited for: with the lock it waits itself, without it is done at once.
PATIENCE_SECONDS = 2


@pytest.fixture
def policy(django_db_setup: None, django_db_blocker: Any) -> Iterator[SourcePolicy]:
    """A source and a shop that other connections see; afterwards the database is as it was."""
    with django_db_blocker.unblock():
        make_merchant("racing")
        try:
            yield make_policy("racing-feed")
        finally:
            # Readings go only where history is forbidden, and the source's trigger deletes them by itself.
            SourcePolicy.objects.filter(slug="racing-feed").update(may_keep_history=True)
            SourcePolicy.objects.filter(slug="racing-feed").update(may_keep_history=False)
            products = set(Offer.objects.filter(merchant__slug="racing").values_list("product_id", flat=True))
            Offer.objects.filter(merchant__slug="racing").delete()
            Product.objects.filter(pk__in=products).delete()
            MerchantHost.objects.filter(merchant__slug="racing").delete()
            Merchant.objects.filter(slug="racing").delete()
            SourcePolicy.objects.filter(slug="racing-feed").delete()


@pytest.fixture
def without_the_lock(policy: SourcePolicy) -> Iterator[None]:
    """The database's guard of readings, without the statement that locks their sources."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('catalogue_reading_guard'::regproc)")
        guard = cursor.fetchone()[0]
        bare, removed = re.subn(r"PERFORM 1 FROM catalogue_sourcepolicy.*?FOR SHARE;", "", guard, flags=re.DOTALL)
        assert removed == 1
        try:
            cursor.execute(bare)
            yield
        finally:
            cursor.execute(guard)


def write_reading(policy: SourcePolicy) -> None:
    """An import that had read what the source allows before that changed."""
    merchant = Merchant.objects.get(slug="racing")
    apply_rows(merchant=merchant, rows=[ROW], policy=policy, now=timezone.now(), index=False)


def forbid(policy: SourcePolicy) -> None:
    SourcePolicy.objects.filter(pk=policy.pk).update(may_keep_history=False)


def left_after(first: Callable[[SourcePolicy], None], second: Callable[[SourcePolicy], None], of: SourcePolicy) -> int:
    """Readings left of a source when both are done, the second begun before the first was committed."""

    def run() -> None:
        try:
            second(of)
        except IntegrityError:
            pass
        finally:
            connection.close()

    other = threading.Thread(target=run)
    with transaction.atomic():
        first(of)
        other.start()
        other.join(timeout=PATIENCE_SECONDS)
    other.join(timeout=10)
    assert not SourcePolicy.objects.get(pk=of.pk).may_keep_history
    return Reading.objects.filter(policy=of).count()


@pytest.mark.usefixtures("without_the_lock")
def test_without_the_lock_a_reading_under_way_outlives_its_sources_history(policy: SourcePolicy) -> None:
    assert left_after(write_reading, forbid, policy) == 1


@pytest.mark.usefixtures("without_the_lock")
def test_without_the_lock_a_reading_is_kept_while_its_source_is_being_forbidden(policy: SourcePolicy) -> None:
    assert left_after(forbid, write_reading, policy) == 1


def test_with_the_lock_a_reading_under_way_is_forgotten_with_the_others(policy: SourcePolicy) -> None:
    assert left_after(write_reading, forbid, policy) == 0


def test_with_the_lock_a_reading_waits_for_its_source_and_is_refused(policy: SourcePolicy) -> None:
    assert left_after(forbid, write_reading, policy) == 0
