"""A shop that does not say whether a thing is new has said nothing. Only Python knows of it: no column changes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0018_reports_are_undone_and_told")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="offer",
                    name="condition",
                    field=models.CharField(
                        choices=[
                            ("new", "New"),
                            ("refurbished", "Refurbished"),
                            ("used", "Used"),
                            ("unknown", "Not stated"),
                        ],
                        default="unknown",
                        max_length=12,
                        verbose_name="condition",
                    ),
                )
            ]
        )
    ]
