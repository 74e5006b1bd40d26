"""What strangers type becomes markup here, and nowhere else.

A comment is text with a few marks: blank lines part paragraphs, `*so*` and `**so**`, `` `code` ``, `- ` and
`1. ` begin lists, `> ` quotes, `[words](https://…)` and bare addresses become links. Everything is escaped
first, the marks are turned into elements, and bleach then lets through a short list and nothing else, so a
fault in the converter cannot become a fault in the page.
"""

from __future__ import annotations

import html
import re
import unicodedata

import bleach

LONGEST = 5000
TAGS = frozenset({"p", "br", "em", "strong", "ul", "ol", "li", "blockquote", "code", "a"})
LINK_REL = "ugc nofollow noopener"
_PROTOCOLS = frozenset({"http", "https", "mailto"})
_SAFE_HREF = re.compile(r"(?:https?://[^\s/?#]+|mailto:[^\s@]+@[^\s@]+)", re.IGNORECASE)
_MOST_MARKS = 8

# Unseen characters that reorder, hide or split text. The joiners U+200C and U+200D stay: Persian, Hindi and
# others are misspelt without them.
_UNSEEN = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff0-\uffff\U000e0000-\U000e0fff]"
)
_SURROGATES = re.compile("[\ud800-\udfff]")


def clean_text(text: str) -> str:
    """Plain text in one form: NFC, no unseen controls, no towers of accents, at most 5,000 characters."""
    text = text[: LONGEST * 2].replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    text = _UNSEEN.sub("", _SURROGATES.sub("", text))
    text = unicodedata.normalize("NFC", text)
    kept: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in {"Mn", "Me"} else 0
        if marks <= _MOST_MARKS:
            kept.append(character)
    text = "".join(kept)[:LONGEST]
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def clean_comment(text: str) -> str:
    """Markup of a comment, inside the allow-list whatever was typed; linear in the length of the text."""
    return _allow(_blocks(clean_text(text)))


def has_link(markup: str) -> bool:
    """Whether cleaned markup links anywhere."""
    return "<a " in markup


def _attribute(tag: str, name: str, value: str) -> bool:
    if tag != "a":
        return False
    if name == "href":
        return _SAFE_HREF.match(value) is not None
    return name == "rel" and value == LINK_REL


def _allow(markup: str) -> str:
    return bleach.clean(markup, tags=TAGS, attributes=_attribute, protocols=_PROTOCOLS, strip=True)


# Blocks ----------------------------------------------------------------------------------------------

_BULLET = re.compile(r"[-*+] +(?=\S)")
_NUMBER = re.compile(r"[0-9]{1,3}[.)] +(?=\S)")
_QUOTE = re.compile(r"> ?")
_KINDS = (("ul", _BULLET), ("ol", _NUMBER), ("blockquote", _QUOTE))


def _blocks(text: str) -> str:
    made: list[str] = []
    kind, lines = "", list[str]()
    for line in [*text.split("\n"), ""]:
        line = line.strip()
        now, rest = ("", "") if not line else ("p", line)
        for name, pattern in _KINDS:
            if line and (match := pattern.match(line)):
                now, rest = name, line[match.end() :]
                break
        if now != kind and lines:
            made.append(_block(kind, lines))
            lines = []
        kind = now
        if now:
            lines.append(rest)
    if lines:
        made.append(_block(kind, lines))
    return "".join(made)


def _block(kind: str, lines: list[str]) -> str:
    words = [_inline(line) for line in lines]
    if kind in {"ul", "ol"}:
        return f"<{kind}>" + "".join(f"<li>{line}</li>" for line in words) + f"</{kind}>"
    paragraph = "<p>" + "<br>".join(words) + "</p>"
    return f"<blockquote>{paragraph}</blockquote>" if kind == "blockquote" else paragraph


# Words -----------------------------------------------------------------------------------------------
# One pass over the line; no pattern can run past its closing mark more than once, so none can be made to
# crawl.

_MARKS = re.compile(
    r"`(?P<code>[^`\n]{1,500})`"
    r"|\[(?P<label>[^\[\]\n]{1,200})\]\((?P<href>(?:https?://|mailto:)[^\s()<>\"']{1,500})\)"
    r"|(?P<bare>https?://[^\s<>\"'`\[\]]{1,500})"
    r"|\*\*(?P<strong>[^*\n]{1,500})\*\*"
    r"|\*(?P<em>[^*\s][^*\n]{0,500})\*",
    re.IGNORECASE,
)
_AFTER_ADDRESS = ".,;:!?)*_"


def _inline(line: str) -> str:
    made: list[str] = []
    at = 0
    for match in _MARKS.finditer(line):
        made.append(html.escape(line[at : match.start()]))
        at = match.end()
        if code := match["code"]:
            made.append(f"<code>{html.escape(code)}</code>")
        elif href := match["href"]:
            made.append(_link(href, match["label"]))
        elif bare := match["bare"]:
            address = bare.rstrip(_AFTER_ADDRESS)
            made.append(_link(address, address) + html.escape(bare[len(address) :]))
        elif strong := match["strong"]:
            made.append(f"<strong>{html.escape(strong)}</strong>")
        else:
            made.append(f"<em>{html.escape(match['em'])}</em>")
    made.append(html.escape(line[at:]))
    return "".join(made)


def _link(href: str, label: str) -> str:
    if _SAFE_HREF.match(href) is None:
        return html.escape(label)
    return f'<a href="{html.escape(href)}" rel="{LINK_REL}">{html.escape(label)}</a>'
