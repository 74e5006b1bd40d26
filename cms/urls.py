"""The only place where all apps meet."""

from __future__ import annotations

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path, re_path
from django.views.generic import RedirectView
from django.views.static import serve

from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.contrib.sitemaps.views import sitemap
from wagtail.documents import urls as wagtaildocs_urls

from affiliates.tracking.views import joined_clicks
from cms.api import api
from cms.core import views as core_views
from cms.home.sitemaps import SITEMAPS

urlpatterns = [
    path("healthz", core_views.healthz, name="healthz"),
    path("readyz", core_views.readyz, name="readyz"),
    path("en/", RedirectView.as_view(url="/")),
    path("robots.txt", core_views.robots, name="robots"),
    path("sitemap.xml", sitemap, {"sitemaps": SITEMAPS}, name="sitemap"),
    path("api/v1/", api.urls),
    path("cms/login/", RedirectView.as_view(pattern_name="account_login", query_string=True)),
    path("cms/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
]

_unprefixed = ("affiliates.tracking.urls", "cms.core.urls", "cms.demo.urls")
_prefixed = (
    "community.urls",
    "affiliates.catalogue.urls",
    "affiliates.brands.urls",
    "guides.urls",
    "cms.search.urls",
)
urlpatterns += [path("", include(name)) for name in _unprefixed]
urlpatterns += [
    re_path(r"^media/(?P<path>(?:images|avatars)/.*)$", serve, {"document_root": settings.MEDIA_ROOT}),
]
urlpatterns += i18n_patterns(
    path("account/clicks/", joined_clicks, name="joined_clicks"),
    path("account/", include("allauth.urls")),
    *[path("", include(name)) for name in _prefixed],
    path("", include(wagtail_urls)),
    prefix_default_language=False,
)

if "debug_toolbar" in settings.INSTALLED_APPS:
    urlpatterns += [path("__debug__/", include("debug_toolbar.urls"))]

handler404 = "cms.core.views.page_not_found"
handler500 = "cms.core.views.server_error"
