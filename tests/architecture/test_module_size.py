from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 500


def test_no_module_is_longer_than_500_lines() -> None:
    modules = [
        path
        for folder in ("cms", "guides", "affiliates", "community", "tests")
        for path in (ROOT / folder).rglob("*.py")
        if "migrations" not in path.parts
    ]
    long = {str(path.relative_to(ROOT)): n for path in modules if (n := len(path.read_text().splitlines())) > LIMIT}
    assert not long


def test_nobody_gathers_things_in_a_module_named_after_nothing() -> None:
    names = {"utils.py", "helpers.py", "common.py", "misc.py"}
    found = [
        p for f in ("cms", "guides", "affiliates", "community") for p in (ROOT / f).rglob("*.py") if p.name in names
    ]
    assert not found
