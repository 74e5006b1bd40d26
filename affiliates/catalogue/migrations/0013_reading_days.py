"""A day of readings is made of readings that are there, of one source, and only grows; old readings go into it exactly.

What may be summed up does not depend on what the offer's present source or the site's terms allow: nothing new is learnt
by it, and a single offer that went over to a strict source would otherwise hold up the rest for good. On PostgreSQL a
reading locks its sources, so that one that is written while its source begins to forbid history is either refused or
forgotten with the others. The guards name core_sitesettings: a later change of that table on SQLite has to drop and make
them anew.
"""

from importlib import import_module

from django.db import migrations, models

_first = import_module("affiliates.catalogue.migrations.0003_reading_triggers")
_before = import_module("affiliates.catalogue.migrations.0008_readings")

_OWN_FORBIDDEN = "EXISTS (SELECT 1 FROM catalogue_sourcepolicy WHERE id = NEW.policy_id AND NOT may_keep_history)"
_GROWS = """(
        NEW.offer_id = OLD.offer_id AND NEW."on" = OLD."on" AND NEW.currency = OLD.currency
        AND NEW.policy_id = OLD.policy_id AND NEW.readings > OLD.readings
        AND (OLD.low_minor IS NULL OR NEW.low_minor <= OLD.low_minor)
        AND (OLD.high_minor IS NULL OR NEW.high_minor >= OLD.high_minor)
    )"""
_IN_ITS_DAY = """offer_id = OLD.offer_id AND currency = OLD.currency AND policy_id = OLD.policy_id
            AND (OLD.price_minor IS NULL OR OLD.price_minor BETWEEN low_minor AND high_minor)"""
_SQLITE_SEEN = """EXISTS (
        SELECT 1 FROM catalogue_reading
        WHERE offer_id = NEW.offer_id AND currency = NEW.currency AND policy_id = NEW.policy_id
        AND observed_at >= NEW."on" AND observed_at < date(NEW."on", '+1 day')
    )"""
_CHANGED = ("readingday_allowed", "readingday_still_allowed", "reading_no_delete")

SQLITE = [
    statement
    for statement in _before.SQLITE
    if not any(f"CREATE TRIGGER catalogue_{name} " in statement for name in _CHANGED)
]
SQLITE += [
    f"""
    CREATE TRIGGER catalogue_readingday_allowed BEFORE INSERT ON catalogue_readingday
    WHEN {_OWN_FORBIDDEN}
    BEGIN SELECT RAISE(ABORT, 'this source does not allow history'); END
    """,
    f"""
    CREATE TRIGGER catalogue_readingday_is_seen BEFORE INSERT ON catalogue_readingday
    WHEN NOT {_SQLITE_SEEN}
    BEGIN SELECT RAISE(ABORT, 'a day of readings is made of readings'); END
    """,
    f"""
    CREATE TRIGGER catalogue_readingday_grows BEFORE UPDATE ON catalogue_readingday
    WHEN {_OWN_FORBIDDEN} OR NOT {_GROWS} OR NOT {_SQLITE_SEEN}
    BEGIN SELECT RAISE(ABORT, 'a day of readings only grows'); END
    """,
    f"""
    CREATE TRIGGER catalogue_reading_no_delete BEFORE DELETE ON catalogue_reading
    WHEN NOT {_before._MAY_GO} AND NOT (
        OLD.observed_at < datetime('now', '-399 days')
        AND EXISTS (
            SELECT 1 FROM catalogue_readingday WHERE "on" = date(OLD.observed_at) AND {_IN_ITS_DAY}
        )
    )
    BEGIN SELECT RAISE(ABORT, 'readings are not deleted while their source allows history'); END
    """,
]
SQLITE_BACK = [
    *_before.SQLITE_BACK,
    "DROP TRIGGER IF EXISTS catalogue_readingday_is_seen",
    "DROP TRIGGER IF EXISTS catalogue_readingday_grows",
]
POSTGRESQL = [
    f"""
    CREATE FUNCTION catalogue_reading_guard() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            RAISE EXCEPTION 'readings are never changed' USING ERRCODE = 'restrict_violation';
        ELSIF TG_OP = 'DELETE' THEN
            IF {_before._MAY_GO} OR (
                OLD.observed_at < now() - interval '399 days' AND EXISTS (
                    SELECT 1 FROM catalogue_readingday
                    WHERE "on" = (OLD.observed_at AT TIME ZONE 'UTC')::date AND {_IN_ITS_DAY}
                )
            ) THEN
                RETURN OLD;
            END IF;
            RAISE EXCEPTION 'readings are not deleted while their source allows history'
            USING ERRCODE = 'restrict_violation';
        END IF;
        PERFORM 1 FROM catalogue_sourcepolicy
        WHERE id IN (NEW.policy_id, (SELECT policy_id FROM catalogue_offer WHERE id = NEW.offer_id))
        ORDER BY id FOR SHARE;
        IF {_before._FORBIDDEN} OR {_before.TRACKING_OFF} THEN
            RAISE EXCEPTION 'this source does not allow history' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    f"""
    CREATE FUNCTION catalogue_readingday_guard() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' THEN
            IF {_before._MAY_GO} THEN
                RETURN OLD;
            END IF;
            RAISE EXCEPTION 'readings are not deleted while their source allows history'
            USING ERRCODE = 'restrict_violation';
        END IF;
        PERFORM 1 FROM catalogue_sourcepolicy WHERE id = NEW.policy_id FOR SHARE;
        IF {_OWN_FORBIDDEN} THEN
            RAISE EXCEPTION 'this source does not allow history' USING ERRCODE = 'check_violation';
        END IF;
        IF NOT EXISTS (
            SELECT 1 FROM catalogue_reading
            WHERE offer_id = NEW.offer_id AND currency = NEW.currency AND policy_id = NEW.policy_id
            AND observed_at >= (NEW."on"::timestamp AT TIME ZONE 'UTC')
            AND observed_at < ((NEW."on" + 1)::timestamp AT TIME ZONE 'UTC')
        ) THEN
            RAISE EXCEPTION 'a day of readings is made of readings' USING ERRCODE = 'check_violation';
        END IF;
        IF TG_OP = 'UPDATE' THEN
            IF NOT {_GROWS} THEN
                RAISE EXCEPTION 'a day of readings only grows' USING ERRCODE = 'restrict_violation';
            END IF;
        END IF;
        RETURN NEW;
    END $$
    """,
    *(
        f"""
    CREATE TRIGGER catalogue_{table}_guard BEFORE INSERT OR UPDATE OR DELETE ON catalogue_{table}
    FOR EACH ROW EXECUTE FUNCTION catalogue_{table}_guard()
    """
        for table in _before._TABLES
    ),
    *_before.POSTGRESQL[-2:],
]
POSTGRESQL_BACK = [*_before.POSTGRESQL_BACK, "DROP FUNCTION IF EXISTS catalogue_readingday_guard() CASCADE"]


def drop_guards(apps, schema_editor):
    _first._run(schema_editor, SQLITE_BACK, POSTGRESQL_BACK)


def make_guards(apps, schema_editor):
    _first._run(schema_editor, SQLITE, POSTGRESQL)


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0012_named_once")]

    operations = [
        migrations.RunPython(_before.drop_guards, _before.make_guards),
        migrations.RemoveConstraint(model_name="readingday", name="a_day_of_readings_is_rolled_up_once"),
        migrations.AddConstraint(
            model_name="readingday",
            constraint=models.UniqueConstraint(
                fields=["offer", "on", "currency", "policy"], name="a_day_of_readings_is_rolled_up_once"
            ),
        ),
        migrations.RunPython(make_guards, drop_guards),
    ]
