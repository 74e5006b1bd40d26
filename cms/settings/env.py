"""Typed reading of the environment. A value that makes no sense stops the process with a sentence."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}


def env_str(name: str, default: str) -> str:
    """The variable, or the default where it is unset or empty."""
    return os.environ.get(name) or default


def env_bool(name: str, default: bool) -> bool:
    """True or False; any other word than 1/0, true/false, yes/no, on/off stops the process."""
    raw = os.environ.get(name, "").strip().lower()
    if not raw:
        return default
    if raw in TRUE:
        return True
    if raw in FALSE:
        return False
    raise ImproperlyConfigured(f"{name}={raw!r} is neither on nor off; write 1 or 0.")


def env_int(name: str, default: int, *, low: int = 0, high: int = 2**31) -> int:
    """A whole number within [low, high]."""
    raw = os.environ.get(name, "").strip()
    if not raw:
        return default
    try:
        value = int(raw)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={raw!r} is not a whole number.") from None
    if not low <= value <= high:
        raise ImproperlyConfigured(f"{name}={value} is outside {low} to {high}.")
    return value


def env_list(name: str, default: list[str]) -> list[str]:
    """A comma-separated list without empty items."""
    raw = os.environ.get(name, "")
    return [item.strip() for item in raw.split(",") if item.strip()] or default


def env_choice(name: str, default: str, choices: set[str]) -> str:
    """One of a set of words."""
    value = env_str(name, default).lower()
    if value not in choices:
        raise ImproperlyConfigured(f"{name}={value!r} must be one of {', '.join(sorted(choices))}.")
    return value


def env_address(name: str) -> str:
    """An http(s) address, or nothing."""
    raw = os.environ.get(name, "").strip()
    parts = urlsplit(raw)
    if raw and (parts.scheme not in {"http", "https"} or not parts.hostname):
        raise ImproperlyConfigured(f"{name} is not an http(s) address.")
    return raw


@dataclass(frozen=True)
class DatabaseUrl:
    """The parts of a DATABASE_URL."""

    engine: str
    name: str
    host: str = ""
    port: str = ""
    user: str = ""
    password: str = ""


def parse_database_url(url: str) -> DatabaseUrl:
    """`sqlite:////absolute/path` or `postgres://user:password@host:port/name`."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        path = parts.path[1:] if parts.path.startswith("//") else parts.path
        if not path or parts.netloc:
            raise ImproperlyConfigured("DATABASE_URL: write sqlite:////absolute/path/to/file.sqlite3")
        return DatabaseUrl("django.db.backends.sqlite3", path)
    if parts.scheme in {"postgres", "postgresql"}:
        name = unquote(parts.path.lstrip("/"))
        if not name:
            raise ImproperlyConfigured("DATABASE_URL names no database: postgres://user@host/name")
        return DatabaseUrl(
            "django.db.backends.postgresql",
            name,
            parts.hostname or "",
            str(parts.port or ""),
            unquote(parts.username or ""),
            unquote(parts.password or ""),
        )
    raise ImproperlyConfigured(f"DATABASE_URL: unknown scheme {parts.scheme!r}; use sqlite or postgres.")


def stored_secret(path: Path) -> str:
    """The secret kept in the data directory, made once; two processes starting together agree on one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text(encoding="ascii").strip()
