"""The tables of a backup: all of our models', in an order in which they can be stored again."""

from __future__ import annotations

from dataclasses import dataclass

from django.apps import apps
from django.core.files.storage import default_storage, storages
from django.db import models

#: Kept out on purpose. Sessions: who was signed in then is nobody's business after a restore.
LEFT_OUT = {"django_session"}
#: Rebuilt from what is restored; its columns differ between the databases.
REBUILT = "wagtailsearch"
#: Rows that `migrate` itself makes, or a worker as soon as it starts: with nothing else, a database is empty.
MADE_BY_MIGRATIONS = {
    "auth_group", "auth_group_permissions", "auth_permission", "core_jobstate", "django_content_type",
    "guides_creatorindexpage", "guides_guideindexpage", "guides_topicindexpage", "home_homepage",
    "wagtailcore_collection", "wagtailcore_groupapprovaltask", "wagtailcore_groupapprovaltask_groups",
    "wagtailcore_groupcollectionpermission", "wagtailcore_grouppagepermission", "wagtailcore_locale",
    "wagtailcore_page", "wagtailcore_pagelogentry", "wagtailcore_referenceindex", "wagtailcore_site",
    "wagtailcore_task", "wagtailcore_workflow", "wagtailcore_workflowpage", "wagtailcore_workflowtask",
}  # fmt: skip
_KINDS = {
    "AutoField": "int", "BigAutoField": "int", "SmallIntegerField": "int", "IntegerField": "int",
    "BigIntegerField": "int", "PositiveSmallIntegerField": "int", "PositiveIntegerField": "int",
    "PositiveBigIntegerField": "int", "BooleanField": "bool", "FloatField": "float", "CharField": "text",
    "TextField": "text", "SlugField": "text", "FileField": "text", "DateTimeField": "datetime", "DateField": "date",
    "JSONField": "json", "UUIDField": "uuid", "BinaryField": "binary",
}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A column, what it holds, and for a file's name in which folder of a backup that file is."""

    name: str
    kind: str
    folder: str = ""


@dataclass(frozen=True)
class Table:
    """A table with its columns; `key` is its primary key, `serial` says whether the database numbers its rows."""

    name: str
    columns: tuple[Column, ...]
    key: str
    serial: bool
    refers_to: frozenset[str]


def _kind(field: models.Field) -> str:  # type: ignore[type-arg]
    if isinstance(field, models.ForeignKey):
        return _kind(field.target_field)
    if isinstance(field, models.DecimalField):
        return f"decimal:{field.decimal_places}"
    try:
        return _KINDS[field.get_internal_type()]
    except KeyError:
        raise TypeError(f"{field}: a backup does not know how to keep a {field.get_internal_type()}.") from None


def _folder(field: models.Field) -> str:  # type: ignore[type-arg]
    if not isinstance(field, models.FileField):
        return ""
    if field.storage is storages["private"]:
        return "private"
    if field.storage in (default_storage, storages["default"]):
        return "media"
    raise TypeError(f"{field}: a backup does not know the storage of its files.")


def _table(model: type[models.Model]) -> Table:
    meta = model._meta
    fields = [field for field in meta.local_concrete_fields if not field.generated]
    return Table(
        name=meta.db_table,
        columns=tuple(Column(str(field.column), _kind(field), _folder(field)) for field in fields),
        key=str(meta.pk.column),
        serial=isinstance(meta.pk, models.AutoField),
        refers_to=frozenset(
            field.related_model._meta.db_table
            for field in fields
            if isinstance(field, models.ForeignKey) and field.related_model
        )
        - {meta.db_table},
    )


def all_tables() -> list[Table]:
    """Every table of a backup; what others refer to comes first, where there is no ring."""
    found = {
        table.name: table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model._meta.app_label != REBUILT
        and (table := _table(model)).name not in LEFT_OUT
    }  # fmt: skip
    ordered: dict[str, Table] = {}
    started: set[str] = set()

    def visit(name: str) -> None:
        if name not in found or name in started:
            return
        started.add(name)
        for other in sorted(found[name].refers_to):
            visit(other)
        ordered[name] = found[name]

    for name in sorted(found):
        visit(name)
    return list(ordered.values())
