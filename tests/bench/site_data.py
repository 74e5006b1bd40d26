"""A data directory with the demo for the benches, made once and kept."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.servers import ROOT

GUIDE = "/creators/marta-vidal/the-kettle-that-does-not-shout/"


def demo_data_dir() -> Path:
    """Where the demo stands; building it takes a minute the first time."""
    folder = Path(os.environ.get("BENCH_DATA_DIR") or Path(tempfile.gettempdir()) / "vitrina-bench")
    environment = {**os.environ, "DATA_DIR": str(folder)}
    for command in (["migrate", "-v0"], ["demo", "--if-needed"]):
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=True)
    return folder
