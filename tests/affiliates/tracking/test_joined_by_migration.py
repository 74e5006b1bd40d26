"""Who earned from open programmes without joining them has joined them."""

from __future__ import annotations

import datetime as dt
from importlib import import_module

from django.apps import apps

import pytest

from affiliates.parties.models import Enrolment, Stay
from tests.factories.community import make_bare_creator
from tests.factories.parties import make_merchant, make_program
from tests.factories.tracking import make_click, make_link

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)
join = import_module("affiliates.tracking.migrations.0005_creators_with_links_have_joined").join


def test_who_has_links_has_joined_since_the_first_click() -> None:
    merchant, creator = make_merchant(), make_bare_creator()
    make_click(link=make_link(merchant=merchant, creator=creator), at=NOON)
    make_program(merchant)
    join(apps, None)
    stay = Stay.objects.get()
    assert (stay.enrolment.creator, stay.starts_at, stay.ends_at) == (creator, NOON, None)


def test_who_had_left_was_in_it_until_then() -> None:
    program = make_program()
    times = {"joined_at": NOON, "left_at": NOON + dt.timedelta(days=1)}
    Enrolment.objects.create(program=program, creator=make_bare_creator(), status="left", **times)
    join(apps, None)
    assert list(Stay.objects.values_list("starts_at", "ends_at")) == [tuple(times.values())]


def test_a_closed_programme_takes_nobody_in() -> None:
    merchant = make_merchant()
    make_link(merchant=merchant, creator=make_bare_creator())
    make_program(merchant, is_open=False)
    join(apps, None)
    assert not Enrolment.objects.exists()
