"""A provider is called once for each payout, whatever dies; files are the same however often they are read."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from affiliates.earnings.domain.payout_methods import Method
from affiliates.earnings.domain.payout_providers import Answer, Outcome
from affiliates.earnings.models import Payout, PayoutAccount
from affiliates.earnings.selectors.audit import violations
from affiliates.earnings.services import payout_sending
from affiliates.earnings.services.payout_providers import FakeProvider
from affiliates.earnings.services.payout_sending import file_of, hand_over_batch, note_answer, send_due_payouts
from affiliates.earnings.services.payouts import PayoutRefused, mark_batch_sent
from tests.affiliates.earnings.payday import FAKE, LATER, approved, earn, handed
from tests.factories.earnings import Shop, make_profile

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)


class Killed(BaseException):
    """The process died here."""


@pytest.fixture
def fake(settings: Any, tmp_path: Path) -> FakeProvider:
    settings.PAYOUT_PROVIDER, settings.DATA_DIR = FAKE, tmp_path
    return FakeProvider()


def through_provider(shop: Shop, account: str = "acct_1") -> Payout:
    earn(shop)
    return handed(shop, method="provider", details={"account": account})[0]


def state(payout: Payout) -> str:
    payout.refresh_from_db()
    return payout.state


ANSWERS = [
    ("acct_1", "paid", "paid", 1),
    ("fail_1", "rejected", "rejected", 0),
    ("return_1", "underway", "returned", 1),
    ("slow_1", "underway", "paid", 1),
    ("silent_1", "underway", "paid", 1),
]


@pytest.mark.parametrize(("account", "first", "then", "calls"), ANSWERS)
def test_what_the_provider_says_is_what_holds(
    shop: Shop, fake: FakeProvider, account: str, first: str, then: str, calls: int
) -> None:
    payout = through_provider(shop, account)
    send_due_payouts(now=LATER)
    assert state(payout) == first
    send_due_payouts(now=LATER + 16 * MINUTE)
    assert (state(payout), len(fake.asked())) == (then, calls)
    assert list(violations()) == []


def test_an_unknown_outcome_is_asked_about_and_never_sent_again(shop: Shop, fake: FakeProvider) -> None:
    payout = through_provider(shop, "silent_1")
    for minutes in range(14):
        send_due_payouts(now=LATER + minutes * MINUTE)
    assert (state(payout), len(fake.asked())) == ("underway", 1)


def test_silence_to_questions_leaves_the_money_in_transit(
    shop: Shop, fake: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    payout = through_provider(shop, "silent_1")

    def silent(self: FakeProvider, ref: str) -> Answer:
        raise TimeoutError

    monkeypatch.setattr(FakeProvider, "query", silent)
    for hours in range(5):
        send_due_payouts(now=LATER + hours * 60 * MINUTE)
    assert (state(payout), len(fake.asked())) == ("underway", 1)
    assert list(violations()) == []


#: Where the process dies: (what is called there, whether before or after it is done).
CRASHES = [
    ("claim", False), ("claim", True), ("send", False), ("send", True), ("note_answer", False), ("note_answer", True),
    ("confirm_payout", False), ("close_batch", False), ("_note_paid", True),
]  # fmt: skip


def dying(real: Callable[..., Any], after: bool) -> Callable[..., Any]:
    def die(*args: Any, **kwargs: Any) -> Any:
        if after:
            real(*args, **kwargs)
        raise Killed

    return die


@pytest.mark.parametrize(("step", "after"), CRASHES)
@pytest.mark.parametrize("times", [1, 2])
def test_killed_between_any_two_steps_and_run_again_pays_once(
    shop: Shop, fake: FakeProvider, monkeypatch: pytest.MonkeyPatch, step: str, after: bool, times: int
) -> None:
    payout = through_provider(shop)
    from affiliates.earnings.services import payout_ends

    places: dict[str, Any] = {"send": FakeProvider, "close_batch": payout_ends, "_note_paid": payout_ends}
    place, now = places.get(step, payout_sending), LATER
    for _time in range(times):
        with monkeypatch.context() as patch:
            patch.setattr(place, step, dying(getattr(place, step), after))
            try:
                send_due_payouts(now=now)
            except Killed:
                now += 16 * MINUTE
    send_due_payouts(now=now)
    send_due_payouts(now=now + 16 * MINUTE)
    assert (state(payout), len(fake.asked())) == ("paid", 1)
    assert list(violations()) == []


def test_a_claim_that_is_still_warm_is_left_alone(
    shop: Shop, fake: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    payout = through_provider(shop)
    with monkeypatch.context() as patch:
        patch.setattr(FakeProvider, "send", dying(fake.send, False))
        with pytest.raises(Killed):
            send_due_payouts(now=LATER)
    assert (send_due_payouts(now=LATER + 14 * MINUTE), fake.asked(), state(payout)) == (0, [], "underway")


def test_a_late_answer_changes_nothing_that_ended(shop: Shop, fake: FakeProvider) -> None:
    payout = through_provider(shop)
    send_due_payouts(now=LATER)
    note_answer(payout, Answer(Outcome.REFUSED, reason="late"), now=LATER)
    note_answer(payout, Answer(Outcome.PAID), now=LATER)
    assert state(payout) == "paid"
    assert list(violations()) == []


def test_nobody_ends_by_hand_what_the_provider_has(shop: Shop, fake: FakeProvider) -> None:
    payout = through_provider(shop, "slow_1")
    send_due_payouts(now=LATER)
    with pytest.raises(PayoutRefused):
        mark_batch_sent(batch=payout.batch, by=payout.batch.proposed_by, now=LATER)


def test_without_a_provider_the_batch_stays_here(shop: Shop, settings: Any) -> None:
    settings.PAYOUT_PROVIDER = ""
    with pytest.raises(PayoutRefused):
        through_provider(shop)


def account() -> None:
    PayoutAccount.objects.update_or_create(defaults={"name": "Vitrina", "iban": "DE75512108001245126199"})


def test_a_sepa_batch_needs_the_houses_account(shop: Shop) -> None:
    earn(shop)
    with pytest.raises(PayoutRefused):
        handed(shop, method="sepa")


def test_a_file_is_the_same_however_often_and_whatever_changed_since(shop: Shop) -> None:
    account()
    earn(shop)
    payout, finance = handed(shop, method="sepa")
    first = file_of(payout.batch, Method.SEPA)
    PayoutAccount.objects.update(iban="DE02120300000000202051")
    make_profile(shop.creator, method="mail")
    mark_batch_sent(batch=payout.batch, by=finance, now=LATER)
    assert first and file_of(payout.batch, Method.SEPA) == first
    assert b"<EndToEndId>%s</EndToEndId>" % payout.ref.encode() in first


def test_there_is_no_file_before_the_batch_leaves(shop: Shop) -> None:
    account()
    earn(shop)
    make_profile(shop.creator, method="sepa")
    batch, _finance = approved(shop)
    assert file_of(batch, Method.SEPA) is None


@pytest.mark.parametrize(
    ("method", "country", "column", "value"),
    [("bank", "US", "account_number", "123456789"), ("mail", "US", "email", "ana@example.org"),
     ("manual", "DE", "note", "as agreed")],
)  # fmt: skip
def test_each_way_has_its_file(shop: Shop, method: str, country: str, column: str, value: str) -> None:
    earn(shop)
    payout, _finance = handed(shop, method=method, country=country)
    body = file_of(payout.batch, Method(method))
    assert body
    [row] = csv.DictReader(body.decode().splitlines())
    assert (row[column], row["amount"], row["payout"]) == (value, "70.00", payout.ref)


def test_a_name_that_a_spreadsheet_would_run_is_text(shop: Shop) -> None:
    earn(shop)
    payout, _finance = handed(shop, method="mail", holder="=cmd()")
    body = file_of(payout.batch, Method.MAIL)
    assert body and b"'=cmd()" in body


def test_a_batch_is_handed_over_once(shop: Shop) -> None:
    earn(shop)
    payout, finance = handed(shop)
    again = hand_over_batch(batch=payout.batch, by=finance, now=LATER + MINUTE)
    assert again.handed_at == LATER
