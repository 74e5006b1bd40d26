"""Each mention names what it spoke of. Rows alone, since PostgreSQL alters no table whose rows it just changed."""

from django.db import migrations
from django.db.models import F


def name_what_is_mentioned(apps, schema_editor):
    mentions = apps.get_model("catalogue", "ProductMention").objects
    mentions.filter(named__isnull=True).update(named_id=F("product_id"))
    # Mentions of products that were merged already follow them.
    for mention in mentions.filter(product__merged_into__isnull=False).select_related("product").iterator():
        mentions.filter(pk=mention.pk).update(product_id=mention.product.merged_into_id)


def speak_of_what_is_named(apps, schema_editor):
    apps.get_model("catalogue", "ProductMention").objects.update(product_id=F("named_id"))


class Migration(migrations.Migration):

    dependencies = [("catalogue", "0010_named_product")]

    operations = [migrations.RunPython(name_what_is_mentioned, speak_of_what_is_named)]
