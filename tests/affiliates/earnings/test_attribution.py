"""Orders are credited: by model, by code, across an agreeing reader's devices; and what happens to the rest."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, connection, transaction

import pytest

from affiliates.earnings.models import Attribution, Conversion
from affiliates.earnings.selectors.audit import violations
from affiliates.earnings.selectors.explanations import explain
from affiliates.earnings.services.clockwork import credit_late_clicks
from affiliates.earnings.services.coupons import create_coupon, hand_over_coupon
from affiliates.earnings.services.touches import find_touches, join_touches
from affiliates.parties.models import Program
from affiliates.tracking.domain import codes
from affiliates.tracking.domain.visitors import reader_key
from affiliates.tracking.models import Click, Link
from community.models import Creator
from tests.factories.community import make_bare_creator
from tests.factories.earnings import NOON, Shop
from tests.factories.parties import make_enrolment
from tests.factories.tracking import make_click, make_link

pytestmark = pytest.mark.django_db
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
READER = reader_key("5" * 31)


@pytest.fixture
def rival(shop: Shop) -> Creator:
    """Another creator of the same shop."""
    creator = make_bare_creator()
    make_enrolment(shop.program, creator)
    return creator


@pytest.fixture
def rivals_link(shop: Shop, rival: Creator) -> Link:
    return make_link(merchant=shop.merchant, creator=rival)


def policy(shop: Shop, **fields: str) -> None:
    for name, value in fields.items():
        setattr(shop.program, name, value)
    shop.program.save()


def give(shop: Shop, creator: Creator, code: str = "SUMMER", **fields: object) -> None:
    fields = {"exclusive": False, "from_at": NOON - DAY, "until_at": None, "by": None, "now": NOON, **fields}
    create_coupon(merchant=shop.merchant, code=code, creator=creator, **fields)


def why(order: Conversion) -> list[str]:
    return [touch["why"] for touch in order.attributions.last().touches]


def test_the_first_click_is_credited_where_the_programme_says_so(shop: Shop, rival: Creator, rivals_link: Link) -> None:
    policy(shop, attribution_model="first_click")
    make_click(link=rivals_link, at=NOON - 2 * HOUR)
    order = shop.order(click=shop.click())
    assert (order.creator, why(order)) == (rival, ["later_click", "winner"])
    assert order.attributions.get().model == "first_click" and not list(violations())


def test_the_first_click_is_found_behind_many_others(shop: Shop, rival: Creator, rivals_link: Link) -> None:
    policy(shop, attribution_model="first_click")
    make_click(link=rivals_link, at=NOON - 3 * HOUR)
    for minutes in range(60):
        shop.click(NOON - 2 * HOUR + dt.timedelta(minutes=minutes))
    assert shop.order(click=shop.click()).creator == rival


@pytest.mark.parametrize("model", ["linear", "position_based"])
def test_a_programme_cannot_share_an_order_yet(shop: Shop, model: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Program.objects.filter(pk=shop.program.pk).update(attribution_model=model)


@pytest.mark.parametrize("code", ["SUMMER", "summer", " Summer"])
def test_a_code_credits_its_creator_without_a_click(shop: Shop, code: str) -> None:
    give(shop, shop.creator)
    order = shop.accept(shop.report(coupon=code.strip())).conversion
    assert (order.creator, order.click, order.reason, order.creator_minor) == (shop.creator, None, "", 700)
    assert not list(violations())


@pytest.mark.parametrize(
    ("rule", "exclusive", "by_code"),
    [("code", False, True), ("click", True, False), ("exclusive", False, False), ("exclusive", True, True)],
)
def test_the_programmes_policy_decides_between_code_and_click(
    shop: Shop, rival: Creator, rule: str, exclusive: bool, by_code: bool
) -> None:
    policy(shop, coupon_policy=rule)
    give(shop, rival, exclusive=exclusive)
    order = shop.order(click=shop.click(), coupon="SUMMER")
    assert order.creator == (rival if by_code else shop.creator)
    assert why(order) == (["winner", "lost_to_code"] if by_code else ["lost_to_click", "winner"])
    assert order.country == "DE"


def test_a_code_that_was_handed_on_pays_whoever_held_it_then(shop: Shop, rival: Creator) -> None:
    give(shop, shop.creator, from_at=NOON - 9 * DAY)
    hand_over_coupon(coupon=shop.merchant.coupons.get(), creator=rival, from_at=NOON - DAY, by=None, now=NOON)
    before = shop.order("A", coupon="SUMMER", occurred_at=(NOON - 2 * DAY).isoformat())
    after = shop.order("B", coupon="SUMMER")
    assert (before.creator, after.creator) == (shop.creator, rival)


@pytest.mark.parametrize(
    ("code", "reason"), [("SUMMER", "coupon_not_in_force"), ("LATER", "coupon_not_in_force"), ("X", "unknown_coupon")]
)
def test_a_code_out_of_force_credits_nobody_and_says_why(shop: Shop, code: str, reason: str) -> None:
    give(shop, shop.creator, from_at=NOON - 9 * DAY, until_at=NOON)
    give(shop, shop.creator, code="LATER", from_at=NOON + DAY)
    order = shop.order(coupon=code)
    assert (order.creator, order.reason) == (None, reason)


def test_an_order_credited_by_its_code_is_decided_again_when_its_click_comes(shop: Shop, rival: Creator) -> None:
    policy(shop, coupon_policy="click")
    give(shop, rival)
    click_id = codes.click_id()
    order = shop.order(click_id=click_id, coupon="SUMMER")
    assert order.creator == rival
    shop.click(click_id=click_id)
    assert credit_late_clicks(now=NOON) == 1
    order.refresh_from_db()
    assert (order.creator, why(order)) == (shop.creator, ["lost_to_click", "winner"])
    assert credit_late_clicks(now=NOON) == 0 and not list(violations())


def test_an_order_paid_elsewhere_is_kept_with_that_reason(shop: Shop) -> None:
    order = shop.order(click=shop.click(), channel="paid_search")
    assert (order.reason, order.creator, order.commission_minor, why(order)) == (
        "paid_elsewhere", None, 0, ["paid_elsewhere"],
    )  # fmt: skip


def test_an_order_no_longer_paid_elsewhere_is_credited(shop: Shop) -> None:
    click = shop.click()
    shop.order(click=click, channel="email")
    order = shop.order(click=click)
    assert (order.creator, order.channel, order.creator_minor) == (shop.creator, "", 700)


def test_a_reader_who_agreed_is_one_visitor_on_any_device_and_day(
    shop: Shop, rival: Creator, rivals_link: Link
) -> None:
    policy(shop, attribution_model="first_click")
    make_click(link=rivals_link, at=NOON - 9 * DAY, visitor_key=READER)
    order = shop.order(click=shop.click(visitor_key=READER))
    assert order.creator == rival
    assert order.attributions.get().touches[1]["join"] == "reader"
    assert "perhaps on another device or day" in explain(order).touches[1].text


def test_the_window_holds_for_a_reader_too(shop: Shop, rivals_link: Link) -> None:
    policy(shop, attribution_model="first_click")
    make_click(link=rivals_link, at=NOON - 30 * DAY - dt.timedelta(seconds=1), visitor_key=READER)
    assert shop.order(click=shop.click(visitor_key=READER)).creator == shop.creator


def test_a_touch_that_helped_is_kept_as_an_assist(shop: Shop, rival: Creator, rivals_link: Link) -> None:
    helped = make_click(link=rivals_link, at=NOON - 2 * HOUR)
    order = shop.order(click=shop.click())
    assist = rival.assists.get()
    assert (assist.conversion, assist.click, shop.creator.assists.count()) == (order, helped, 0)


def test_assists_follow_the_decision_that_stands(shop: Shop, rival: Creator, rivals_link: Link) -> None:
    helped = make_click(link=rivals_link, at=NOON - 2 * HOUR)
    shop.order(click=shop.click())
    shop.order(click=helped)
    assert (rival.assists.count(), shop.creator.assists.count()) == (0, 1)


def test_a_restatement_of_the_same_facts_keeps_its_decision(shop: Shop, rival: Creator) -> None:
    click = shop.click()
    shop.order(click=click, coupon="SUMMER")
    give(shop, rival)
    order = shop.order(click=click, coupon="SUMMER", status="approved")
    assert order.creator == shop.creator and Attribution.objects.count() == 1


def test_touches_are_found_by_walking_indexes_only(shop: Shop) -> None:
    click = shop.click()
    report = shop.report(click=click)
    with connection.execute_wrapper(_refuse_scans):
        found = find_touches(reports=[report])
        join_touches(found=found, windows=[(report, 30)])


def _refuse_scans(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
    if connection.vendor == "sqlite" and "tracking_click" in sql:
        with connection.cursor() as cursor:
            rows = cursor.cursor.execute("EXPLAIN QUERY PLAN " + sql.replace("%s", "?"), params).fetchall()
            plan = [row[3] for row in rows]
        assert not [step for step in plan if step.startswith("SCAN") and step.split()[1] in {"s", "o", "r"}], plan
    return execute(sql, params, many, context)


def test_a_batch_asks_as_many_questions_as_one_order(shop: Shop, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    reports = [shop.report(f"A-{n}", click=shop.click(NOON - HOUR, visitor_key=f"{n:032}")) for n in range(20)]
    found = find_touches(reports=reports)
    with django_assert_num_queries(1):
        join_touches(found=found, windows=[(report, 30) for report in reports])
    assert Click.objects.count() == 20
