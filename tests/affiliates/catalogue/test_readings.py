"""What the database itself holds of readings."""

from __future__ import annotations

from django.db import DatabaseError, connection, transaction
from django.utils import timezone

import pytest

from affiliates.catalogue.models import Offer, Reading, SourcePolicy
from tests.factories.catalogue import make_offer, make_policy

pytestmark = pytest.mark.django_db


def read(offer: Offer, policy: SourcePolicy | None = None) -> Reading:
    return Reading.objects.create(
        offer=offer,
        price_minor=offer.price_minor,
        currency=offer.currency,
        availability=offer.availability,
        observed_at=timezone.now(),
        policy=policy or offer.policy,
    )


@pytest.fixture
def strict() -> SourcePolicy:
    return make_policy("strict", may_keep_history=False)


def test_a_reading_is_kept_where_the_source_allows_it() -> None:
    assert read(make_offer()).pk


def test_a_reading_under_a_policy_without_history_is_refused(strict: SourcePolicy) -> None:
    offer = make_offer()
    with pytest.raises(DatabaseError, match="does not allow history"), transaction.atomic():
        read(offer, strict)


def test_a_reading_of_an_offer_whose_source_forbids_history_is_refused(strict: SourcePolicy) -> None:
    offer = make_offer(policy=strict)
    with pytest.raises(DatabaseError, match="does not allow history"), transaction.atomic():
        read(offer, make_policy())


def test_a_bulk_insert_is_refused_as_well(strict: SourcePolicy) -> None:
    offer = make_offer(policy=strict)
    rows = [Reading(offer=offer, currency="EUR", availability="in_stock", observed_at=timezone.now(), policy=strict)]
    with pytest.raises(DatabaseError, match="does not allow history"), transaction.atomic():
        Reading.objects.bulk_create(rows)


def test_a_reading_is_never_changed() -> None:
    reading = read(make_offer())
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Reading.objects.filter(pk=reading.pk).update(price_minor=1)


def test_a_reading_is_not_deleted_while_its_source_allows_history() -> None:
    reading = read(make_offer())
    with pytest.raises(DatabaseError, match="not deleted"), transaction.atomic():
        Reading.objects.filter(pk=reading.pk).delete()


def test_a_reading_is_never_replaced() -> None:
    reading = read(make_offer())
    # PostgreSQL has no such statement; there the plain one meets the key.
    verb = "INSERT OR REPLACE" if connection.vendor == "sqlite" else "INSERT"
    columns = "id, offer_id, price_minor, currency, availability, observed_at, policy_id"
    again = f"{verb} INTO catalogue_reading ({columns}) SELECT {columns} FROM catalogue_reading WHERE id = %s"
    refused = pytest.raises(DatabaseError, match=r"never replaced|duplicate key")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(again, [reading.pk])


def test_history_is_forgotten_when_its_source_begins_to_forbid_it() -> None:
    allowed, other = make_policy("first"), make_policy("second")
    read(make_offer(policy=allowed))
    kept = read(make_offer(policy=other))
    allowed.may_keep_history = False
    allowed.save()
    assert list(Reading.objects.all()) == [kept]
