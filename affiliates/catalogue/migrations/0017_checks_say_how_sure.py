"""Whether a check had anything to go by. Of what was found fine before, nobody knows it any more."""

from django.db import migrations, models


def doubt_what_was_fine(apps, schema_editor):
    apps.get_model("catalogue", "OfferCheck").objects.filter(state="ok").update(is_sure=False)


class Migration(migrations.Migration):

    dependencies = [
        ("catalogue", "0016_kept_pictures_guard"),
    ]

    operations = [
        migrations.AddField(
            model_name="offercheck",
            name="is_sure",
            field=models.BooleanField(default=True),
        ),
        migrations.RunPython(doubt_what_was_fine, migrations.RunPython.noop),
    ]
