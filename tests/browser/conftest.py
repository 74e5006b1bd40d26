"""A real server with the demo's content, and a browser that reports what went wrong on a page.

The filled data directory is made once per state of the code that fills it, and kept between runs; each
session works on a copy.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import CACHE, ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_SECONDS = 90
DEMO_SECONDS = 600


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@dataclass
class RunningSite:
    """A site as `make run` starts it, on a port and a data directory of its own."""

    url: str
    data_dir: Path
    environment: dict[str, str] = field(repr=False)

    def manage(self, *arguments: str, timeout: float = DEMO_SECONDS) -> str:
        """Run a management command on the site's data and return what it printed."""
        return _manage(self.environment, *arguments, timeout=timeout)


def _manage(environment: dict[str, str], *arguments: str, timeout: float) -> str:
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=timeout, check=False
    )
    assert done.returncode == 0, f"{arguments}: {done.stdout[-2000:]}{done.stderr[-4000:]}"
    return done.stdout


def _environment(data_dir: Path, port: int) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k not in {"DJANGO_SETTINGS_MODULE", "DATABASE_URL", "REDIS_URL"}}
    return kept | {
        "DATA_DIR": str(data_dir), "PORT": str(port), "DEMO": "1", "RATE_LIMITS": "off",
        "BASE_URL": f"http://127.0.0.1:{port}", "DJANGO_SETTINGS_MODULE": "cms.settings.production",
    }  # fmt: skip


def _free_port() -> int:
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


def _filled_data_dir() -> Path:
    """A data directory with migrations and demo content, made by the real commands."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / "demo-lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        target = CACHE / f"demo-{_state_of_the_code()}"
        if target.exists():
            return target
        for old in CACHE.glob("demo-*"):
            if old.is_dir():
                shutil.rmtree(old, ignore_errors=True)
        part = CACHE / f"demo-part-{os.getpid()}"
        part.mkdir()
        environment = _environment(part, _free_port())
        _manage(environment, "migrate", "-v0", "--no-input", timeout=DEMO_SECONDS)
        _manage(environment, "demo", timeout=DEMO_SECONDS)
        part.rename(target)
        return target


def _wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, f"the server ended: {log.read_text()[-3000:]}"
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"the server was not ready after {START_SECONDS} s: {log.read_text()[-3000:]}")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    """The running demo site."""
    data_dir = tmp_path_factory.mktemp("site") / "data"
    shutil.copytree(_filled_data_dir(), data_dir)
    port = _free_port()
    environment = _environment(data_dir, port)
    log = data_dir / "server.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "serve"], cwd=ROOT, env=environment, stdout=out, stderr=out,
            start_new_session=True,
        )  # fmt: skip
    running = RunningSite(f"http://127.0.0.1:{port}", data_dir, environment)
    try:
        _wait_until_ready(running.url, process, log)
        yield running
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture
def open_page(browser: Browser, site: RunningSite) -> Iterator[Callable[..., Page]]:
    """`open_page("/guides/", width=375, scheme="dark")`: a page in a context of its own.

    The test fails where a page logs an error, breaks its content security policy or asks for anything
    elsewhere.
    """
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def opened(path: str, *, width: int = 1280, scheme: str = "light", expect: int = 200, **options: Any) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme=scheme,
            locale="en-GB",
            timezone_id="Europe/London",
            service_workers="block",
            base_url=site.url,
            **options,
        )
        contexts.append(context)
        context.route("**/*", lambda route: _only_here(route, site.url, problems))
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(f"{path}: {error}"))
        page.on(
            "console",
            lambda m: (
                problems.append(f"{path}: {m.text}") if m.type == "error" and not _expected(m.text, expect) else None
            ),
        )
        response = page.goto(path)
        assert response is not None
        assert response.status == expect, f"{path} answered {response.status}"
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not problems


def _expected(text: str, status: int) -> bool:
    return status >= 400 and f"status of {status}" in text


def _only_here(route: Any, url: str, problems: list[str]) -> None:
    if route.request.url.startswith((url, "data:", "blob:")):
        route.continue_()
    else:
        problems.append(f"asked for {route.request.url}")
        route.abort()
