"""Closed months take no transfer, sealed transfers get no neighbour, and statements are written once."""

import affiliates.earnings.models.payouts
import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

WRITTEN_ONCE = {
    "earnings_seal": ("id", "number", "through_seq", "digest"),
    "earnings_period": ("id", "month", "starts_at", "ends_at"),
    "earnings_statement": ("id", "ref"),
}
#: Whoever books holds it shared, whoever seals or closes holds it alone: see services/seals.py.
BOOKS = "hashtext('earnings books')"
SHUT = "a transfer is effective after the last closed month"
SEALED = "a transfer is booked after the last seal"


def _sqlite(editor):
    for table, keys in WRITTEN_ONCE.items():
        what = table.removeprefix("earnings_")
        for verb in ("update", "delete"):
            editor.execute(
                f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{what} rows are written once'); END"
            )
        there = " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})" for key in keys)
        editor.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {there} "
            f"BEGIN SELECT RAISE(ABORT, '{what} rows are never replaced'); END"
        )
    editor.execute(
        "CREATE TRIGGER earnings_transfer_months_shut BEFORE INSERT ON earnings_transfer "
        "WHEN EXISTS (SELECT 1 FROM earnings_period WHERE ends_at > NEW.effective_at) "
        f"BEGIN SELECT RAISE(ABORT, '{SHUT}'); END"
    )
    # Before the row is there, SQLite does not know the number it will give to it.
    editor.execute(
        "CREATE TRIGGER earnings_transfer_sealed AFTER INSERT ON earnings_transfer "
        "WHEN EXISTS (SELECT 1 FROM earnings_seal WHERE through_seq >= NEW.seq) "
        f"BEGIN SELECT RAISE(ABORT, '{SEALED}'); END"
    )


def _sqlite_back(editor):
    for table in WRITTEN_ONCE:
        for name in ("no_update", "no_delete", "no_replace"):
            editor.execute(f"DROP TRIGGER IF EXISTS {table}_{name}")
    editor.execute("DROP TRIGGER IF EXISTS earnings_transfer_months_shut")
    editor.execute("DROP TRIGGER IF EXISTS earnings_transfer_sealed")


def _postgresql(editor):
    editor.execute(
        "CREATE FUNCTION earnings_closed_once() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION '% rows are written once', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$",
        params=None,
    )
    for table in WRITTEN_ONCE:
        editor.execute(
            f"CREATE TRIGGER {table}_written_once BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION earnings_closed_once()"
        )
        editor.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION earnings_closed_once()"
        )
    # Before the statement, so that no number is drawn while somebody seals: a number below the last sealed one would
    # turn up later.
    editor.execute(
        "CREATE FUNCTION earnings_books_are_open() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN PERFORM pg_advisory_xact_lock_shared({BOOKS}); RETURN NULL; END $$",
        params=None,
    )
    editor.execute(
        "CREATE TRIGGER earnings_transfer_books_open BEFORE INSERT ON earnings_transfer "
        "FOR EACH STATEMENT EXECUTE FUNCTION earnings_books_are_open()"
    )
    editor.execute(
        "CREATE FUNCTION earnings_months_are_shut() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF EXISTS (SELECT 1 FROM earnings_period WHERE ends_at > NEW.effective_at) THEN "
        f"RAISE EXCEPTION '{SHUT}' USING ERRCODE = 'restrict_violation'; END IF; "
        "IF EXISTS (SELECT 1 FROM earnings_seal WHERE through_seq >= NEW.seq) THEN "
        f"RAISE EXCEPTION '{SEALED}' USING ERRCODE = 'restrict_violation'; END IF; "
        "RETURN NEW; END $$",
        params=None,
    )
    editor.execute(
        "CREATE TRIGGER earnings_transfer_months_shut BEFORE INSERT ON earnings_transfer "
        "FOR EACH ROW EXECUTE FUNCTION earnings_months_are_shut()"
    )


def _postgresql_back(editor):
    for name in ("closed_once", "months_are_shut", "books_are_open"):
        editor.execute(f"DROP FUNCTION IF EXISTS earnings_{name}() CASCADE")


def forwards(apps, schema_editor):
    {"sqlite": _sqlite, "postgresql": _postgresql}[schema_editor.connection.vendor](schema_editor)


def backwards(apps, schema_editor):
    {"sqlite": _sqlite_back, "postgresql": _postgresql_back}[schema_editor.connection.vendor](schema_editor)


class Migration(migrations.Migration):

    dependencies = [
        ('community', '0003_roles'),
        ('earnings', '0002_append_only'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Seal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(unique=True, verbose_name='number')),
                ('through_seq', models.BigIntegerField(unique=True, verbose_name='through transfer')),
                ('count', models.PositiveIntegerField(verbose_name='transfers')),
                ('previous', models.CharField(max_length=64, verbose_name='previous digest')),
                ('digest', models.CharField(max_length=64, unique=True, verbose_name='digest')),
                ('leaves', models.BinaryField()),
                ('sealed_at', models.DateTimeField(verbose_name='sealed')),
            ],
            options={
                'verbose_name': 'seal',
                'verbose_name_plural': 'seals',
                'ordering': ('number',),
                'constraints': [models.CheckConstraint(condition=models.Q(('count__gte', 1), ('number__gte', 1)), name='a_seal_covers_at_least_one_transfer')],
            },
        ),
        migrations.CreateModel(
            name='Period',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.CharField(max_length=7, unique=True, verbose_name='month')),
                ('starts_at', models.DateTimeField(unique=True, verbose_name='starts')),
                ('ends_at', models.DateTimeField(unique=True, verbose_name='ends')),
                ('through_seq', models.BigIntegerField(verbose_name='through transfer')),
                ('closed_at', models.DateTimeField(verbose_name='closed')),
                ('closed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='closed by')),
                ('seal', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='periods', to='earnings.seal', verbose_name='seal')),
            ],
            options={
                'verbose_name': 'closed month',
                'verbose_name_plural': 'closed months',
                'ordering': ('-ends_at',),
            },
        ),
        migrations.CreateModel(
            name='Statement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ref', models.CharField(default=affiliates.earnings.models.payouts.payout_ref, editable=False, max_length=20, unique=True, verbose_name='reference')),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('opening_minor', models.BigIntegerField(verbose_name='opening')),
                ('earned_minor', models.BigIntegerField(verbose_name='earned')),
                ('adjusted_minor', models.BigIntegerField(verbose_name='adjusted')),
                ('paid_minor', models.BigIntegerField(verbose_name='paid')),
                ('closing_minor', models.BigIntegerField(verbose_name='closing')),
                ('document', models.CharField(blank=True, choices=[('invoice', 'self-billed invoice'), ('credit_note', 'self-billed credit note')], max_length=11, verbose_name='document')),
                ('number', models.PositiveIntegerField(null=True, verbose_name='number')),
                ('net_minor', models.BigIntegerField(verbose_name='net')),
                ('tax_minor', models.BigIntegerField(verbose_name='tax')),
                ('tax_missing', models.CharField(blank=True, max_length=8, verbose_name='missing for tax')),
                ('body', models.TextField()),
                ('digest', models.CharField(max_length=64, verbose_name='fingerprint')),
                ('issued_at', models.DateTimeField(verbose_name='issued')),
                ('creator', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='statements', to='community.creator', verbose_name='creator')),
                ('period', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='statements', to='earnings.period', verbose_name='month')),
            ],
            options={
                'verbose_name': 'statement',
                'verbose_name_plural': 'statements',
                'ordering': ('-period__ends_at', 'creator_id', 'currency'),
            },
        ),
        migrations.CreateModel(
            name='StatementParty',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('handle', models.CharField(max_length=40, verbose_name='handle')),
                ('address', models.TextField(blank=True, verbose_name='address')),
                ('country', models.CharField(blank=True, max_length=2, verbose_name='country')),
                ('tax_number', models.CharField(blank=True, max_length=30, verbose_name='tax number')),
                ('statement', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='party', to='earnings.statement')),
            ],
            options={
                'verbose_name': "statement's addressee",
                'verbose_name_plural': "statements' addressees",
            },
        ),
        migrations.CreateModel(
            name='TaxIdentity',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('legal_name', models.CharField(max_length=200, verbose_name='legal name')),
                ('address', models.TextField(max_length=600, verbose_name='address')),
                ('country', models.CharField(max_length=2, verbose_name='country')),
                ('tax_number', models.CharField(blank=True, max_length=30, verbose_name='tax number')),
                ('valid_from', models.DateField(verbose_name='valid from')),
                ('creator', models.ForeignKey(blank=True, help_text='Empty for the platform itself.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='tax_identities', to='community.creator', verbose_name='creator')),
            ],
            options={
                'verbose_name': 'tax identity',
                'verbose_name_plural': 'tax identities',
                'ordering': ('creator_id', '-valid_from'),
            },
        ),
        migrations.CreateModel(
            name='TaxRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform_country', models.CharField(max_length=2, verbose_name="platform's country")),
                ('creator_country', models.CharField(max_length=2, verbose_name="creator's country")),
                ('has_tax_number', models.BooleanField(default=False, verbose_name='creator has a tax number')),
                ('treatment', models.CharField(choices=[('none', 'no tax'), ('domestic_vat', 'domestic VAT'), ('reverse_charge', 'reverse charge')], max_length=14, verbose_name='treatment')),
                ('percent', models.DecimalField(decimal_places=4, default=0, max_digits=7, verbose_name='percent')),
                ('wording', models.CharField(blank=True, help_text='What the law wants to be said.', max_length=300, verbose_name='sentence on the document')),
                ('valid_from', models.DateField(verbose_name='valid from')),
                ('valid_until', models.DateField(blank=True, help_text='The last day; empty while no end is known.', null=True, verbose_name='valid until')),
            ],
            options={
                'verbose_name': 'tax rule',
                'verbose_name_plural': 'tax rules',
                'ordering': ('platform_country', 'creator_country', 'has_tax_number', '-valid_from'),
                'constraints': [models.UniqueConstraint(fields=('platform_country', 'creator_country', 'has_tax_number', 'valid_from'), name='one_tax_rule_starts_on_a_day', violation_error_message='There is a row from this day on already.'), models.CheckConstraint(condition=models.Q(('valid_until__isnull', True), ('valid_until__gte', models.F('valid_from')), _connector='OR'), name='a_tax_rule_ends_after_it_starts', violation_error_message='A rule cannot end before it starts.'), models.CheckConstraint(condition=models.Q(models.Q(('percent__gt', 0), ('percent__lte', 100), ('treatment', 'domestic_vat')), models.Q(models.Q(('treatment', 'domestic_vat'), _negated=True), ('percent', 0)), _connector='OR'), name='only_domestic_vat_has_a_rate', violation_error_message='Domestic VAT needs a rate, the others have none.')],
            },
        ),
        migrations.AddConstraint(
            model_name='period',
            constraint=models.CheckConstraint(condition=models.Q(('closed_at__gte', models.F('ends_at'))), name='a_month_is_closed_after_it_ended'),
        ),
        migrations.AddConstraint(
            model_name='statement',
            constraint=models.UniqueConstraint(fields=('period', 'creator', 'currency'), name='a_creator_has_one_statement_of_a_month_and_currency'),
        ),
        migrations.AddConstraint(
            model_name='statement',
            constraint=models.UniqueConstraint(condition=models.Q(('document', ''), _negated=True), fields=('document', 'number'), name='a_document_has_a_number_of_its_own'),
        ),
        migrations.AddConstraint(
            model_name='statement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('document', ''), ('number__isnull', True)), models.Q(models.Q(('document', ''), _negated=True), ('number__gte', 1)), _connector='OR'), name='a_document_is_numbered_from_one'),
        ),
        migrations.AddConstraint(
            model_name='statement',
            constraint=models.CheckConstraint(condition=models.Q(('closing_minor', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('opening_minor'), '+', models.F('earned_minor')), '+', models.F('adjusted_minor')), '-', models.F('paid_minor')))), name='a_closing_is_the_opening_and_the_movements'),
        ),
        migrations.AddConstraint(
            model_name='statement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('document', 'invoice'), ('net_minor__gt', 0)), models.Q(('document', 'credit_note'), ('net_minor__lt', 0)), models.Q(('document', ''), ('net_minor', 0)), _connector='OR'), name='a_document_bills_or_credits_something'),
        ),
        migrations.AddConstraint(
            model_name='taxidentity',
            constraint=models.UniqueConstraint(fields=('creator', 'valid_from'), name='a_creator_has_one_tax_identity_from_a_day', violation_error_message='There is a row from this day on already.'),
        ),
        migrations.AddConstraint(
            model_name='taxidentity',
            constraint=models.UniqueConstraint(condition=models.Q(('creator__isnull', True)), fields=('valid_from',), name='the_platform_has_one_tax_identity_from_a_day', violation_error_message='There is a row from this day on already.'),
        ),
        migrations.CreateModel(
            name='StatementRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('finished_at', models.DateTimeField(verbose_name='finished')),
                ('period', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='run', to='earnings.period', verbose_name='month')),
            ],
            options={
                'verbose_name': 'run of statements',
                'verbose_name_plural': 'runs of statements',
            },
        ),
        migrations.AddIndex(
            model_name='transfer',
            index=models.Index(fields=['effective_at'], name='transfer_by_effect'),
        ),
        migrations.RunPython(forwards, backwards),
    ]
