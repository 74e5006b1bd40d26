"""A person comes, takes their things along, goes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator

from community.models import Comment, CommentVersion, Creator, Follow, User
from community.selectors.roles import OPERATORS
from community.signals import person_erased, person_exported


@transaction.atomic
def create_user(
    *,
    email: str,
    password: str | None,
    display_name: str = "",
    handle: str | None = None,
    groups: Iterable[str] = (),
    verified: bool = False,
    **profile: str,
) -> User:
    """A person with a log-in. Operators become superusers. Not repeatable: a known address is an error."""
    groups = tuple(groups)
    is_operator = OPERATORS in groups
    user = User.objects.create_user(
        email,
        password,
        display_name=display_name,
        handle=handle,
        is_staff=is_operator,
        is_superuser=is_operator,
        **profile,
    )
    if groups:
        user.groups.set([Group.objects.get_or_create(name=name)[0] for name in groups])
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=verified)
    return user


def export_person(*, user: User) -> dict[str, Any]:
    """Everything the person gave, ready for JSON. Other apps add their part through `person_exported`."""
    creator = Creator.objects.filter(user=user).first()
    document: dict[str, Any] = {
        "account": {
            "email": user.email,
            "handle": user.handle,
            "display_name": user.display_name,
            "country": user.country,
            "language": user.language,
            "currency": user.currency,
            "timezone": user.timezone,
            "joined_at": user.date_joined.isoformat(),
            "last_login_at": user.last_login.isoformat() if user.last_login else None,
            "email_addresses": list(
                EmailAddress.objects.filter(user=user).order_by("pk").values("email", "verified", "primary")
            ),
        },
        "creator": (
            {
                "handle": creator.handle,
                "display_name": creator.display_name,
                "bio": creator.bio,
                "country": creator.country,
                "since": creator.created_at.isoformat(),
            }
            if creator
            else None
        ),
        "follows": [
            {"kind": model, "id": object_id, "at": at.isoformat()}
            for model, object_id, at in Follow.objects.filter(user=user)
            .order_by("created_at")
            .values_list("content_type__model", "object_id", "created_at")
        ],
        "comments": [
            {
                "ref": comment.ref,
                "page": comment.page.title,
                "text": comment.source,
                "status": comment.status,
                "written_at": comment.created_at.isoformat(),
                "edited_at": comment.edited_at.isoformat() if comment.edited_at else None,
                "earlier_versions": [
                    {"text": version.source, "until": version.replaced_at.isoformat()}
                    for version in comment.versions.all()
                ],
            }
            for comment in Comment.objects.filter(user=user)
            .select_related("page")
            .prefetch_related("versions")
            .order_by("created_at")
        ],
    }
    for _receiver, part in person_exported.send(sender=User, user=user):
        document.update(part if isinstance(part, dict) else {})
    return document


@transaction.atomic
def erase_person(*, user: User) -> None:
    """Afterwards nothing tells who the person was, and they cannot log in; money rows still find theirs.
    Repeatable.

    User and creator rows stay, blanked, since the ledger points at them. Words go; where others answered, the
    place of the words stays. Other apps erase their part through `person_erased`.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    now = timezone.now()
    person_erased.send(sender=User, user=user)
    CommentVersion.objects.filter(comment__user=user).delete()
    Comment.objects.filter(user=user).update(
        body="", source="", fingerprint="", status=Comment.Status.REMOVED, user=None, moderation_reason=""
    )
    Follow.objects.filter(user=user).delete()
    EmailAddress.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
    user.groups.clear()
    user.user_permissions.clear()
    if creator := Creator.objects.filter(user=user).first():
        _blank_creator(creator)
    user.email = f"erased-{user.pk}@invalid"
    user.handle = None
    user.display_name = user.country = user.language = user.currency = user.timezone = ""
    user.is_active = user.is_staff = user.is_superuser = False
    user.last_login = None
    user.erased_at = user.erased_at or now
    user.set_unusable_password()
    user.save()
    end_sessions(user=user)


def _blank_creator(creator: Creator) -> None:
    creator.handle = f"erased-{creator.pk}"
    creator.display_name = ""
    creator.bio = creator.country = ""
    creator.portrait = None
    creator.is_trusted = False
    creator.erased_at = creator.erased_at or timezone.now()
    creator.save()
    if creator.group:
        creator.group.delete()
    if creator.collection:
        creator.collection.name = creator.handle
        creator.collection.save()


def end_sessions(*, user: User) -> int:
    """No session of the person is open afterwards; says how many were. Reads every session: for rare use."""
    ended = 0
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        if session.get_decoded().get("_auth_user_id") == str(user.pk):
            session.delete()
            ended += 1
    return ended
