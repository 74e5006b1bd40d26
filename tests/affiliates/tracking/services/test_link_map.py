"""Links in memory follow the database."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from django.utils import timezone

import pytest

from affiliates.catalogue.models import Offer
from affiliates.catalogue.signals import offers_changed
from affiliates.parties.models import Program
from affiliates.tracking.models import Link
from affiliates.tracking.services import link_map
from affiliates.tracking.services.link_map import DatabaseAway, LinkMap
from affiliates.tracking.services.links import switch_link
from tests.factories.tracking import make_link

pytestmark = pytest.mark.django_db


@pytest.fixture
def links(link: Link, tmp_path: Path) -> LinkMap:
    links = LinkMap(snapshot=tmp_path / "links.json")
    links.refresh()
    return links


def test_a_known_link_asks_no_database(links: LinkMap, link: Link, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert links.entries[link.code].link_id == link.pk


def test_a_quiet_refresh_is_three_queries(links: LinkMap, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(3):  # type: ignore[operator]
        links.refresh()


def test_a_new_link_is_looked_up_once(links: LinkMap, link: Link, django_assert_num_queries: object) -> None:
    new = make_link(merchant=link.merchant)
    with django_assert_num_queries(3):  # type: ignore[operator]
        assert links.look_up(new.code)
        assert links.look_up(new.code)


def test_an_unknown_code_is_looked_up_once(links: LinkMap, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(3):  # type: ignore[operator]
        assert links.look_up("aaaabbbbccccdd") is None
        assert links.look_up("aaaabbbbccccdd") is None


def test_guessing_codes_does_not_reach_the_database_at_will(links: LinkMap, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_map, "LOOKUPS_PER_SECOND", 0)
    with pytest.raises(DatabaseAway):
        links.look_up("aaaabbbbccccdd")


def test_a_switched_off_link_is_noticed(links: LinkMap, link: Link) -> None:
    switch_link(link=link, is_active=False)
    links.refresh()
    assert links.entries[link.code].before == ""


def test_a_closed_programme_is_noticed(links: LinkMap, link: Link) -> None:
    Program.objects.update(is_active=False)
    links.refresh()
    assert links.entries[link.code].before == ""


def test_another_parameter_is_noticed(links: LinkMap, link: Link) -> None:
    Program.objects.update(click_param="new_ref")
    links.refresh()
    assert links.entries[link.code].before.endswith("new_ref=")


def test_an_announced_change_of_an_offers_address_is_noticed_at_once(
    links: LinkMap, link: Link, django_capture_on_commit_callbacks: Any
) -> None:
    assert link.offer is not None
    Link.objects.update(updated_at=timezone.now() - dt.timedelta(days=1))
    type(link.offer).objects.update(url="https://acme.example/moved")
    with django_capture_on_commit_callbacks(execute=True):
        offers_changed.send(sender=Offer, offer_ids=[link.offer_id])
    links.refresh()
    assert links.entries[link.code].before.startswith("https://acme.example/moved?")


def test_another_address_of_an_offer_is_noticed_with_the_next_full_reading(
    links: LinkMap, link: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert link.offer is not None
    type(link.offer).objects.update(url="https://acme.example/moved")
    monkeypatch.setattr(link_map, "RELOAD_EVERY", -1)
    links.refresh()
    assert links.entries[link.code].before.startswith("https://acme.example/moved?")


def test_the_snapshot_brings_the_links_back(links: LinkMap, link: Link, tmp_path: Path) -> None:
    fresh = LinkMap(snapshot=tmp_path / "links.json")
    assert fresh.load_snapshot()
    assert fresh.entries == links.entries


def test_a_snapshot_of_other_settings_is_ignored(links: LinkMap, tmp_path: Path) -> None:
    assert not LinkMap(snapshot=tmp_path / "links.json", shop_base="http://x/_demo/shop").load_snapshot()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"shop": "", "links": {"a": [1]}}'])
def test_a_broken_snapshot_is_ignored(tmp_path: Path, content: str) -> None:
    (tmp_path / "links.json").write_text(content)
    assert not LinkMap(snapshot=tmp_path / "links.json").load_snapshot()
