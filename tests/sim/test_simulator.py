"""The simulator runs without a violation, and catches what is planted. `docs/money/proof.md`."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from affiliates.earnings.models import BrandPayment, Conversion, Transfer
from tests.sim.bugs import BUGS
from tests.sim.driver import run, shrink

#: Together 10,000 steps on each database.
SEEDS = (1, 2, 3, 4)
STEPS = 2500
#: Faults that are caught within a few dozen steps.
QUICK = (
    "answer_before_commit", "duplicates_booked", "fee_lost", "hold_skipped", "refund_at_todays_rate", "rounding_up",
    "version_ignored", "wrong_account",
)  # fmt: skip


@pytest.fixture
def site(db: None, settings: Any) -> Iterator[None]:
    settings.PAYOUT_PROVIDER = "tests.sim.provider.SimProvider"
    logging.getLogger("affiliates").setLevel(logging.CRITICAL)
    yield
    logging.getLogger("affiliates").setLevel(logging.NOTSET)


@pytest.mark.parametrize("seed", SEEDS)
def test_many_commands_keep_every_promise(site: None, seed: int) -> None:
    result = run(seed, STEPS)
    assert result.failure is None, f"{result.failure}\nmake sim SEED={seed} STEPS={STEPS}"
    assert (result.transfers > 300, result.crashes > 10, len(result.counts) > 25) == (True, True, True)


@pytest.mark.parametrize("name", QUICK)
def test_a_planted_fault_is_caught(site: None, name: str) -> None:
    with BUGS[name].plant():
        failure = run(5, 400).failure
    assert failure is not None, BUGS[name].what


def test_the_steps_of_a_failing_run_are_thinned_out() -> None:
    assert shrink(lambda chosen: {7, 30} <= chosen, list(range(1, 60)), seconds=5) == [7, 30]


def test_without_commands_the_books_are_empty(site: None) -> None:
    run(1, 30, only=[])
    assert (Transfer.objects.count(), Conversion.objects.count(), BrandPayment.objects.count()) == (0, 0, 0)


def test_there_are_twenty_faults_to_catch() -> None:
    assert sum(not bug.postgres for bug in BUGS.values()) >= 20
