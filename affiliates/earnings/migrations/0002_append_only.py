"""What money rests on is written once: the database itself refuses to change, delete, replace or truncate it.

A transfer is in the currency of both of its accounts, and the terms of a commission rule never change.
"""

from django.db import migrations

WRITTEN_ONCE = {
    "earnings_transfer": ("seq", "source_key"),
    "earnings_account": ("id",),
    "earnings_rawreport": ("id",),
    "earnings_reportoutcome": ("id",),
    "earnings_attribution": ("id",),
}
TERMS = (
    "program_id", "version", "kind", "percent", "flat_minor", "category", "creator_id", "country", "starts_at",
)  # fmt: skip


def _sqlite(editor):
    for table, keys in WRITTEN_ONCE.items():
        what = table.removeprefix("earnings_")
        for verb in ("update", "delete"):
            editor.execute(
                f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{what} rows are written once'); END"
            )
        # INSERT OR REPLACE deletes without firing the delete trigger unless recursive triggers are on.
        there = " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})" for key in keys)
        editor.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {there} "
            f"BEGIN SELECT RAISE(ABORT, '{what} rows are never replaced'); END"
        )
    editor.execute(
        "CREATE TRIGGER earnings_transfer_one_currency BEFORE INSERT ON earnings_transfer "
        "WHEN (SELECT count(*) FROM earnings_account WHERE id IN (NEW.debit_id, NEW.credit_id) "
        "AND currency = NEW.currency) <> 2 "
        "BEGIN SELECT RAISE(ABORT, 'a transfer has the currency of both of its accounts'); END"
    )
    changed = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in TERMS)
    editor.execute(
        f"CREATE TRIGGER earnings_commissionrule_terms BEFORE UPDATE ON earnings_commissionrule WHEN {changed} "
        "BEGIN SELECT RAISE(ABORT, 'the terms of a commission rule never change; add a new version'); END"
    )


def _sqlite_back(editor):
    for table in WRITTEN_ONCE:
        for name in ("no_update", "no_delete", "no_replace"):
            editor.execute(f"DROP TRIGGER IF EXISTS {table}_{name}")
    editor.execute("DROP TRIGGER IF EXISTS earnings_transfer_one_currency")
    editor.execute("DROP TRIGGER IF EXISTS earnings_commissionrule_terms")


def _postgresql(editor):
    editor.execute(
        "CREATE FUNCTION earnings_written_once() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION '% rows are written once', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$",
        params=None,
    )
    for table in WRITTEN_ONCE:
        editor.execute(
            f"CREATE TRIGGER {table}_written_once BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION earnings_written_once()"
        )
        editor.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION earnings_written_once()"
        )
    for side in ("debit", "credit"):
        editor.execute(
            f"ALTER TABLE earnings_transfer ADD CONSTRAINT a_transfer_has_the_currency_of_its_{side} "
            f"FOREIGN KEY ({side}_id, currency) REFERENCES earnings_account (id, currency)"
        )
    changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in TERMS)
    editor.execute(
        f"CREATE TRIGGER earnings_commissionrule_terms BEFORE UPDATE ON earnings_commissionrule "
        f"FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION earnings_written_once()"
    )


def _postgresql_back(editor):
    for side in ("debit", "credit"):
        editor.execute(
            f"ALTER TABLE earnings_transfer DROP CONSTRAINT IF EXISTS a_transfer_has_the_currency_of_its_{side}"
        )
    editor.execute("DROP FUNCTION IF EXISTS earnings_written_once() CASCADE")


def forwards(apps, schema_editor):
    {"sqlite": _sqlite, "postgresql": _postgresql}[schema_editor.connection.vendor](schema_editor)


def backwards(apps, schema_editor):
    {"sqlite": _sqlite_back, "postgresql": _postgresql_back}[schema_editor.connection.vendor](schema_editor)


class Migration(migrations.Migration):
    dependencies = [("earnings", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
