"""Rules get all their conditions, boosts and caps. Their terms never change, and no two of equal conditions are in
force at one time: the database itself refuses it, also from two writers at once.
"""

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


TABLE = "earnings_commissionrule"
CONDITIONS = (
    "program_id", "effect", "category", "creator_id", "group_id", "country", "products", "coupon", "customer",
    "basket_min_minor", "basket_max_minor",
)  # fmt: skip
TERMS = (
    *CONDITIONS, "version", "kind", "percent", "flat_minor", "budget_minor", "creator_month_minor", "order_minor",
    "starts_at", "created_at",
)  # fmt: skip
NAMES = (
    "earnings_commissionrule_terms", "earnings_commissionrule_kept", "earnings_commissionrule_overlap",
    "earnings_commissionrule_overlap_update",
)  # fmt: skip
CHANGED = "the terms of a commission rule never change; add a new version"
KEPT = "commission rules are never deleted"
TWICE = "two commission rules with equal conditions are never in force at one time"


def _equal(differs):
    """Whether a row `r` has the conditions of the new one and is in force at a time that it is."""
    same = " AND ".join(
        f"lower(r.{name}) = lower(NEW.{name})" if name == "category" else f"r.{name} {differs} NEW.{name}"
        for name in CONDITIONS
    )
    real = "(r.ends_at IS NULL OR r.ends_at > r.starts_at) AND (NEW.ends_at IS NULL OR NEW.ends_at > NEW.starts_at)"
    meet = "(r.ends_at IS NULL OR r.ends_at > NEW.starts_at) AND (NEW.ends_at IS NULL OR NEW.ends_at > r.starts_at)"
    return f"SELECT 1 FROM {TABLE} r WHERE r.id <> NEW.id AND {same} AND {real} AND {meet}"


def _changed(differs):
    terms = " OR ".join(f"OLD.{name} {differs} NEW.{name}" for name in TERMS)
    later = "OLD.ends_at IS NOT NULL AND (NEW.ends_at IS NULL OR NEW.ends_at > OLD.ends_at)"
    return f"{terms} OR ({later})"


def _sqlite(editor):
    editor.execute(
        f"CREATE TRIGGER {NAMES[0]} BEFORE UPDATE ON {TABLE} WHEN {_changed('IS NOT')} "
        f"BEGIN SELECT RAISE(ABORT, '{CHANGED}'); END"
    )
    editor.execute(f"CREATE TRIGGER {NAMES[1]} BEFORE DELETE ON {TABLE} BEGIN SELECT RAISE(ABORT, '{KEPT}'); END")
    for name, verb in ((NAMES[2], "INSERT"), (NAMES[3], "UPDATE")):
        editor.execute(
            f"CREATE TRIGGER {name} AFTER {verb} ON {TABLE} WHEN EXISTS ({_equal('IS')}) "
            f"BEGIN SELECT RAISE(ABORT, '{TWICE}'); END"
        )


def _postgresql(editor):
    for name, text in (("terms", CHANGED), ("kept", KEPT)):
        editor.execute(
            f"CREATE FUNCTION {TABLE}_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ "
            f"BEGIN RAISE EXCEPTION '{text}' USING ERRCODE = 'restrict_violation'; END $$",
            params=None,
        )
    # The programme's row stands in for rules that another writer has not committed yet.
    editor.execute(
        f"CREATE FUNCTION {TABLE}_overlap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "PERFORM 1 FROM parties_program WHERE id = NEW.program_id FOR NO KEY UPDATE; "
        f"IF EXISTS ({_equal('IS NOT DISTINCT FROM')}) THEN "
        f"RAISE EXCEPTION '{TWICE}' USING ERRCODE = 'exclusion_violation'; END IF; RETURN NEW; END $$",
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


def drop_first_guard(apps, schema_editor):
    on = f" ON {TABLE}" if schema_editor.connection.vendor == "postgresql" else ""
    schema_editor.execute(f"DROP TRIGGER IF EXISTS {NAMES[0]}{on}")


def forwards(apps, schema_editor):
    drop_first_guard(apps, schema_editor)
    {"sqlite": _sqlite, "postgresql": _postgresql}[schema_editor.connection.vendor](schema_editor)


def backwards(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for name in NAMES:
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}")
        return
    for name in ("terms", "kept", "overlap"):
        schema_editor.execute(f"DROP FUNCTION IF EXISTS {TABLE}_{name}() CASCADE")


class Migration(migrations.Migration):

    dependencies = [
        ('catalogue', '0013_reading_days'),
        ('community', '0003_roles'),
        ('earnings', '0004_payouts_leave'),
        ('parties', '0003_enrolment_by_application_and_groups'),
    ]

    operations = [
        migrations.RunPython(drop_first_guard, migrations.RunPython.noop),
        migrations.AddField(
            model_name='commissionrule',
            name='basket_max_minor',
            field=models.BigIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='order worth less than, in minor units'),
        ),
        migrations.AddField(
            model_name='commissionrule',
            name='basket_min_minor',
            field=models.BigIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='order worth at least, in minor units'),
        ),
        migrations.AddField(
            model_name='commissionrule',
            name='budget_minor',
            field=models.BigIntegerField(blank=True, null=True, verbose_name='budget in minor units'),
        ),
        migrations.AddField(
            model_name='commissionrule',
            name='coupon',
            field=models.CharField(blank=True, max_length=100, verbose_name='coupon'),
        ),
        migrations.AddField(
            model_name='commissionrule',
            name='creator_month_minor',
            field=models.BigIntegerField(blank=True, null=True, verbose_name='most for a creator a month, in minor units'),
        ),
        migrations.AddField(
            model_name='commissionrule',
            name='customer',
            field=models.CharField(blank=True, choices=[('new', 'new customers'), ('returning', 'returning customers'), ('unknown', 'customers of whom nothing is said')], max_length=9, verbose_name='customer'),
        ),
        migrations.AddField(
            model_name='commissionrule',
            name='effect',
            field=models.CharField(choices=[('base', 'Prices the line'), ('replaces', 'Boost: instead of the other rules'), ('adds', 'Boost: on top of the other rules')], default='base', max_length=8, verbose_name='effect'),
        ),
        migrations.AddField(
            model_name='commissionrule',
            name='group',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='commission_rules', to='parties.creatorgroup', verbose_name='group of creators'),
        ),
        migrations.AddField(
            model_name='commissionrule',
            name='order_minor',
            field=models.BigIntegerField(blank=True, null=True, verbose_name='most for an order, in minor units'),
        ),
        migrations.AddField(
            model_name='commissionrule',
            name='products',
            field=models.TextField(blank=True, verbose_name='products'),
        ),
        migrations.AddField(
            model_name='conversionline',
            name='boost',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='boosted_lines', to='earnings.commissionrule'),
        ),
        migrations.AddField(
            model_name='conversionline',
            name='cap_minor',
            field=models.BigIntegerField(blank=True, null=True, verbose_name='capped at'),
        ),
        migrations.AddIndex(
            model_name='conversionline',
            index=models.Index(fields=['rule', 'commission_minor'], name='what_a_rule_paid'),
        ),
        migrations.AddConstraint(
            model_name='commissionrule',
            constraint=models.CheckConstraint(condition=models.Q(('effect', 'base'), models.Q(('effect__in', ('replaces', 'adds')), ('ends_at__isnull', False)), _connector='OR'), name='a_boost_has_an_end', violation_error_message='A boost needs an end.'),
        ),
        migrations.AddConstraint(
            model_name='commissionrule',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('effect', 'adds'), _negated=True), models.Q(('budget_minor__isnull', True), ('creator_month_minor__isnull', True), ('order_minor__isnull', True)), _connector='OR'), name='a_boost_on_top_has_no_cap', violation_error_message='Only a rule that prices the line itself can have a cap or budget.'),
        ),
        migrations.AddConstraint(
            model_name='commissionrule',
            constraint=models.CheckConstraint(condition=models.Q(('basket_min_minor__isnull', True), ('basket_max_minor__isnull', True), ('basket_min_minor__lt', models.F('basket_max_minor')), _connector='OR'), name='an_orders_worth_starts_below_its_end', violation_error_message='The least worth of an order lies below the most.'),
        ),
        migrations.AddConstraint(
            model_name='commissionrule',
            constraint=models.CheckConstraint(condition=models.Q(('creator__isnull', True), ('group__isnull', True), _connector='OR'), name='a_rule_is_for_a_creator_or_a_group', violation_error_message='A rule is for one creator or for a group, not for both.'),
        ),
        migrations.AddConstraint(
            model_name='commissionrule',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('budget_minor__isnull', True), ('budget_minor__gte', 0), _connector='OR'), models.Q(('creator_month_minor__isnull', True), ('creator_month_minor__gte', 0), _connector='OR'), models.Q(('order_minor__isnull', True), ('order_minor__gte', 0), _connector='OR')), name='a_cap_is_not_negative', violation_error_message='A cap or budget cannot be negative.'),
        ),
        migrations.AddConstraint(
            model_name='conversionline',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('cap_minor__isnull', True), ('reason__in', ('', 'no_rule', 'flat_rule_in_other_currency'))), models.Q(('cap_minor__gte', 0), ('reason', 'cap')), _connector='OR'), name='what_a_cap_cut_is_said', violation_error_message='A line that a cap cut says so.'),
        ),
        migrations.RunPython(forwards, backwards),
    ]
