"""`make test` calls a suite that did not run a failure where all are required, and nowhere else."""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from pathlib import Path

from django.conf import settings

import pytest

from tests.run import SUITES, Outcome, Suite, faults, last_line

GREEN = Outcome("SQLite", 0, passed=5, marked={"postgres": 1, "redis": 1, "browser": 1, "shared": 1})


def test_all_green_is_no_failure() -> None:
    assert faults([GREEN], [], all_required=True) == []


LENT = [suite for suite in SUITES if suite.lent]
OURS = [suite for suite in SUITES if not suite.lent]


@pytest.mark.parametrize("suite", OURS, ids=lambda suite: suite.name)
def test_a_suite_that_cannot_run_is_named_and_a_failure_where_all_are_required(suite: Suite) -> None:
    assert faults([GREEN], [suite], all_required=True) == [f"{suite.name} suite not run: {suite.how}"]
    assert faults([GREEN], [suite], all_required=False) == []


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
def test_a_suite_without_a_test_that_passed_is_a_failure_where_all_are_required(suite: Suite) -> None:
    empty = replace(GREEN, marked={**GREEN.marked, suite.mark: 0})
    assert faults([empty], [], all_required=True) == [f"{suite.name} suite: none of its tests passed"]
    assert faults([empty], [], all_required=False) == []


def test_a_skipped_test_is_named_and_a_failure_where_all_are_required() -> None:
    skipped = replace(GREEN, skipped={"tests/test_a.py::test_b": "no reason"})
    assert faults([skipped], [], all_required=True) == ["SQLite: tests/test_a.py::test_b was skipped: no reason"]
    assert faults([skipped], [], all_required=False) == []


@pytest.mark.parametrize("suite", LENT, ids=lambda suite: suite.name)
def test_what_is_lent_to_the_project_may_be_absent_everywhere_and_no_other_test_is_skipped_for_it(suite: Suite) -> None:
    reason = f"Feed suite: {suite.how}"
    absent = replace(GREEN, skipped={"tests/test_a.py::test_b": reason}, marked={**GREEN.marked, suite.mark: 0})
    other = replace(absent, skipped={"tests/test_a.py::test_c": "no reason"})
    assert faults([absent], [suite], all_required=True) == []
    assert faults([absent], [], all_required=True) != []
    assert faults([other], [suite], all_required=True) == ["SQLite: tests/test_a.py::test_c was skipped: no reason"]


@pytest.mark.parametrize("all_required", [True, False])
def test_a_failed_test_is_always_a_failure(all_required: bool) -> None:
    assert faults([replace(GREEN, code=1, failed=2)], [], all_required=all_required) == ["SQLite: 2 failed"]


@pytest.mark.parametrize("code", [2, 3, 4, 5, -9])
def test_a_run_that_ended_otherwise_is_a_failure(code: int) -> None:
    ended = replace(GREEN, code=code)
    assert faults([ended], [], all_required=False) == [f"SQLite: pytest ended with {code}"]
    assert last_line([ended]) == "5 passed, 1 failed, 0 skipped"


def test_the_last_line_counts_all_runs() -> None:
    other = Outcome("PostgreSQL", 1, passed=3, failed=2, skipped={"a": "b"})
    assert last_line([GREEN, other]) == "8 passed, 2 failed, 1 skipped"


def test_the_data_directory_is_no_sites_and_no_other_workers() -> None:
    assert Path(settings.DATA_DIR).name == os.environ.get("PYTEST_XDIST_WORKER", "alone")
    assert Path(settings.DATA_DIR).is_relative_to(tempfile.gettempdir())
