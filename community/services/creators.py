"""A person becomes a creator."""

from __future__ import annotations

from django.contrib.auth.models import Group, Permission
from django.db import transaction

from wagtail.models import Collection, GroupCollectionPermission

from community.models import Creator, User
from community.signals import creator_changed, creator_created

_FILE_RIGHTS = {
    "wagtailimages": ("add_image", "change_image", "delete_image", "choose_image"),
    "wagtaildocs": ("add_document", "change_document", "delete_document", "choose_document"),
}


@transaction.atomic
def create_creator(
    *,
    user: User,
    handle: str,
    display_name: str,
    bio: str = "",
    country: str = "",
    is_trusted: bool = False,
    portrait_id: int | None = None,
) -> Creator:
    """Afterwards the person may enter `/cms/` and keep files in a collection of their own, and nothing else.

    Rights on pages come with the storefront, from the app that owns it. Repeatable: the same person and
    handle give the same creator.
    """
    if existing := Creator.objects.filter(user=user).first():
        return existing
    group, _ = Group.objects.get_or_create(name=f"Creator {handle}")
    group.permissions.add(Permission.objects.get(content_type__app_label="wagtailadmin", codename="access_admin"))
    collection = _own_collection(handle)
    for app_label, codenames in _FILE_RIGHTS.items():
        for permission in Permission.objects.filter(content_type__app_label=app_label, codename__in=codenames):
            GroupCollectionPermission.objects.get_or_create(group=group, collection=collection, permission=permission)
    if user.handle != handle:
        user.handle = handle
        user.save(update_fields=["handle"])
    creator = Creator.objects.create(
        user=user,
        handle=handle,
        display_name=display_name,
        bio=bio,
        country=country,
        is_trusted=is_trusted,
        group=group,
        collection=collection,
        portrait_id=portrait_id,
    )
    user.groups.add(group)
    creator_created.send(sender=Creator, creator=creator)
    return creator


@transaction.atomic
def change_creator(*, creator: Creator) -> Creator:
    """Stores a changed creator and tells the apps that give rights by it. Repeatable."""
    creator.save()
    creator_changed.send(sender=Creator, creator=creator)
    return creator


def _own_collection(handle: str) -> Collection:
    # Read anew: a stale root would give treebeard a path that is already taken.
    root = Collection.get_first_root_node()
    existing = root.get_children().filter(name=f"@{handle}").first()
    return existing or root.add_child(name=f"@{handle}")
