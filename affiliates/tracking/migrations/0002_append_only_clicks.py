"""Clicks are written once: the database itself refuses to change or delete them."""

from django.db import migrations

SQLITE = [
    """
    CREATE TRIGGER tracking_click_no_update BEFORE UPDATE ON tracking_click
    BEGIN SELECT RAISE(ABORT, 'clicks are never changed'); END
    """,
    """
    CREATE TRIGGER tracking_click_no_delete BEFORE DELETE ON tracking_click
    BEGIN SELECT RAISE(ABORT, 'clicks are never deleted'); END
    """,
    # INSERT OR REPLACE deletes without firing the delete trigger unless recursive triggers are on.
    """
    CREATE TRIGGER tracking_click_no_replace BEFORE INSERT ON tracking_click
    WHEN EXISTS (SELECT 1 FROM tracking_click WHERE click_id = NEW.click_id)
      OR EXISTS (SELECT 1 FROM tracking_click WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'clicks are never replaced'); END
    """,
]
SQLITE_BACK = [
    "DROP TRIGGER IF EXISTS tracking_click_no_update",
    "DROP TRIGGER IF EXISTS tracking_click_no_delete",
    "DROP TRIGGER IF EXISTS tracking_click_no_replace",
]
POSTGRESQL = [
    """
    CREATE FUNCTION tracking_click_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'clicks are never changed or deleted' USING ERRCODE = 'restrict_violation'; END $$
    """,
    """
    CREATE TRIGGER tracking_click_append_only BEFORE UPDATE OR DELETE ON tracking_click
    FOR EACH ROW EXECUTE FUNCTION tracking_click_refuse()
    """,
    """
    CREATE TRIGGER tracking_click_no_truncate BEFORE TRUNCATE ON tracking_click
    FOR EACH STATEMENT EXECUTE FUNCTION tracking_click_refuse()
    """,
]
POSTGRESQL_BACK = ["DROP FUNCTION IF EXISTS tracking_click_refuse() CASCADE"]


def _run(schema_editor, sqlite, postgresql):
    for statement in {"sqlite": sqlite, "postgresql": postgresql}[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def forwards(apps, schema_editor):
    _run(schema_editor, SQLITE, POSTGRESQL)


def backwards(apps, schema_editor):
    _run(schema_editor, SQLITE_BACK, POSTGRESQL_BACK)


class Migration(migrations.Migration):
    dependencies = [("tracking", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
