"""What a brand's people see and decide about creators, and what strangers may not."""

from __future__ import annotations

import csv
import io

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import pytest

from affiliates.parties.models import Enrolment, GroupMembership
from affiliates.parties.services.joining import apply_to_program, create_group
from community.models import Creator
from tests.factories.community import make_bare_creator, make_finance, make_user
from tests.factories.earnings import Shop, make_shop
from tests.factories.parties import make_enrolment, make_member

pytestmark = pytest.mark.django_db
LIST = "/brands/creators/?merchant=acme"
FINANCE = "/cms/programme-creators/"


@pytest.fixture
def shop() -> Shop:
    return make_shop("acme", is_open=False)


@pytest.fixture
def applicant(shop: Shop) -> Creator:
    return apply(shop)


def apply(shop: Shop) -> Creator:
    creator = make_bare_creator()
    apply_to_program(program=shop.program, creator=creator, message="Lamps, for tenants", now=timezone.now())
    return creator


def member(shop: Shop, role: str = "manager") -> Client:
    return logged_in(make_member(shop.merchant, make_user(), role=role).user)


def logged_in(person: object) -> Client:
    client = Client()
    client.force_login(person)
    return client


def state(creator: Creator) -> str:
    return Enrolment.objects.get(creator=creator).status


@pytest.mark.parametrize("path", [LIST, "/brands/creators/file.csv?merchant=acme"])
def test_a_viewer_may_look(shop: Shop, path: str) -> None:
    assert member(shop, "viewer").get(path).status_code == 200


@pytest.mark.parametrize("path", [LIST, "/brands/creators/file.csv?merchant=acme"])
def test_strangers_find_nothing(shop: Shop, path: str) -> None:
    strangers = (logged_in(make_user()), logged_in(shop.creator.user), member(make_shop()), Client())
    assert [stranger.get(path).status_code for stranger in strangers] == [404, 404, 404, 302]


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/brands/creators/{}/answer/", {"step": "approve"}),
        ("/brands/creators/invite/", {"handle": "{}"}),
        ("/brands/creators/groups/", {"name": "Gold"}),
    ],
)
def test_only_a_manager_decides(shop: Shop, applicant: Creator, path: str, data: dict[str, str]) -> None:
    others = (member(shop, "viewer"), logged_in(make_user()), member(make_shop()), Client())
    address = f"{path.format(applicant.handle)}?merchant=acme"
    said = {key: value.format(applicant.handle) for key, value in data.items()}
    assert [other.post(address, said).status_code for other in others] == [404, 404, 404, 302]
    assert (state(applicant), shop.program.groups.count()) == ("applied", 0)


def test_a_manager_reads_what_a_creator_wrote(shop: Shop, applicant: Creator) -> None:
    assert "Lamps, for tenants" in member(shop).get(LIST).content.decode()


def test_a_manager_lets_a_creator_in(shop: Shop, applicant: Creator) -> None:
    member(shop).post(f"/brands/creators/{applicant.handle}/answer/?merchant=acme", {"step": "approve"})
    assert state(applicant) == "joined"


def test_a_manager_declines_with_a_reason(shop: Shop, applicant: Creator) -> None:
    data = {"step": "decline", "reason": "We sell no lamps"}
    member(shop).post(f"/brands/creators/{applicant.handle}/answer/?merchant=acme", data)
    assert Enrolment.objects.get(creator=applicant).reason == "We sell no lamps"


def test_a_decline_without_a_reason_is_asked_for_one(shop: Shop, applicant: Creator) -> None:
    page = member(shop).post(f"/brands/creators/{applicant.handle}/answer/?merchant=acme", {"step": "decline"})
    assert (page.status_code, state(applicant), "Say why" in page.content.decode()) == (422, "applied", True)


def test_a_creator_of_another_programme_is_not_found(shop: Shop) -> None:
    other = apply(make_shop(is_open=False))
    page = member(shop).post(f"/brands/creators/{other.handle}/answer/?merchant=acme", {"step": "approve"})
    assert (page.status_code, state(other)) == (404, "applied")


def test_a_manager_invites_by_handle(shop: Shop) -> None:
    creator = make_bare_creator()
    member(shop).post("/brands/creators/invite/?merchant=acme", {"handle": f"@{creator.handle}"})
    assert state(creator) == "invited"


def test_an_unknown_handle_is_named(shop: Shop) -> None:
    page = member(shop).post("/brands/creators/invite/?merchant=acme", {"handle": "nobody-at-all"})
    assert (page.status_code, "no creator of this handle" in page.content.decode()) == (422, True)


def test_a_manager_moves_a_creator_to_a_group(shop: Shop) -> None:
    group = create_group(program=shop.program, name="Gold")
    data = {"step": "group", "group": group.pk}
    member(shop).post(f"/brands/creators/{shop.creator.handle}/answer/?merchant=acme", data)
    assert GroupMembership.objects.get(ends_at=None).group == group


def test_another_programmes_group_is_refused(shop: Shop) -> None:
    group = create_group(program=make_shop().program, name="Gold")
    data = {"step": "group", "group": group.pk}
    page = member(shop).post(f"/brands/creators/{shop.creator.handle}/answer/?merchant=acme", data)
    assert (page.status_code, GroupMembership.objects.exists()) == (422, False)


def test_the_file_holds_what_is_listed(shop: Shop, applicant: Creator) -> None:
    text = member(shop).get("/brands/creators/file.csv?merchant=acme&status=applied").content.decode()
    assert [row["creator"] for row in csv.DictReader(io.StringIO(text))] == [applicant.handle]


def test_a_brand_without_a_programme_is_told_so(shop: Shop) -> None:
    shop.program.is_active = False
    shop.program.save()
    assert "no programme in force" in member(shop).get(LIST).content.decode()


def test_the_list_asks_as_much_for_many_as_for_few(shop: Shop, applicant: Creator) -> None:
    brand = member(shop)
    create_group(program=shop.program, name="Gold")
    assert queries(brand, LIST) == (grow(shop), queries(brand, LIST))[1]


def grow(shop: Shop) -> None:
    for number in range(4):
        apply(shop)
        make_enrolment(shop.program, make_bare_creator())
        create_group(program=shop.program, name=f"Group {number}")


def queries(client: Client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as caught:
        assert client.get(path).status_code == 200
    return len(caught)


def test_finance_sees_all_programmes(shop: Shop, applicant: Creator) -> None:
    assert str(applicant) in logged_in(make_finance()).get(FINANCE).content.decode()


@pytest.mark.parametrize("path", ["", "file.csv", "of/acme/"])
def test_only_finance_and_operators_see_all_programmes(shop: Shop, path: str) -> None:
    strangers = (logged_in(make_user()), logged_in(shop.creator.user), member(shop), Client())
    assert {stranger.get(FINANCE + path).status_code for stranger in strangers} <= {302, 403, 404}


def test_finance_answers_for_a_brand(shop: Shop, applicant: Creator) -> None:
    enrolment = Enrolment.objects.get(creator=applicant)
    logged_in(make_finance()).post(f"{FINANCE}{enrolment.pk}/", {"step": "approve"})
    assert state(applicant) == "joined"


def test_a_stranger_does_not_answer_for_a_brand(shop: Shop, applicant: Creator) -> None:
    enrolment = Enrolment.objects.get(creator=applicant)
    logged_in(make_user()).post(f"{FINANCE}{enrolment.pk}/", {"step": "approve"})
    assert state(applicant) == "applied"


def test_finance_makes_a_group(shop: Shop) -> None:
    logged_in(make_finance()).post(f"{FINANCE}of/acme/", {"make": "group", "name": "Gold"})
    assert shop.program.groups.get().name == "Gold"


def test_finances_list_asks_as_much_for_many_as_for_few(shop: Shop, applicant: Creator) -> None:
    finance = logged_in(make_finance())
    create_group(program=shop.program, name="Gold")
    assert queries(finance, FINANCE) == (grow(shop), queries(finance, FINANCE))[1]
