"""PDF sheets of paper, drawn from top to bottom. ADR 11 says with what and why."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

FONT_FILE = Path(__file__).resolve().parent / "fonts" / "DejaVuSans.ttf"
OWN, JAPANESE, KOREAN, CHINESE = "DejaVuSans", "HeiseiKakuGo-W5", "HYGothic-Medium", "STSong-Light"
_RTL = r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]+"
_RIGHT_TO_LEFT = re.compile(f"{_RTL}(?: +{_RTL})*")
_KANA, _HANGUL = re.compile(r"[\u3040-\u30ff]"), re.compile(r"[\uac00-\ud7a3]")
#: Points. A4 is 595 by 842.
LEFT, RIGHT, TOP, BOTTOM, LEADING = 40, 555, 800, 50, 12


@lru_cache(maxsize=1)
def _letters() -> frozenset[int]:
    """The letters of our own font; makes all fonts known. The library is big, so it is loaded when first needed."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfbase.ttfonts import TTFont

    own = TTFont(OWN, str(FONT_FILE))
    pdfmetrics.registerFont(own)
    for name in (JAPANESE, KOREAN, CHINESE):
        pdfmetrics.registerFont(UnicodeCIDFont(name))
    return frozenset(own.face.charToGlyph)


def runs(text: str) -> Iterator[tuple[str, str]]:
    """(font, text) in the order in which they are drawn: what our font lacks is left to the reader's own."""
    asian = CHINESE
    if _KANA.search(text):
        asian = JAPANESE
    elif _HANGUL.search(text):
        asian = KOREAN
    text = _RIGHT_TO_LEFT.sub(lambda found: found[0][::-1], text)
    font, part = OWN, ""
    for letter in text:
        wanted = OWN if ord(letter) in _letters() or ord(letter) < 0x2E80 or ord(letter) > 0xFFFF else asian
        if wanted != font and part:
            yield font, part
            part = ""
        font, part = wanted, part + letter
    if part:
        yield font, part


class Sheets:
    """As many A4 sheets as it takes; the same calls make the same bytes. `foot` is said at the end of each sheet."""

    def __init__(self, *, title: str, author: str, foot: str) -> None:
        from reportlab.pdfgen.canvas import Canvas

        _letters()
        self._out = io.BytesIO()
        self._canvas: Any = Canvas(self._out, pagesize=(595, 842), invariant=1, pageCompression=1)
        self._canvas.setTitle(title)
        self._canvas.setAuthor(author)
        self._foot_text, self._number = foot, 1
        self._y: float = TOP

    def finished(self) -> bytes:
        """The file. Nothing can be drawn afterwards."""
        self._foot()
        self._canvas.save()
        return self._out.getvalue()

    def down(self, by: float = LEADING) -> None:
        """Go on further below, on the next sheet where this one is full."""
        self._y -= by
        if self._y < BOTTOM:
            self._foot()
            self._canvas.showPage()
            self._y, self._number = TOP, self._number + 1

    def heading(self, text: str) -> None:
        """The name of the whole."""
        self.paragraph(text, size=16)
        self.down()

    def paragraph(self, text: str, *, size: float = 9) -> None:
        """Text over the whole width."""
        for line in self._wrapped(text, RIGHT - LEFT, size):
            self._put(LEFT, line, size)
            self.down(max(LEADING, size))

    def pair(self, name: str, value: str) -> None:
        """A name on the left, its value on the right."""
        self.row(name, [value], size=9)

    def row(self, text: str, values: Sequence[str], *, size: float = 8, apart: float = 95) -> None:
        """Text on the left, over several lines if need be, and values in columns from the right."""
        width = RIGHT - LEFT - apart * max(1, len(values)) - 10
        for number, part in enumerate(self._wrapped(text, width, size)):
            self._put(LEFT, part, size)
            for place, value in enumerate(reversed(values) if number == 0 else ()):
                self._put(RIGHT - apart * place, value, size, right=True)
            self.down()

    def _foot(self) -> None:
        self._y = BOTTOM - 2 * LEADING
        self._put(LEFT, self._foot_text, 7)
        self._put(RIGHT, str(self._number), 7, right=True)

    def _width(self, text: str, size: float) -> float:
        from reportlab.pdfbase.pdfmetrics import stringWidth

        return sum(stringWidth(part, font, size) for font, part in runs(text))

    def _put(self, x: float, text: str, size: float, *, right: bool = False) -> None:
        if right:
            x -= self._width(text, size)
        for font, part in runs(text):
            self._canvas.setFont(font, size)
            self._canvas.drawString(x, self._y, part)
            x += self._width(part, size)

    def _wrapped(self, text: str, width: float, size: float) -> list[str]:
        """Lines that fit; a word that is too long for one is cut."""
        lines, line = [], ""
        for word in text.split(" "):
            while self._width(word, size) > width:
                cut = next(n for n in range(len(word), 0, -1) if n == 1 or self._width(word[:n], size) <= width)
                lines += [line] if line else []
                lines.append(word[:cut])
                word, line = word[cut:], ""
            if line and self._width(f"{line} {word}", size) > width:
                lines.append(line)
                line = word
            else:
                line = f"{line} {word}".strip()
        return [*lines, line] if line or not lines else lines
