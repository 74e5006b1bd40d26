"""For the test suite: quick hashing, mail in memory, its own data directory."""

from __future__ import annotations

import hashlib
import os
import tempfile

# Workers, checkouts and the site itself share nothing, whatever the environment says: the generation of the pages, for
# one, is a file in the data directory, and whoever writes it costs all who read it some queries.
os.environ["DATA_DIR"] = os.path.join(
    tempfile.gettempdir(),
    "vitrina-tests-" + hashlib.sha256(__file__.encode()).hexdigest()[:8],
    os.environ.get("PYTEST_XDIST_WORKER", "alone"),
)
os.environ.setdefault("SECRET_KEY", "only-for-tests-only-for-tests-only-for-tests-0123456789")

from cms.settings.base import *  # noqa: F403
from cms.settings.base import DATA_DIR

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
MEDIA_ROOT = DATA_DIR / "media-test"
RATE_LIMITS = False
ACCOUNT_RATE_LIMITS = False
DEMO_SHOP = False
BASE_URL = "http://testserver"
WAGTAILADMIN_BASE_URL = BASE_URL
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
