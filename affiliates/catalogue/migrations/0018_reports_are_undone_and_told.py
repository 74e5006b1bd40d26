"""What a confirmed report changed, so that it can be undone, and who was told. What was closed before is not told now."""

from django.db import migrations, models
from django.db.models import F


def leave_closed_tickets_alone(apps, schema_editor):
    apps.get_model("catalogue", "Ticket").objects.filter(closed_at__isnull=False).update(shop_told_at=F("closed_at"))


class Migration(migrations.Migration):

    dependencies = [
        ("catalogue", "0017_checks_say_how_sure"),
    ]

    operations = [
        migrations.AddField(
            model_name="ticket",
            name="found",
            field=models.CharField(blank=True, max_length=16, verbose_name="what the check found"),
        ),
        migrations.AddField(
            model_name="ticket",
            name="effect",
            field=models.JSONField(blank=True, default=dict, editable=False),
        ),
        migrations.AddField(
            model_name="ticket",
            name="shop_told_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="ticket",
            name="late_told_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="suspension",
            name="by_reports",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddField(
            model_name="suspension",
            name="is_void",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddField(
            model_name="suspension",
            name="members_told_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="suspension",
            name="readers_told_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunPython(leave_closed_tickets_alone, migrations.RunPython.noop),
    ]
