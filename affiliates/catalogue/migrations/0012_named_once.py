"""Every mention names a product: after the rows of 0011, since PostgreSQL alters no table whose rows it just changed."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("catalogue", "0011_name_mentions")]

    operations = [
        migrations.AlterField(
            model_name="productmention",
            name="named",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="mentions_by_name",
                to="catalogue.product",
            ),
        ),
        migrations.AddConstraint(
            model_name="productmention",
            constraint=models.UniqueConstraint(
                fields=["named", "page", "role"], name="a_page_mentions_a_product_once_per_role"
            ),
        ),
    ]
