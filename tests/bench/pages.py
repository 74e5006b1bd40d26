"""A guide's page, kept and not kept, against a bare view with Django's default middleware and the same bytes."""

from __future__ import annotations

import tempfile
import urllib.request
from pathlib import Path
from typing import Any

from tests.bench.servers import alternate, server
from tests.bench.site_data import GUIDE, demo_data_dir


def main() -> list[dict[str, Any]]:
    """Rows of requests a second and ratios."""
    data = str(demo_data_dir())
    language = "Accept-Language: de-DE"
    with server("cms.wsgi:application", DATA_DIR=data, PORT="8000") as site:
        request = urllib.request.Request(site + GUIDE, headers={"Accept-Language": "de-DE"})
        body = urllib.request.urlopen(request, timeout=30).read()
        with tempfile.NamedTemporaryFile(suffix=".html") as file:
            Path(file.name).write_bytes(body)
            with server("tests.bench.bare:application", BARE_PAGE=file.name, BARE_MIDDLEWARE="1") as bare:
                found = alternate(
                    {
                        "bare view, default middleware": (f"{bare}/page", ()),
                        "guide, kept": (site + GUIDE, (language,)),
                        # A session cookie, valid or not, keeps a page out of the cache.
                        "guide, not kept": (site + GUIDE, (language, "Cookie: sessionid=bench")),
                    }
                )
    base = found["bare view, default middleware"][0]
    targets = {"guide, kept": 0.8, "guide, not kept": 1 / 34}
    return [
        {
            "what": name,
            "per_second": round(rate),
            "p99_ms": round(p99, 1),
            "ratio": round(rate / base, 3),
            "target": round(targets[name], 3) if name in targets else None,
        }
        for name, (rate, p99) in found.items()
    ]
