"""The ground floor's models: pages every app builds on, pictures, files and the site's settings."""

from __future__ import annotations

from cms.core.models.files import SiteDocument, SiteImage, SiteRendition
from cms.core.models.jobs import JobState
from cms.core.models.pages import BasePage, StandardPage
from cms.core.models.site_settings import SiteDefaults, SiteSettings, site_defaults

__all__ = [
    "BasePage",
    "JobState",
    "SiteDefaults",
    "SiteDocument",
    "SiteImage",
    "SiteRendition",
    "SiteSettings",
    "StandardPage",
    "site_defaults",
]
