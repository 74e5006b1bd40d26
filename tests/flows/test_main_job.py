"""Guide → click → order → commission → brand report → payout, through the real doors."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.management import call_command
from django.test import Client
from django.utils import timezone

import pytest

from affiliates.earnings.selectors.balances import creator_balances
from affiliates.earnings.services.clockwork import release_holds
from affiliates.earnings.services.payouts import PayoutRefused, approve_batch, mark_batch_sent, propose_payouts
from tests.factories.catalogue import make_offer
from tests.factories.community import make_finance, make_user
from tests.factories.earnings import make_profile, make_rule
from tests.factories.guides import make_guide, pick
from tests.factories.parties import bearer, make_enrolment, make_key, make_member, make_merchant, make_program

BROWSER = {
    "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
    "HTTP_SEC_FETCH_MODE": "navigate",
    "HTTP_SEC_FETCH_DEST": "document",
}
#: A line large enough to be paid out.
LARGE = {
    "line_id": "1", "sku": "X", "name": "Kettle", "category": "", "quantity": 1, "amount": "900.00", "refunded": "0.00",
}  # fmt: skip


@dataclass
class World:
    """One shop, one guide with a paid link, and the people around them."""

    guide: Any
    merchant: Any
    program: Any
    key: str

    @cached_property
    def ordered_at(self) -> str:
        """One moment for all restatements of the order."""
        return timezone.now().strftime("%Y-%m-%dT%H:%M:%SZ")

    def order(self, click_id: str | None, **changes: Any) -> Any:
        """POST the order; `refunded` and `status` restate it."""
        line = {"line_id": "1", "sku": "X", "name": "Kettle", "category": "", "quantity": 1, "amount": "90.00",
                "refunded": changes.pop("refunded", "0.00")}  # fmt: skip
        body = {
            "order_id": "A-1", "click_id": click_id, "coupon": None, "status": "pending", "currency": "EUR",
            "occurred_at": self.ordered_at, "customer": "new", "country": "DE",
            "lines": [line], **changes,
        }  # fmt: skip
        return Client().post(
            "/api/v1/conversions", json.dumps(body), content_type="application/json", **bearer(self.key)
        )

    def click(self) -> str:
        """Open the guide, follow its first paid link, and return the click id the shop was given."""
        page = Client().get(self.guide.url).content.decode()
        path = re.search(r'href="(/go/[^"]+)" rel="sponsored nofollow noopener"', page)
        assert path is not None
        answer = Client().get(path[1].replace("&amp;", "&"), **BROWSER)
        assert answer.status_code == 302
        found = re.search(rf"{self.program.click_param}=([a-z2-7]+)", answer["Location"])
        assert found is not None
        return found[1]


@pytest.fixture
def world(db: None) -> World:
    merchant = make_merchant(currency="EUR")
    program = make_program(merchant, hold_days=0, creator_share_percent=75)
    make_rule(program, percent="10")
    offer = make_offer(merchant=merchant)
    guide = make_guide(body=[pick(offer.product)])
    make_enrolment(program, guide.creator)
    _, plaintext = make_key(merchant=merchant)
    return World(guide, merchant, program, plaintext)


def test_a_click_becomes_a_commission_to_the_cent(world: World) -> None:
    answer = world.order(world.click()).json()
    assert answer["commission"] == {"total": "9.00", "creator": "6.75", "platform": "2.25"}


def test_the_same_order_again_changes_nothing(world: World) -> None:
    click = world.click()
    first, again = world.order(click), world.order(click)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["commission"] == again.json()["commission"]


def test_refunds_in_thirds_reverse_exactly_everything(world: World) -> None:
    click = world.click()
    totals = [
        world.order(click, status="approved", refunded=refunded).json()["commission"]["total"]
        for refunded in ("0.00", "30.00", "60.00", "90.00")
    ]
    assert totals == ["9.00", "6.00", "3.00", "0.00"]


def test_creator_and_brand_see_the_same_figure(world: World, client: Client) -> None:
    world.order(world.click())
    brand = make_user()
    make_member(world.merchant, brand)
    client.force_login(brand)
    assert "€9.00" in client.get("/brands/?group=creator").content.decode()
    client.force_login(world.guide.creator.user)
    assert "€6.75" in client.get("/cms/earnings/").content.decode()


def test_another_brand_sees_nothing_of_it(world: World, client: Client) -> None:
    world.order(world.click())
    stranger = make_user()
    make_member(make_merchant(), stranger)
    client.force_login(stranger)
    assert client.get("/brands/orders/A-1/").status_code == 404


def test_the_creator_is_paid_once_and_by_two_people(world: World) -> None:
    world.order(world.click(), status="approved", lines=[LARGE])
    make_profile(world.guide.creator)
    now = timezone.now() + dt.timedelta(days=1)
    release_holds(now=now)
    first, second = make_finance(), make_finance()
    batch = propose_payouts(by=first, currency="EUR", now=now)
    assert batch is not None
    with pytest.raises(PayoutRefused):
        approve_batch(batch=batch, by=first, now=now)
    mark_batch_sent(batch=approve_batch(batch=batch, by=second, now=now), by=second, now=now)
    assert propose_payouts(by=first, currency="EUR", now=now) is None
    assert creator_balances(world.guide.creator.pk)[0].paid_minor == 6750


def test_the_ledger_holds_after_all_of_it(world: World) -> None:
    click = world.click()
    for refunded in ("0.00", "30.00", "90.00"):
        world.order(click, status="approved", refunded=refunded)
    call_command("check_ledger")
