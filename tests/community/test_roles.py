"""Who is what, and what Wagtail lets them do."""

from __future__ import annotations

from django.contrib.auth.models import Group

from wagtail.models import Collection, GroupApprovalTask, Page

import pytest

from community.models import Creator, User
from community.selectors.roles import creator_of, is_editor, is_finance, is_operator, may_moderate
from community.services.accounts import erase_person
from community.services.creators import create_creator
from tests.factories.community import make_creator, make_editor, make_finance, make_operator, make_user

pytestmark = pytest.mark.django_db


def test_each_role_is_itself_and_nothing_more():
    people = {
        "operator": make_operator(),
        "editor": make_editor(),
        "finance": make_finance(),
        "reader": make_user(),
    }
    seen = {name: (is_operator(p), is_editor(p), is_finance(p), may_moderate(p)) for name, p in people.items()}
    assert seen == {
        "operator": (True, False, False, True),
        "editor": (False, True, False, True),
        "finance": (False, False, True, False),
        "reader": (False, False, False, False),
    }


def test_someone_locked_out_has_no_role():
    editor = make_editor()
    editor.is_active = False
    assert not is_editor(editor)


def test_editors_may_publish_and_lock_everywhere():
    rights = Page.get_first_root_node().permissions_for_user(make_editor())
    assert rights.can_edit() or rights.can_add_subpage()
    granted = Group.objects.get(name="Editors").page_permissions.values_list("permission__codename", flat=True)
    assert {"add_page", "change_page", "publish_page", "lock_page", "unlock_page"} <= set(granted)


def test_the_default_workflow_asks_editors():
    assert {group.name for task in GroupApprovalTask.objects.all() for group in task.groups.all()} == {"Editors"}
    assert not Group.objects.filter(name="Moderators").exists()


def test_a_creator_may_enter_the_admin_and_owns_one_collection(client):
    creator = make_creator("marta-vidal")
    assert creator.user.has_perm("wagtailadmin.access_admin")
    assert creator.collection.name == "@marta-vidal"
    of_group = creator.group.collection_permissions.values_list("collection", flat=True)
    assert set(of_group) == {creator.collection_id}
    places = {permission.page.specific.creator_id for permission in creator.group.page_permissions.all()}
    assert places <= {creator.pk}


def test_becoming_a_creator_twice_is_becoming_one_once():
    user = make_user()
    first = create_creator(user=user, handle="marta-vidal", display_name="Marta")
    assert create_creator(user=user, handle="marta-vidal", display_name="Marta").pk == first.pk
    assert Collection.objects.filter(name="@marta-vidal").count() == 1


def test_an_erased_creator_is_nobody_s_creator():
    creator = make_creator()
    erase_person(user=creator.user)
    assert creator_of(User.objects.get(pk=creator.user_id)) is None
    assert Creator.objects.filter(pk=creator.pk).exists()
