"""What the README says is what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from django.core.management import get_commands, load_command_class

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
OURS = ("cms.", "guides", "affiliates.", "community")


def _read_settings() -> set[str]:
    sources = [*(ROOT / "cms" / "settings").glob("*.py"), *(ROOT / "cms" / "demo").rglob("serve.py")]
    return {name for path in sources for name in re.findall(r'env_\w+\(\s*"([A-Z_]+)"', path.read_text())}


def test_every_variable_that_is_read_stands_in_the_table() -> None:
    table = set(re.findall(r"`([A-Z][A-Z_]+)`", README))
    assert _read_settings() <= table


def test_every_file_the_readme_names_exists() -> None:
    assert all((ROOT / name).exists() for name in re.findall(r"`(docs/[\w/.-]+)`", README))


@pytest.mark.parametrize("name", sorted(name for name, app in get_commands().items() if str(app).startswith(OURS)))
def test_every_command_says_what_it_does(name: str) -> None:
    assert load_command_class(get_commands()[name], name).help


def test_no_file_names_a_package_registry_or_this_machine() -> None:
    pattern = re.compile("pyp" + r"i\.org|files\.python" + r"hosted|registry\.npm" + r"js|/wor" + "k/main")
    files = [p for p in ROOT.rglob("*") if p.suffix in {".py", ".md", ".toml", ".lock", ".html"} and p.is_file()]
    kept = [p for p in files if not {".venv", "var", ".git"} & set(p.relative_to(ROOT).parts)]
    assert not [str(p) for p in kept if pattern.search(p.read_text(encoding="utf-8", errors="replace"))]
