"""Who may join, apply, leave and come back, and what each step leaves behind."""

from __future__ import annotations

import datetime as dt

from django.core import mail
from django.db import IntegrityError

import pytest

from affiliates.parties.models import Enrolment, GroupMembership, Program, Stay
from affiliates.parties.services.joining import (
    JoiningRefused,
    apply_to_program,
    approve_application,
    assign_group,
    create_group,
    decline_application,
    invite_creator,
    join_program,
    leave_program,
    withdraw_application,
)
from affiliates.parties.services.letters import tell_brands, tell_creators
from community.models import Creator, User
from community.services.accounts import erase_person, export_person
from tests.factories.community import make_bare_creator, make_user
from tests.factories.parties import make_enrolment, make_member, make_merchant, make_program

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture
def creator() -> Creator:
    return make_bare_creator()


@pytest.fixture
def brand() -> User:
    return make_user()


@pytest.fixture
def closed() -> Program:
    return make_program(make_merchant("acme"), is_open=False)


def applied(program: Program, creator: Creator, now: dt.datetime = NOW) -> Enrolment:
    return apply_to_program(program=program, creator=creator, message="I write about lamps", now=now)


def stays(enrolment: Enrolment) -> list[tuple[dt.datetime, dt.datetime | None]]:
    return list(enrolment.stays.values_list("starts_at", "ends_at"))


def test_joining_begins_a_stay(creator: Creator) -> None:
    assert stays(join_program(program=make_program(), creator=creator, now=NOW)) == [(NOW, None)]


def test_joining_again_changes_nothing(creator: Creator) -> None:
    program = make_program()
    join_program(program=program, creator=creator, now=NOW)
    assert stays(join_program(program=program, creator=creator, now=NOW + DAY)) == [(NOW, None)]


def test_leaving_ends_the_stay(creator: Creator) -> None:
    joined = join_program(program=make_program(), creator=creator, now=NOW)
    left = leave_program(enrolment=joined, now=NOW + DAY)
    assert (left.status, stays(left)) == ("left", [(NOW, NOW + DAY)])


def test_who_comes_back_has_two_stays(creator: Creator) -> None:
    program = make_program()
    leave_program(enrolment=join_program(program=program, creator=creator, now=NOW), now=NOW + DAY)
    back = join_program(program=program, creator=creator, now=NOW + 9 * DAY)
    assert stays(back) == [(NOW, NOW + DAY), (NOW + 9 * DAY, None)]


def test_a_closed_programme_is_not_joined_without_asking(closed: Program, creator: Creator) -> None:
    with pytest.raises(JoiningRefused, match="apply"):
        join_program(program=closed, creator=creator, now=NOW)


def test_a_programme_out_of_force_is_not_joined(creator: Creator) -> None:
    with pytest.raises(JoiningRefused, match="not in force"):
        join_program(program=make_program(is_active=False), creator=creator, now=NOW)


def test_who_left_a_closed_programme_may_undo_it_within_a_day(closed: Program, creator: Creator) -> None:
    leave_program(enrolment=make_enrolment(closed, creator), now=NOW)
    assert join_program(program=closed, creator=creator, now=NOW + DAY).status == "joined"


def test_who_left_a_closed_programme_longer_ago_asks_again(closed: Program, creator: Creator) -> None:
    leave_program(enrolment=make_enrolment(closed, creator), now=NOW)
    with pytest.raises(JoiningRefused, match="apply"):
        join_program(program=closed, creator=creator, now=NOW + 2 * DAY)


def test_an_application_is_no_stay(closed: Program, creator: Creator) -> None:
    assert stays(applied(closed, creator)) == []


def test_an_open_programme_is_not_applied_to(creator: Creator) -> None:
    with pytest.raises(JoiningRefused, match="without asking"):
        applied(make_program(), creator)
    assert not Enrolment.objects.exists()


def test_an_approved_application_begins_a_stay(closed: Program, creator: Creator, brand: User) -> None:
    approved = approve_application(enrolment=applied(closed, creator), by=brand, now=NOW + DAY)
    assert (approved.status, approved.decided_by, stays(approved)) == ("joined", brand, [(NOW + DAY, None)])


def test_a_decline_says_why(closed: Program, creator: Creator, brand: User) -> None:
    with pytest.raises(JoiningRefused, match="Say why"):
        decline_application(enrolment=applied(closed, creator), reason=" ", by=brand, now=NOW)


def test_who_was_declined_waits_a_month(closed: Program, creator: Creator, brand: User) -> None:
    decline_application(enrolment=applied(closed, creator), reason="No fit", by=brand, now=NOW)
    with pytest.raises(JoiningRefused, match="after a month"):
        applied(closed, creator, NOW + 29 * DAY)
    assert applied(closed, creator, NOW + 30 * DAY).status == "applied"


def test_who_is_put_out_keeps_the_time_before(creator: Creator, brand: User) -> None:
    joined = join_program(program=make_program(), creator=creator, now=NOW)
    out = decline_application(enrolment=joined, reason="Spam", by=brand, now=NOW + DAY)
    assert (out.status, stays(out)) == ("declined", [(NOW, NOW + DAY)])


def test_who_was_put_out_does_not_walk_in_again(creator: Creator, brand: User) -> None:
    program = make_program()
    joined = join_program(program=program, creator=creator, now=NOW)
    decline_application(enrolment=joined, reason="Spam", by=brand, now=NOW)
    with pytest.raises(JoiningRefused, match="declined"):
        join_program(program=program, creator=creator, now=NOW + DAY)


def test_nobody_is_brought_in_who_left(creator: Creator, brand: User) -> None:
    left = leave_program(enrolment=make_enrolment(make_program(), creator), now=NOW)
    with pytest.raises(JoiningRefused, match="not applied"):
        approve_application(enrolment=left, by=brand, now=NOW)


def test_a_withdrawn_application_leaves_nothing(closed: Program, creator: Creator) -> None:
    enrolment = applied(closed, creator)
    withdraw_application(enrolment=enrolment, now=NOW)
    withdraw_application(enrolment=enrolment, now=NOW)
    assert not Enrolment.objects.exists()


def test_an_invited_creator_may_join_a_closed_programme(closed: Program, creator: Creator, brand: User) -> None:
    invite_creator(program=closed, creator=creator, by=brand, now=NOW)
    assert join_program(program=closed, creator=creator, now=NOW + 9 * DAY).status == "joined"


def test_inviting_who_applied_lets_them_in(closed: Program, creator: Creator, brand: User) -> None:
    applied(closed, creator)
    assert invite_creator(program=closed, creator=creator, by=brand, now=NOW).status == "joined"


def test_a_move_to_another_group_leaves_the_old_one(creator: Creator) -> None:
    program = make_program()
    enrolment, gold = make_enrolment(program, creator), create_group(program=program, name="Gold")
    assign_group(enrolment=enrolment, group=create_group(program=program, name="New"), now=NOW)
    assign_group(enrolment=enrolment, group=gold, now=NOW + DAY)
    held = GroupMembership.objects.order_by("starts_at").values_list("group__name", "starts_at", "ends_at")
    assert list(held) == [("New", NOW, NOW + DAY), ("Gold", NOW + DAY, None)]


def test_who_comes_back_later_starts_without_the_old_group(creator: Creator) -> None:
    program = make_program()
    enrolment = make_enrolment(program, creator)
    assign_group(enrolment=enrolment, group=create_group(program=program, name="Gold"), now=NOW)
    leave_program(enrolment=enrolment, now=NOW + DAY)
    join_program(program=program, creator=creator, now=NOW + 9 * DAY)
    assert not GroupMembership.objects.filter(ends_at=None).exists()


def test_a_group_of_another_programme_is_refused(creator: Creator) -> None:
    group = create_group(program=make_program(), name="Gold")
    with pytest.raises(JoiningRefused, match="another programme"):
        assign_group(enrolment=make_enrolment(make_program(), creator), group=group, now=NOW)


def test_a_group_is_named_once_whatever_the_case() -> None:
    program = make_program()
    assert create_group(program=program, name="Gold") == create_group(program=program, name=" gold ")


def test_the_database_refuses_two_stays_at_once(creator: Creator) -> None:
    enrolment = make_enrolment(make_program(), creator)
    with pytest.raises(IntegrityError, match=r"(?i)unique"):
        Stay.objects.create(enrolment=enrolment, starts_at=NOW)


def test_a_brand_hears_of_many_applications_in_one_letter(closed: Program) -> None:
    make_member(closed.merchant, make_user(), "manager")
    make_member(closed.merchant, make_user(), "viewer")
    for _number in range(3):
        applied(closed, make_bare_creator())
    assert (tell_brands(now=NOW), len(mail.outbox), "3 creators" in mail.outbox[0].subject) == (1, 1, True)


def test_a_brand_is_told_at_most_once_a_day(closed: Program) -> None:
    make_member(closed.merchant, make_user(), "manager")
    applied(closed, make_bare_creator())
    tell_brands(now=NOW)
    applied(closed, make_bare_creator())
    assert (tell_brands(now=NOW + dt.timedelta(hours=1)), tell_brands(now=NOW + DAY)) == (0, 1)


def test_a_brand_is_told_once_of_each(closed: Program) -> None:
    make_member(closed.merchant, make_user(), "manager")
    applied(closed, make_bare_creator())
    assert (tell_brands(now=NOW), tell_brands(now=NOW + 9 * DAY)) == (1, 0)


def test_a_creator_is_told_why_they_were_declined_once(closed: Program, creator: Creator, brand: User) -> None:
    decline_application(enrolment=applied(closed, creator), reason="No fit for us", by=brand, now=NOW)
    assert (tell_creators(now=NOW), tell_creators(now=NOW)) == (1, 0)
    assert "No fit for us" in mail.outbox[0].body


def test_nobody_is_told_of_their_own_step(creator: Creator) -> None:
    leave_program(enrolment=join_program(program=make_program(), creator=creator, now=NOW), now=NOW)
    assert tell_creators(now=NOW) == 0


def test_an_erased_creator_is_in_no_programme_and_has_written_nothing(closed: Program, creator: Creator) -> None:
    joined = join_program(program=make_program(), creator=creator, now=NOW)
    applied(closed, creator)
    erase_person(user=creator.user)
    assert list(Enrolment.objects.values_list("pk", "status", "message")) == [(joined.pk, "left", "")]
    assert joined.stays.get().ends_at is not None


def test_a_creators_export_names_their_programmes(creator: Creator) -> None:
    program = make_program()
    join_program(program=program, creator=creator, now=NOW)
    assert export_person(user=creator.user)["programmes"][0]["programme"] == program.name
