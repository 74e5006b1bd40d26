"""Servers and load for the benches: the same server program, one process, pinned to one core; the load on the other."""

from __future__ import annotations

import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONNECTIONS = 32
THREADS = 32
SECONDS = int(os.environ.get("BENCH_SECONDS", "5"))
ROUNDS = 3


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def pinned(core: int) -> list[str]:
    """What to put before a command that it stays on one core, where there are several."""
    cores = os.cpu_count() or 1
    return ["taskset", "-c", str(core % cores)] if shutil.which("taskset") and cores > 1 else []


@contextmanager
def server(application: str, **environment: str) -> Iterator[str]:
    """A granian WSGI server of one process on core 0; yields its address."""
    port = free_port()
    command = [
        *pinned(0), sys.executable, "-m", "granian", "--interface", "wsgi", application, "--host", "127.0.0.1",
        "--port", str(port), "--workers", "1", "--blocking-threads", str(THREADS), "--backlog", "1024",
        "--log-level", "error", "--no-ws",
    ]  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            try:
                urllib.request.urlopen(address + "/healthz", timeout=1).close()
                break
            except urllib.error.HTTPError:
                break
            except OSError:
                time.sleep(0.1)
        else:
            raise RuntimeError(f"{application} did not start")
        yield address
    finally:
        process.terminate()
        process.wait(10)


def load(url: str, *, headers: tuple[str, ...] = (), script: Path | None = None) -> tuple[float, float]:
    """(requests a second, p99 in ms) of one round of wrk from core 1; a Lua script may vary the requests."""
    if not shutil.which("wrk"):
        raise SystemExit("The bench needs wrk (Debian: apt-get install wrk).")
    command = [*pinned(1), "wrk", "-t", "1", "-c", str(CONNECTIONS), "-d", f"{int(SECONDS)}s", "--latency"]
    command += ["-s", str(script)] if script else []
    for header in headers:
        command += ["-H", header]
    output = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", output)
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)", output)
    if rate is None or p99 is None:
        raise RuntimeError(output)
    return float(rate[1]), float(p99[1]) * {"us": 0.001, "ms": 1, "s": 1000}[p99[2]]


def alternate(targets: dict[str, tuple[str, tuple[str, ...]]]) -> dict[str, tuple[float, float]]:
    """Medians of alternating rounds by name; each target is (URL, headers)."""
    rounds: dict[str, list[tuple[float, float]]] = {name: [] for name in targets}
    for _ in range(ROUNDS):
        for name, (url, headers) in targets.items():
            rounds[name].append(load(url, headers=headers))
    return {
        name: (statistics.median(rate for rate, _ in found), statistics.median(p99 for _, p99 in found))
        for name, found in rounds.items()
    }
