"""What shops are told of suspensions and decisions, and the operator of answers that are late."""

from __future__ import annotations

import datetime as dt
from smtplib import SMTPRecipientsRefused
from typing import Any

from django.core import mail
from django.utils import timezone

import pytest

from affiliates.catalogue.models import Offer, Suspension, Ticket
from affiliates.catalogue.services import problem_mail
from affiliates.catalogue.services.problem_mail import answer_reporters, tell_of_late_answers, tell_shops
from affiliates.catalogue.services.problems import close_ticket, object_to_ticket, report_problem
from affiliates.catalogue.services.suspensions import lift_suspension, suspend_shop
from affiliates.parties.models import Merchant
from community.models import User
from tests.factories.catalogue import make_offer
from tests.factories.community import make_operator, make_user
from tests.factories.parties import make_member

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(microsecond=0)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def offer() -> Offer:
    return make_offer(seen_at=NOW - HOUR)


@pytest.fixture
def member(offer: Offer) -> User:
    person = make_user()
    make_member(offer.merchant, person)
    return person


def suspended(shop: Merchant) -> Suspension:
    return suspend_shop(merchant=shop, reason="Two fakes", by=None, now=NOW)


def decided(offer: Offer, *, confirmed: bool = True, outcome: str = "") -> Ticket:
    ticket = report_problem(offer=offer, kind="fake", country="", user=make_user(), now=NOW)
    return close_ticket(ticket=ticket, confirmed=confirmed, outcome=outcome, by=make_user(), now=NOW)


def body() -> str:
    return mail.outbox[-1].body


def test_a_suspended_shops_members_are_told_why_and_until_when_they_can_object(offer: Offer, member: User) -> None:
    until = suspended(offer.merchant).object_by
    tell_shops(now=NOW)
    assert mail.outbox[0].to == [member.email]
    assert "Two fakes" in body() and f"{until:%B %Y %H:%M} UTC" in body() and "/brands/problems/" in body()


def test_other_shops_members_are_told_nothing(offer: Offer) -> None:
    make_member(make_offer().merchant, make_user())
    suspended(offer.merchant)
    tell_shops(now=NOW)
    assert mail.outbox == []


def test_a_shop_is_told_of_a_suspension_once(offer: Offer, member: User) -> None:
    suspended(offer.merchant)
    assert (tell_shops(now=NOW), tell_shops(now=NOW), len(mail.outbox)) == (1, 0, 1)


def test_a_suspension_that_was_lifted_at_once_is_not_told_of(offer: Offer, member: User) -> None:
    lift_suspension(suspension=suspended(offer.merchant), because="A mistake", by=make_user(), now=NOW)
    assert tell_shops(now=NOW) == 0


def test_a_shop_is_told_of_a_confirmed_report_with_reason_and_deadline(offer: Offer, member: User) -> None:
    decided(offer, outcome="The seam is glued")
    tell_shops(now=NOW)
    deadline = NOW + dt.timedelta(days=14)
    assert "The seam is glued" in body() and f"{deadline:%B %Y %H:%M} UTC" in body()


def test_a_shop_hears_nothing_of_a_report_that_is_refuted(offer: Offer, member: User) -> None:
    decided(offer, confirmed=False)
    assert tell_shops(now=NOW) == 0


def test_a_shop_hears_what_became_of_its_objection(offer: Offer, member: User) -> None:
    ticket = decided(offer)
    tell_shops(now=NOW)
    object_to_ticket(ticket=ticket, text="Here are the invoices", by=member, now=NOW)
    close_ticket(ticket=ticket, confirmed=False, outcome="", by=make_user(), now=NOW + HOUR)
    tell_shops(now=NOW + HOUR)
    assert "not confirmed: what had been changed is undone" in body()


def test_a_member_is_told_in_their_language(offer: Offer, member: User) -> None:
    User.objects.filter(pk=member.pk).update(language="es")
    suspended(offer.merchant)
    tell_shops(now=NOW)
    assert body().startswith("Hola")


def test_what_cannot_be_sent_is_sent_by_the_next_call(offer: Offer, member: User, monkeypatch: Any) -> None:
    suspended(offer.merchant)
    with monkeypatch.context() as broken:
        broken.setattr(problem_mail, "send_mail", _refuse(OSError("no route")))
        assert tell_shops(now=NOW) == 0
    assert tell_shops(now=NOW) == 1


def test_an_address_that_is_refused_holds_up_nobody(offer: Offer, monkeypatch: Any) -> None:
    decided(offer)
    monkeypatch.setattr(problem_mail, "send_mail", _refuse(SMTPRecipientsRefused({})))
    assert (answer_reporters(now=NOW), answer_reporters(now=NOW)) == (1, 0)


def _refuse(fault: Exception) -> Any:
    def send(*arguments: Any, **named: Any) -> None:
        raise fault

    return send


def test_the_operator_hears_once_of_a_late_answer(offer: Offer) -> None:
    make_operator()
    report_problem(offer=offer, kind="fake", country="", user=None, now=NOW)
    late = NOW + 73 * HOUR
    assert (tell_of_late_answers(now=late), tell_of_late_answers(now=late), len(mail.outbox)) == (1, 0, 1)


def test_the_operator_hears_nothing_before_an_answer_is_late(offer: Offer) -> None:
    make_operator()
    report_problem(offer=offer, kind="fake", country="", user=None, now=NOW)
    assert tell_of_late_answers(now=NOW + 71 * HOUR) == 0
