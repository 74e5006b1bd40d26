"""The database itself holds that history is kept only where its source allows it, and as it was seen.

A reading is refused when its own policy or its offer's forbids history. It is never changed or replaced, and deleted
only once its policy forbids history, which the last trigger does by itself.
"""

from django.db import migrations

SQLITE = [
    """
    CREATE TRIGGER catalogue_reading_allowed BEFORE INSERT ON catalogue_reading
    WHEN EXISTS (
        SELECT 1 FROM catalogue_sourcepolicy
        WHERE NOT may_keep_history
        AND id IN (NEW.policy_id, (SELECT policy_id FROM catalogue_offer WHERE id = NEW.offer_id))
    )
    BEGIN SELECT RAISE(ABORT, 'this source does not allow history'); END
    """,
    # INSERT OR REPLACE deletes without firing the delete trigger unless recursive triggers are on.
    """
    CREATE TRIGGER catalogue_reading_no_replace BEFORE INSERT ON catalogue_reading
    WHEN EXISTS (SELECT 1 FROM catalogue_reading WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'readings are never replaced'); END
    """,
    """
    CREATE TRIGGER catalogue_reading_no_update BEFORE UPDATE ON catalogue_reading
    BEGIN SELECT RAISE(ABORT, 'readings are never changed'); END
    """,
    """
    CREATE TRIGGER catalogue_reading_no_delete BEFORE DELETE ON catalogue_reading
    WHEN EXISTS (SELECT 1 FROM catalogue_sourcepolicy WHERE id = OLD.policy_id AND may_keep_history)
    BEGIN SELECT RAISE(ABORT, 'readings are not deleted while their source allows history'); END
    """,
    """
    CREATE TRIGGER catalogue_policy_forgets AFTER UPDATE OF may_keep_history ON catalogue_sourcepolicy
    WHEN OLD.may_keep_history AND NOT NEW.may_keep_history
    BEGIN DELETE FROM catalogue_reading WHERE policy_id = NEW.id; END
    """,
]
SQLITE_BACK = [
    f"DROP TRIGGER IF EXISTS {name}"
    for name in (
        "catalogue_reading_allowed",
        "catalogue_reading_no_replace",
        "catalogue_reading_no_update",
        "catalogue_reading_no_delete",
        "catalogue_policy_forgets",
    )
]
POSTGRESQL = [
    """
    CREATE FUNCTION catalogue_reading_guard() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            RAISE EXCEPTION 'readings are never changed' USING ERRCODE = 'restrict_violation';
        ELSIF TG_OP = 'DELETE' THEN
            IF EXISTS (SELECT 1 FROM catalogue_sourcepolicy WHERE id = OLD.policy_id AND may_keep_history) THEN
                RAISE EXCEPTION 'readings are not deleted while their source allows history'
                USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN OLD;
        ELSIF EXISTS (
            SELECT 1 FROM catalogue_sourcepolicy
            WHERE NOT may_keep_history
            AND id IN (NEW.policy_id, (SELECT policy_id FROM catalogue_offer WHERE id = NEW.offer_id))
        ) THEN
            RAISE EXCEPTION 'this source does not allow history' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER catalogue_reading_guard BEFORE INSERT OR UPDATE OR DELETE ON catalogue_reading
    FOR EACH ROW EXECUTE FUNCTION catalogue_reading_guard()
    """,
    """
    CREATE FUNCTION catalogue_policy_forgets() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        DELETE FROM catalogue_reading WHERE policy_id = NEW.id;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER catalogue_policy_forgets AFTER UPDATE OF may_keep_history ON catalogue_sourcepolicy
    FOR EACH ROW WHEN (OLD.may_keep_history AND NOT NEW.may_keep_history)
    EXECUTE FUNCTION catalogue_policy_forgets()
    """,
]
POSTGRESQL_BACK = [
    "DROP FUNCTION IF EXISTS catalogue_reading_guard() CASCADE",
    "DROP FUNCTION IF EXISTS catalogue_policy_forgets() CASCADE",
]


def _run(schema_editor, sqlite, postgresql):
    for statement in {"sqlite": sqlite, "postgresql": postgresql}[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def forwards(apps, schema_editor):
    _run(schema_editor, SQLITE, POSTGRESQL)


def backwards(apps, schema_editor):
    _run(schema_editor, SQLITE_BACK, POSTGRESQL_BACK)


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0002_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
