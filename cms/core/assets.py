"""The site's own CSS, JavaScript and small pictures, served without a build step.

`static/css/site.css` imports one file per component. A browser can load it as it stands, and in development
does; in production its imports are put into one answer, so that a page needs one stylesheet. Every address
carries a digest of all these files (`/assets/<digest>/js/main.js`), so it may be kept for ever, and
relative imports between JavaScript modules stay within one digest. Worked out once per process, kept in
memory. See docs/adr/0006.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.exceptions import SuspiciousFileOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.templatetags.static import static
from django.utils.cache import patch_vary_headers

SUFFIXES = {".css", ".js", ".svg", ".png", ".jpg", ".webp", ".ico", ".webmanifest"}
TEXT_SUFFIXES = {".css", ".js", ".svg", ".webmanifest"}
FOR_EVER = "public, max-age=31536000, immutable"
BRIEFLY = "public, max-age=60"

_IMPORT = re.compile(r'@import\s+(?:url\()?"(?P<path>[^"]+)"\)?(?:\s+layer\((?P<layer>[\w-]+)\))?\s*;')
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it goes out: plain and, where that helps, compressed."""

    body: bytes
    packed: bytes | None
    content_type: str


def bundled_css(path: Path) -> str:
    """The stylesheet with its imports in place, each in the layer its import names, without comments.

    Imports come first in a stylesheet, so their order is the order of the result.
    """
    text = _COMMENT.sub("", path.read_text(encoding="utf-8"))

    def put_in_place(match: re.Match[str]) -> str:
        inner = bundled_css((path.parent / match["path"]).resolve())
        return f"@layer {match['layer']} {{\n{inner}\n}}" if match["layer"] else inner

    return _without_spare_space(_IMPORT.sub(put_in_place, text))


def _without_spare_space(css: str) -> str:
    css = re.sub(r"\s+", " ", css)
    return re.sub(r"\s*([{};,])\s*", r"\1", css).replace(";}", "}").strip()


def _own_files() -> list[Path]:
    return [
        path
        for folder in settings.STATICFILES_DIRS
        for path in sorted(Path(folder).rglob("*"))
        if path.suffix in SUFFIXES
    ]


@cache
def assets_version() -> str:
    """A digest of all own files and of the package that brings htmx. It changes whenever one of them does."""
    digest = hashlib.sha256(version("django-htmx").encode())
    for path in _own_files():
        digest.update(str(path).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def asset_url(path: str) -> str:
    """The address of a static file that may be kept for ever; its plain one in development."""
    return static(path) if settings.DEBUG else f"/assets/{assets_version()}/{path}"


@lru_cache(maxsize=256)
def load_asset(path: str) -> Asset | None:
    """The file as it goes out, or None where there is none of that name."""
    if Path(path).suffix not in SUFFIXES:
        return None
    try:
        found = finders.find(path)
    except SuspiciousFileOperation:
        return None
    if not isinstance(found, str):
        return None
    file = Path(found)
    body = bundled_css(file).encode() if file.suffix == ".css" else file.read_bytes()
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    if file.suffix not in TEXT_SUFFIXES:
        return Asset(body, None, kind)
    return Asset(body, gzip.compress(body, 9, mtime=0), f"{kind}; charset=utf-8")


def serve_asset(request: HttpRequest, digest: str, path: str) -> HttpResponse:
    """A static file by its fingerprinted address.

    A page older than the present release names an older digest; it gets today's file, to be kept briefly.
    """
    asset = load_asset(path)
    if asset is None:
        raise Http404(path)
    packed = asset.packed is not None and "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(asset.packed if packed else asset.body, content_type=asset.content_type)
    if packed:
        response["Content-Encoding"] = "gzip"
    if asset.packed is not None:
        patch_vary_headers(response, ["Accept-Encoding"])
    response["Cache-Control"] = FOR_EVER if digest == assets_version() else BRIEFLY
    return response
