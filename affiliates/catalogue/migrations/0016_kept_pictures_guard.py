"""The database refuses to note a copy of a shop's picture where its source forbids copies.

A migration that makes the table anew on SQLite has to make these triggers anew.
"""

from django.db import migrations

ALLOWED = "SELECT 1 FROM catalogue_sourcepolicy WHERE id = NEW.policy_id AND may_cache_images"
SQLITE = [
    f"""
    CREATE TRIGGER catalogue_shoppicture_allowed_{verb} BEFORE {event} ON catalogue_shoppicture
    WHEN NEW.state = 'kept' AND NOT EXISTS ({ALLOWED})
    BEGIN SELECT RAISE(ABORT, 'this source does not allow copies of its pictures'); END
    """
    for verb, event in (("insert", "INSERT"), ("update", "UPDATE OF state, policy_id"))
]
SQLITE_BACK = [f"DROP TRIGGER IF EXISTS catalogue_shoppicture_allowed_{verb}" for verb in ("insert", "update")]
POSTGRESQL = [
    f"""
    CREATE FUNCTION catalogue_shoppicture_allowed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT EXISTS ({ALLOWED}) THEN
            RAISE EXCEPTION 'this source does not allow copies of its pictures' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER catalogue_shoppicture_allowed BEFORE INSERT OR UPDATE OF state, policy_id ON catalogue_shoppicture
    FOR EACH ROW WHEN (NEW.state = 'kept') EXECUTE FUNCTION catalogue_shoppicture_allowed()
    """,
]
POSTGRESQL_BACK = ["DROP FUNCTION IF EXISTS catalogue_shoppicture_allowed() CASCADE"]


def _run(schema_editor, sqlite, postgresql):
    for statement in {"sqlite": sqlite, "postgresql": postgresql}[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def forwards(apps, schema_editor):
    _run(schema_editor, SQLITE, POSTGRESQL)


def backwards(apps, schema_editor):
    _run(schema_editor, SQLITE_BACK, POSTGRESQL_BACK)


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0015_offers_of_feeds")]
    operations = [migrations.RunPython(forwards, backwards)]
