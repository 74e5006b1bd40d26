"""What is kept in memory for a generation of pages."""

from __future__ import annotations

from typing import Any

import pytest

from cms.core import generation
from cms.core.models import SiteSettings, site_defaults

pytestmark = pytest.mark.django_db


def test_a_kept_value_is_made_once() -> None:
    made: list[int] = []
    for _ in range(3):
        generation.kept("thing", lambda: made.append(1))
    assert made == [1]


def test_the_next_generation_makes_it_anew(django_capture_on_commit_callbacks: Any) -> None:
    values = iter([1, 2])
    first = generation.kept("thing", lambda: next(values))
    with django_capture_on_commit_callbacks(execute=True):
        generation.bump()
    assert (first, generation.kept("thing", lambda: next(values))) == (1, 2)


def test_changed_settings_of_the_site_are_seen_at_once(django_capture_on_commit_callbacks: Any) -> None:
    from wagtail.models import Site

    assert site_defaults().country == "DE"
    with django_capture_on_commit_callbacks(execute=True):
        SiteSettings.objects.update_or_create(
            site=Site.objects.get(is_default_site=True), defaults={"default_country": "ES"}
        )
    assert site_defaults().country == "ES"


def test_a_site_without_settings_has_defaults() -> None:
    SiteSettings.objects.all().delete()
    assert site_defaults().currency == "EUR"
