from __future__ import annotations

import datetime as dt
import io
import sys
from pathlib import Path
from types import SimpleNamespace

from django.core.management import CommandError, call_command
from django.utils import timezone

import pytest

from affiliates.catalogue.models import ExchangeRate
from affiliates.catalogue.selectors.rates import rates_on
from affiliates.catalogue.services.rates import RatesRefused, fetch_rates, import_rates, refresh_rates
from cms.core import periodic
from tests.affiliates.catalogue.domain.test_rates import cube, xml
from tests.factories.catalogue import make_rates

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 11, 23)
NOW = dt.datetime(2026, 11, 23, 16, tzinfo=dt.UTC)


def stored() -> dict[str, int]:
    return dict(ExchangeRate.objects.filter(on=DAY).values_list("currency", "rate_e8"))


def test_the_banks_file_is_kept() -> None:
    done = import_rates(source=xml(cube(), cube("JPY", "163.21")), now=NOW)
    assert (done.created, done.changed, done.unchanged, done.newest_on) == (2, 0, 0, DAY)
    assert stored() == {"USD": 108_000_000, "JPY": 16_321_000_000}


def test_the_same_file_twice_changes_nothing() -> None:
    for _ in range(2):
        done = import_rates(source=xml(cube()), now=NOW)
    assert (done.created, done.changed, done.unchanged) == (0, 0, 1)


def test_a_rate_published_anew_replaces_the_old_one() -> None:
    import_rates(source=xml(cube()), now=NOW)
    assert import_rates(source=xml(cube(rate="1.09")), now=NOW).changed == 1
    assert stored() == {"USD": 109_000_000}


@pytest.mark.parametrize("content", [b"<nonsense", xml(cube(), cube("JPY", "-1")), xml(cube(), day="2026-11-24")])
def test_a_faulty_file_changes_nothing(content: bytes) -> None:
    import_rates(source=xml(cube()), now=NOW)
    with pytest.raises(RatesRefused):
        import_rates(source=content, now=NOW)
    assert stored() == {"USD": 108_000_000}


# Which rates compare ---------------------------------------------------------------------------------------------
def test_the_newest_rates_not_after_the_day_compare() -> None:
    for days, rate in ((3, "1.03"), (1, "1.01"), (-1, "1.09")):
        make_rates(DAY - dt.timedelta(days=days), USD=rate)
    table = rates_on(DAY)
    assert table is not None
    assert (table.on, table.rate_e8("USD")) == (DAY - dt.timedelta(days=1), 101_000_000)


@pytest.mark.parametrize(("days", "known"), [(7, True), (8, False)])
def test_rates_older_than_a_week_compare_nothing(days: int, known: bool) -> None:
    make_rates(DAY - dt.timedelta(days=days))
    assert (rates_on(DAY) is not None) is known


def test_the_central_banks_rates_go_before_others() -> None:
    make_rates(DAY, source="Demo", USD="9")
    make_rates(DAY - dt.timedelta(days=2), USD="1.05")
    table = rates_on(DAY)
    assert table is not None
    assert (table.source, table.rate_e8("USD")) == ("ECB", 105_000_000)


def test_rates_are_asked_for_once(django_assert_num_queries) -> None:
    make_rates(DAY)
    rates_on(DAY)
    with django_assert_num_queries(0):
        rates_on(DAY)


def test_an_import_is_seen_at_once(django_capture_on_commit_callbacks) -> None:
    assert rates_on(DAY) is None
    with django_capture_on_commit_callbacks(execute=True):
        import_rates(source=xml(cube()), now=NOW)
    assert rates_on(DAY) is not None


# The command and the job -----------------------------------------------------------------------------------------
def test_the_command_reads_a_file(tmp_path: Path) -> None:
    path, out = tmp_path / "eurofxref-daily.xml", io.StringIO()
    path.write_bytes(xml(cube(), day="2026-01-05"))
    call_command("import_rates", str(path), stdout=out)
    assert out.getvalue() == "Rates up to 2026-01-05: 1 new, 0 changed, 0 unchanged.\n"


def test_the_command_says_why_nothing_was_changed(tmp_path: Path) -> None:
    path = tmp_path / "rates.xml"
    path.write_bytes(xml(cube(rate="0")))
    with pytest.raises(CommandError, match=r"Nothing was changed\. 2026-11-23, USD: the rate is zero"):
        call_command("import_rates", str(path))
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_rates", str(tmp_path / "missing.xml"))


class _Refused(Exception):
    pass


@pytest.fixture
def bank(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """What the bank's address answers, instead of the network."""
    answer = SimpleNamespace(status=200, body=xml(cube(), day="2026-01-05"), truncated=False, asked=[], error=None)

    def fetch(url: str, **options: object) -> SimpleNamespace:
        answer.asked.append(url)
        if answer.error:
            raise answer.error
        return answer

    fake = SimpleNamespace(fetch=fetch, FetchFailed=_Refused, FetchRefused=_Refused)
    monkeypatch.setitem(sys.modules, "cms.core.fetch", fake)
    return answer


def test_rates_are_fetched_from_an_address(bank: SimpleNamespace) -> None:
    assert fetch_rates(address="https://bank.example/rates.xml", now=NOW).created == 1
    assert bank.asked == ["https://bank.example/rates.xml"]


@pytest.mark.parametrize("change", [{"status": 404}, {"truncated": True}, {"error": _Refused("timeout")}])
def test_an_address_that_does_not_give_them_changes_nothing(bank: SimpleNamespace, change: dict[str, object]) -> None:
    vars(bank).update(change)
    with pytest.raises(RatesRefused):
        fetch_rates(address="https://bank.example/rates.xml", now=NOW)
    assert not ExchangeRate.objects.exists()


def test_the_daily_job_is_off_until_an_address_is_set(bank: SimpleNamespace, settings) -> None:
    settings.RATES_URL = ""
    refresh_rates()
    assert bank.asked == []
    settings.RATES_URL = "https://bank.example/rates.xml"
    refresh_rates()
    assert bank.asked == ["https://bank.example/rates.xml"]


def test_the_job_is_registered_daily() -> None:
    assert [job.seconds for job in periodic.jobs() if job.name == "catalogue.import_rates"] == [86_400]


def test_the_demo_brings_its_own_rates_dated_today() -> None:
    from cms.demo.services.rates import date_rates

    now = timezone.now()
    for _ in range(2):
        date_rates(now=now)
    table = rates_on(now.date())
    assert table is not None
    assert (table.source, table.on, len(table.rates_e8)) == ("Demo", now.date(), ExchangeRate.objects.count())
