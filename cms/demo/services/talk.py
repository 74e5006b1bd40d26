"""What the demo's readers said and what they follow."""

from __future__ import annotations

import datetime as dt

from wagtail.models import Page

from cms.demo.domain import shapes as demo
from community.follows import kind_of
from community.models import Comment, Creator, User
from community.services.comments import CommentRefused, post_comment
from community.services.follows import follow


def make_follows(content: demo.Content, people: dict[str, User]) -> None:
    """Afterwards everybody follows whom the content says. May be repeated."""
    kind = kind_of("creator")
    if kind is None:
        return
    creators = {creator.handle: creator for creator in Creator.objects.all()}
    for person in content.people:
        for handle in person.follows:
            follow(user=people[person.key], kind=kind, thing=creators[handle])


def make_comments(content: demo.Content, people: dict[str, User], *, now: dt.datetime) -> None:
    """Afterwards the comments stand below their guides. What the content holds back waits for a moderator.

    May be repeated: a comment that is there already is left alone.
    """
    pages = {page.slug: page for page in Page.objects.live()}
    made: dict[str, Comment] = {}
    for words in content.comments:
        page, user = pages[words.article], people[words.person]
        at = now - dt.timedelta(days=words.days_ago, hours=3)
        comment = Comment.objects.filter(page_id=page.pk, user=user, source=words.body).first()
        if comment is None:
            try:
                comment = post_comment(
                    user=user, page_id=page.pk, text=words.body, parent=made.get(words.reply_to), now=at
                )
            except CommentRefused:
                continue
            changes: dict[str, object] = {}
            if words.status == "published" and comment.status != Comment.Status.PUBLISHED:
                # A new account's first words are held; in the demo a moderator let these pass long ago.
                changes = {"status": Comment.Status.PUBLISHED, "held_for": ""}
            if words.edited_days_ago >= 0:
                changes["edited_at"] = now - dt.timedelta(days=words.edited_days_ago)
            if changes:
                Comment.objects.filter(pk=comment.pk).update(**changes)
                comment.refresh_from_db()
        made[words.key] = comment
