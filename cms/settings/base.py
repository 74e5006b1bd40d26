"""Settings shared by every way of running Vitrina. Values come from the environment, see the README's table."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from cms.settings import env

PROJECT_DIR = Path(__file__).resolve().parents[2]
DATA_DIR = Path(env.env_str("DATA_DIR", str(PROJECT_DIR / "var"))).expanduser().resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)

PORT = env.env_int("PORT", 8000, low=1, high=65535)
BASE_URL = env.env_str("BASE_URL", f"http://127.0.0.1:{PORT}").rstrip("/")
_base = urlsplit(BASE_URL)
if _base.scheme not in {"http", "https"} or not _base.hostname:
    raise ImproperlyConfigured(f"BASE_URL={BASE_URL!r} is not an http(s) address.")
BASE_IS_LOOPBACK = _base.hostname in {"127.0.0.1", "localhost", "::1"}
BASE_IS_SECURE = _base.scheme == "https"

SECRET_KEY = env.env_str("SECRET_KEY", "") or env.stored_secret(DATA_DIR / "secret-key")
DEBUG = False
ALLOWED_HOSTS = env.env_list("ALLOWED_HOSTS", sorted({_base.hostname, "127.0.0.1", "localhost", "[::1]"}))
CSRF_TRUSTED_ORIGINS = [BASE_URL]
INTERNAL_IPS = ["127.0.0.1"]

# What this installation is ---------------------------------------------------------------------------------------
DEMO_FORCED = env.env_bool("DEMO_FORCE", False)
DEMO_LOGIN_DOMAIN = "demo.vitrina.test"
# The demo's shops do not exist; on a loopback address their hosts are served by the site itself.
DEMO_SHOP = env.env_bool("DEMO_SHOP", BASE_IS_LOOPBACK)
RATE_LIMITS = env.env_bool("RATE_LIMITS", True)
CLICK_SYNC = env.env_choice("CLICK_SYNC", "fsync", {"fsync", "interval"})
TRUSTED_PROXY_COUNT = env.env_int("TRUSTED_PROXY_COUNT", 0, high=10)
COUNTRY_HEADER = env.env_str("COUNTRY_HEADER", "")
JOURNAL_DIR = DATA_DIR / "journal"
# Where the central bank's reference rates are fetched daily; unset, nothing is fetched.
RATES_URL = env.env_address("RATES_URL")

INSTALLED_APPS = [
    "cms.core",
    "community",
    "affiliates.parties",
    "affiliates.catalogue",
    "affiliates.tracking",
    "affiliates.earnings",
    "affiliates.networks",
    "affiliates.brands",
    "guides",
    "cms.home",
    "cms.search",
    "cms.backup",
    "cms.demo",
    "wagtail.contrib.settings",
    "wagtail.contrib.redirects",
    "wagtail.sites",
    "community.apps.PeopleAdminConfig",  # wagtail.users with our forms
    "wagtail.snippets",
    "wagtail.embeds",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail.locales",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.sitemaps",
]

MIDDLEWARE = [
    # First: a page that is kept runs nothing else.
    "guides.page_cache.PageCacheMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "cms.core.middleware.SecurityHeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "community.middleware.PrivatePagesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "cms.core.middleware.ReaderMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "affiliates.tracking.middleware.CreatorCookieMiddleware",
    "community.middleware.FirstRunMiddleware",
    "guides.wall.CreatorWallMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]

ROOT_URLCONF = "cms.urls"
WSGI_APPLICATION = "cms.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PROJECT_DIR / "cms" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wagtail.contrib.settings.context_processors.settings",
                "cms.core.context_processors.site",
                "cms.core.context_processors.reader",
            ],
        },
    }
]

# Database --------------------------------------------------------------------------------------------------------
# SQLite 3.7.0 to 3.51.2 can corrupt a WAL database in a rare race; only fixed versions may use WAL.
SQLITE_WAL_IS_SAFE = sqlite3.sqlite_version_info >= (3, 51, 3) or (
    sqlite3.sqlite_version_info[:2] in {(3, 50), (3, 44)}
    and sqlite3.sqlite_version_info[2] >= {50: 7, 44: 6}[sqlite3.sqlite_version_info[1]]
)
SQLITE_JOURNAL = "WAL" if SQLITE_WAL_IS_SAFE else "TRUNCATE"
SQLITE_OPTIONS: dict[str, Any] = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        f"PRAGMA journal_mode={SQLITE_JOURNAL};PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;"
        "PRAGMA recursive_triggers=ON;PRAGMA mmap_size=0;PRAGMA temp_store=MEMORY;"
    ),
}


def database(url: str) -> dict[str, Any]:
    """A DATABASES entry from a URL, with the options each engine needs."""
    parsed = env.parse_database_url(url)
    entry: dict[str, Any] = {
        "ENGINE": parsed.engine,
        "NAME": parsed.name,
        "HOST": parsed.host,
        "PORT": parsed.port,
        "USER": parsed.user,
        "PASSWORD": parsed.password,
        "ATOMIC_REQUESTS": False,
    }
    if parsed.engine.endswith("sqlite3"):
        entry["OPTIONS"] = dict(SQLITE_OPTIONS)
        entry["CONN_MAX_AGE"] = None
    else:
        entry["OPTIONS"] = {"connect_timeout": 5, "options": "-c lock_timeout=10000"}
        entry["CONN_MAX_AGE"] = 60
        entry["CONN_HEALTH_CHECKS"] = True
    return entry


DATABASES = {"default": database(env.env_str("DATABASE_URL", f"sqlite:///{DATA_DIR / 'vitrina.sqlite3'}"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.env_str("REDIS_URL", "")
# A cache that does not answer at once is no help to a page.
REDIS_OPTIONS = {"socket_connect_timeout": 0.25, "socket_timeout": 0.5}
CACHES: dict[str, dict[str, Any]] = {
    "default": (
        {
            "BACKEND": "cms.core.calm_cache.CalmRedisCache",
            "LOCATION": REDIS_URL,
            "OPTIONS": {**REDIS_OPTIONS, "shelter": True},
        }
        if REDIS_URL
        else {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "LOCATION": "vitrina",
            "OPTIONS": {"MAX_ENTRIES": 5000},
        }
    ),
    # Whole pages, some 100 kB each; how many are kept is bounded here, on one machine and with Redis by its own limit.
    "pages": (
        {
            "BACKEND": "cms.core.calm_cache.CalmRedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": "pages",
            "OPTIONS": REDIS_OPTIONS,
        }
        if REDIS_URL
        else {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "LOCATION": "pages",
            "OPTIONS": {"MAX_ENTRIES": 1000},
        }
    ),
    # Small things that many pages show, kept by each process for a generation of pages.
    "memory": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "memory",
        "OPTIONS": {"MAX_ENTRIES": 2000},
    },
    "renditions": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "renditions",
        "TIMEOUT": 600,
        "OPTIONS": {"MAX_ENTRIES": 20000},
    },
}

TASKS = {
    # Wagtail's own index work runs at once: with a queue and no worker, new pages would not be found.
    "default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"},
    "background": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "mail"]},
}

# People ----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "community.User"
AUTHENTICATION_BACKENDS = [
    "community.backends.PasswordBackend",
    "community.backends.AccountBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
WAGTAILADMIN_LOGIN_URL = "account_login"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_ADAPTER = "community.adapter.AccountAdapter"
ACCOUNT_SIGNUP_FORM_CLASS = "community.forms.SignupForm"
# Only a sign-up that always sends a mail can hide whether an address is known.
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_RATE_LIMITS: dict[str, str] | bool = {} if RATE_LIMITS else False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = BASE_IS_LOOPBACK

# Language and time -----------------------------------------------------------------------------------------------
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES
WAGTAILADMIN_PERMITTED_LANGUAGES = LANGUAGES
WAGTAIL_I18N_ENABLED = True
LOCALE_PATHS = [PROJECT_DIR / "locale"]
FORMAT_MODULE_PATH = ["cms.formats"]

# Files -----------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [PROJECT_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # What no reader may fetch: uploaded feeds and reports.
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "private", "base_url": None},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
FILE_UPLOAD_PERMISSIONS = 0o644

# Wagtail ---------------------------------------------------------------------------------------------------------
WAGTAIL_SITE_NAME = "Vitrina"
WAGTAILADMIN_BASE_URL = BASE_URL
WAGTAILIMAGES_IMAGE_MODEL = "core.SiteImage"
WAGTAILDOCS_DOCUMENT_MODEL = "core.SiteDocument"
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 10 * 1024 * 1024
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 40_000_000
WAGTAILIMAGES_EXTENSIONS = ["avif", "gif", "jpg", "jpeg", "png", "webp"]
WAGTAILDOCS_EXTENSIONS = ["pdf"]
WAGTAILDOCS_MAX_UPLOAD_SIZE = 10 * 1024 * 1024
WAGTAILDOCS_SERVE_METHOD = "serve_view"
# Passwords and addresses are changed at one place, below /account/, with its limits and confirmations.
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = WAGTAIL_PASSWORD_RESET_ENABLED = WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
WAGTAILEMBEDS_FINDERS: list[dict[str, Any]] = []
WAGTAIL_WORKFLOW_REQUIRE_REAPPROVAL_ON_EDIT = True
WAGTAIL_PRIVATE_PAGE_OPTIONS = {"SHARED_PASSWORD": False}
WAGTAILDOCS_PRIVATE_COLLECTION_OPTIONS = {"SHARED_PASSWORD": False}
WAGTAILADMIN_UNSAFE_PAGE_DELETION_LIMIT = 10
TAGGIT_CASE_INSENSITIVE = True

# Safety ----------------------------------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
# Wagtail lets its own previews be framed by the admin; nothing else is.
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BASE_IS_SECURE
SECURE_SSL_REDIRECT = BASE_IS_SECURE and env.env_bool("SSL_REDIRECT", True)
SECURE_HSTS_SECONDS = env.env_int("HSTS_SECONDS", 31_536_000) if BASE_IS_SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = BASE_IS_SECURE
# Being on the browsers' preload list cannot be undone soon; that is the operator's decision.
SECURE_HSTS_PRELOAD = env.env_bool("HSTS_PRELOAD", False)
SILENCED_SYSTEM_CHECKS = ["security.W021"]
if env.env_bool("TRUST_X_FORWARDED_PROTO", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Mail ------------------------------------------------------------------------------------------------------------
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = str(DATA_DIR / "mail")
EMAIL_URL = env.env_str("EMAIL_URL", "")
if EMAIL_URL:
    _mail = urlsplit(EMAIL_URL)
    if _mail.scheme not in {"smtp", "smtps", "smtp+tls", "console"}:
        raise ImproperlyConfigured("EMAIL_URL: use smtp://, smtp+tls://, smtps:// or console://")
    EMAIL_BACKEND = f"django.core.mail.backends.{'console' if _mail.scheme == 'console' else 'smtp'}.EmailBackend"
    EMAIL_HOST = _mail.hostname or "localhost"
    EMAIL_PORT = _mail.port or {"smtps": 465, "smtp+tls": 587}.get(_mail.scheme, 25)
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_mail.username or ""), unquote(_mail.password or "")
    EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.scheme == "smtp+tls", _mail.scheme == "smtps"
    EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.env_str("DEFAULT_FROM_EMAIL", f"vitrina@{_base.hostname}")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env.env_str("LOG_LEVEL", "WARNING")},
    "loggers": {"django.security.DisallowedHost": {"level": "ERROR"}, "django.request": {"level": "ERROR"}},
}

# Dotted path of a class with `send(order)` and `query(ref)`, see affiliates/earnings/domain/payout_providers.py. Empty:
# creators cannot choose to be paid through a provider. Where the demo's shops are, its provider is, and pays nobody.
PAYOUT_PROVIDER = "affiliates.earnings.services.payout_providers.FakeProvider" if DEMO_SHOP else ""
