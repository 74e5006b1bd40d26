"""`make test`: the suite on SQLite, then what needs PostgreSQL on PostgreSQL, and a last line that counts both.

Servers are used where TEST_DATABASE_URL and TEST_REDIS_URL answer. On CI a skipped suite is a failure.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SUMMARY = re.compile(r"(\d+) (passed|failed|skipped|error)")


def ensure_browser() -> None:
    """Debian's Chromium, where we are allowed to install it."""
    if os.environ.get("CHROMIUM") or shutil.which("chromium"):
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing Chromium for the browser tests ...", flush=True)
        command = "apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium"
        subprocess.run(["sh", "-c", command], stdout=subprocess.DEVNULL, check=False)


def run(title: str, *arguments: str, **environment: str) -> tuple[int, dict[str, int]]:
    """One pytest run; its exit code and counts. Exit 5 (nothing collected) counts as a failure."""
    print(f"== {title}", flush=True)
    command = [sys.executable, "-m", "pytest", *arguments]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    counts: dict[str, int] = {}
    assert process.stdout is not None
    for line in process.stdout:
        print(line, end="", flush=True)
        if " in " in line and (found := SUMMARY.findall(line)):
            counts = {word: int(number) for number, word in found}
    return process.wait(), counts


def main() -> int:
    ensure_browser()
    workers = os.environ.get("TEST_WORKERS", "2")
    runs = [run("SQLite", "-q", "-n", workers, "--dist", "loadfile", "-m", "not browser")]
    if os.environ.get("TEST_DATABASE_URL"):
        runs.append(
            run(
                "PostgreSQL",
                "-q",
                "-n",
                workers,
                "--dist",
                "loadfile",
                "-m",
                "not browser and not slow",
                DATABASE_URL=os.environ["TEST_DATABASE_URL"],
            )
        )
    else:
        print("PostgreSQL suite not run: set TEST_DATABASE_URL=postgres://user@host/name")
    runs.append(run("browser", "-q", "-m", "browser", "tests/browser"))
    total: dict[str, int] = {}
    for _, counts in runs:
        for word, number in counts.items():
            total[word] = total.get(word, 0) + number
    failed = total.get("failed", 0) + total.get("error", 0)
    code = max((code for code, _ in runs), default=0)
    print(f"{total.get('passed', 0)} passed, {failed} failed, {total.get('skipped', 0)} skipped")
    return 1 if code or failed else 0


if __name__ == "__main__":
    sys.exit(main())
