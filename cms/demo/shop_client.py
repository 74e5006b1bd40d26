"""The demo shop's till: it reports orders to Vitrina as a real shop would, over HTTP with an API key."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

import urllib3

TIMEOUT = urllib3.Timeout(connect=2, read=15)
_pool = urllib3.PoolManager(num_pools=4, maxsize=4, retries=False)


@dataclass(frozen=True)
class Exchange:
    """What the shop sent and what Vitrina answered, for the visitor to read."""

    method: str
    path: str
    sent: dict[str, Any] | None
    status: int
    answer: dict[str, Any]

    @property
    def sent_text(self) -> str:
        return json.dumps(self.sent, indent=2, ensure_ascii=False) if self.sent else ""

    @property
    def answer_text(self) -> str:
        return json.dumps(self.answer, indent=2, ensure_ascii=False)


def keys_file() -> Path:
    """Where the demo keeps its shops' API keys (made when the demo is; readable by this user only)."""
    return Path(settings.DATA_DIR) / "demo-keys.json"


def shop_key(merchant: str) -> str:
    """The API key of a demo shop. KeyError where the demo made none."""
    return str(json.loads(keys_file().read_text(encoding="utf-8"))[merchant])


def call(merchant: str, method: str, path: str, body: dict[str, Any] | None = None) -> Exchange:
    """One call to the API with the shop's key. urllib3.exceptions.HTTPError where the site does not answer."""
    headers = {"Authorization": f"Bearer {shop_key(merchant)}", "Content-Type": "application/json"}
    address = f"http://127.0.0.1:{settings.PORT}{path}"
    payload = json.dumps(body).encode() if body is not None else None
    response = _pool.request(method, address, body=payload, headers=headers, timeout=TIMEOUT)
    try:
        answer = json.loads(response.data)
    except ValueError:
        answer = {"status": response.status}
    return Exchange(method, path, body, response.status, answer)
