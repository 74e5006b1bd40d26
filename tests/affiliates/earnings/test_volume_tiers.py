"""Volume tiers: each row of the document's tables, and that no order of arrival changes a bonus."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from typing import Any

from django.db import DatabaseError, transaction
from django.utils import timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affiliates.earnings.domain.periods import Month
from affiliates.earnings.domain.volume_tiers import Tier, bonus_due, faults, parts_of
from affiliates.earnings.models import Account, Transfer, VolumeBonus, VolumeTiers
from affiliates.earnings.selectors.audit import violations
from affiliates.earnings.selectors.ledger import booked_for_bonuses
from affiliates.earnings.services.decisions import approve_order, reverse_order
from affiliates.earnings.services.volume_tiers import TiersRefused, add_tiers, end_tiers, release_bonuses
from cms.core.domain.money import decimal_string, parse_amount
from tests.affiliates.earnings.worked_tables import rows
from tests.factories.community import make_bare_creator
from tests.factories.earnings import NOON, Shop, make_shop
from tests.factories.tracking import make_click, make_link

MARCH, APRIL = Month(2026, 3), Month(2026, 4)
DAY = dt.timedelta(days=1)


def tiers_in(text: str, currency: str) -> list[Tier]:
    """Tiers as the document writes them: "1000.00: 2; 5000.00: 5"."""
    pairs = (pair.split(": ") for pair in text.split("; "))
    return [Tier(parse_amount(above, currency), Decimal(percent)) for above, percent in pairs]


def make_tiers(shop: Shop, text: str = "1000.00: 2; 5000.00: 5", **fields: Any) -> VolumeTiers:
    """Tiers of the shop's programme, from March on unless said otherwise."""
    currency = fields.pop("currency", shop.program.currency)
    fields = {"starts": MARCH, "now": NOON - 3 * DAY} | fields
    return add_tiers(program=shop.program, currency=currency, tiers=tiers_in(text, currency), **fields)


def sell(shop: Shop, order_id: str, amount: str, **fields: Any) -> Any:
    """An approved order of one line; `refunded` is taken off it."""
    refunded, click = fields.pop("refunded", "0"), fields.pop("click", None) or shop.click()
    fields.setdefault("status", "approved")
    return shop.order(order_id, click=click, lines=[("1", amount, refunded)], **fields)


def bonus_of(shop: Shop) -> VolumeBonus:
    return VolumeBonus.objects.get(creator=shop.creator)


@pytest.mark.parametrize("row", rows("commission", "volume"), ids=lambda row: " ".join(row.values()))
def test_a_bonus_is_what_the_document_says(row: dict[str, str]) -> None:
    currency = row["currency"]
    tiers, sales = tiers_in(row["tiers (above: percent)"], currency), parse_amount(row["sales"], currency)
    due = bonus_due(sales, tiers, share_percent=Decimal(row["share"]))
    found = [" ".join(decimal_string(part.sales_minor, currency) for part in parts_of(sales, tiers))]
    found += [decimal_string(minor, currency) for minor in (due.bonus_minor, due.creator_minor, due.platform_minor)]
    assert found == [row["parts"], row["bonus"], row["creator"], row["platform"]]


SOUND = st.lists(
    st.tuples(st.integers(0, 10**9), st.integers(0, 1_000_000)), min_size=1, max_size=10, unique_by=lambda t: t[0]
).map(lambda found: [Tier(above, Decimal(e4) / 10_000) for above, e4 in sorted(found)])


@given(SOUND, st.integers(0, 10**10), st.integers(0, 10**9))
def test_more_sales_never_earn_less(tiers: list[Tier], sales: int, more: int) -> None:
    share = Decimal(70)
    assert bonus_due(sales, tiers, share_percent=share).bonus_minor <= (
        bonus_due(sales + more, tiers, share_percent=share).bonus_minor
    )


@given(SOUND, st.integers(0, 10**10))
def test_the_parts_are_the_sales_above_the_lowest_threshold(tiers: list[Tier], sales: int) -> None:
    assert sum(part.sales_minor for part in parts_of(sales, tiers)) == max(0, sales - tiers[0].above_minor)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("1000.00: 2; 1000.00: 3", "not_rising"),
        ("2000.00: 2; 1000.00: 3", "not_rising"),
        ("1000.00: 101", "no_percent"),
        ("1000.00: 0", "all_zero"),
    ],
)
def test_tiers_that_contradict_themselves_are_named(text: str, fault: str) -> None:
    assert faults(tiers_in(text, "EUR")) == [fault]


def _held(bonus: VolumeBonus) -> tuple[str, str, str]:
    """What its transfers make it hold: at the merchant, at the creator, at the platform."""
    booked = booked_for_bonuses([bonus.pk])[bonus.pk][bonus.currency]
    sums = dict.fromkeys(("merchant", "creator", "platform"), 0)
    for slot, amount in booked.items():
        sums[slot.kind.partition("_")[0]] += amount
    return tuple(decimal_string(minor, bonus.currency) for minor in sums.values())  # type: ignore[return-value]


def test_a_month_is_booked_as_the_document_says(shop: Shop) -> None:
    make_tiers(shop)
    click = shop.click()
    for row in rows("commission", "volume bookings"):
        sell(shop, row["order"], row["amount"], refunded=row["refunded"], status=row["status"], click=click)
        bonus = bonus_of(shop)
        assert decimal_string(bonus.sales_minor, "EUR") == row["sales"], row
        assert _held(bonus) == (row["merchant_receivable"], row["creator"], row["platform_margin"]), row
    assert list(violations()) == []


@pytest.mark.parametrize("seed", range(8))
def test_no_order_of_arrival_changes_the_books(shop: Shop, seed: int) -> None:
    make_tiers(shop)
    click, chance = shop.click(), random.Random(seed)
    reports = [
        shop.report(
            order_id,
            click=click,
            version=version,
            status=status,
            occurred_at=(NOON + days * DAY).isoformat(),
            lines=[("1", amount, refunded)],
        )
        for order_id, version, status, days, amount, refunded in (
            ("A", 1, "approved", 0, "900.00", "0"),
            ("A", 2, "approved", 0, "900.00", "450.00"),
            ("B", 1, "pending", 1, "2340.00", "0"),
            ("B", 2, "approved", 1, "2340.00", "0"),
            ("C", 1, "approved", 2, "4100.00", "0"),
            ("C", 2, "reversed", 2, "4100.00", "0"),
            ("D", 1, "approved", 3, "3000.00", "0"),
            ("D", 2, "approved", 25, "3000.00", "0"),
        )
    ]
    arriving = [chance.choice(reports) for _ in range(10)] + reports
    chance.shuffle(arriving)
    for report in arriving:
        shop.accept(report)
    assert {
        (b.month, b.sales_minor, b.bonus_minor, _held(b)) for b in VolumeBonus.objects.filter(sales_minor__gt=0)
    } == {
        ("2026-03", 279000, 3580, ("-35.80", "25.06", "10.74")),
        ("2026-04", 300000, 4000, ("-40.00", "28.00", "12.00")),
    }
    assert list(violations()) == []


def test_an_approval_and_a_reversal_by_hand_count(shop: Shop) -> None:
    make_tiers(shop)
    order = sell(shop, "A", "3000.00", status="pending")
    approve_order(conversion=order, by=None, now=NOON)
    assert bonus_of(shop).bonus_minor == 4000
    reverse_order(conversion=order, reason="returned", now=NOON)
    assert _held(bonus_of(shop)) == ("0.00", "0.00", "0.00")


def test_each_creator_has_a_month_of_their_own(shop: Shop) -> None:
    make_tiers(shop)
    other = make_bare_creator()
    sell(shop, "A", "900.00")
    click = make_click(link=make_link(merchant=shop.merchant, creator=other), at=NOON - dt.timedelta(hours=1))
    sell(shop, "B", "900.00", click=click)
    assert set(VolumeBonus.objects.values_list("creator_id", "bonus_minor")) == {(shop.creator.pk, 0), (other.pk, 0)}


def test_an_order_credited_to_another_creator_moves_its_sales(shop: Shop) -> None:
    make_tiers(shop)
    other = make_bare_creator()
    sell(shop, "A", "3000.00")
    click = make_click(link=make_link(merchant=shop.merchant, creator=other), at=NOON - dt.timedelta(hours=1))
    sell(shop, "A", "3000.00", click=click)
    assert dict(VolumeBonus.objects.values_list("creator_id", "bonus_minor")) == {shop.creator.pk: 0, other.pk: 4000}
    assert list(violations()) == []


def test_a_month_ends_at_midnight_utc(shop: Shop) -> None:
    make_tiers(shop)
    sell(
        shop, "A", "1500.00", occurred_at="2026-03-31T23:59:59Z", click=shop.click(NOON + 20 * DAY), now=NOON + 30 * DAY
    )
    sell(
        shop, "B", "1700.00", occurred_at="2026-04-01T00:00:00Z", click=shop.click(NOON + 20 * DAY), now=NOON + 30 * DAY
    )
    assert dict(VolumeBonus.objects.values_list("month", "sales_minor")) == {"2026-03": 150000, "2026-04": 170000}


def test_a_line_that_no_rule_pays_for_is_no_sale(shop: Shop) -> None:
    shop.program.rules.update(ends_at=NOON - DAY)
    make_tiers(shop)
    sell(shop, "A", "3000.00")
    assert bonus_of(shop).sales_minor == 0


def test_sales_in_another_currency_are_another_month(shop: Shop) -> None:
    make_tiers(shop)
    sell(shop, "A", "3000.00", currency="USD")
    assert not VolumeBonus.objects.exists()


def test_a_bonus_is_held_until_its_days_after_the_month_are_over(shop: Shop) -> None:
    make_tiers(shop)
    sell(shop, "A", "3000.00")
    bonus = bonus_of(shop)
    assert bonus.available_on == dt.date(2026, 4, 15)
    before = dt.datetime(2026, 4, 14, 23, 59, 59, tzinfo=dt.UTC)
    assert [release_bonuses(now=before), release_bonuses(now=before + dt.timedelta(seconds=1))] == [0, 1]
    available = Account.objects.with_balance().get(kind="creator_available", creator=shop.creator)
    assert available.balance_minor == 2800


def test_an_order_that_is_approved_late_pays_at_once(shop: Shop) -> None:
    make_tiers(shop)
    order = sell(shop, "A", "3000.00", status="pending")
    approve_order(conversion=order, by=None, now=NOON + 40 * DAY)
    assert bonus_of(shop).released_at
    assert list(violations()) == []


def test_the_same_report_again_books_no_bonus(shop: Shop) -> None:
    make_tiers(shop)
    report = shop.report("A", click=shop.click(), status="approved", lines=[("1", "3000.00")])
    shop.accept(report)
    count = Transfer.objects.count()
    shop.accept(report)
    assert Transfer.objects.count() == count


def test_a_bonus_that_was_changed_by_hand_is_named(shop: Shop) -> None:
    make_tiers(shop)
    sell(shop, "A", "3000.00")
    VolumeBonus.objects.update(sales_minor=400000)
    assert {fault.promise for fault in violations()} == {"M3", "M8"}


def test_a_bonus_that_was_never_settled_is_named(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    make_tiers(shop)
    monkeypatch.setattr("affiliates.earnings.services.orders_in_hand.bonus_bookings", lambda *, keys, now: [])
    sell(shop, "A", "3000.00")
    assert [str(fault) for fault in violations()] == [
        f"M8: creator {shop.creator.pk} in 2026-03: earned a volume bonus of 4000 that is not there"
    ]


def test_the_first_version_counts_the_running_months_sales(shop: Shop) -> None:
    sell(shop, "A", "3000.00")
    make_tiers(shop, now=NOON + DAY)
    assert bonus_of(shop).bonus_minor == 4000
    assert list(violations()) == []


def test_a_change_begins_with_a_month_that_has_not_begun(shop: Shop) -> None:
    make_tiers(shop)
    with pytest.raises(TiersRefused):
        make_tiers(shop, "1000.00: 9", now=NOON)


def test_a_new_version_ends_the_one_before(shop: Shop) -> None:
    first = make_tiers(shop)
    second = make_tiers(shop, "1000.00: 9", starts=APRIL)
    first.refresh_from_db()
    assert (first.ends, second.version, second.starts) == ("2026-04", 2, "2026-04")


def test_a_new_version_leaves_the_month_before_as_it_was(shop: Shop) -> None:
    make_tiers(shop)
    sell(shop, "A", "3000.00")
    make_tiers(shop, "1000.00: 9", starts=APRIL)
    sell(shop, "A", "3000.00", refunded="1000.00", now=NOON + 40 * DAY)
    assert bonus_of(shop).bonus_minor == 2000


def test_a_version_does_not_end_in_the_running_month(shop: Shop) -> None:
    tiers = make_tiers(shop)
    with pytest.raises(TiersRefused):
        end_tiers(tiers=tiers, ends=MARCH, now=NOON)


def test_after_its_end_nothing_is_paid(shop: Shop) -> None:
    end_tiers(tiers=make_tiers(shop), ends=APRIL, now=NOON)
    sell(
        shop, "A", "3000.00", occurred_at="2026-04-02T12:00:00Z", click=shop.click(NOON + 20 * DAY), now=NOON + 30 * DAY
    )
    assert not VolumeBonus.objects.exists()


@pytest.mark.parametrize(
    "change", [{"steps": [[0, "99"]]}, {"creator_share_percent": 100}, {"hold_days": 0}, {"starts": "2026-01"}]
)
def test_the_database_refuses_to_change_a_versions_terms(shop: Shop, change: dict[str, Any]) -> None:
    tiers = make_tiers(shop)
    with pytest.raises(DatabaseError), transaction.atomic():
        VolumeTiers.objects.filter(pk=tiers.pk).update(**change)


def test_the_database_refuses_two_versions_in_one_month(shop: Shop) -> None:
    tiers = make_tiers(shop)
    tiers.pk, tiers.version, tiers.starts = None, 2, "2026-05"
    with pytest.raises(DatabaseError), transaction.atomic():
        tiers.save()


def test_the_database_refuses_to_delete_a_version(shop: Shop) -> None:
    tiers = make_tiers(shop)
    with pytest.raises(DatabaseError), transaction.atomic():
        tiers.delete()


def test_a_programme_without_tiers_is_asked_about_them_once(shop: Shop, django_assert_num_queries: Any) -> None:
    from affiliates.earnings.services.volume_tiers import bonus_bookings, touched_by

    order = sell(shop, "A", "3000.00")
    with django_assert_num_queries(1):
        bonus_bookings(keys=touched_by(order), now=NOON)


def test_settling_many_months_asks_as_often_as_settling_one(shop: Shop, django_assert_num_queries: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from affiliates.earnings.services.volume_tiers import settle_bonuses, touched_by

    make_tiers(shop)
    keys = set()
    for number in range(4):
        creator = make_bare_creator()
        click = make_click(link=make_link(merchant=shop.merchant, creator=creator), at=NOON - dt.timedelta(hours=1))
        keys |= touched_by(sell(shop, f"A-{number}", "3000.00", click=click))
    with CaptureQueriesContext(
        connection,
    ) as one:
        settle_bonuses(keys={min(keys)}, now=NOON)
    with django_assert_num_queries(len(one)):
        settle_bonuses(keys=keys, now=NOON)


def test_two_shops_pay_each_for_their_own_sales(shop: Shop) -> None:
    other = make_shop("other", creator=shop.creator)
    make_tiers(shop)
    make_tiers(other, "0.00: 1")
    sell(shop, "A", "900.00")
    sell(other, "A", "900.00")
    assert dict(VolumeBonus.objects.values_list("program__merchant__slug", "bonus_minor")) == {"acme": 0, "other": 900}


def test_a_month_is_of_utc_wherever_somebody_sits(shop: Shop) -> None:
    make_tiers(shop)
    with timezone.override("Asia/Tokyo"):
        sell(
            shop,
            "A",
            "1500.00",
            occurred_at="2026-03-31T16:00:00Z",
            click=shop.click(NOON + 20 * DAY),
            now=NOON + 30 * DAY,
        )
        assert (bonus_of(shop).month, bonus_of(shop).sales_minor) == ("2026-03", 150000)
        assert list(violations()) == []
