"""Run the benches that can run here, print their tables and keep them in var/bench/."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import time
from pathlib import Path

BENCHES = ("go", "pages", "loader", "orders", "products", "feeds")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=("normal", "full"), default="normal")
    parser.add_argument("--only", choices=BENCHES)
    options = parser.parse_args()
    os.environ["BENCH_SIZE"] = options.size
    folder = Path(os.environ.get("DATA_DIR", "var")) / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    for name in BENCHES:
        if options.only not in (None, name):
            continue
        rows = importlib.import_module(f"tests.bench.{name}").main()
        print(f"\n{name}")
        for row in rows:
            print("  " + "  ".join(f"{key} {value}" for key, value in row.items()))
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        path = folder / f"{name}.json"
        path.write_text(json.dumps({"at": stamp, "size": options.size, "rows": rows}, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
