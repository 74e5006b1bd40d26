"""Programmes pay on top for a month's sales. A version's terms never change, no two of a programme and currency are in
force in one month (the database itself refuses it, also from two writers at once), and a line of a brand's statement
may be about a bonus.
"""

import affiliates.earnings.models.payouts
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models


TABLE, LINE = "earnings_volumetiers", "earnings_brandstatementline"
TERMS = (
    "ref", "program_id", "version", "currency", "steps", "starts", "creator_share_percent", "hold_days", "is_gated",
    "created_at", "created_by_id",
)  # fmt: skip
LINE_TERMS = ("statement_id", "conversion_id", "bonus_id", "amount_minor")
OLD_LINE_TERMS = ("statement_id", "conversion_id", "amount_minor")
NAMES = tuple(f"{TABLE}_{name}" for name in ("terms", "kept", "overlap", "overlap_update"))
CHANGED = "the terms of volume tiers never change; add a new version"
KEPT = "volume tiers are never deleted"
TWICE = "two versions of volume tiers of a programme and currency are never in force in one month"
#: Whether a row `r` is in force in a month in which the new one is.
MEET = (
    f"SELECT 1 FROM {TABLE} r WHERE r.id <> NEW.id AND r.program_id = NEW.program_id AND r.currency = NEW.currency "
    "AND (r.ends IS NULL OR r.ends > r.starts) AND (NEW.ends IS NULL OR NEW.ends > NEW.starts) "
    "AND (r.ends IS NULL OR r.ends > NEW.starts) AND (NEW.ends IS NULL OR NEW.ends > r.starts)"
)


def _changed(differs):
    terms = " OR ".join(f"OLD.{name} {differs} NEW.{name}" for name in TERMS)
    return f"{terms} OR (OLD.ends IS NOT NULL AND (NEW.ends IS NULL OR NEW.ends > OLD.ends))"


def _moved(differs, names):
    terms = " OR ".join(f"OLD.{name} {differs} NEW.{name}" for name in names)
    return f"{terms} OR OLD.settled_at IS NOT NULL"


def _sqlite(editor):
    editor.execute(
        f"CREATE TRIGGER {NAMES[0]} BEFORE UPDATE ON {TABLE} WHEN {_changed('IS NOT')} "
        f"BEGIN SELECT RAISE(ABORT, '{CHANGED}'); END"
    )
    editor.execute(f"CREATE TRIGGER {NAMES[1]} BEFORE DELETE ON {TABLE} BEGIN SELECT RAISE(ABORT, '{KEPT}'); END")
    for name, verb in ((NAMES[2], "INSERT"), (NAMES[3], "UPDATE")):
        editor.execute(
            f"CREATE TRIGGER {name} AFTER {verb} ON {TABLE} WHEN EXISTS ({MEET}) "
            f"BEGIN SELECT RAISE(ABORT, '{TWICE}'); END"
        )
    _sqlite_line(editor, LINE_TERMS)


def _sqlite_line(editor, terms):
    """SQLite made the table anew, and its triggers were gone with the old one."""
    editor.execute(
        f"CREATE TRIGGER {LINE}_no_update BEFORE UPDATE ON {LINE} WHEN {_moved('IS NOT', terms)} "
        "BEGIN SELECT RAISE(ABORT, 'brandstatementline rows are written once'); END"
    )
    editor.execute(
        f"CREATE TRIGGER {LINE}_no_delete BEFORE DELETE ON {LINE} "
        "BEGIN SELECT RAISE(ABORT, 'brandstatementline rows are written once'); END"
    )
    editor.execute(
        f"CREATE TRIGGER {LINE}_no_replace BEFORE INSERT ON {LINE} WHEN EXISTS (SELECT 1 FROM {LINE} WHERE id = NEW.id) "
        "BEGIN SELECT RAISE(ABORT, 'brandstatementline rows are never replaced'); END"
    )


def _postgresql(editor):
    for name, text in (("terms", CHANGED), ("kept", KEPT)):
        editor.execute(
            f"CREATE FUNCTION {TABLE}_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ "
            f"BEGIN RAISE EXCEPTION '{text}' USING ERRCODE = 'restrict_violation'; END $$",
            params=None,
        )
    # The programme's row stands in for versions that another writer has not committed yet.
    editor.execute(
        f"CREATE FUNCTION {TABLE}_overlap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "PERFORM 1 FROM parties_program WHERE id = NEW.program_id FOR NO KEY UPDATE; "
        f"IF EXISTS ({MEET}) THEN RAISE EXCEPTION '{TWICE}' USING ERRCODE = 'exclusion_violation'; END IF; "
        "RETURN NEW; END $$",
        params=None,
    )
    editor.execute(
        f"CREATE TRIGGER {NAMES[0]} BEFORE UPDATE ON {TABLE} FOR EACH ROW "
        f"WHEN ({_changed('IS DISTINCT FROM')}) EXECUTE FUNCTION {TABLE}_terms()"
    )
    editor.execute(
        f"CREATE TRIGGER {NAMES[1]} BEFORE DELETE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION {TABLE}_kept()"
    )
    for name, verb in ((NAMES[2], "INSERT"), (NAMES[3], "UPDATE")):
        editor.execute(
            f"CREATE TRIGGER {name} BEFORE {verb} ON {TABLE} FOR EACH ROW EXECUTE FUNCTION {TABLE}_overlap()"
        )
    _postgresql_line(editor, LINE_TERMS)


def _postgresql_line(editor, terms):
    editor.execute(f"DROP TRIGGER IF EXISTS {LINE}_no_update ON {LINE}")
    editor.execute(
        f"CREATE TRIGGER {LINE}_no_update BEFORE UPDATE ON {LINE} FOR EACH ROW "
        f"WHEN ({_moved('IS DISTINCT FROM', terms)}) EXECUTE FUNCTION earnings_brand_rows_written_once()"
    )


def forwards(apps, schema_editor):
    {"sqlite": _sqlite, "postgresql": _postgresql}[schema_editor.connection.vendor](schema_editor)


#: Backwards, SQLite makes the table of transfers anew too, to take its column away; these are its guards meanwhile.
_KEPT_MEANWHILE = []


def backwards(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'earnings_transfer'")
            _KEPT_MEANWHILE[:] = [sql for (sql,) in cursor.fetchall()]
        for name in NAMES:
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}")
        return
    # It reads the column that goes.
    schema_editor.execute(f"DROP TRIGGER IF EXISTS {LINE}_no_update ON {LINE}")
    for name in ("terms", "kept", "overlap"):
        schema_editor.execute(f"DROP FUNCTION IF EXISTS {TABLE}_{name}() CASCADE")


def guards_as_before(apps, schema_editor):
    """Backwards only, and last: the guards of the tables without the columns."""
    for sql in _KEPT_MEANWHILE:
        schema_editor.execute(sql)
    _KEPT_MEANWHILE.clear()
    guard = {"sqlite": _sqlite_line, "postgresql": _postgresql_line}[schema_editor.connection.vendor]
    guard(schema_editor, OLD_LINE_TERMS)


class Migration(migrations.Migration):

    dependencies = [
        ('community', '0003_roles'),
        ('earnings', '0008_suspense_and_bank_lines'),
        ('parties', '0005_a_programme_may_lock_and_wait_for_its_brand'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, guards_as_before),
        migrations.CreateModel(
            name='VolumeTiers',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ref', models.CharField(default=affiliates.earnings.models.payouts.payout_ref, editable=False, max_length=20, unique=True, verbose_name='reference')),
                ('version', models.PositiveIntegerField(verbose_name='version')),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('steps', models.JSONField(verbose_name='tiers')),
                ('starts', models.CharField(max_length=7, validators=[django.core.validators.RegexValidator('^[0-9]{4}-(0[1-9]|1[0-2])$', 'Write a month such as 2026-03.')], verbose_name='from')),
                ('ends', models.CharField(blank=True, max_length=7, null=True, validators=[django.core.validators.RegexValidator('^[0-9]{4}-(0[1-9]|1[0-2])$', 'Write a month such as 2026-03.')], verbose_name='until')),
                ('creator_share_percent', models.DecimalField(decimal_places=4, max_digits=7, verbose_name="creator's share in percent")),
                ('hold_days', models.PositiveSmallIntegerField(verbose_name='days held after the month')),
                ('is_gated', models.BooleanField(default=False, verbose_name="waits for the brand's payment")),
                ('created_at', models.DateTimeField(verbose_name='made')),
            ],
            options={
                'verbose_name': 'volume tiers',
                'verbose_name_plural': 'volume tiers',
                'ordering': ('program', 'version'),
            },
        ),
        migrations.AlterField(
            model_name='brandstatementline',
            name='conversion',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='statement_lines', to='earnings.conversion'),
        ),
        migrations.CreateModel(
            name='VolumeBonus',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ref', models.CharField(default=affiliates.earnings.models.payouts.payout_ref, editable=False, max_length=20, unique=True, verbose_name='reference')),
                ('month', models.CharField(max_length=7, validators=[django.core.validators.RegexValidator('^[0-9]{4}-(0[1-9]|1[0-2])$', 'Write a month such as 2026-03.')], verbose_name='month')),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('sales_minor', models.BigIntegerField(default=0, verbose_name='approved sales')),
                ('bonus_minor', models.BigIntegerField(default=0, verbose_name='bonus')),
                ('creator_minor', models.BigIntegerField(default=0, verbose_name="creator's part")),
                ('platform_minor', models.BigIntegerField(default=0, verbose_name="platform's part")),
                ('paid_minor', models.BigIntegerField(default=0, verbose_name='paid to the creator')),
                ('last_sale_at', models.DateTimeField(blank=True, null=True, verbose_name='last sale')),
                ('available_on', models.DateField(verbose_name='available on')),
                ('released_at', models.DateTimeField(blank=True, null=True, verbose_name='made available')),
                ('booking', models.PositiveIntegerField(default=0)),
                ('created_at', models.DateTimeField(verbose_name='made')),
                ('updated_at', models.DateTimeField(verbose_name='last changed')),
                ('creator', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='volume_bonuses', to='community.creator')),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='volume_bonuses', to='parties.program')),
            ],
            options={
                'verbose_name': 'volume bonus',
                'verbose_name_plural': 'volume bonuses',
                'ordering': ('-month', 'pk'),
            },
        ),
        migrations.AddField(
            model_name='brandstatementline',
            name='bonus',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='statement_lines', to='earnings.volumebonus'),
        ),
        migrations.AddField(
            model_name='transfer',
            name='bonus',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='transfers', to='earnings.volumebonus'),
        ),
        migrations.AddConstraint(
            model_name='brandstatementline',
            constraint=models.UniqueConstraint(fields=('statement', 'bonus'), name='a_statement_has_a_bonus_once'),
        ),
        migrations.AddConstraint(
            model_name='brandstatementline',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('bonus__isnull', True), ('conversion__isnull', False)), models.Q(('bonus__isnull', False), ('conversion__isnull', True)), _connector='OR'), name='a_statement_line_is_about_an_order_or_a_bonus'),
        ),
        migrations.AddField(
            model_name='volumetiers',
            name='created_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='volumetiers',
            name='program',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='volume_tiers', to='parties.program', verbose_name='programme'),
        ),
        migrations.AddField(
            model_name='volumebonus',
            name='tiers',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bonuses', to='earnings.volumetiers'),
        ),
        migrations.AddConstraint(
            model_name='volumetiers',
            constraint=models.UniqueConstraint(fields=('program', 'version'), name='a_programme_numbers_its_volume_tiers_once'),
        ),
        migrations.AddConstraint(
            model_name='volumetiers',
            constraint=models.CheckConstraint(condition=models.Q(('ends__isnull', True), ('ends__gte', models.F('starts')), _connector='OR'), name='volume_tiers_end_after_they_start'),
        ),
        migrations.AddConstraint(
            model_name='volumetiers',
            constraint=models.CheckConstraint(condition=models.Q(('creator_share_percent__gte', 0), ('creator_share_percent__lte', 100)), name='a_creators_share_of_a_bonus_is_a_part_of_the_whole'),
        ),
        migrations.AddIndex(
            model_name='volumebonus',
            index=models.Index(fields=['last_sale_at'], name='bonus_by_time'),
        ),
        migrations.AddIndex(
            model_name='volumebonus',
            index=models.Index(condition=models.Q(('released_at__isnull', True)), fields=['available_on'], name='bonus_to_release'),
        ),
        migrations.AddConstraint(
            model_name='volumebonus',
            constraint=models.UniqueConstraint(fields=('program', 'creator', 'month', 'currency'), name='a_creators_month_in_a_programme_has_one_bonus'),
        ),
        migrations.AddConstraint(
            model_name='volumebonus',
            constraint=models.CheckConstraint(condition=models.Q(('bonus_minor', django.db.models.expressions.CombinedExpression(models.F('creator_minor'), '+', models.F('platform_minor')))), name='a_bonus_is_the_sum_of_its_parts'),
        ),
        migrations.AddConstraint(
            model_name='volumebonus',
            constraint=models.CheckConstraint(condition=models.Q(('bonus_minor__gte', 0), ('sales_minor__gte', 0)), name='a_bonus_is_not_negative'),
        ),
        migrations.RunPython(forwards, backwards),
    ]
