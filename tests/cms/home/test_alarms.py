"""The operator hears once of a job that does not get done."""

from __future__ import annotations

import datetime as dt

from django.core import mail

from wagtail.models import Site

import pytest

from cms.core import leases, periodic
from cms.core.models import JobState, SiteSettings
from cms.home.alarms import tell_of_jobs
from tests.factories.community import make_operator

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def job(monkeypatch: pytest.MonkeyPatch) -> periodic.Job:
    monkeypatch.setattr(periodic, "_jobs", {})
    periodic.register("test.job", 60, lambda: None, label="Feed the cat")
    return periodic.jobs()[0]


def late() -> JobState:
    return JobState.objects.create(name="test.job", next_run_at=NOW - dt.timedelta(hours=1))


def test_an_overdue_job_is_told_of_once() -> None:
    late()
    make_operator(email="boss@example.org")
    assert [tell_of_jobs(now=NOW), tell_of_jobs(now=NOW)] == [1, 0]
    assert [(message.to, "Feed the cat" in message.subject) for message in mail.outbox] == [
        (["boss@example.org"], True)
    ]


def test_a_job_that_keeps_failing_is_told_of_with_its_error() -> None:
    JobState.objects.create(name="test.job", next_run_at=NOW, failures=5, last_error="OSError: no")
    make_operator()
    tell_of_jobs(now=NOW)
    assert "OSError: no" in mail.outbox[0].body


def test_a_few_failures_are_nobodys_concern() -> None:
    JobState.objects.create(name="test.job", next_run_at=NOW, failures=4)
    assert tell_of_jobs(now=NOW) == 0


def test_after_it_was_well_the_operator_is_told_again(job: periodic.Job) -> None:
    late()
    tell_of_jobs(now=NOW)
    leases.take(job=job, by="one", now=NOW)
    leases.note_success(job=job, by="one", now=NOW, took_ms=1)
    assert tell_of_jobs(now=NOW + dt.timedelta(hours=1)) == 1


def test_the_contact_address_comes_before_the_operators() -> None:
    late()
    make_operator()
    SiteSettings.objects.update_or_create(
        site=Site.objects.get(is_default_site=True), defaults={"contact_email": "desk@example.org"}
    )
    tell_of_jobs(now=NOW)
    assert mail.outbox[0].to == ["desk@example.org"]


def test_with_nobody_to_mail_it_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    late()
    tell_of_jobs(now=NOW)
    assert "Feed the cat" in caplog.text
    assert mail.outbox == []
