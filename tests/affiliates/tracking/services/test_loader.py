"""What was journaled is stored, judged and counted, each click once."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from itertools import pairwise
from pathlib import Path

from django.conf import settings as django_settings
from django.db import DatabaseError, connection, transaction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from affiliates.tracking.domain.codes import click_id as new_click_id
from affiliates.tracking.domain.payloads import decode
from affiliates.tracking.domain.validity import RULES_VERSION, ClickFacts, judge_all
from affiliates.tracking.models import Click, ClickTally, ClickVerdict, JournalPosition, Link
from affiliates.tracking.services import judging, loader
from affiliates.tracking.services.journal import Journal
from affiliates.tracking.services.loader import (
    Loaded,
    LoaderBusy,
    find_click,
    load_pending,
    loader_lock,
    waiting_clicks,
)
from affiliates.tracking.services.segments import segment_paths
from tests.factories.catalogue import make_offer
from tests.factories.tracking import BROWSER, journal_clicks, make_link, make_placement, payload, tallied

Commit = Callable[[Callable[[], Loaded]], Loaded]

pytestmark = pytest.mark.django_db

SECOND = 1_000_000
START = 1_790_000_000 * SECOND
BOT = "Googlebot/2.1 (+http://www.google.com/bot.html)"


def directory() -> Path:
    return Path(django_settings.JOURNAL_DIR)


def verdicts() -> dict[str, str]:
    return dict(ClickVerdict.objects.values_list("click__click_id", "reason"))


def assert_tallies_are_counts() -> None:
    counted: dict[str, int] = {}
    for reason in ClickVerdict.objects.values_list("reason", flat=True):
        counted[reason] = counted.get(reason, 0) + 1
    assert tallied() == counted


@pytest.fixture
def commit(django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[object]]) -> Commit:
    """Run something as if its transaction were committed at the end."""

    def run(work: Callable[[], Loaded]) -> Loaded:
        with django_capture_on_commit_callbacks(execute=True):
            return work()

    return run


def test_a_click_is_stored_with_all_that_was_known(link: Link) -> None:
    place = make_placement(creator=link.creator)
    journal_clicks(
        payload(link, click_id="a" * 26, at=START + 5, place=f"{place.ref}.b2", country="ES", referrer_host="v.example")
    )
    load_pending()
    click = Click.objects.get(click_id="a" * 26)
    assert (click.link, click.creator, click.merchant, click.offer) == (link, link.creator, link.merchant, link.offer)
    assert (click.placement, click.block, click.country, click.device) == (place, "b2", "ES", "desktop")
    assert (click.referrer_host, click.agent, click.at.microsecond) == ("v.example", BROWSER, 5)
    assert (click.verdict.is_valid, click.verdict.rules_version) == (True, RULES_VERSION)


def test_each_reason_is_stored_and_tallied(link: Link) -> None:
    journal_clicks(
        payload(link, at=START),
        payload(link, at=START + SECOND),
        payload(link, at=START + 60 * SECOND),
        payload(link, agent=BOT, visitor="bot"),
        payload(link, method="HEAD"),
        payload(link, flags="p"),
        payload(link, flags="d"),
        payload(link, flags="s"),
    )
    load_pending()
    expected = {"": 1, "double_click": 1, "repeat": 1, "bot": 1, "head": 1, "prefetch": 1, "disabled": 1, "self": 1}
    assert tallied() == expected
    assert_tallies_are_counts()


def test_a_tally_names_all_that_reports_ask_for(link: Link) -> None:
    place = make_placement(creator=link.creator)
    journal_clicks(payload(link, at=START, place=place.ref, country="ES"))
    load_pending()
    tally = ClickTally.objects.get()
    assert (tally.creator, tally.merchant, tally.placement, tally.link) == (link.creator, link.merchant, place, link)
    assert (tally.product, tally.country, tally.day.isoformat()) == (link.offer.product, "ES", "2026-09-21")


def test_a_placement_of_somebody_else_is_ignored(link: Link) -> None:
    journal_clicks(payload(link, place=make_placement(creator=None).ref + ".b1"), payload(link, place="zzzzzzzz"))
    load_pending()
    assert set(Click.objects.values_list("placement", "block")) == {(None, "")}


def test_loading_twice_stores_once(link: Link) -> None:
    journal_clicks(*[payload(link, at=START + n * SECOND) for n in range(5)])
    assert load_pending().clicks == 5
    assert load_pending().clicks == 0
    assert Click.objects.count() == 5


def test_a_replayed_journal_changes_nothing(link: Link) -> None:
    written = [payload(link, at=START + n * SECOND) for n in range(5)]
    journal_clicks(*written)
    load_pending()
    random.shuffle(written)
    journal_clicks(*written, *written, payload(link, at=START + 99 * SECOND))
    loaded = load_pending()
    assert (loaded.clicks, loaded.known) == (1, 10)
    assert Click.objects.count() == 6
    assert_tallies_are_counts()


def test_the_clicks_that_wait_are_counted(link: Link) -> None:
    journal_clicks(payload(link, at=START), payload(link, at=START + SECOND))
    assert waiting_clicks() == 2
    load_pending()
    assert waiting_clicks() == 0


def test_a_segment_is_read_while_it_is_written(link: Link) -> None:
    journal = Journal(directory())
    journal.append(payload(link))
    assert load_pending().clicks == 1
    journal.append(payload(link))
    assert load_pending().clicks == 1
    assert JournalPosition.objects.get().offset == segment_paths(directory())[0].stat().st_size
    journal.close()


def test_a_finished_segment_goes_once_its_clicks_are_committed(link: Link, commit: Commit) -> None:
    journal_clicks(payload(link))
    commit(load_pending)
    assert segment_paths(directory()) == []
    assert not JournalPosition.objects.exists()


def test_a_segment_stays_until_the_commit(link: Link) -> None:
    journal_clicks(payload(link))
    load_pending()
    assert len(segment_paths(directory())) == 1


def test_a_segment_that_was_left_behind_goes_with_the_next_run(link: Link, commit: Commit) -> None:
    journal_clicks(payload(link))
    load_pending()  # killed between the commit and the deletion
    assert commit(load_pending).clicks == 0
    assert segment_paths(directory()) == []


def test_a_rolled_back_load_is_repeated(link: Link) -> None:
    journal_clicks(payload(link))
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        load_pending()
        raise ZeroDivisionError
    assert not Click.objects.exists()
    assert load_pending().clicks == 1


def test_many_batches_make_one_whole(link: Link) -> None:
    journal_clicks(*[payload(link, at=START + n * SECOND, visitor=f"v{n % 3}") for n in range(50)])
    assert load_pending(batch=7).clicks == 50
    assert_tallies_are_counts()


def test_a_torn_tail_is_passed_over_with_a_warning(
    link: Link, commit: Commit, caplog: pytest.LogCaptureFixture
) -> None:
    journal_clicks(payload(link), payload(link))
    path = segment_paths(directory())[0]
    path.write_bytes(path.read_bytes()[:-9])
    assert commit(load_pending).clicks == 1
    assert "interrupted" in caplog.text
    assert segment_paths(directory()) == []


def test_a_damaged_middle_is_alarmed_and_kept_and_the_rest_loaded(
    link: Link, commit: Commit, caplog: pytest.LogCaptureFixture
) -> None:
    journal_clicks(*[payload(link) for _ in range(3)])
    path = segment_paths(directory())[0]
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    assert commit(load_pending).clicks == 2
    assert any(record.levelname == "ERROR" and "damaged" in record.message for record in caplog.records)
    assert (directory() / "damaged" / path.name).read_bytes() == bytes(data)
    assert load_pending().clicks == 0


def test_a_file_that_is_no_segment_is_set_aside(link: Link, commit: Commit, caplog: pytest.LogCaptureFixture) -> None:
    directory().mkdir(parents=True)
    (directory() / "1-abc.clicks").write_bytes(b"nothing of ours")
    journal_clicks(payload(link))
    assert load_pending().clicks == 1
    assert (directory() / "damaged" / "1-abc.clicks").exists()
    assert "set aside" in caplog.text


def test_a_click_on_an_unknown_link_holds_up_nothing(
    link: Link, commit: Commit, caplog: pytest.LogCaptureFixture
) -> None:
    journal_clicks(payload(987654), payload(link), b"1\x1fno click")
    loaded = commit(load_pending)
    assert (loaded.clicks, loaded.unreadable) == (1, 2)
    assert len(list((directory() / "damaged").iterdir())) == 1


def test_only_one_loader_works_at_a_time(link: Link) -> None:
    journal_clicks(payload(link))
    with loader_lock(), pytest.raises(LoaderBusy):
        load_pending(wait=0.05)


def test_an_order_right_after_the_click_finds_it(link: Link) -> None:
    journal = Journal(directory())
    one = new_click_id()
    journal.append(payload(link, click_id=one))
    click = find_click(one)
    assert click is not None
    assert click.verdict.is_valid
    journal.close()


def test_a_stored_click_is_found_with_one_query(link: Link, django_assert_num_queries: object) -> None:
    one = new_click_id()
    journal_clicks(payload(link, click_id=one))
    load_pending()
    with django_assert_num_queries(1):  # type: ignore[operator]
        click = find_click(one)
        assert click is not None
        assert click.link.code == link.code
        assert click.verdict.is_valid


@pytest.mark.parametrize("wanted", ["", "nonsense!", "A" * 26, "a" * 26, "x" * 500, "a' OR 1=1"])
def test_an_unknown_click_id_is_nothing(link: Link, wanted: str) -> None:
    journal_clicks(payload(link))
    assert find_click(wanted) is None


def test_the_number_of_queries_does_not_grow_with_the_clicks(link: Link, django_assert_max_num_queries: object) -> None:
    journal_clicks(*[payload(link, at=START + n, visitor=f"v{n}") for n in range(300)])
    with django_assert_max_num_queries(20):  # type: ignore[operator]
        load_pending()


# Late clicks -----------------------------------------------------------------------------------------


def test_a_late_click_takes_the_place_of_the_one_it_precedes(link: Link) -> None:
    late, early = payload(link, click_id="b" * 26, at=START), payload(link, click_id="c" * 26, at=START + 5 * SECOND)
    journal_clicks(early)
    load_pending()
    journal_clicks(late)
    load_pending()
    assert verdicts() == {"b" * 26: "", "c" * 26: "double_click"}
    assert_tallies_are_counts()


MOMENTS = st.lists(
    st.tuples(
        st.one_of(st.integers(0, 90), st.integers(0, 8000)),
        st.integers(0, 1),
        st.sampled_from("vw"),
        st.sampled_from(["", "", "", "p"]),
    ),
    min_size=1,
    max_size=45,
)


@pytest.mark.parametrize("most_stored", [20_000, 0], ids=["at-once", "piecemeal"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moments=MOMENTS, cuts=st.lists(st.integers(0, 45), max_size=3), shuffler=st.randoms(use_true_random=False))
def test_verdicts_do_not_depend_on_the_order_of_arrival(
    link: Link,
    house_link: Link,
    monkeypatch: pytest.MonkeyPatch,
    most_stored: int,
    moments: list[tuple[int, int, str, str]],
    cuts: list[int],
    shuffler: random.Random,
) -> None:
    monkeypatch.setattr(judging, "MOST_STORED", most_stored)
    links = [link, house_link]
    written = [
        payload(links[which], at=START + second * SECOND, visitor=visitor, flags=flags)
        for second, which, visitor, flags in moments
    ]
    facts = [ClickFacts(r.click_id, r.at, r.visitor, r.link, r.method, r.agent, r.flags) for r in map(decode, written)]
    expected = {click_id: verdict.reason.value for click_id, verdict in judge_all(facts)}
    shuffler.shuffle(written)
    marker = transaction.savepoint()
    borders = [0, *sorted(cuts), len(written)]
    for start, end in pairwise(borders):
        loader._store_records([decode(one) for one in written[start:end]]) if written[start:end] else None
    assert verdicts() == expected
    assert_tallies_are_counts()
    transaction.savepoint_rollback(marker)


def test_a_flood_of_one_visitor_is_judged_as_a_whole(link: Link, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "MOST_STORED", 10)
    links = [make_link(merchant=link.merchant, offer=make_offer(merchant=link.merchant)) for _ in range(40)]
    written = [payload(one, at=START + n * SECOND) for n, one in enumerate(links)]
    for start in range(0, 40, 7):
        journal_clicks(*written[start : start + 7])
        load_pending()
    assert tallied() == {"": 30, "rate": 10}


# Append-only -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE tracking_click SET country = 'XX'",
        "DELETE FROM tracking_click",
        pytest.param("INSERT OR REPLACE INTO tracking_click SELECT * FROM tracking_click", marks=pytest.mark.sqlite),
        pytest.param("TRUNCATE tracking_click CASCADE", marks=pytest.mark.postgres),
    ],
)
def test_clicks_are_never_changed(link: Link, statement: str) -> None:
    journal_clicks(payload(link, country="ES"))
    load_pending()
    connection.check_constraints()
    with pytest.raises(DatabaseError, match="never"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Click.objects.get().country == "ES"


@pytest.mark.sqlite
def test_a_replace_without_recursive_triggers_is_refused_too(link: Link) -> None:
    journal_clicks(payload(link, country="ES"))
    load_pending()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA recursive_triggers=OFF")
        try:
            with pytest.raises(DatabaseError, match="never"), transaction.atomic():
                cursor.execute("REPLACE INTO tracking_click SELECT * FROM tracking_click")
        finally:
            cursor.execute("PRAGMA recursive_triggers=ON")
