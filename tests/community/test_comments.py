"""What readers say: who may, what is held, what others see."""

from __future__ import annotations

import datetime as dt

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import pytest

from community.models import Comment
from community.services.comments import (
    CommentRefused,
    approve_comment,
    edit_comment,
    post_comment,
    reject_comment,
    remove_comment,
)
from tests.factories.community import make_comment, make_creator, make_editor, make_page, make_user

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(hours=1)


def known_reader():
    """Somebody whose first three comments have been let through."""
    user, page = make_user(), make_page()
    for number in range(3):
        make_comment(page, user=user, text=f"Comment {number}", created_at=NOW - dt.timedelta(days=2))
    return user


def say(user, page, text="A good guide.", **fields):
    return post_comment(user=user, page_id=page.pk, text=text, now=fields.pop("now", NOW), **fields)


# Holding ---------------------------------------------------------------------------------------------


def test_the_first_three_comments_of_an_account_are_held():
    user, page = make_user(), make_page()
    for number in range(3):
        comment = say(user, page, f"Number {number}")
        assert (comment.status, comment.held_for) == ("held", "first")
        approve_comment(comment=comment, by=make_editor(), now=NOW)
    assert say(user, page, "The fourth").status == "published"


def test_a_comment_with_a_link_is_held_even_of_a_known_reader():
    comment = say(known_reader(), make_page(), "See https://shop.example/x")
    assert (comment.status, comment.held_for) == ("held", "link")


@pytest.mark.parametrize("who", [make_editor, lambda: make_creator().user])
def test_editors_and_creators_are_not_held(who):
    assert say(who(), make_page(), "See https://shop.example/x").status == "published"


def test_the_author_sees_a_held_comment_with_a_note_and_others_do_not(client):
    user, page = make_user(), make_page()
    say(user, page, "Waiting words")
    address = reverse("community:comments", args=[page.pk])
    assert "Waiting words" not in client.get(address).content.decode()
    client.force_login(user)
    shown = client.get(address).content.decode()
    assert "Waiting words" in shown and "Held for review" in shown


def test_an_edit_of_an_approved_comment_goes_back_to_the_queue_and_keeps_the_old_words():
    user, editor = make_user(), make_editor()
    comment = say(user, make_page(), "Harmless")
    approve_comment(comment=comment, by=editor, now=NOW)
    comment = edit_comment(comment=comment, text="Buy my pills", now=LATER)
    assert (comment.status, comment.held_for) == ("held", "first")
    assert comment.versions.get().source == "Harmless"


def test_an_edit_without_a_change_changes_nothing():
    comment = say(known_reader(), make_page(), "Same words")
    assert edit_comment(comment=comment, text=" Same words ", now=LATER).edited_at is None


# Refusing --------------------------------------------------------------------------------------------


def test_the_same_words_on_the_same_page_are_refused():
    user, page = known_reader(), make_page()
    say(user, page, "Thanks!")
    with pytest.raises(CommentRefused):
        say(user, page, "thanks! ")
    assert Comment.objects.filter(page=page).count() == 1


def test_thanks_may_be_said_on_two_pages_but_an_advertisement_may_not():
    user = known_reader()
    say(user, make_page(), "Thanks!")
    say(user, make_page(), "Thanks!")
    long = "I have never had a kettle that boils as quickly as this one does."
    say(user, make_page(), long)
    with pytest.raises(CommentRefused):
        say(user, make_page(), long)


def test_words_that_were_taken_back_may_be_said_again():
    user, page = known_reader(), make_page()
    remove_comment(comment=say(user, page, "Thanks!"))
    assert say(user, page, "Thanks!").status == "published"


def test_the_sixth_comment_in_a_minute_is_refused(settings):
    settings.RATE_LIMITS = True
    user, page = known_reader(), make_page()
    for number in range(5):
        say(user, page, f"Quick {number}", now=NOW + dt.timedelta(seconds=number))
    with pytest.raises(CommentRefused):
        say(user, page, "Quick again", now=NOW + dt.timedelta(seconds=6))
    assert say(user, page, "Later", now=LATER).pk


@pytest.mark.parametrize("text", ["", "   ", "\u200b\u202e", "\x00"])
def test_nothing_is_not_a_comment(text):
    with pytest.raises(CommentRefused):
        say(make_user(), make_page(), text)


def test_an_answer_to_an_answer_joins_the_thread():
    page = make_page()
    top = make_comment(page)
    answer = say(known_reader(), page, "Yes", parent=top)
    deeper = say(known_reader(), page, "Indeed", parent=answer)
    assert deeper.parent_id == top.pk


def test_a_held_comment_cannot_be_answered():
    page = make_page()
    held = say(make_user(), page)
    with pytest.raises(CommentRefused):
        say(known_reader(), page, "Yes", parent=held)


def test_a_comment_of_another_page_cannot_be_answered():
    with pytest.raises(CommentRefused):
        say(known_reader(), make_page(), "Yes", parent=make_comment(make_page()))


# Deciding --------------------------------------------------------------------------------------------


def test_the_author_reads_why_a_comment_was_turned_down(client):
    user, page = make_user(), make_page()
    reject_comment(comment=say(user, page), by=make_editor(), reason="It is about another kettle", now=NOW)
    client.force_login(user)
    assert "It is about another kettle" in client.get(reverse("community:comments", args=[page.pk])).content.decode()


def test_a_reader_cannot_decide():
    with pytest.raises(PermissionError):
        approve_comment(comment=say(make_user(), make_page()), by=make_user(), now=NOW)


def test_approving_what_was_taken_back_does_not_bring_it_back():
    comment = say(make_user(), make_page())
    remove_comment(comment=comment)
    assert approve_comment(comment=comment, by=make_editor(), now=NOW).status == "removed"


# The page --------------------------------------------------------------------------------------------


def test_a_stranger_reads_without_a_cookie_and_is_offered_to_log_in(client):
    page = make_page()
    make_comment(page, text="Well said indeed")
    answer = client.get(reverse("community:comments", args=[page.pk]))
    assert "Well said indeed" in answer.content.decode()
    assert reverse("account_login") in answer.content.decode()
    assert not answer.cookies


def test_a_stranger_cannot_post(client):
    page = make_page()
    answer = client.post(reverse("community:comments", args=[page.pk]), {"text": "Hello"})
    assert answer.headers["Location"].startswith(reverse("account_login"))
    assert not Comment.objects.exists()


def test_a_plain_form_posts_a_comment_and_shows_it_to_its_author(client):
    page = make_page()
    client.force_login(make_user())
    answer = client.post(reverse("community:comments", args=[page.pk]), {"text": "My *first* words"}, follow=True)
    assert "My <em>first</em> words" in answer.content.decode()


def test_htmx_gets_the_fragment_back_with_the_comment(client):
    page = make_page()
    client.force_login(make_user())
    answer = client.post(
        reverse("community:comments", args=[page.pk]), {"text": "My words"}, headers={"HX-Request": "true"}
    )
    shown = answer.content.decode()
    assert "<html" not in shown and "My words" in shown and "only you see it" in shown


def test_a_refusal_keeps_what_was_typed(client):
    user, page = known_reader(), make_page()
    say(user, page, "Thanks for this!", now=dt.datetime.now(dt.UTC))
    client.force_login(user)
    answer = client.post(reverse("community:comments", args=[page.pk]), {"text": "Thanks for this!"})
    assert answer.status_code == 422
    assert "form-field__error" in answer.content.decode()


def test_a_program_that_fills_in_the_trap_leaves_nothing_behind(client):
    page = make_page()
    client.force_login(make_user())
    client.post(reverse("community:comments", args=[page.pk]), {"text": "Pills", "website": "https://x.example"})
    assert not Comment.objects.exists()


def test_a_post_without_the_token_is_refused():
    client, page = Client(enforce_csrf_checks=True), make_page()
    client.force_login(make_user())
    assert client.post(reverse("community:comments", args=[page.pk]), {"text": "x"}).status_code == 403


def test_a_draft_has_no_comments(client):
    page = make_page(live=False)
    assert client.get(reverse("community:comments", args=[page.pk])).status_code == 404


def test_the_author_of_the_page_wears_a_badge(client):
    creator = make_creator()
    page = make_page(owner=creator.user)
    make_comment(page, user=creator.user, text="My answer")
    assert "badge--author" in client.get(reverse("community:comments", args=[page.pk])).content.decode()


def test_an_address_is_never_shown_as_a_name(client):
    page = make_page()
    make_comment(page, user=make_user("secret.person@example.org", display_name=""))
    assert "secret" not in client.get(reverse("community:comments", args=[page.pk])).content.decode()


@pytest.mark.parametrize("name", ["community:comment_edit", "community:comment_remove"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_comment_is_edited_and_taken_back_by_its_author_only(client, name, method):
    owner = make_user()
    comment = make_comment(make_page(), user=owner)
    address = reverse(name, args=[comment.ref])
    data = {"text": "Changed"} if method == "post" else {}
    assert getattr(client, method)(address, data).status_code == 404
    client.force_login(make_user())
    assert getattr(client, method)(address, data).status_code == 404
    comment.refresh_from_db()
    assert comment.source == "Well said." and comment.status == "published"
    client.force_login(owner)
    assert getattr(client, method)(address, data).status_code in {200, 302}


def test_words_taken_back_are_gone_but_the_answers_stay(client):
    page, user = make_page(), make_user()
    top = make_comment(page, user=user, text="Forget this")
    make_comment(page, parent=top, text="An answer")
    client.force_login(user)
    client.post(reverse("community:comment_remove", args=[top.ref]))
    shown = client.get(reverse("community:comments", args=[page.pk])).content.decode()
    assert "Forget this" not in shown and "An answer" in shown and "taken back" in shown


def test_a_permalink_shows_the_thread_at_the_comment(client):
    page = make_page()
    top = make_comment(page)
    answer = make_comment(page, parent=top)
    found = client.get(reverse("community:comment", args=[answer.ref]))
    assert found.headers["Location"].endswith(f"?thread={top.ref}#c-{answer.ref}")


def test_a_held_comment_has_no_permalink_for_others(client):
    assert client.get(reverse("community:comment", args=[say(make_user(), make_page()).ref])).status_code == 404


def test_older_comments_follow_on_the_next_page(client):
    page, user = make_page(), make_user()
    for number in range(25):
        make_comment(page, user=user, text=f"Said {number:02}", created_at=NOW + dt.timedelta(minutes=number))
    address = reverse("community:comments", args=[page.pk])
    first = client.get(address)
    second = client.get(address, {"after": first.context["listed"].next_ref}).content.decode()
    assert "Said 24" in first.content.decode() and "Said 04" not in first.content.decode()
    assert "Said 04" in second and "Said 05" not in second


def test_a_long_thread_is_cut_and_offered_whole(client):
    page, user = make_page(), make_user()
    top = make_comment(page)
    for number in range(23):
        make_comment(
            page,
            user=user,
            parent=top,
            text=f"Answer {number:02}",
            created_at=NOW + dt.timedelta(hours=number),
        )
    address = reverse("community:comments", args=[page.pk])
    assert "3 more answers" in client.get(address).content.decode()
    assert "Answer 22" in client.get(address, {"thread": top.ref}).content.decode()


def queries_of(client, page) -> int:
    address = reverse("community:comments", args=[page.pk])
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        client.get(address)
    return len(captured)


def test_few_and_many_comments_cost_the_same(client):
    few, many = make_page(), make_page()
    for page, number in ((few, 1), (many, 60)):
        for _ in range(number):
            top = make_comment(page, user=make_creator().user if number == 1 else None)
            make_comment(page, parent=top)
    client.force_login(make_user())
    assert queries_of(client, few) == queries_of(client, many)


# The queue -------------------------------------------------------------------------------------------


def test_an_editor_sees_the_queue_and_publishes(client):
    comment = say(make_user(), make_page(), "Please look")
    client.force_login(make_editor())
    assert "Please look" in client.get(reverse("community_moderation")).content.decode()
    client.post(reverse("community_moderation_decide", args=[comment.ref]), {"decision": "approve"})
    comment.refresh_from_db()
    assert comment.status == "published" and comment.moderated_by is not None


def test_turning_down_needs_a_reason(client):
    comment = say(make_user(), make_page())
    client.force_login(make_editor())
    client.post(reverse("community_moderation_decide", args=[comment.ref]), {"decision": "reject", "reason": " "})
    comment.refresh_from_db()
    assert comment.status == "held"


@pytest.mark.parametrize("who", [make_user, lambda: make_creator().user])
def test_nobody_else_sees_the_queue_or_decides(client, who):
    comment = say(make_user(), make_page(), "Secret words")
    client.force_login(who())
    assert client.get(reverse("community_moderation")).status_code != 200
    client.post(reverse("community_moderation_decide", args=[comment.ref]), {"decision": "approve"})
    comment.refresh_from_db()
    assert comment.status == "held"
