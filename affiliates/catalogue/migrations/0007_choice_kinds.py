from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0006_fewer_indexes")]

    operations = [
        migrations.AddIndex(
            model_name="product",
            index=models.Index(fields=["category", "kind"], name="product_category_kind"),
        ),
        migrations.AddField(
            model_name="productmention",
            name="facts",
            field=models.JSONField(blank=True, default=list, verbose_name="gifts, fees and own goods"),
        ),
    ]
