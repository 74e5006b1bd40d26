"""Readers' reports from the tap to the answer."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core import mail
from django.utils import timezone

import pytest

from affiliates.catalogue.models import Lane, Offer, OfferCheck, OfferHealth, OfferReport, Suspension, Ticket
from affiliates.catalogue.selectors.problems import outcome_of
from affiliates.catalogue.services.problem_mail import answer_reporters
from affiliates.catalogue.services.problems import (
    ReportRefused,
    answer_checked_tickets,
    close_ticket,
    object_to_ticket,
    report_problem,
)
from affiliates.catalogue.services.suspensions import (
    NotPossible,
    lift_suspension,
    object_to_suspension,
    suspend_shop,
)
from affiliates.tracking.selectors.destinations import merchant_terms
from community.models import User
from community.services.accounts import erase_person, export_person
from tests.factories.catalogue import make_lane, make_offer
from tests.factories.community import make_user
from tests.factories.parties import make_merchant, make_program

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(microsecond=0)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def offer() -> Offer:
    return make_offer(seen_at=NOW - HOUR)


def reader(verified: bool = True) -> User:
    user = make_user()
    user.emailaddress_set.update_or_create(email=user.email, defaults={"verified": verified, "primary": True})
    return user


def report(offer: Offer, kind: str = "gone", user: User | None = None, **more: Any) -> Ticket:
    more.setdefault("country", "")
    more.setdefault("now", NOW)
    return report_problem(offer=offer, kind=kind, user=user, **more)


def checked(
    offer: Offer, state: str, at: dt.datetime = NOW + HOUR, *, is_sure: bool = True, believed: str = "ok"
) -> None:
    OfferCheck.objects.create(offer=offer, state=state, checked_at=at, is_sure=is_sure)
    OfferHealth.objects.filter(offer=offer).update(state=believed)


def answered(ticket: Ticket, now: dt.datetime = NOW + HOUR) -> str:
    answer_checked_tickets(now=now)
    ticket.refresh_from_db()
    return ticket.state


def closed(ticket: Ticket, *, confirmed: bool, now: dt.datetime = NOW) -> Ticket:
    """As a person decides."""
    return close_ticket(ticket=ticket, confirmed=confirmed, outcome="", by=make_user(), now=now)


def reversed_by_objection(ticket: Ticket) -> None:
    closed(ticket, confirmed=True)
    object_to_ticket(ticket=ticket, text="Not so", by=make_user(), now=NOW)
    closed(ticket, confirmed=False, now=NOW + HOUR)


def hidden(offer: Offer) -> bool:
    return OfferHealth.objects.filter(offer=offer, hidden_at__isnull=False).exists()


def test_equal_reports_join_one_ticket(offer: Offer) -> None:
    assert report(offer, user=reader()) == report(offer, user=reader())


def test_the_same_reader_reports_once(offer: Offer) -> None:
    person = reader()
    report(offer, user=person)
    report(offer, user=person)
    assert OfferReport.objects.count() == 1


def test_delivery_to_two_countries_is_two_questions(offer: Offer) -> None:
    first = report(offer, "wont_ship", reader(), country="NO")
    assert report(offer, "wont_ship", reader(), country="CH") != first


def test_a_report_makes_a_check_due_at_once(offer: Offer) -> None:
    OfferHealth.objects.create(offer=offer, next_check_at=NOW + 24 * HOUR)
    report(offer)
    assert OfferHealth.objects.get(offer=offer).next_check_at == NOW


def test_three_verified_readers_hide_the_offer(offer: Offer) -> None:
    for _ in range(3):
        report(offer, user=reader())
    assert hidden(offer)


def test_two_verified_readers_do_not(offer: Offer) -> None:
    for _ in range(2):
        report(offer, user=reader())
    assert not hidden(offer)


def test_unverified_and_anonymous_reports_never_hide(offer: Offer) -> None:
    for user in (reader(verified=False), reader(verified=False), reader(verified=False), None, None, None):
        report(offer, user=user)
    assert not hidden(offer)


def test_different_complaints_are_not_added_up(offer: Offer) -> None:
    for kind in ("gone", "wrong_price", "fake"):
        report(offer, kind, reader())
    assert not hidden(offer)


def test_a_page_found_gone_twice_confirms_the_report(offer: Offer) -> None:
    ticket = report(offer, user=reader())
    checked(offer, "gone", believed="gone")
    assert answered(ticket) == "confirmed"


def test_an_offer_whose_page_is_gone_is_still_looked_at_and_can_come_back(offer: Offer) -> None:
    ticket = report(offer, user=reader())
    checked(offer, "gone", believed="gone")
    answered(ticket)
    offer.refresh_from_db()
    assert offer.gone_at is None


def test_a_page_that_was_missing_once_answers_nothing_yet(offer: Offer) -> None:
    ticket = report(offer)
    checked(offer, "gone")
    assert answered(ticket) == "open"


def test_a_page_that_was_missing_once_only_comes_before_a_person_in_the_end(offer: Offer) -> None:
    ticket = report(offer)
    checked(offer, "gone")
    assert answered(ticket, NOW + 7 * HOUR) == "person"


def test_what_is_sold_out_is_not_gone(offer: Offer) -> None:
    ticket = report(offer)
    checked(offer, "sold_out", believed="sold_out")
    answered(ticket)
    offer.refresh_from_db()
    assert (offer.gone_at, "sold out" in outcome_of(ticket)) == (None, True)


def test_a_page_without_anything_to_go_by_leaves_the_offer_hidden(offer: Offer) -> None:
    for _ in range(3):
        ticket = report(offer, user=reader())
    checked(offer, "ok", is_sure=False)
    assert (answered(ticket), hidden(offer)) == ("person", True)


def test_a_feed_that_repeats_its_price_refutes_no_report(offer: Offer) -> None:
    ticket = report(offer, "wrong_price", reader())
    Offer.objects.filter(pk=offer.pk).update(price_seen_at=NOW + HOUR)
    checked(offer, "ok")
    assert answered(ticket) == "person"


def test_a_check_that_finds_it_well_shows_the_offer_again(offer: Offer) -> None:
    for _ in range(3):
        report(offer, user=reader())
    checked(offer, "ok")
    answer_checked_tickets(now=NOW + HOUR)
    assert not hidden(offer)


def test_an_older_check_answers_nothing(offer: Offer) -> None:
    ticket = report(offer, user=reader())
    checked(offer, "gone", NOW - HOUR)
    answer_checked_tickets(now=NOW + HOUR)
    ticket.refresh_from_db()
    assert ticket.state == "open"


def test_without_a_check_a_person_has_to_look(offer: Offer) -> None:
    ticket = report(offer, user=reader())
    answer_checked_tickets(now=NOW + 7 * HOUR)
    ticket.refresh_from_db()
    assert ticket.state == "person"


def test_a_price_found_wrong_is_not_shown_again(offer: Offer) -> None:
    report(offer, "wrong_price", reader())
    checked(offer, "price_mismatch")
    answer_checked_tickets(now=NOW + HOUR)
    offer.refresh_from_db()
    assert offer.price_minor is None


def test_a_price_read_since_the_report_stays(offer: Offer) -> None:
    report(offer, "wrong_price", reader())
    Offer.objects.filter(pk=offer.pk).update(price_minor=5990, price_seen_at=NOW + HOUR)
    checked(offer, "ok")
    answer_checked_tickets(now=NOW + HOUR)
    offer.refresh_from_db()
    assert offer.price_minor == 5990


def test_a_price_found_wrong_ends_in_the_history(offer: Offer) -> None:
    report(offer, "wrong_price", reader())
    checked(offer, "price_mismatch")
    answer_checked_tickets(now=NOW + HOUR)
    assert offer.readings.latest("observed_at").price_minor is None


def test_a_decision_that_is_reversed_brings_the_offer_back(offer: Offer) -> None:
    reversed_by_objection(report(offer, user=reader()))
    offer.refresh_from_db()
    assert offer.gone_at is None


def test_a_decision_that_is_reversed_brings_the_price_back_with_its_time(offer: Offer) -> None:
    before = (offer.price_minor, offer.price_seen_at)
    reversed_by_objection(report(offer, "wrong_price", reader()))
    offer.refresh_from_db()
    assert (offer.price_minor, offer.price_seen_at) == before


def test_a_reversed_decision_leaves_a_price_alone_that_was_read_since(offer: Offer) -> None:
    ticket = closed(report(offer, "wrong_price", reader()), confirmed=True)
    Offer.objects.filter(pk=offer.pk).update(price_minor=4990, price_seen_at=NOW)
    object_to_ticket(ticket=ticket, text="Not so", by=make_user(), now=NOW)
    closed(ticket, confirmed=False)
    offer.refresh_from_db()
    assert offer.price_minor == 4990


def test_a_decision_that_is_reversed_forgets_the_lane_it_made(offer: Offer) -> None:
    reversed_by_objection(report(offer, "wont_ship", reader(), country="NO"))
    assert not Lane.objects.filter(merchant=offer.merchant, country="NO").exists()


def test_a_decision_that_is_reversed_restores_the_lane_that_was(offer: Offer) -> None:
    make_lane(offer.merchant, "NO", price_minor=990, currency="EUR", seen_at=NOW - HOUR)
    before = Lane.objects.values().get()
    reversed_by_objection(report(offer, "wont_ship", reader(), country="NO"))
    assert Lane.objects.values().get() == before


def test_a_reversed_decision_leaves_a_lane_alone_that_was_entered_since(offer: Offer) -> None:
    ticket = closed(report(offer, "wont_ship", reader(), country="NO"), confirmed=True)
    Lane.objects.update(ships="yes", seen_at=NOW + HOUR)
    object_to_ticket(ticket=ticket, text="Not so", by=make_user(), now=NOW)
    closed(ticket, confirmed=False)
    assert Lane.objects.get().ships == "yes"


def test_a_second_confirmation_keeps_what_is_to_be_undone(offer: Offer) -> None:
    ticket = closed(report(offer, user=reader()), confirmed=True)
    object_to_ticket(ticket=ticket, text="Not so", by=make_user(), now=NOW)
    assert closed(ticket, confirmed=True, now=NOW + HOUR).effect == {"gone_at": NOW.isoformat()}


def test_a_confirmed_wont_ship_is_kept_as_the_lane(offer: Offer) -> None:
    ticket = report(offer, "wont_ship", reader(), country="NO")
    close_ticket(ticket=ticket, confirmed=True, outcome="", by=reader(), now=NOW + HOUR)
    assert Lane.objects.get(merchant=offer.merchant, country="NO").ships == "no"


def test_answering_twice_keeps_the_first_answer(offer: Offer) -> None:
    ticket = report(offer, user=reader())
    close_ticket(ticket=ticket, confirmed=False, outcome="", by=None, now=NOW)
    assert close_ticket(ticket=ticket, confirmed=True, outcome="", by=None, now=NOW).state == "refuted"


def _two_fakes(offer: Offer) -> Ticket:
    report(offer, "fake", reader())
    ticket = report(offer, "fake", reader())
    return close_ticket(ticket=ticket, confirmed=True, outcome="", by=reader(), now=NOW)


def test_two_confirmed_counterfeit_reports_suspend_the_shop(offer: Offer) -> None:
    _two_fakes(offer)
    assert Suspension.objects.filter(merchant=offer.merchant, lifted_at__isnull=True).count() == 1


def test_one_confirmed_counterfeit_report_does_not(offer: Offer) -> None:
    ticket = report(offer, "fake", reader())
    close_ticket(ticket=ticket, confirmed=True, outcome="", by=reader(), now=NOW)
    assert not Suspension.objects.exists()


def test_counterfeit_reports_of_unverified_readers_suspend_nobody(offer: Offer) -> None:
    for _ in range(3):
        ticket = report(offer, "fake", reader(verified=False))
    close_ticket(ticket=ticket, confirmed=True, outcome="", by=reader(), now=NOW)
    assert not Suspension.objects.exists()


def test_links_of_a_suspended_shop_lead_nowhere() -> None:
    merchant = make_merchant()
    make_program(merchant)
    assert merchant.pk in merchant_terms()
    _two_fakes(make_offer(merchant=merchant))
    assert merchant.pk not in merchant_terms()


def test_a_suspension_falls_with_the_reports_it_rested_on(offer: Offer) -> None:
    reversed_by_objection(_two_fakes(offer))
    suspension = Suspension.objects.get()
    assert (suspension.lifted_at, suspension.is_void) == (NOW + HOUR, True)


def test_a_suspension_that_an_operator_began_does_not_fall_with_a_report(offer: Offer) -> None:
    suspend_shop(merchant=offer.merchant, reason="No imprint", by=make_user(), now=NOW)
    reversed_by_objection(report(offer, "fake", reader()))
    assert Suspension.objects.get().lifted_at is None


def test_a_report_that_stood_counts_on_after_a_void_suspension(offer: Offer) -> None:
    stands = report(offer, "fake", reader())
    falls = report(make_offer(merchant=offer.merchant), "fake", reader())
    closed(stands, confirmed=True)
    reversed_by_objection(falls)
    third = report(offer, "fake", reader(), now=NOW + 2 * HOUR)
    closed(third, confirmed=True, now=NOW + 2 * HOUR)
    assert Suspension.objects.filter(lifted_at__isnull=True).count() == 1


def test_a_lifted_suspension_does_not_come_back_by_old_reports(offer: Offer) -> None:
    _two_fakes(offer)
    lift_suspension(suspension=Suspension.objects.get(), because="Invoices shown", by=reader(), now=NOW + HOUR)
    ticket = report(offer, "fake", reader(), now=NOW + 2 * HOUR)
    close_ticket(ticket=ticket, confirmed=True, outcome="", by=reader(), now=NOW + 2 * HOUR)
    assert not Suspension.objects.filter(lifted_at__isnull=True).exists()


def test_a_suspension_is_not_lifted_without_a_reason(offer: Offer) -> None:
    _two_fakes(offer)
    with pytest.raises(NotPossible):
        lift_suspension(suspension=Suspension.objects.get(), because=" ", by=reader(), now=NOW)


def test_a_shop_objects_to_its_suspension_once(offer: Offer) -> None:
    _two_fakes(offer)
    object_to_suspension(suspension=Suspension.objects.get(), text="Not so", by=reader(), now=NOW)
    with pytest.raises(NotPossible):
        object_to_suspension(suspension=Suspension.objects.get(), text="Again", by=reader(), now=NOW)


def test_an_objection_after_the_deadline_is_refused(offer: Offer) -> None:
    _two_fakes(offer)
    with pytest.raises(NotPossible):
        object_to_suspension(suspension=Suspension.objects.get(), text="Late", by=reader(), now=NOW + 15 * 24 * HOUR)


def test_an_objection_brings_a_confirmed_report_before_a_person(offer: Offer) -> None:
    ticket = report(offer, user=reader())
    close_ticket(ticket=ticket, confirmed=True, outcome="", by=None, now=NOW)
    assert object_to_ticket(ticket=ticket, text="It is there", by=reader(), now=NOW).state == "person"


def test_a_shop_objects_to_a_report_once(offer: Offer) -> None:
    ticket = report(offer, user=reader())
    object_to_ticket(ticket=ticket, text="It is there", by=reader(), now=NOW)
    with pytest.raises(ReportRefused):
        object_to_ticket(ticket=ticket, text="Still", by=reader(), now=NOW)


def test_who_objects_while_the_same_is_open_again_is_told_where_to(offer: Offer) -> None:
    first = closed(report(offer, "fake", reader()), confirmed=True)
    report(offer, "fake", reader())
    with pytest.raises(ReportRefused, match="object to that report"):
        object_to_ticket(ticket=first, text="Not so", by=make_user(), now=NOW)


def test_the_reader_is_told_again_when_the_decision_is_reversed(offer: Offer) -> None:
    ticket = closed(report(offer, user=reader()), confirmed=True)
    answer_reporters(now=NOW)
    object_to_ticket(ticket=ticket, text="Not so", by=make_user(), now=NOW)
    closed(ticket, confirmed=False)
    assert (answer_reporters(now=NOW), "objected" in mail.outbox[1].body) == (1, True)


def test_the_reader_is_told_once(offer: Offer) -> None:
    ticket = report(offer, user=reader())
    close_ticket(ticket=ticket, confirmed=True, outcome="", by=None, now=NOW)
    assert (answer_reporters(now=NOW), answer_reporters(now=NOW), len(mail.outbox)) == (1, 0, 1)


def test_the_answer_is_in_the_readers_language(offer: Offer) -> None:
    person = reader()
    User.objects.filter(pk=person.pk).update(language="es")
    ticket = report(offer, user=person)
    close_ticket(ticket=ticket, confirmed=True, outcome="", by=None, now=NOW)
    answer_reporters(now=NOW)
    assert "Hola" in mail.outbox[0].body


def test_a_product_name_with_a_line_break_makes_no_mail_header(offer: Offer) -> None:
    offer.product.name = "Kettle\nBcc: x@evil.example"
    offer.product.save()
    ticket = report(offer, user=reader())
    close_ticket(ticket=ticket, confirmed=True, outcome="", by=None, now=NOW)
    answer_reporters(now=NOW)
    assert "\n" not in mail.outbox[0].subject


def test_many_reports_of_one_reader_a_day_are_refused(settings: Any) -> None:
    settings.RATE_LIMITS = True
    person = reader()
    for _ in range(20):
        report(make_offer(), user=person)
    with pytest.raises(ReportRefused):
        report(make_offer(), user=person)


def test_many_anonymous_reports_an_hour_are_refused(settings: Any, offer: Offer) -> None:
    settings.RATE_LIMITS = True
    ticket = report(offer)
    OfferReport.objects.bulk_create(OfferReport(ticket=ticket, created_at=NOW) for _ in range(60))
    with pytest.raises(ReportRefused):
        report(offer)


def test_a_reader_takes_their_reports_along(offer: Offer) -> None:
    person = reader()
    report(offer, user=person, note="404")
    assert export_person(user=person)["offer_reports"][0]["note"] == "404"


def test_erasing_a_reader_leaves_the_ticket_without_a_name(offer: Offer) -> None:
    person = reader()
    ticket = report(offer, user=person, note="My cat saw it")
    erase_person(user=person)
    assert list(ticket.reports.values_list("user", "note")) == [(None, "")]
