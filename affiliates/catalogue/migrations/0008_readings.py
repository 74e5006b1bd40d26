"""Readings know when the price before them was last confirmed, and the database holds more of what sources allow.

History is refused where its source forbids it, and on the whole site where Amazon's programme is used without consent.
A reading goes only once its source or the site forbids history, or once it is old and summed up in its day. The guards
name core_sitesettings: a later change of that table on SQLite has to drop and make them anew.
"""

from importlib import import_module

import django.core.validators
from django.db import migrations, models

_first = import_module("affiliates.catalogue.migrations.0003_reading_triggers")

TRACKING_OFF = "EXISTS (SELECT 1 FROM core_sitesettings WHERE amazon_associates AND TRIM(amazon_consent) = '')"
_FORBIDDEN = """EXISTS (
        SELECT 1 FROM catalogue_sourcepolicy
        WHERE NOT may_keep_history
        AND id IN (NEW.policy_id, (SELECT policy_id FROM catalogue_offer WHERE id = NEW.offer_id))
    )"""
_MAY_GO = f"({TRACKING_OFF} OR NOT EXISTS (SELECT 1 FROM catalogue_sourcepolicy WHERE id = OLD.policy_id AND may_keep_history))"
_TABLES = ("reading", "readingday")

SQLITE = [
    *(
        f"""
    CREATE TRIGGER catalogue_{table}_allowed BEFORE INSERT ON catalogue_{table}
    WHEN {_FORBIDDEN} OR {TRACKING_OFF}
    BEGIN SELECT RAISE(ABORT, 'this source does not allow history'); END
    """
        for table in _TABLES
    ),
    *(
        f"""
    CREATE TRIGGER catalogue_{table}_no_replace BEFORE INSERT ON catalogue_{table}
    WHEN EXISTS (SELECT 1 FROM catalogue_{table} WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'readings are never replaced'); END
    """
        for table in _TABLES
    ),
    """
    CREATE TRIGGER catalogue_reading_no_update BEFORE UPDATE ON catalogue_reading
    BEGIN SELECT RAISE(ABORT, 'readings are never changed'); END
    """,
    f"""
    CREATE TRIGGER catalogue_readingday_still_allowed BEFORE UPDATE ON catalogue_readingday
    WHEN {_FORBIDDEN} OR {TRACKING_OFF}
    BEGIN SELECT RAISE(ABORT, 'this source does not allow history'); END
    """,
    f"""
    CREATE TRIGGER catalogue_reading_no_delete BEFORE DELETE ON catalogue_reading
    WHEN NOT {_MAY_GO} AND NOT (
        OLD.observed_at < datetime('now', '-399 days')
        AND EXISTS (
            SELECT 1 FROM catalogue_readingday
            WHERE offer_id = OLD.offer_id AND "on" = date(OLD.observed_at) AND currency = OLD.currency
        )
    )
    BEGIN SELECT RAISE(ABORT, 'readings are not deleted while their source allows history'); END
    """,
    f"""
    CREATE TRIGGER catalogue_readingday_no_delete BEFORE DELETE ON catalogue_readingday
    WHEN NOT {_MAY_GO}
    BEGIN SELECT RAISE(ABORT, 'readings are not deleted while their source allows history'); END
    """,
    """
    CREATE TRIGGER catalogue_policy_forgets AFTER UPDATE OF may_keep_history ON catalogue_sourcepolicy
    WHEN OLD.may_keep_history AND NOT NEW.may_keep_history
    BEGIN
        DELETE FROM catalogue_reading WHERE policy_id = NEW.id;
        DELETE FROM catalogue_readingday WHERE policy_id = NEW.id;
    END
    """,
]
SQLITE_BACK = [
    f"DROP TRIGGER IF EXISTS catalogue_{name}"
    for name in (
        "reading_allowed", "readingday_allowed", "reading_no_replace", "readingday_no_replace", "reading_no_update",
        "readingday_still_allowed", "reading_no_delete", "readingday_no_delete", "policy_forgets",
    )
]  # fmt: skip
POSTGRESQL = [
    f"""
    CREATE FUNCTION catalogue_reading_guard() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' THEN
            IF {_MAY_GO} THEN
                RETURN OLD;
            END IF;
            IF TG_TABLE_NAME = 'catalogue_reading' THEN
                IF OLD.observed_at < now() - interval '399 days' AND EXISTS (
                    SELECT 1 FROM catalogue_readingday
                    WHERE offer_id = OLD.offer_id AND currency = OLD.currency
                    AND "on" = (OLD.observed_at AT TIME ZONE 'UTC')::date
                ) THEN
                    RETURN OLD;
                END IF;
            END IF;
            RAISE EXCEPTION 'readings are not deleted while their source allows history'
            USING ERRCODE = 'restrict_violation';
        END IF;
        IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'catalogue_reading' THEN
            RAISE EXCEPTION 'readings are never changed' USING ERRCODE = 'restrict_violation';
        END IF;
        IF {_FORBIDDEN} OR {TRACKING_OFF} THEN
            RAISE EXCEPTION 'this source does not allow history' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    *(
        f"""
    CREATE TRIGGER catalogue_{table}_guard BEFORE INSERT OR UPDATE OR DELETE ON catalogue_{table}
    FOR EACH ROW EXECUTE FUNCTION catalogue_reading_guard()
    """
        for table in _TABLES
    ),
    """
    CREATE FUNCTION catalogue_policy_forgets() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        DELETE FROM catalogue_reading WHERE policy_id = NEW.id;
        DELETE FROM catalogue_readingday WHERE policy_id = NEW.id;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER catalogue_policy_forgets AFTER UPDATE OF may_keep_history ON catalogue_sourcepolicy
    FOR EACH ROW WHEN (OLD.may_keep_history AND NOT NEW.may_keep_history)
    EXECUTE FUNCTION catalogue_policy_forgets()
    """,
]
POSTGRESQL_BACK = _first.POSTGRESQL_BACK


def drop_guards(apps, schema_editor):
    _first._run(schema_editor, SQLITE_BACK, POSTGRESQL_BACK)


def make_guards(apps, schema_editor):
    _first._run(schema_editor, SQLITE, POSTGRESQL)


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0007_choice_kinds"), ("core", "0002_supply")]

    operations = [
        migrations.RunPython(_first.backwards, _first.forwards),
        migrations.AddField(
            model_name='reading',
            name='before_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name='sourcepolicy',
            name='max_price_age_hours',
            field=models.PositiveIntegerField(default=48, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(8760)], verbose_name='a price may be shown for hours'),
        ),
        migrations.RunPython(make_guards, drop_guards),
    ]
