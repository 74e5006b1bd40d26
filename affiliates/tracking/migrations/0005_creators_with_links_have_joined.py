"""Whoever had links to a shop with an open programme earned without joining it. They have joined it, since they began."""

from django.db import migrations
from django.db.models import Min
from django.utils import timezone


def join(apps, schema_editor):
    Enrolment, Stay = apps.get_model("parties", "Enrolment"), apps.get_model("parties", "Stay")
    Program, Link = apps.get_model("parties", "Program"), apps.get_model("tracking", "Link")
    Click = apps.get_model("tracking", "Click")
    now = timezone.now()

    def begun(creator_id, merchant_id):
        """The first trace of a creator at a shop: their first link or their first click, whichever is older."""
        links = Link.objects.filter(creator_id=creator_id, merchant_id=merchant_id)
        first = links.aggregate(at=Min("created_at"))["at"]
        clicked = Click.objects.filter(creator_id=creator_id, merchant_id=merchant_id).order_by("at").first()
        return min((at for at in (first, clicked.at if clicked else None) if at), default=None)

    programs = Program.objects.filter(is_active=True, is_open=True).values_list("pk", "merchant_id")
    for program_id, merchant_id in programs:
        linked = set(
            Link.objects.filter(merchant_id=merchant_id, creator__isnull=False).values_list("creator_id", flat=True)
        )
        known = set(Enrolment.objects.filter(program_id=program_id).values_list("creator_id", flat=True))
        Enrolment.objects.bulk_create(
            Enrolment(program_id=program_id, creator_id=creator_id, status="joined", joined_at=now)
            for creator_id in sorted(linked - known)
        )
    # Nobody wrote down since when somebody was in: in an open programme everybody was, so all their clicks count.
    for enrolment in Enrolment.objects.filter(status__in=["joined", "left"], stays=None).select_related("program"):
        if enrolment.status == "left" and enrolment.left_at is None:
            continue
        first = begun(enrolment.creator_id, enrolment.program.merchant_id) if enrolment.program.is_open else None
        since = min(at for at in (enrolment.joined_at, first, enrolment.left_at) if at)
        Stay.objects.create(enrolment=enrolment, starts_at=since, ends_at=enrolment.left_at)
        Enrolment.objects.filter(pk=enrolment.pk).update(joined_at=since)


class Migration(migrations.Migration):
    dependencies = [
        ("tracking", "0004_readers_who_agreed"),
        ("parties", "0006_creators_come_and_go"),
    ]

    operations = [migrations.RunPython(join, migrations.RunPython.noop)]
