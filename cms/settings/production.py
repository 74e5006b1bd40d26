"""How a site runs: `make run` on one machine, or several processes behind a proxy."""

from __future__ import annotations

from cms.settings.base import *  # noqa: F403

WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 3600
