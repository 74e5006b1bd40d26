from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from wagtail.users.apps import WagtailUsersAppConfig


class CommunityConfig(AppConfig):
    default = True
    name = "community"
    label = "community"
    verbose_name = _("Community")

    def ready(self) -> None:
        # Models may be imported only now.
        import_module("community.registrations").register_all()


class PeopleAdminConfig(WagtailUsersAppConfig):
    """Wagtail's user management with our people's fields; stands in INSTALLED_APPS for wagtail.users."""

    user_viewset = "community.viewsets.UserViewSet"
