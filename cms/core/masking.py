"""What of an address may be shown, stored in a message or logged: its host. Path and query can be a key."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

ADDRESS = re.compile(r"\b[a-zA-Z][a-zA-Z0-9+.-]*://[^\s\"'<>]+")


def mask_url(url: str) -> str:
    """`https://shop.example/…` of whatever address at that host."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "…"
    if not parts.scheme or not host:
        return "…"
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}/…"


def mask_text(text: str) -> str:
    """The text with each address in it cut down to its host."""
    return ADDRESS.sub(lambda found: mask_url(found[0]), text)
