from __future__ import annotations

from importlib import import_module
from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from cms.core import periodic


class HomeConfig(AppConfig):
    name = "cms.home"
    label = "home"

    def ready(self) -> None:
        periodic.register(
            "home.watch_jobs",
            60,
            import_module("cms.home.alarms").watch_jobs,
            label=_("Tell of jobs that do not get done"),
        )
        post_migrate.connect(plant_tree, sender=self, dispatch_uid="home.plant_tree")


def plant_tree(sender: AppConfig, using: str = "default", **kwargs: Any) -> None:
    """A migrated site has its front page. Does nothing in the middle of a partial migration."""
    needed = {"home_homepage", "guides_creatorindexpage", "core_sitesettings", "community_comment", "auth_group"}
    if needed <= set(connections[using].introspection.table_names()):
        import_module("cms.home.services").ensure_site_tree()
