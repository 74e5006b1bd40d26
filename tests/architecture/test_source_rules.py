"""Rules of the house that a linter does not know."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = [p for f in ("cms", "guides", "affiliates", "community") for p in (ROOT / f).rglob("templates/**/*.html")]
MODULES = [
    p
    for f in ("cms", "guides", "affiliates", "community")
    for p in (ROOT / f).rglob("*.py")
    if "migrations" not in p.parts
]


def _found(pattern: str, files: list[Path]) -> list[str]:
    expression = re.compile(pattern)
    return [
        f"{path.relative_to(ROOT)}:{number}"
        for path in files
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if expression.search(line)
    ]


def test_no_template_has_an_inline_script_style_or_handler() -> None:
    assert not _found(
        r"<script(?![^>]*(src=|application/(ld\+)?json))[^>]*>|<style|\sstyle=\"|\son[a-z]+=\"", TEMPLATES
    )


def test_a_tracked_link_is_always_marked_as_paid() -> None:
    anchors = [
        (p, a) for p in TEMPLATES for a in re.findall(r"<a\b[^>]*>", p.read_text()) if "go_path" in a or "/go/" in a
    ]
    assert not [f"{p.name}: {a}" for p, a in anchors if 'rel="sponsored nofollow noopener"' not in a]


def test_no_float_stands_near_money() -> None:
    money = [p for p in MODULES if "earnings" in p.parts or p.name == "money.py"]
    assert not _found(r"\bfloat\(|: float\b", money)


def test_no_call_to_the_network_lacks_a_timeout() -> None:
    calls = _found(
        r"\b(requests|httpx|urllib3)\.(get|post|request|urlopen)\((?!.*timeout)|\burlopen\((?!.*timeout)", MODULES
    )
    assert not calls


def test_no_translated_text_is_an_f_string() -> None:
    assert not _found(r"\b(gettext|gettext_lazy|ngettext|_)\(f[\"']", MODULES)
