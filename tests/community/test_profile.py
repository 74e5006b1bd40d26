"""What a person may change, take along and erase."""

from __future__ import annotations

import datetime as dt
import json

from django.db import connection
from django.urls import reverse

import pytest

from community.domain.handles import handle_fault, skeleton
from community.models import Comment, Creator, Follow, User
from community.services.accounts import erase_person, export_person
from community.services.comments import edit_comment
from tests.factories.community import PASSWORD, make_comment, make_creator, make_page, make_user

CANARY = "xyzzycanary"


@pytest.mark.parametrize(
    "handle", ["admin", "adm1n", "vitrina", "moderat0r", "suppоrt", "a", "-a-b", "UP", "a--b", "123"]
)
def test_some_words_cannot_be_handles(handle):
    assert handle_fault(handle) is not None


@pytest.mark.parametrize(
    "handle", ["marta-vidal", "jonas-brandt", "aiko-mori", "tom-ashdown", "ines-duarte", "noor-haddad"]
)
def test_ordinary_names_can_be_handles(handle):
    assert handle_fault(handle) is None


def test_handles_that_look_alike_have_one_skeleton():
    assert skeleton("marta-vidal") == skeleton("martavida1") == skeleton("rnarta-vidal")


@pytest.mark.django_db
def test_a_handle_that_looks_like_another_s_is_refused(client):
    make_user(handle="marta-vidal")
    client.force_login(make_user())
    answer = client.post(reverse("community:profile"), {"display_name": "M", "handle": "marta-vida1"})
    assert answer.status_code == 422
    assert "looks like" in answer.content.decode()


@pytest.mark.django_db
def test_a_person_changes_their_own_profile_and_nothing_else_of_it(client):
    user = make_user()
    client.force_login(user)
    posted = {
        "display_name": "Ada  Lovely",
        "country": "PT",
        "language": "es",
        "currency": "EUR",
        "is_superuser": "on",
    }
    client.post(reverse("community:profile"), posted)
    user.refresh_from_db()
    assert (user.display_name, user.country, user.language, user.is_superuser) == (
        "Ada Lovely",
        "PT",
        "es",
        False,
    )


@pytest.mark.django_db
def test_a_creator_s_handle_stays(client):
    creator = make_creator("marta-vidal")
    client.force_login(creator.user)
    client.post(reverse("community:profile"), {"display_name": "M", "handle": "other-name"})
    creator.user.refresh_from_db()
    assert creator.user.handle == "marta-vidal"


@pytest.mark.django_db
def test_the_export_holds_what_i_gave_and_nobody_else_s(client):
    page, me, other = make_page(), make_user(), make_user(display_name="Somebody Else")
    make_comment(page, user=me, text="My own words")
    make_comment(page, user=other, text="Their own words")
    client.force_login(me)
    text = client.post(reverse("community:export")).content.decode()
    assert json.loads(text)["comments"][0]["text"] == "My own words"
    assert "Their own words" not in text and "Somebody Else" not in text


@pytest.mark.django_db
def test_an_export_is_not_to_be_had_by_a_link(client):
    client.force_login(make_user())
    assert client.get(reverse("community:export")).status_code == 405


def every_text_in_the_database() -> str:
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if not table.startswith("sqlite_"):
                cursor.execute(f'SELECT * FROM "{table}"')
                found.append(repr(cursor.fetchall()))
    return "\n".join(found)


@pytest.mark.django_db
def test_after_erasure_no_table_tells_who_it_was():
    user = make_user(f"{CANARY}@example.org", display_name=CANARY)
    creator = make_creator(f"{CANARY}-made", user=user, bio=CANARY)
    comment = make_comment(make_page(), user=user, text=f"First {CANARY}")
    edit_comment(comment=comment, text=f"Then {CANARY}", now=dt.datetime.now(dt.UTC))
    erase_person(user=user)
    assert CANARY not in every_text_in_the_database()
    assert Creator.objects.filter(pk=creator.pk, erased_at__isnull=False).exists()


@pytest.mark.django_db
def test_erasing_twice_is_erasing_once():
    user = make_user()
    erase_person(user=user)
    erase_person(user=user)
    assert User.objects.get(pk=user.pk).erased_at is not None


@pytest.mark.django_db
def test_erasure_asks_for_the_password(client):
    user = make_user()
    client.force_login(user)
    client.post(reverse("community:erase"), {"confirmed": "on", "password": "wrong"})
    assert User.objects.filter(pk=user.pk, erased_at__isnull=True).exists()
    client.post(reverse("community:erase"), {"confirmed": "on", "password": PASSWORD})
    assert not User.objects.filter(pk=user.pk, is_active=True).exists()


@pytest.mark.django_db
def test_answers_to_an_erased_person_stay():
    page, user = make_page(), make_user()
    top = make_comment(page, user=user)
    answer = make_comment(page, parent=top)
    erase_person(user=user)
    assert Comment.objects.get(pk=answer.pk).parent_id == top.pk
    assert not Follow.objects.filter(user=user).exists()


@pytest.mark.django_db
def test_an_export_of_a_creator_names_the_creator():
    creator = make_creator("marta-vidal")
    assert export_person(user=creator.user)["creator"]["handle"] == "marta-vidal"
