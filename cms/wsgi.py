"""The server's door: tracked links are answered ahead of Django, everything else by Django."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.production")

_django = get_wsgi_application()

from affiliates.tracking.handler import wrap  # noqa: E402  (needs the app registry)

application = wrap(_django)
