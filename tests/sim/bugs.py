"""Faults planted on purpose: the simulator is worth what it catches. `make sim BUG=<name>`, `make sim BUGS=all`.

Each is a small change to the services or the database, such as somebody could make by mistake.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from django.db import connection, models, transaction

from affiliates.earnings.domain import commission_rules, seals
from affiliates.earnings.domain.states import Stage, Status
from affiliates.earnings.models import Account, Conversion, Transfer
from affiliates.earnings.models import conversions as conversion_rows
from affiliates.earnings.selectors import statements as statement_sums
from affiliates.earnings.services import (
    adjustments,
    booking,
    brand_accounts,
    caps,
    conversions,
    decisions,
    intake,
    payout_ends,
    payout_sending,
    payouts,
    pricing,
)
from affiliates.earnings.services import seals as sealing
from tests.sim import commands_orders


@dataclass(frozen=True)
class Bug:
    """What is wrong, how it is planted, and whether it needs PostgreSQL."""

    what: str
    plant: Callable[[], contextlib.AbstractContextManager[Any]]
    postgres: bool = False


BUGS: dict[str, Bug] = {}


def bug(what: str, *, postgres: bool = False) -> Callable[[Callable[[], Iterator[None]]], Callable[[], Any]]:
    """Register a fault under its function's name."""

    def register(plant: Callable[[], Iterator[None]]) -> Callable[[], Any]:
        made = contextlib.contextmanager(plant)
        BUGS[plant.__name__] = Bug(what, made, postgres)
        return made

    return register


@bug("commissions are rounded up instead of half to even")
def rounding_up() -> Iterator[None]:
    with patch.object(commission_rules, "half_even", math.ceil):
        yield


@bug("a restatement prices lines anew at the rates of its own day")
def refund_at_todays_rate() -> Iterator[None]:
    real, counter = pricing.facts_of, iter(range(10**9))

    def today(line: Any, conversion: Any, **rest: Any) -> Any:
        import dataclasses

        return dataclasses.replace(real(line, conversion, **rest), occurred_at=conversion.updated_at)

    with (
        patch.object(pricing, "facts_of", today),
        patch.object(conversions, "_pricing_facts", lambda *a: next(counter)),
    ):
        yield


@bug("an order is answered before it is committed, and lost when the process dies then")
def answer_before_commit() -> Iterator[None]:
    real = intake.receive_orders

    def early(**given: Any) -> Any:
        with transaction.atomic():
            reply = real(**given)
            if reply.status == 201:
                transaction.set_rollback(True)
        return reply

    with patch.object(commands_orders, "receive_orders", early):
        yield


@bug("the same report again is booked again")
def duplicates_booked() -> Iterator[None]:
    real = conversions._accept_wave

    def again(merchant: Any, program: Any, wave: Any, *rest: Any) -> Any:
        done = real(merchant, program, wave, *rest)
        for index, one in list(done.items()):
            if one.fate == conversions.Fate.KNOWN and not one.conversion.locked_at:
                order = one.conversion
                found = booking.bookings_for(order, list(order.lines.all()), {}, now=rest[-1])
                conversions_book(found, rest[-1])
                Conversion.objects.filter(pk=order.pk).update(booking=order.booking)
                done[index] = one
        return done

    with patch.object(conversions, "_accept_wave", again):
        yield


def conversions_book(found: Any, now: dt.datetime) -> None:
    """Write bookings."""
    from affiliates.earnings.services.ledger import book

    book(bookings=found, now=now)


@bug("an older version of an order replaces a newer one")
def version_ignored() -> Iterator[None]:
    def unchanged(conversion: Any, report: Any, found: Any) -> Any:
        if report.digest == conversion.digest:
            return conversions.Fate.KNOWN
        return conversions.Fate.LOCKED if conversion.locked_at else None

    with patch.object(conversions, "_unchanged", unchanged):
        yield


@bug("what a refund or reversal takes back does not free its rule's cap again")
def cap_not_given_back() -> Iterator[None]:
    real = caps.Room.add

    def add(self: Any, line: Any, *, share: Any, sign: int = 1) -> None:
        if sign > 0:
            real(self, line, share=share)

    with patch.object(caps.Room, "add", add):
        yield


@bug("a decision by hand does not ask whether its rule's cap has room")
def cap_ignored_by_hand() -> Iterator[None]:
    with patch.object(decisions, "cut_lines", lambda **given: None):
        yield


@bug("the creator's share is taken of the order's total, not of each line")
def share_of_the_total() -> Iterator[None]:
    real = conversions.bookings_for

    def whole(conversion: Any, lines: Any, booked: Any, **rest: Any) -> Any:
        if conversion.creator_id and lines:
            cut = commission_rules.creator_part(
                sum(line.commission_minor for line in lines), conversion.creator_share_percent
            )
            more = cut - sum(line.creator_minor for line in lines)
            if lines[0].platform_minor >= more:
                lines[0].creator_minor += more
                lines[0].platform_minor -= more
        return real(conversion, lines, booked, **rest)

    with patch.object(conversions, "bookings_for", whole):
        yield


@bug("a debt is forgotten when the next payout is counted")
def debt_forgotten() -> Iterator[None]:
    real = payouts.available_balances

    def without_debts(currency: str) -> Any:
        found = dict(real(currency))
        back = Transfer.objects.filter(kind="reversal", currency=currency, debit__kind="creator_available")
        for creator, amount in back.values_list("debit__creator_id").annotate(models.Sum("amount_minor")):
            account, balance = found[creator]
            found[creator] = (account, balance + amount)
        return found

    with patch.object(payouts, "available_balances", without_debts):
        yield


@bug("a payout whose outcome is unknown is sent again instead of asked about")
def payout_sent_again() -> Iterator[None]:
    with patch.object(payout_sending, "_ask", payout_sending._send):
        yield


@bug("whoever owns the database drops the trigger and edits a transfer")
def transfer_edited() -> Iterator[None]:
    done: list[int] = []
    real = decisions.book

    def book(**given: Any) -> Any:
        made = real(**given)
        if made and not done:
            done.append(1)
            with connection.cursor() as cursor:
                if connection.vendor == "sqlite":
                    cursor.execute("DROP TRIGGER earnings_transfer_no_update")
                else:
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                    cursor.execute("ALTER TABLE earnings_transfer DISABLE TRIGGER USER")
            first = Transfer.objects.order_by("seq").first()
            Transfer.objects.filter(pk=first.pk if first else 0).update(amount_minor=models.F("amount_minor") + 1)
        return made

    with patch.object(decisions, "book", book):
        yield


@bug("a bank's reference is no longer unique, so one payment of a brand counts twice")
def unique_dropped() -> Iterator[None]:
    from affiliates.earnings.models import BrandPayment

    real, numbers = BrandPayment.objects.create, iter(range(10**9))

    def create(**given: Any) -> Any:
        return real(**{**given, "reference": f"{given['reference']} {next(numbers)}"})

    with patch.object(BrandPayment.objects, "create", create):
        yield


@bug("the platform's fee is not booked")
def fee_lost() -> Iterator[None]:
    real = pricing.target
    with patch.object(pricing, "target", lambda **given: real(**{**given, "platform_minor": 0})):
        yield


@bug("what is approved and held is booked as available")
def wrong_account() -> Iterator[None]:
    real = pricing.target

    def wrong(**given: Any) -> Any:
        stage = Stage.AVAILABLE if given["stage"] is Stage.APPROVED else given["stage"]
        return real(**{**given, "stage": stage})

    with patch.object(pricing, "target", wrong):
        yield


@bug("the hold after approval is skipped")
def hold_skipped() -> Iterator[None]:
    real = booking.stage_of
    with patch.object(
        booking, "stage_of", lambda status, **given: real(status, **{**given, "available_on": dt.date.min})
    ):
        yield


@bug("an order that was paid out is not taken back when it is reversed")
def reversal_after_payout_ignored() -> Iterator[None]:
    for_decisions, for_reports = decisions.bookings_for, conversions.bookings_for

    def keep(real: Any) -> Any:
        def bookings(conversion: Any, lines: Any, booked: Any, **rest: Any) -> Any:
            if conversion.status == Status.REVERSED and any(line.paid_minor for line in lines):
                return []
            return real(conversion, lines, booked, **rest)

        return bookings

    with (
        patch.object(decisions, "bookings_for", keep(for_decisions)),
        patch.object(conversions, "bookings_for", keep(for_reports)),
    ):
        yield


@bug("a creator's balance adds up all currencies")
def currencies_added_up() -> Iterator[None]:
    real = payouts.available_balances

    def everything(currency: str) -> Any:
        others = Account.objects.filter(kind="creator_available").exclude(currency=currency).with_balance()
        found = dict(real(currency))
        for account in others:
            if account.creator_id in found:
                pk, balance = found[account.creator_id]
                found[account.creator_id] = (pk, balance + account.balance_minor)
        return found

    with patch.object(payouts, "available_balances", everything):
        yield


@bug("an amount passes unchanged into another currency")
def rate_forgotten() -> Iterator[None]:
    from affiliates.earnings.selectors import payout_preview

    with patch.object(payout_preview, "convert", lambda minor, currency, into, table: minor):
        yield


@bug("a locked order can still be decided and restated")
def lock_ignored() -> Iterator[None]:
    real = conversions._unchanged

    def unchanged(conversion: Any, report: Any, found: Any) -> Any:
        fate = real(conversion, report, found)
        return None if fate is conversions.Fate.LOCKED else fate

    with (
        patch.object(decisions, "_refuse_locked", lambda conversion: None),
        patch.object(conversions, "_unchanged", unchanged),
    ):
        yield


@bug("each seal begins anew instead of following on the last")
def seal_not_chained() -> Iterator[None]:
    real = sealing.seal
    with patch.object(sealing, "seal", lambda previous, rows: real(seals.START, rows)):
        yield


@bug("a statement's opening takes in the first moments of its month")
def opening_wrong() -> Iterator[None]:
    real = statement_sums._balances

    def late(creators: Any, before: dt.datetime) -> Any:
        return real(creators, before + dt.timedelta(days=1))

    with patch.object(statement_sums, "_balances", late):
        yield


@bug("money becomes available although the brand has to pay first and has not")
def gate_ignored() -> Iterator[None]:
    with patch.object(conversion_rows, "gate_is_open", lambda: models.Q(pk__isnull=False)):
        yield


@bug("one person proposes an adjustment and agrees to it")
def one_person_is_enough() -> Iterator[None]:
    real = adjustments.approve_adjustment

    def alone(*, adjustment: Any, by: Any, now: dt.datetime) -> Any:
        from community.models import User

        somebody = by
        if adjustment.proposed_by_id == by.pk:
            somebody = User.objects.exclude(pk__in=[by.pk, adjustment.creator.user_id]).first()
        return real(adjustment=adjustment, by=somebody, now=now)

    from tests.sim import commands_money

    with patch.object(commands_money, "approve_adjustment", alone):
        yield


@bug("a decision is not one transaction, so a crash leaves half of it")
def half_a_decision() -> Iterator[None]:
    with patch.object(decisions, "_decide", decisions._decide.__wrapped__):
        yield


@bug("what a returned payout brings back is paid out of the bank only, not given to the creator")
def return_lost() -> Iterator[None]:
    real = payout_ends._available
    with patch.object(
        payout_ends,
        "_available",
        lambda payout: payout_ends.Slot("platform_margin") if payout.handed_at else real(payout),
    ):
        yield


@bug("a creator who left a programme is still credited")
def left_and_still_paid() -> Iterator[None]:
    with patch.object(pricing.Tariff, "was_in", lambda self, creator_id, moment: True):
        yield


@bug("a code pays whoever holds it today, not whoever held it then")
def code_of_today() -> Iterator[None]:
    from affiliates.earnings.selectors import coupons

    real = coupons._holdings

    def latest(rows: Any) -> Any:
        found = real(rows)
        for held in found.values():
            for one in held:
                one.creator_id = held[-1].creator_id
        return found

    with patch.object(coupons, "_holdings", latest):
        yield


@bug("what was paid for an order is not written onto its lines when a payout comes back")
def paid_not_taken_back() -> Iterator[None]:
    real = payout_ends._note_paid
    with patch.object(payout_ends, "_note_paid", lambda payout: None if payout.returned_at else real(payout)):
        yield


@bug("a statement of a brand settles lines without its money")
def settled_without_money() -> Iterator[None]:
    with patch.object(brand_accounts, "settled_lines", lambda lines, paid: (list(range(len(lines))), 0)):
        yield


@bug("nobody locks the accounts that a payout takes from, so two runs at once pay twice", postgres=True)
def payout_lock_removed() -> Iterator[None]:
    with patch.object(payouts, "lock_accounts", lambda *, accounts: None):
        yield


@bug("nobody locks the merchant, so an order reported twice at once is two or fails", postgres=True)
def order_lock_removed() -> Iterator[None]:
    # Requests are taken in under the same lock, by the name they have for it.
    with (
        patch.object(conversions, "lock_merchant", lambda *, merchant: None),
        patch.object(intake, "lock_merchant", lambda *, merchant: None),
    ):
        yield


@bug("two workers do not claim a payout before they send it", postgres=True)
def claim_removed() -> Iterator[None]:
    with patch.object(payout_sending, "claim", lambda payout, *, now: True):
        yield


__all__ = ["BUGS", "Bug"]
