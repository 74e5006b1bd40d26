from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import IntegrityError

import pytest

from affiliates.parties.models import MerchantHost, Program
from affiliates.parties.selectors import memberships_of
from affiliates.parties.services import join_program, set_hosts
from tests.factories.community import make_creator, make_operator, make_user
from tests.factories.parties import make_member, make_merchant, make_program

pytestmark = pytest.mark.django_db


def test_a_member_acts_for_the_merchant_and_no_other() -> None:
    merchant, user = make_merchant("acme"), make_user()
    make_member(merchant, user)
    make_member(make_merchant("other"), make_user())
    assert [member.merchant for member in memberships_of(user)] == [merchant]


def test_nobody_is_a_member_of_nothing() -> None:
    make_member(make_merchant("acme"), make_user())
    assert not memberships_of(AnonymousUser()).exists()


def test_an_operator_is_no_member_by_office() -> None:
    make_member(make_merchant("acme"), make_user())
    assert not memberships_of(make_operator()).exists()


def test_a_switched_off_merchant_has_no_members(django_assert_num_queries) -> None:
    user = make_user()
    make_member(make_merchant("on"), user)
    make_member(make_merchant("off", is_active=False), user)
    with django_assert_num_queries(1):
        assert [member.merchant.slug for member in memberships_of(user)] == ["on"]


def test_a_person_is_a_member_of_a_merchant_once() -> None:
    merchant, user = make_merchant(), make_user()
    make_member(merchant, user)
    with pytest.raises(IntegrityError, match=r"(?i)unique"):
        make_member(merchant, user)


def test_open_programmes_are_those_of_active_merchants() -> None:
    shown = make_program()
    make_program(is_open=False)
    make_program(is_active=False)
    make_program(make_merchant(is_active=False))
    assert list(Program.objects.open()) == [shown]


def test_a_merchant_has_one_programme_in_force() -> None:
    merchant = make_merchant()
    make_program(merchant, is_active=False)
    make_program(merchant)
    with pytest.raises(IntegrityError, match=r"(?i)unique"):
        make_program(merchant)


def test_joining_twice_is_joining_once() -> None:
    program, creator = make_program(), make_creator()
    assert join_program(program=program, creator=creator) == join_program(program=program, creator=creator)


def test_who_had_left_can_join_again() -> None:
    program, creator = make_program(), make_creator()
    enrolment = join_program(program=program, creator=creator)
    enrolment.status = "left"
    enrolment.save()
    assert join_program(program=program, creator=creator).status == "joined"


def test_a_closed_programme_cannot_be_joined() -> None:
    with pytest.raises(ValueError, match="not open"):
        join_program(program=make_program(is_open=False), creator=make_creator())


def test_hosts_become_exactly_those_given() -> None:
    merchant = make_merchant("acme")
    set_hosts(merchant=merchant, hosts=["Shop.Acme.example ", "acme.example", ""])
    assert list(merchant.hosts.values_list("host", flat=True)) == ["acme.example", "shop.acme.example"]


def test_a_host_belongs_to_one_merchant() -> None:
    make_merchant("acme")
    with pytest.raises(ValidationError, match=r"acme\.example"):
        set_hosts(merchant=make_merchant("other"), hosts=["acme.example"])


@pytest.mark.parametrize(
    "host", ["https://acme.example", "acme.example/x", "acme", "-a.example", "a..example", "a b.example"]
)
def test_what_is_no_host_is_refused(host: str) -> None:
    merchant = make_merchant("acme")
    with pytest.raises(ValidationError):
        set_hosts(merchant=merchant, hosts=[host])
    assert MerchantHost.objects.count() == 2
