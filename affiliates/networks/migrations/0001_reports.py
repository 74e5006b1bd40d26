"""Networks' reports. What they said is written once: the database itself refuses to change, delete or truncate it."""

import affiliates.networks.models.files
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


WRITTEN_ONCE = ("networks_reportrow", "networks_observation", "networks_change")
#: What an import was; how far it came may change.
IDENTITY = (
    "ref", "network", "merchant_id", "mapping_id", "name", "sha256", "size", "is_dry_run", "created_at",
)  # fmt: skip


def _sqlite(editor):
    for table in WRITTEN_ONCE:
        what = table.removeprefix("networks_")
        for verb in ("update", "delete"):
            editor.execute(
                f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{what} rows are written once'); END"
            )
        editor.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) "
            f"BEGIN SELECT RAISE(ABORT, '{what} rows are never replaced'); END"
        )
    changed = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in IDENTITY)
    editor.execute(
        f"CREATE TRIGGER networks_reportfile_identity BEFORE UPDATE ON networks_reportfile WHEN {changed} "
        "BEGIN SELECT RAISE(ABORT, 'what an import was is written once'); END"
    )
    editor.execute(
        "CREATE TRIGGER networks_reportfile_no_delete BEFORE DELETE ON networks_reportfile "
        "BEGIN SELECT RAISE(ABORT, 'imports are never deleted'); END"
    )


def _sqlite_back(editor):
    for table in WRITTEN_ONCE:
        for name in ("no_update", "no_delete", "no_replace"):
            editor.execute(f"DROP TRIGGER IF EXISTS {table}_{name}")
    editor.execute("DROP TRIGGER IF EXISTS networks_reportfile_identity")
    editor.execute("DROP TRIGGER IF EXISTS networks_reportfile_no_delete")


def _postgresql(editor):
    editor.execute(
        "CREATE FUNCTION networks_written_once() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION '% rows are written once', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$",
        params=None,
    )
    for table in WRITTEN_ONCE:
        editor.execute(
            f"CREATE TRIGGER {table}_written_once BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION networks_written_once()"
        )
    changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in IDENTITY)
    editor.execute(
        f"CREATE TRIGGER networks_reportfile_identity BEFORE UPDATE ON networks_reportfile "
        f"FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION networks_written_once()"
    )
    editor.execute(
        "CREATE TRIGGER networks_reportfile_no_delete BEFORE DELETE ON networks_reportfile "
        "FOR EACH ROW EXECUTE FUNCTION networks_written_once()"
    )
    for table in (*WRITTEN_ONCE, "networks_reportfile"):
        editor.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION networks_written_once()"
        )


def _postgresql_back(editor):
    editor.execute("DROP FUNCTION IF EXISTS networks_written_once() CASCADE")


def forwards(apps, schema_editor):
    {"sqlite": _sqlite, "postgresql": _postgresql}[schema_editor.connection.vendor](schema_editor)


def backwards(apps, schema_editor):
    {"sqlite": _sqlite_back, "postgresql": _postgresql_back}[schema_editor.connection.vendor](schema_editor)


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('earnings', '0002_append_only'),
        ('parties', '0002_demo_keys'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ReportMapping',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(unique=True, verbose_name='short name')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('delimiter', models.CharField(blank=True, help_text='Empty: found from the file. \\t is a tab.', max_length=4, verbose_name='delimiter')),
                ('encoding', models.CharField(blank=True, help_text='Empty: found from the file.', max_length=20, verbose_name='encoding')),
                ('decimal_mark', models.CharField(blank=True, choices=[('.', 'point: 1,234.50'), (',', 'comma: 1.234,50')], help_text='Empty: found from the file, which is refused where that stays ambiguous.', max_length=1, verbose_name='decimal mark')),
                ('date_order', models.CharField(blank=True, choices=[('dmy', 'day first: 31/12/2026'), ('mdy', 'month first: 12/31/2026')], help_text='Empty: found from the file, which is refused where that stays ambiguous.', max_length=3, verbose_name='order of dates')),
                ('time_zone', models.CharField(default='UTC', help_text='Of times without one, such as Europe/Berlin.', max_length=60, verbose_name='time zone')),
                ('currency', models.CharField(blank=True, help_text='Where the file has no column for it.', max_length=3, verbose_name='currency')),
                ('columns', models.JSONField(default=dict, help_text='Our field and the file\'s column: {"external_id": "Transaction", …}', verbose_name='columns')),
                ('states', models.JSONField(blank=True, default=dict, help_text='{"confirmed": "approved", "void": "declined"}', verbose_name='words for states')),
                ('kinds', models.JSONField(blank=True, default=dict, help_text='{"CPS": "sale"}', verbose_name='words for kinds')),
                ('footer', models.CharField(blank=True, help_text='What the first cell of the last row says, such as Total. A file without it is taken for cut off.', max_length=60, verbose_name='closing word')),
            ],
            options={
                'verbose_name': 'report mapping',
                'verbose_name_plural': 'report mappings',
                'ordering': ('name', 'pk'),
            },
        ),
        migrations.CreateModel(
            name='Observation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('network', models.CharField(max_length=16, verbose_name='network')),
                ('external_id', models.CharField(max_length=100, verbose_name='transaction')),
                ('number', models.PositiveIntegerField(verbose_name='statement')),
                ('order_id', models.CharField(max_length=100, verbose_name='order')),
                ('state', models.CharField(blank=True, max_length=10, verbose_name='state')),
                ('state_word', models.CharField(blank=True, max_length=100, verbose_name="network's word for the state")),
                ('kind', models.CharField(blank=True, max_length=10, verbose_name='kind')),
                ('kind_word', models.CharField(blank=True, max_length=100, verbose_name="network's word for the kind")),
                ('sale_text', models.CharField(max_length=40, verbose_name='sale as reported')),
                ('sale_minor', models.BigIntegerField(null=True, verbose_name='sale')),
                ('sale_currency', models.CharField(max_length=3, verbose_name='currency of the sale')),
                ('commission_text', models.CharField(blank=True, max_length=40, verbose_name='commission as reported')),
                ('commission_minor', models.BigIntegerField(null=True, verbose_name='commission')),
                ('commission_currency', models.CharField(blank=True, max_length=3, verbose_name='currency of the commission')),
                ('event_at', models.DateTimeField(verbose_name='ordered')),
                ('click_at', models.DateTimeField(null=True, verbose_name='clicked')),
                ('updated_at', models.DateTimeField(null=True, verbose_name="network's last change")),
                ('sub_id', models.CharField(blank=True, max_length=100, verbose_name='sub-id')),
                ('coupon', models.CharField(blank=True, max_length=100, verbose_name='coupon')),
                ('country', models.CharField(blank=True, max_length=2, verbose_name='country')),
                ('reason_code', models.CharField(blank=True, max_length=100, verbose_name='reason code')),
                ('reason_text', models.CharField(blank=True, max_length=200, verbose_name='reason')),
                ('digest', models.CharField(max_length=64, verbose_name='fingerprint')),
                ('row_number', models.PositiveIntegerField(verbose_name='row')),
                ('observed_at', models.DateTimeField(verbose_name='observed')),
                ('merchant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='observations', to='parties.merchant')),
            ],
            options={
                'verbose_name': 'observation',
                'verbose_name_plural': 'observations',
            },
        ),
        migrations.CreateModel(
            name='Change',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('result', models.CharField(choices=[('created', 'created'), ('changed', 'changed'), ('unchanged', 'unchanged'), ('parked', 'parked'), ('rejected', 'rejected')], max_length=9, verbose_name='result')),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='reason')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('conversion', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='network_changes', to='earnings.conversion')),
                ('raw', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='earnings.rawreport')),
                ('observation', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='change', to='networks.observation')),
            ],
            options={
                'verbose_name': 'change',
                'verbose_name_plural': 'changes',
            },
        ),
        migrations.CreateModel(
            name='ReportFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ref', models.CharField(default=affiliates.networks.models.files.new_ref, max_length=16, unique=True, verbose_name='reference')),
                ('network', models.CharField(max_length=16, verbose_name='network')),
                ('name', models.CharField(max_length=200, verbose_name='file')),
                ('sha256', models.CharField(max_length=64, verbose_name='fingerprint')),
                ('size', models.BigIntegerField(verbose_name='bytes')),
                ('parser_version', models.PositiveSmallIntegerField(verbose_name='parser version')),
                ('is_dry_run', models.BooleanField(default=False, verbose_name='dry run')),
                ('file', models.FileField(blank=True, storage=affiliates.networks.models.files.report_storage, upload_to='reports')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='received')),
                ('status', models.CharField(choices=[('queued', 'Waiting'), ('running', 'Running'), ('done', 'Done'), ('refused', 'Refused, nothing changed')], default='running', max_length=8, verbose_name='state')),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('heartbeat_at', models.DateTimeField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='finished')),
                ('rows_total', models.PositiveIntegerField(default=0, verbose_name='rows')),
                ('created', models.PositiveIntegerField(default=0, verbose_name='created')),
                ('changed', models.PositiveIntegerField(default=0, verbose_name='changed')),
                ('unchanged', models.PositiveIntegerField(default=0, verbose_name='unchanged')),
                ('parked', models.PositiveIntegerField(default=0, verbose_name='parked')),
                ('rejected', models.PositiveIntegerField(default=0, verbose_name='rejected')),
                ('faults', models.JSONField(default=list)),
                ('reason', models.CharField(blank=True, max_length=400, verbose_name='why it was refused')),
                ('merchant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='report_files', to='parties.merchant', verbose_name='merchant')),
                ('requested_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('mapping', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='files', to='networks.reportmapping', verbose_name='mapping')),
            ],
            options={
                'verbose_name': 'network report',
                'verbose_name_plural': 'network reports',
                'ordering': ('-created_at', '-pk'),
            },
        ),
        migrations.AddField(
            model_name='observation',
            name='file',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='observations', to='networks.reportfile'),
        ),
        migrations.CreateModel(
            name='ReportRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(verbose_name='row')),
                ('raw', models.BinaryField(verbose_name='as it came')),
                ('external_id', models.CharField(blank=True, max_length=100, verbose_name='transaction')),
                ('result', models.CharField(choices=[('created', 'created'), ('changed', 'changed'), ('unchanged', 'unchanged'), ('parked', 'parked'), ('rejected', 'rejected')], max_length=9, verbose_name='result')),
                ('field', models.CharField(blank=True, max_length=40, verbose_name='field')),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='reason')),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rows', to='networks.reportfile')),
                ('observation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='rows', to='networks.observation')),
            ],
            options={
                'verbose_name': 'row of a report',
                'verbose_name_plural': 'rows of reports',
                'ordering': ('pk',),
            },
        ),
        migrations.AddIndex(
            model_name='observation',
            index=models.Index(fields=['merchant', 'order_id'], name='observation_of_order'),
        ),
        migrations.AddConstraint(
            model_name='observation',
            constraint=models.UniqueConstraint(fields=('network', 'external_id', 'merchant', 'number'), name='a_transaction_has_each_statement_once', violation_error_message='This transaction already has a statement of this number.'),
        ),
        migrations.AddIndex(
            model_name='reportfile',
            index=models.Index(condition=models.Q(('status', 'queued')), fields=['created_at'], name='report_file_waiting'),
        ),
        migrations.AddIndex(
            model_name='reportfile',
            index=models.Index(fields=['-created_at'], name='report_file_by_time'),
        ),
        migrations.AddConstraint(
            model_name='reportrow',
            constraint=models.UniqueConstraint(fields=('file', 'number'), name='a_row_of_a_file_ends_once', violation_error_message='This row of the file already has its end.'),
        ),
        migrations.RunPython(forwards, backwards),
    ]
