"""Payouts get payment details, an end of their own, and quotes; quotes are written once."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


QUOTE = "earnings_exchangequote"


def fill(apps, schema_editor):
    """Payouts so far arrived in the currency in which they were earned, and ended with their batch."""
    payouts = apps.get_model("earnings", "Payout").objects
    batches = apps.get_model("earnings", "PayoutBatch").objects.filter(pk=models.OuterRef("batch_id"))
    payouts.update(
        pay_currency=models.F("currency"),
        pay_minor=models.F("amount_minor"),
        paid_at=models.Subquery(batches.values("sent_at")[:1]),
        handed_at=models.Subquery(batches.values("sent_at")[:1]),
        rejected_at=models.Subquery(batches.values("rejected_at")[:1]),
        reason=models.Subquery(batches.values("rejection")[:1]),
        told_at=models.Subquery(batches.values("proposed_at")[:1]),
    )
    # Those that are still open have an end to be told of.
    payouts.filter(paid_at=None, rejected_at=None).update(told_at=None)


def guard(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for verb in ("update", "delete"):
            schema_editor.execute(
                f"CREATE TRIGGER {QUOTE}_no_{verb} BEFORE {verb.upper()} ON {QUOTE} "
                "BEGIN SELECT RAISE(ABORT, 'exchangequote rows are written once'); END"
            )
        schema_editor.execute(
            f"CREATE TRIGGER {QUOTE}_no_replace BEFORE INSERT ON {QUOTE} "
            f"WHEN EXISTS (SELECT 1 FROM {QUOTE} WHERE id = NEW.id) "
            "BEGIN SELECT RAISE(ABORT, 'exchangequote rows are never replaced'); END"
        )
        return
    # A function of its own, so that this guard stands and falls by itself.
    schema_editor.execute(
        f"CREATE FUNCTION {QUOTE}_guard() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION '% rows are written once', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$",
        params=None,
    )
    schema_editor.execute(
        f"CREATE TRIGGER {QUOTE}_written_once BEFORE UPDATE OR DELETE ON {QUOTE} "
        f"FOR EACH ROW EXECUTE FUNCTION {QUOTE}_guard()"
    )
    schema_editor.execute(
        f"CREATE TRIGGER {QUOTE}_no_truncate BEFORE TRUNCATE ON {QUOTE} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {QUOTE}_guard()"
    )


def unguard(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for name in ("no_update", "no_delete", "no_replace"):
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {QUOTE}_{name}")
    else:
        schema_editor.execute(f"DROP FUNCTION IF EXISTS {QUOTE}_guard() CASCADE")


class Migration(migrations.Migration):

    dependencies = [
        ('community', '0003_roles'),
        ('earnings', '0003_closed_months_are_shut'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ExchangeQuote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('given', models.CharField(max_length=3, verbose_name='from')),
                ('into', models.CharField(max_length=3, verbose_name='into')),
                ('on', models.DateField(verbose_name='rates of')),
                ('source', models.CharField(max_length=40, verbose_name='source')),
                ('base', models.CharField(max_length=3, verbose_name='base')),
                ('given_e8', models.BigIntegerField()),
                ('into_e8', models.BigIntegerField()),
                ('made_at', models.DateTimeField(verbose_name='quoted')),
            ],
            options={
                'verbose_name': 'exchange quote',
                'verbose_name_plural': 'exchange quotes',
            },
        ),
        migrations.CreateModel(
            name='PayoutAccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(blank=True, max_length=70, verbose_name='account holder')),
                ('iban', models.CharField(blank=True, max_length=42, verbose_name='IBAN')),
                ('bic', models.CharField(blank=True, max_length=15, verbose_name='BIC')),
            ],
            options={
                'verbose_name': 'payout account',
            },
        ),
        migrations.CreateModel(
            name='PayoutProfile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(verbose_name='version')),
                ('method', models.CharField(choices=[('sepa', 'SEPA transfer'), ('bank', 'bank transfer'), ('mail', 'payment service, by e-mail address'), ('provider', 'account with our payment provider'), ('manual', 'by arrangement')], max_length=10, verbose_name='way of payment')),
                ('country', models.CharField(max_length=2, validators=[django.core.validators.RegexValidator('^[A-Z]{2}$', 'Two capital letters, such as DE.')], verbose_name='country')),
                ('holder', models.CharField(max_length=70, verbose_name='account holder')),
                ('currency', models.CharField(blank=True, max_length=3, verbose_name='paid in')),
                ('details', models.JSONField(default=dict, verbose_name='details')),
                ('fingerprint', models.CharField(blank=True, db_index=True, max_length=64, verbose_name='fingerprint of the account')),
                ('created_at', models.DateTimeField(verbose_name='set')),
                ('replaced_at', models.DateTimeField(blank=True, null=True, verbose_name='replaced')),
                ('told_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'payment details',
                'verbose_name_plural': 'payment details',
                'ordering': ('creator', '-version'),
            },
        ),
        migrations.CreateModel(
            name='SharedAccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fingerprint', models.CharField(editable=False, max_length=64, unique=True)),
                ('opened_at', models.DateTimeField(verbose_name='opened')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='closed')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='why they may share it')),
            ],
            options={
                'verbose_name': 'shared account',
                'verbose_name_plural': 'shared accounts',
                'ordering': ('-opened_at',),
            },
        ),
        migrations.AddField(
            model_name='payout',
            name='answer',
            field=models.CharField(blank=True, max_length=10, verbose_name="provider's last answer"),
        ),
        migrations.AddField(
            model_name='payout',
            name='asked_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='provider last asked'),
        ),
        migrations.AddField(
            model_name='payout',
            name='attempt',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='payout',
            name='handed_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='handed over'),
        ),
        migrations.AddField(
            model_name='payout',
            name='paid_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='paid'),
        ),
        migrations.AddField(
            model_name='payout',
            name='pay_currency',
            field=models.CharField(default='', max_length=3, verbose_name='paid in'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='payout',
            name='pay_minor',
            field=models.BigIntegerField(default=0, verbose_name='amount paid'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='payout',
            name='reason',
            field=models.CharField(blank=True, max_length=200, verbose_name='why it came back'),
        ),
        migrations.AddField(
            model_name='payout',
            name='rejected_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='rejected'),
        ),
        migrations.AddField(
            model_name='payout',
            name='returned_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='returned'),
        ),
        migrations.AddField(
            model_name='payout',
            name='told_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='payoutbatch',
            name='handed_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='handed over'),
        ),
        migrations.AddField(
            model_name='payoutbatch',
            name='handed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='handed over by'),
        ),
        migrations.AddField(
            model_name='payoutbatch',
            name='sender',
            field=models.JSONField(blank=True, default=dict, verbose_name='sent from'),
        ),
        migrations.AddConstraint(
            model_name='payoutbatch',
            constraint=models.CheckConstraint(condition=models.Q(('handed_at__isnull', True), models.Q(('approved_at__isnull', False), ('rejected_at__isnull', True)), _connector='OR'), name='only_an_approved_batch_is_handed_over'),
        ),
        migrations.AddField(
            model_name='exchangequote',
            name='batch',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='quotes', to='earnings.payoutbatch'),
        ),
        migrations.AddField(
            model_name='payout',
            name='quote',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='payouts', to='earnings.exchangequote'),
        ),
        migrations.AddField(
            model_name='payoutprofile',
            name='created_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='set by'),
        ),
        migrations.AddField(
            model_name='payoutprofile',
            name='creator',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payout_profiles', to='community.creator', verbose_name='creator'),
        ),
        migrations.AddField(
            model_name='payout',
            name='profile',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='payouts', to='earnings.payoutprofile', verbose_name='payment details'),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='payout',
            constraint=models.CheckConstraint(condition=models.Q(('pay_minor__gt', 0)), name='a_payout_arrives_as_a_positive_amount'),
        ),
        migrations.AddConstraint(
            model_name='payout',
            constraint=models.CheckConstraint(condition=models.Q(('rejected_at', None), models.Q(('paid_at', None), ('returned_at', None)), _connector='OR'), name='a_payout_ends_once'),
        ),
        migrations.AddConstraint(
            model_name='payout',
            constraint=models.CheckConstraint(condition=models.Q(('quote__isnull', False), ('pay_currency', models.F('currency')), _connector='OR'), name='another_currency_needs_a_quote'),
        ),
        migrations.AddField(
            model_name='sharedaccount',
            name='closed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='closed by'),
        ),
        migrations.AddField(
            model_name='sharedaccount',
            name='creators',
            field=models.ManyToManyField(related_name='+', to='community.creator', verbose_name='creators'),
        ),
        migrations.AddConstraint(
            model_name='exchangequote',
            constraint=models.UniqueConstraint(fields=('batch', 'given', 'into'), name='a_batch_has_one_quote_for_a_pair'),
        ),
        migrations.AddConstraint(
            model_name='exchangequote',
            constraint=models.CheckConstraint(condition=models.Q(('given_e8__gt', 0), ('into_e8__gt', 0)), name='a_quoted_rate_is_positive'),
        ),
        migrations.AddConstraint(
            model_name='payoutprofile',
            constraint=models.UniqueConstraint(fields=('creator', 'version'), name='payment_details_have_one_version_of_a_number'),
        ),
        migrations.AddConstraint(
            model_name='payoutprofile',
            constraint=models.UniqueConstraint(condition=models.Q(('replaced_at', None)), fields=('creator',), name='a_creator_has_one_active_payout_profile'),
        ),
        migrations.AddConstraint(
            model_name='sharedaccount',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('closed_by', None)), models.Q(('closed_at__isnull', False), ('closed_by__isnull', False)), _connector='OR'), name='somebody_closes_a_case'),
        ),
        migrations.RunPython(guard, unguard),
    ]
