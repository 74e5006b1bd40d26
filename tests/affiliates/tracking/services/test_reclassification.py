"""Other rules, other verdicts: tallies follow, clicks stay."""

from __future__ import annotations

from django.core.management import call_command

import pytest

from affiliates.tracking.domain import validity
from affiliates.tracking.models import Click, ClickVerdict, Link
from affiliates.tracking.services import reclassification
from affiliates.tracking.services.loader import load_pending
from tests.factories.tracking import journal_clicks, payload, tallied

pytestmark = pytest.mark.django_db

SECOND = 1_000_000
START = 1_790_000_000 * SECOND


@pytest.fixture
def loaded(link: Link) -> None:
    journal_clicks(*[payload(link, at=START + n * 400 * SECOND, visitor=f"v{n % 2}") for n in range(20)])
    load_pending()


def spoil() -> None:
    """As if other rules had judged: everything valid, and counted so."""
    before = tallied()
    ClickVerdict.objects.update(is_valid=True, reason="", counted_at=None, rules_version="0+none")
    from affiliates.tracking.models import ClickTally

    ClickTally.objects.exclude(reason="").delete()
    ClickTally.objects.update(count=sum(before.values()))


def test_verdicts_and_tallies_come_back(loaded: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reclassification, "CHUNK", 3)
    verdicts, tallies = list(ClickVerdict.objects.order_by("pk").values_list("reason", "counted_at")), tallied()
    spoil()
    assert sum(day.changed for day in reclassification.reclassify()) == tallies["repeat"]
    assert list(ClickVerdict.objects.order_by("pk").values_list("reason", "counted_at")) == verdicts
    assert tallied() == tallies


def test_a_stopped_run_goes_on_where_it_was(loaded: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reclassification, "CHUNK", 3)
    expected = tallied()
    spoil()
    real, calls = reclassification.correct_stored, []

    def stop_later(*args: object, **options: object) -> None:
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt
        real(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(reclassification, "correct_stored", stop_later)
    with pytest.raises(KeyboardInterrupt):
        list(reclassification.reclassify())
    monkeypatch.setattr(reclassification, "correct_stored", real)
    list(reclassification.reclassify())
    assert tallied() == expected


def test_judged_days_are_left_alone(loaded: None) -> None:
    assert reclassification.days_to_judge() == []
    assert len(reclassification.days_to_judge(every=True)) == 1


def test_a_longer_list_of_robots_is_applied(loaded: None, monkeypatch: pytest.MonkeyPatch, capsys: object) -> None:
    monkeypatch.setattr(validity, "classify_agent", lambda agent: validity.AgentClass.BOT)
    call_command("reclassify_clicks", "--all")
    assert tallied() == {"bot": 20}
    assert Click.objects.count() == 20


def test_the_command_says_what_it_did(loaded: None, capsys: pytest.CaptureFixture[str]) -> None:
    spoil()
    call_command("reclassify_clicks")
    assert "20 clicks judged" in capsys.readouterr().out


def test_the_load_command_says_what_it_did(link: Link, capsys: pytest.CaptureFixture[str]) -> None:
    journal_clicks(payload(link))
    call_command("load_clicks")
    assert "1 clicks stored" in capsys.readouterr().out
