"""A web page as tags and texts, in time that grows with its length and no faster, whatever the page is made of.

Python's own parser takes minutes over a page that is written to hurt it. Pages come from strangers, so this one never
looks at a character again: what is not closed ends with the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape

#: Elements whose content is not markup.
RAW = {
    name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE)
    for name in ("script", "style", "title", "textarea", "noscript", "template", "svg", "iframe")
}
#: Elements that have no end.
VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
_NAME = re.compile(r"[a-zA-Z][^\s/>]{0,60}")
_ATTRIBUTE = re.compile(r"""[\s/]*([^\s/>=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']*)))?""")
_BLANK = re.compile(r"[\s/]*")
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([a-zA-Z0-9_-]{3,30})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Start:
    """An element begins. `raw` is the content of one whose content is not markup."""

    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    raw: str = ""
    is_empty: bool = False


@dataclass(frozen=True, slots=True)
class End:
    """An element ends."""

    name: str


Token = Start | End | str


def decoded(body: bytes, content_type: str = "") -> str:
    """The page as text, in the encoding its header or its first kilobytes name, else UTF-8."""
    for place in (content_type.encode("latin-1", "ignore"), body[:4096]):
        if match := _CHARSET.search(place):
            try:
                return storable(body.decode(match[1].decode("ascii"), "replace"))
            except (LookupError, ValueError):
                continue
    return storable(body.decode("utf-8", "replace"))


def storable(text: str) -> str:
    """The text without what no database takes: a NUL, half a character."""
    return text.replace("\x00", " ").encode("utf-8", "replace").decode("utf-8")


def tokens(text: str) -> Iterator[Token]:
    """The page's tags and texts, in order."""
    place, end = 0, len(text)
    while place < end:
        opening = text.find("<", place)
        if opening < 0:
            yield unescape(text[place:])
            return
        if opening > place:
            yield unescape(text[place:opening])
        following = text[opening + 1 : opening + 2]
        if following in ("!", "?"):
            is_comment = text.startswith("<!--", opening)
            close = text.find("-->" if is_comment else ">", opening + (4 if is_comment else 1))
            if close < 0:
                return
            place = close + (3 if is_comment else 1)
        elif following == "/":
            name = _NAME.match(text, opening + 2)
            close = text.find(">", opening)
            if close < 0:
                return
            if name:
                yield End(name[0].lower())
            place = close + 1
        elif name := _NAME.match(text, opening + 1):
            start, place = _start(text, name[0].lower(), name.end())
            if start is None:
                return
            yield start
        else:
            yield "<"
            place = opening + 1


def _start(text: str, name: str, place: int) -> tuple[Start | None, int]:
    attributes: dict[str, str] = {}
    while True:
        blank = _BLANK.match(text, place)
        after = blank.end() if blank else place
        if after >= len(text):
            return None, after
        if text[after] == ">":
            is_empty = name in VOID or text[after - 1] == "/"
            break
        match = _ATTRIBUTE.match(text, after)
        if match is None:  # a stray "="
            place = after + 1
            continue
        value = match[2] if match[2] is not None else match[3] if match[3] is not None else match[4] or ""
        attributes.setdefault(match[1].lower(), unescape(value))
        place = match.end()
    place = after + 1
    if name not in RAW or (is_empty and name == "svg"):
        return Start(name, attributes, "", is_empty), place
    close = RAW[name].search(text, place)
    if close is None:
        return Start(name, attributes, text[place:], True), len(text)
    stop = text.find(">", close.end())
    return Start(name, attributes, text[place : close.start()], True), len(text) if stop < 0 else stop + 1
