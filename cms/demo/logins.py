"""The demo's people who can log in."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

DEMO_PASSWORD = "vitrina-demo"  # noqa: S105  (public by design; refused where the site is not on loopback)
DEMO_DOMAIN = settings.DEMO_LOGIN_DOMAIN


@dataclass(frozen=True)
class DemoLogin:
    """A log-in, whose it is, and what that person sees first."""

    name: str
    role: str | Promise

    @property
    def email(self) -> str:
        return f"{self.name}@{DEMO_DOMAIN}"


DEMO_LOGINS = (
    DemoLogin("operator", _("operator: everything")),
    DemoLogin("editor", _("editor: the moderation queue")),
    DemoLogin("finance", _("finance: payouts awaiting approval")),
    DemoLogin("finance2", _("finance, the second person: approves what the first proposed")),
    DemoLogin("creator", _("creator Marta Vidal: studio and earnings")),
    DemoLogin("creator2", _("creator Jonas Brandt: studio and earnings")),
    DemoLogin("reader", _("reader: what the followed creators wrote")),
    DemoLogin("brand", _("brand Kaufgarten: its commission report")),
    DemoLogin("brand2", _("brand Harbour Lane: its commission report")),
)
