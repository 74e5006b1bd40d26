"""The groups Editors, Finance and Operators, with Wagtail's rights for each.

Wagtail's own first migrations leave "Editors" (who may not publish) and "Moderators" (who may). Here an editor is the
one who moderates, so Moderators goes and the default workflow asks Editors.
"""

from __future__ import annotations

from django.db import migrations

PAGE_RIGHTS = ("add", "change", "publish", "lock", "unlock", "bulk_delete")
FILE_RIGHTS = {
    ("wagtailimages", "image"): ("add", "change", "delete", "choose"),
    ("wagtaildocs", "document"): ("add", "change", "delete", "choose"),
}


def make_roles(apps, schema_editor):
    ContentType = apps.get_model("contenttypes", "ContentType")
    Permission = apps.get_model("auth", "Permission")
    Group = apps.get_model("auth", "Group")
    Page = apps.get_model("wagtailcore", "Page")
    Collection = apps.get_model("wagtailcore", "Collection")
    GroupPagePermission = apps.get_model("wagtailcore", "GroupPagePermission")
    GroupCollectionPermission = apps.get_model("wagtailcore", "GroupCollectionPermission")

    def permission(app_label, model, codename):
        content_type, _ = ContentType.objects.get_or_create(app_label=app_label, model=model)
        verb = codename.removesuffix(f"_{model}").replace("_", " ")
        found, _ = Permission.objects.get_or_create(
            content_type=content_type, codename=codename, defaults={"name": f"Can {verb} {model}"}
        )
        return found

    enter = permission("wagtailadmin", "admin", "access_admin")
    groups = {name: Group.objects.get_or_create(name=name)[0] for name in ("Editors", "Finance", "Operators")}
    for group in groups.values():
        group.permissions.add(enter)

    editors = groups["Editors"]
    for root in Page.objects.filter(depth=1):
        for verb in PAGE_RIGHTS:
            GroupPagePermission.objects.get_or_create(
                group=editors, page=root, permission=permission("wagtailcore", "page", f"{verb}_page")
            )
    for root in Collection.objects.filter(depth=1):
        for (app_label, model), verbs in FILE_RIGHTS.items():
            for verb in verbs:
                GroupCollectionPermission.objects.get_or_create(
                    group=editors, collection=root, permission=permission(app_label, model, f"{verb}_{model}")
                )

    GroupApprovalTask = apps.get_model("wagtailcore", "GroupApprovalTask")
    Workflow = apps.get_model("wagtailcore", "Workflow")
    for task in GroupApprovalTask.objects.filter(groups__name="Moderators"):
        Workflow.objects.filter(workflow_tasks__task=task.task_ptr, name=task.name).update(name="Review by an editor")
        task.groups.set([editors])
        task.name = "Review by an editor"
        task.save()
    Group.objects.filter(name="Moderators").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("community", "0002_people_and_words"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("wagtailcore", "0098_apitoken"),
        ("wagtailadmin", "0001_create_admin_access_permissions"),
        ("wagtailimages", "0027_image_description"),
        ("wagtaildocs", "0014_alter_document_file_size"),
    ]

    # Going back keeps the groups: people may be in them.
    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
