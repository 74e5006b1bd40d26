"""Following."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import pytest

from community.follows import kind_of
from community.models import Follow
from community.selectors.follows import follower_count, following_feed
from community.services.follows import follow, record_activity, unfollow
from tests.factories.community import make_creator, make_page, make_user

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


def test_following_twice_is_following_once():
    user, creator, kind = make_user(), make_creator(), kind_of("creator")
    follow(user=user, kind=kind, thing=creator)
    follow(user=user, kind=kind, thing=creator)
    assert follower_count(kind, creator) == 1


def test_the_database_refuses_the_second_follow():
    user, creator, kind = make_user(), make_creator(), kind_of("creator")
    row = follow(user=user, kind=kind, thing=creator)
    with pytest.raises(IntegrityError), transaction.atomic():
        Follow.objects.create(user=user, content_type=row.content_type, object_id=row.object_id)


def test_unfollowing_what_one_does_not_follow_changes_nothing():
    creator, kind = make_creator(), kind_of("creator")
    unfollow(user=make_user(), kind=kind, thing=creator)
    assert follower_count(kind, creator) == 0


def test_a_post_follows_and_a_second_post_changes_nothing(client):
    creator = make_creator("marta-vidal")
    client.force_login(make_user())
    for _ in range(2):
        answer = client.post(reverse("community:follow"), {"kind": "creator", "ref": "marta-vidal", "next": "/x/"})
        assert answer.headers["Location"] == "/x/"
    assert follower_count(kind_of("creator"), creator) == 1


def test_htmx_gets_the_button_back(client):
    make_creator("marta-vidal")
    client.force_login(make_user())
    answer = client.post(
        reverse("community:follow"), {"kind": "creator", "ref": "marta-vidal"}, headers={"HX-Request": "true"}
    )
    assert 'value="unfollow"' in answer.content.decode()
    assert "<html" not in answer.content.decode()


def test_without_script_the_link_leads_to_a_page_with_the_form(client):
    make_creator("marta-vidal")
    client.force_login(make_user())
    page = client.get(reverse("community:follow"), {"kind": "creator", "ref": "marta-vidal"}).content.decode()
    assert "<html" in page and "<form" in page


def test_a_stranger_is_sent_to_log_in_and_follows_nothing(client):
    make_creator("marta-vidal")
    answer = client.post(reverse("community:follow"), {"kind": "creator", "ref": "marta-vidal"})
    assert answer.headers["Location"].startswith(reverse("account_login"))
    assert not Follow.objects.exists()


def test_a_stranger_gets_the_button_without_a_cookie(client):
    make_creator("marta-vidal")
    answer = client.get(reverse("community:follow"), {"kind": "creator", "ref": "marta-vidal"})
    assert not answer.cookies


@pytest.mark.parametrize("data", [{}, {"kind": "creator", "ref": "nobody"}, {"kind": "user", "ref": "1"}])
def test_an_unknown_thing_is_not_found(client, data):
    client.force_login(make_user())
    assert client.post(reverse("community:follow"), data).status_code == 404


def test_what_the_followed_publish_comes_newest_first_and_nothing_else():
    user, mine, other = make_user(), make_creator(), make_creator()
    follow(user=user, kind=kind_of("creator"), thing=mine)
    for hours, title in ((2, "older"), (1, "newer")):
        record_activity(creator=mine, page_id=make_page(title).pk, at=NOW - dt.timedelta(hours=hours))
    record_activity(creator=other, page_id=make_page("foreign").pk, at=NOW)
    record_activity(creator=mine, page_id=make_page("draft", live=False).pk, at=NOW)
    assert [line.page.title for line in following_feed(user)] == ["newer", "older"]


def test_a_page_is_published_once():
    creator, page = make_creator(), make_page()
    first = record_activity(creator=creator, page_id=page.pk, at=NOW)
    assert record_activity(creator=creator, page_id=page.pk, at=NOW + dt.timedelta(days=1)).pk == first.pk


def test_whoever_follows_nobody_is_shown_the_first_step(client):
    client.force_login(make_user())
    assert "/creators/" in client.get(reverse("community:following")).content.decode()


def test_a_stranger_sees_what_the_page_is_for(client):
    make_user()
    answer = client.get(reverse("community:following"))
    assert answer.status_code == 200 and not answer.cookies


def test_the_second_page_goes_on_where_the_first_ended(client):
    user, creator = make_user(), make_creator()
    follow(user=user, kind=kind_of("creator"), thing=creator)
    for number in range(25):
        page = make_page(f"Guide {number:02}")
        record_activity(creator=creator, page_id=page.pk, at=NOW - dt.timedelta(hours=number))
    client.force_login(user)
    first = client.get(reverse("community:following"))
    second = client.get(reverse("community:following"), {"before": first.context["next_cursor"]})
    assert [line.page.title for line in second.context["lines"]] == [f"Guide {n:02}" for n in range(20, 25)]


@pytest.mark.parametrize("cursor", ["x", "!!!", "MjAyNg", "0" * 500])
def test_a_broken_cursor_is_the_first_page(client, cursor):
    client.force_login(make_user())
    assert client.get(reverse("community:following"), {"before": cursor}).status_code == 200


def test_the_feed_costs_the_same_for_few_and_many(client):
    counts = []
    for many in (2, 15):
        user = make_user()
        for number in range(many):
            creator = make_creator()
            follow(user=user, kind=kind_of("creator"), thing=creator)
            record_activity(creator=creator, page_id=make_page().pk, at=NOW - dt.timedelta(hours=number))
        client.force_login(user)
        client.get(reverse("community:following"))
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("community:following"))
        counts.append(len(captured))
    assert counts[0] == counts[1]
