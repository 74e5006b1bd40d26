"""What a page names is kept apart from the product it speaks of, so that undoing a merge finds the way back."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F
from django.db.models.functions import Coalesce


def name_what_is_mentioned(apps, schema_editor):
    mentions = apps.get_model("catalogue", "ProductMention").objects
    mentions.filter(named__isnull=True).update(named_id=F("product_id"))
    # Mentions of products that were merged already follow them.
    for mention in mentions.filter(product__merged_into__isnull=False).select_related("product").iterator():
        mentions.filter(pk=mention.pk).update(product_id=mention.product.merged_into_id)


def leave_it(apps, schema_editor):
    mentions = apps.get_model("catalogue", "ProductMention").objects
    mentions.update(product_id=Coalesce(F("named_id"), F("product_id")))


class Migration(migrations.Migration):

    dependencies = [("catalogue", "0009_match_keys")]

    operations = [
        migrations.RemoveConstraint(
            model_name="productmention", name="a_page_mentions_a_product_once_per_role"
        ),
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
        migrations.RunPython(name_what_is_mentioned, leave_it),
    ]
