"""A real server with the demo's content, and a browser that reports what went wrong on a page.

Each worker has a server and a browser of its own, on a copy of the filled data directory.
"""

from __future__ import annotations

import os
import shutil
import signal
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

from tests.browser.filled import DEMO_SECONDS, ROOT, demo_environment, filled_data_dir, free_port, manage

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
        return manage(self.environment, *arguments, timeout=timeout)


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
    with filled_data_dir() as filled:
        shutil.copytree(filled, data_dir)
    port = free_port()
    environment = demo_environment(data_dir, port)
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
