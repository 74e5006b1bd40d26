"""Two people look at the bank at once. On PostgreSQL, with real transactions."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

import pytest

from affiliates.earnings.models import BankLine, BankMatch, SuspenseEnd, Transfer
from affiliates.earnings.selectors.audit import violations
from affiliates.earnings.selectors.bank import waiting_lines
from affiliates.earnings.services import bank_lines, suspense
from affiliates.earnings.services.bank_lines import import_bank_file, settle_line
from affiliates.earnings.services.suspense import approve_end, propose_end, record_unexplained
from tests.affiliates.earnings.bank_files import camt, entry
from tests.affiliates.earnings.test_races import at_once, committed, meet_in
from tests.factories.community import make_finance
from tests.factories.earnings import NOON, Shop

pytestmark = pytest.mark.postgres
__all__ = ["committed"]


def propose_twice(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Two propose to explain all of one amount at once."""
    people = make_finance(), make_finance()
    item = record_unexplained(
        currency="EUR", amount_minor=1000, moved_on=NOON.date(), reference="B-1", words="?", by=people[0], now=NOON
    )
    meet_in(monkeypatch, suspense, "rest_of")
    return at_once(*[
        lambda by=by: propose_end(item=item, target="fee", amount_minor=1000, reason="Interest", by=by, now=NOON)
        for by in people
    ])  # fmt: skip


def test_the_same_file_brought_twice_at_once_brings_each_line_once(
    committed: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    by, body = make_finance(), camt(entry(100, "R1", on="2026-03-09"), entry(200, "R2", on="2026-03-09"))
    meet_in(monkeypatch, bank_lines, "_store")
    at_once(*[lambda: import_bank_file(body=body, name="m", by=by, now=NOON)] * 2)
    assert BankLine.objects.count() == 2


def test_two_who_put_one_line_into_suspense_at_once_do_it_once(committed: Shop) -> None:
    by = make_finance()
    import_bank_file(body=camt(entry(100, "R1", on="2026-03-09")), name="m", by=by, now=NOON)
    line = waiting_lines().get()
    at_once(*[lambda: settle_line(line=line, action="suspense", by=by, now=NOON)] * 2)
    assert (BankMatch.objects.count(), Transfer.objects.count()) == (1, 1)
    assert [str(fault) for fault in violations()] == []


def test_two_who_explain_one_amount_at_once_explain_it_once(committed: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    propose_twice(monkeypatch)
    assert SuspenseEnd.objects.count() == 1


def test_without_the_lock_one_amount_is_explained_twice(committed: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **_options: self)
    propose_twice(monkeypatch)
    first, second = SuspenseEnd.objects.order_by("pk")
    for end in (first, second):
        approve_end(end=end, by=make_finance(), now=NOON)
    assert any("explains more than there was" in str(fault) for fault in violations())
