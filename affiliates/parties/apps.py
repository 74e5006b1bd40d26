from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from cms.core import periodic


class PartiesConfig(AppConfig):
    name = "affiliates.parties"
    label = "parties"
    verbose_name = _("parties")

    def ready(self) -> None:
        from affiliates.parties import receivers
        from affiliates.parties.services import letters

        receivers.connect()
        periodic.register("parties.letters", 300, letters.tick, label=_("Tell brands and creators who joins"))
