"""The Spanish catalogue is whole: nothing untranslated, nothing guessed, no placeholder lost."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

CATALOGUE = Path(__file__).resolve().parents[2] / "locale" / "es" / "LC_MESSAGES" / "django.po"
HOLDERS = re.compile(r"%\(\w+\)[a-z]|%%|\{\w*\}|</?\w[^>]*>")


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="es", abort_invalid=True)


def _forms(text: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [text or ""] if isinstance(text, str) or text is None else list(text)


def _messages(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def _holders(text: str) -> Counter[str]:
    return Counter(HOLDERS.findall(text))


def _keeps(message: Message) -> bool:
    """The plurals keep all that the source's plural has; the singular may write its number out, as the source may."""
    source, target = _forms(message.id), _forms(message.string)
    if len(source) == 1:
        return _holders(target[0]) == _holders(source[0])
    return _holders(target[0]) in (_holders(source[0]), _holders(source[-1])) and all(
        _holders(form) == _holders(source[-1]) for form in target[1:]
    )


def test_the_spanish_catalogue_is_there(catalogue: Catalog) -> None:
    assert len(_messages(catalogue)) > 900


def test_no_message_is_untranslated(catalogue: Catalog) -> None:
    assert not [m.id for m in _messages(catalogue) if not all(form.strip() for form in _forms(m.string))]


def test_no_message_is_fuzzy(catalogue: Catalog) -> None:
    assert not catalogue.fuzzy
    assert not [m.id for m in _messages(catalogue) if m.fuzzy]


def test_every_plural_has_all_forms(catalogue: Catalog) -> None:
    plural = [m for m in _messages(catalogue) if isinstance(m.id, tuple | list)]
    assert not [m.id for m in plural if len(_forms(m.string)) != catalogue.num_plurals]


def test_every_message_keeps_its_placeholders_and_tags(catalogue: Catalog) -> None:
    assert not [m.id for m in _messages(catalogue) if not _keeps(m)]


def test_every_message_keeps_its_outer_line_breaks(catalogue: Catalog) -> None:
    def ends(text: str) -> tuple[bool, bool]:
        return text.startswith("\n"), text.endswith("\n")

    assert not [
        m.id for m in _messages(catalogue) if {ends(f) for f in _forms(m.string)} != {ends(f) for f in _forms(m.id)}
    ]
