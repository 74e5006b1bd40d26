"""Order in the house: the moderation queue in the Wagtail admin."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.sidebar import LinkMenuItem

from community.selectors.moderation import waiting_count
from community.selectors.roles import may_moderate
from community.views import moderation


@hooks.register("register_admin_urls")
def moderation_urls() -> list[URLPattern]:
    return [
        path("moderation/", moderation.ModerationView.as_view(), name="community_moderation"),
        path("moderation/<slug:ref>/", moderation.decide, name="community_moderation_decide"),
    ]


class ModerationMenuItem(MenuItem):
    """Shown to those who may decide, with the number of things that wait."""

    def is_shown(self, request: HttpRequest) -> bool:
        return may_moderate(request.user)

    def render_component(self, request: HttpRequest) -> Any:
        waiting = waiting_count(request.user)
        label = f"{self.label} ({waiting})" if waiting else str(self.label)
        return LinkMenuItem(
            self.name, label, self.url, icon_name=self.icon_name, classname=self.classname, attrs=self.attrs
        )


@hooks.register("register_admin_menu_item")
def moderation_menu_item() -> MenuItem:
    return ModerationMenuItem(
        _("Moderation"), reverse("community_moderation"), name="moderation", icon_name="comment", order=90
    )
