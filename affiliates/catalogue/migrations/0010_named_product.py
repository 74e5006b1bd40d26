"""What a page names is kept apart from the product it speaks of, so that undoing a merge finds the way back."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("catalogue", "0009_match_keys")]

    operations = [
        migrations.RemoveConstraint(model_name="productmention", name="a_page_mentions_a_product_once_per_role"),
        migrations.AddField(
            model_name="productmention",
            name="named",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="mentions_by_name",
                to="catalogue.product",
            ),
        ),
    ]
