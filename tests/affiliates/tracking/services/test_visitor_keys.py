"""Nobody can tell tomorrow who was here today."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from affiliates.tracking.services.visitor_keys import DAY, VisitorKeys

NOON = 20_000 * DAY + DAY // 2
ADDRESS = bytes([203, 0, 113, 9])
TODAY = dt.datetime(2024, 10, 4, 12, tzinfo=dt.UTC)


def test_the_same_visitor_has_one_key_a_day(tmp_path: Path) -> None:
    keys = VisitorKeys(tmp_path)
    assert keys.visitor_key(NOON, ADDRESS, "agent") == keys.visitor_key(NOON + 1, ADDRESS, "agent")


def test_every_process_makes_the_same_key(tmp_path: Path) -> None:
    assert VisitorKeys(tmp_path).visitor_key(NOON, ADDRESS, "a") == VisitorKeys(tmp_path).visitor_key(
        NOON, ADDRESS, "a"
    )


def test_the_next_day_s_key_is_another(tmp_path: Path) -> None:
    keys = VisitorKeys(tmp_path)
    assert keys.visitor_key(NOON, ADDRESS, "agent") != keys.visitor_key(NOON + DAY, ADDRESS, "agent")


def test_a_click_just_before_midnight_that_comes_late_keeps_its_day(tmp_path: Path) -> None:
    keys = VisitorKeys(tmp_path)
    today = keys.visitor_key(NOON, ADDRESS, "agent")
    keys.visitor_key(NOON + DAY, ADDRESS, "agent")
    assert keys.visitor_key(NOON, ADDRESS, "agent") == today


def test_two_sites_make_different_keys(tmp_path: Path) -> None:
    one, other = VisitorKeys(tmp_path / "a"), VisitorKeys(tmp_path / "b")
    assert one.visitor_key(NOON, ADDRESS, "agent") != other.visitor_key(NOON, ADDRESS, "agent")


def test_keys_are_destroyed_after_two_days(tmp_path: Path) -> None:
    keys = VisitorKeys(tmp_path)
    for day in range(4):
        keys.visitor_key((20_000 - day) * DAY, ADDRESS, "agent")
    assert keys.destroy_old(TODAY) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2024-10-03", "2024-10-04"]
    assert keys.destroy_old(TODAY) == 0


def test_a_destroyed_key_cannot_be_made_again(tmp_path: Path) -> None:
    old = VisitorKeys(tmp_path).visitor_key(NOON - 5 * DAY, ADDRESS, "agent")
    VisitorKeys(tmp_path).destroy_old(TODAY)
    assert VisitorKeys(tmp_path).visitor_key(NOON - 5 * DAY, ADDRESS, "agent") != old


def test_without_a_disk_the_process_makes_its_own(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("in the way")
    keys = VisitorKeys(tmp_path / "keys")
    assert keys.visitor_key(NOON, ADDRESS, "a") == keys.visitor_key(NOON, ADDRESS, "a")
