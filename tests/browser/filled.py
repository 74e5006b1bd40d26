"""A data directory with the demo's content, made once per state of the code and kept between runs.

`python -m tests.browser.filled` makes it beforehand, beside other work.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHE = Path(os.environ.get("VITRINA_TEST_CACHE", "/tmp/vitrina-test-templates"))
DEMO_SECONDS = 600


def manage(environment: dict[str, str], *arguments: str, timeout: float = DEMO_SECONDS) -> str:
    """Run a management command and return what it printed."""
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=timeout, check=False
    )
    assert done.returncode == 0, f"{arguments}: {done.stdout[-2000:]}{done.stderr[-4000:]}"
    return done.stdout


def demo_environment(data_dir: Path, port: int) -> dict[str, str]:
    """What a demo site on a data directory and a port is started with."""
    kept = {k: v for k, v in os.environ.items() if k not in {"DJANGO_SETTINGS_MODULE", "DATABASE_URL", "REDIS_URL"}}
    return kept | {
        "DATA_DIR": str(data_dir), "PORT": str(port), "DEMO": "1", "RATE_LIMITS": "off",
        "BASE_URL": f"http://127.0.0.1:{port}", "DJANGO_SETTINGS_MODULE": "cms.settings.production",
    }  # fmt: skip


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _state_of_the_code() -> str:
    digest = hashlib.sha256()
    files = [p for app in ("cms", "guides", "affiliates", "community") for p in (ROOT / app).rglob("*")]
    for path in sorted(files):
        if path.suffix in {".py", ".toml"}:
            digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]


@contextlib.contextmanager
def filled_data_dir() -> Iterator[Path]:
    """A data directory with migrations and demo content, made by the real commands; nobody replaces it meanwhile."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / "demo-lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        target = CACHE / f"demo-{_state_of_the_code()}"
        if not target.exists():
            for old in CACHE.glob("demo-*/"):
                shutil.rmtree(old, ignore_errors=True)
            part = CACHE / f"demo-part-{os.getpid()}"
            part.mkdir()
            environment = demo_environment(part, free_port())
            manage(environment, "migrate", "-v0", "--no-input")
            manage(environment, "demo")
            part.rename(target)
        yield target


if __name__ == "__main__":
    with filled_data_dir():
        pass
