"""A statement as CSV and as PDF, with the figures of its page. ADR 11 says how the PDF is made."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import formats, translation
from django.utils.translation import gettext as _

from affiliates.earnings.models import Statement
from affiliates.earnings.selectors.statement_pages import StatementPage, statement_page
from cms.core.domain.money import decimal_string
from cms.core.formats import format_money
from cms.core.spreadsheets import safe_cell

FONT_FILE = Path(__file__).resolve().parents[1] / "fonts" / "DejaVuSans.ttf"
OWN, JAPANESE, KOREAN, CHINESE = "DejaVuSans", "HeiseiKakuGo-W5", "HYGothic-Medium", "STSong-Light"
_RIGHT_TO_LEFT = re.compile(
    r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]+(?: +[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]+)*"
)
_KANA, _HANGUL = re.compile(r"[\u3040-\u30ff]"), re.compile(r"[\uac00-\ud7a3]")
#: Points. A4 is 595 by 842.
LEFT, RIGHT, TOP, BOTTOM, LEADING = 40, 555, 800, 50, 12


def statement_csv(statement: Statement) -> str:
    """The statement's figures and movements; amounts are decimal strings. Changes nothing."""
    page, currency = statement_page(statement), statement.currency
    out = io.StringIO()
    writer = csv.writer(out)

    def write(*cells: object) -> None:
        writer.writerow([safe_cell(str(cell)) for cell in cells])

    def money(minor: int) -> str:
        return decimal_string(minor, currency)

    write("statement", statement.ref, "month", statement.period.month, "currency", currency)
    write("document", statement.document, "number", statement.full_number, "name", page.name, "handle", page.handle)
    for name, minor in _totals(statement):
        write(name, money(minor))
    write("credits", page.originals)
    write("seal", page.seal)
    write("transfer", "at", "what", "shop", "order", "about", "reason", "since", "out_of", "into", "amount", "total")
    for line in page.lines:
        write(
            line.seq, line.at.isoformat(), line.what, line.shop, line.order, line.about, line.note, line.since,
            line.out_of, line.into, money(line.amount_minor), money(line.total_minor),
        )  # fmt: skip
    return "\ufeff" + out.getvalue()


def _totals(statement: Statement) -> list[tuple[str, int]]:
    return [
        ("opening", statement.opening_minor),
        ("earned", statement.earned_minor),
        ("adjusted", statement.adjusted_minor),
        ("paid", statement.paid_minor),
        ("closing", statement.closing_minor),
        ("net", statement.net_minor),
        ("tax", statement.tax_minor),
        ("gross", statement.gross_minor),
    ]


def statement_pdf(statement: Statement) -> bytes:
    """The statement on A4 in the language it was issued in; the same bytes each time. Changes nothing."""
    language = statement.content["language"]
    with translation.override(language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE):
        return _Sheets(statement_page(statement)).drawn()


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


class _Sheets:
    """Draws from top to bottom, onto as many sheets as it takes."""

    def __init__(self, page: StatementPage) -> None:
        from reportlab.pdfgen.canvas import Canvas

        self.page, self.out = page, io.BytesIO()
        self.canvas: Any = Canvas(self.out, pagesize=(595, 842), invariant=1, pageCompression=1)
        _letters()
        self.canvas.setTitle(page.title)
        self.canvas.setAuthor(page.platform[0] if page.platform else "")
        self.y: float = TOP
        self.number = 1

    def drawn(self) -> bytes:
        self._head()
        self._figures()
        self._movements()
        self._foot()
        self.canvas.save()
        return self.out.getvalue()

    def _money(self, minor: int) -> str:
        return format_money(minor, self.page.currency)

    def _width(self, text: str, size: float) -> float:
        from reportlab.pdfbase.pdfmetrics import stringWidth

        return sum(stringWidth(part, font, size) for font, part in runs(text))

    def _put(self, x: float, text: str, size: float = 9, *, right: bool = False) -> None:
        if right:
            x -= self._width(text, size)
        for font, part in runs(text):
            self.canvas.setFont(font, size)
            self.canvas.drawString(x, self.y, part)
            x += self._width(part, size)

    def _wrapped(self, text: str, width: float, size: float = 9) -> list[str]:
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

    def _down(self, by: float = LEADING) -> None:
        self.y -= by
        if self.y < BOTTOM:
            self._foot()
            self.canvas.showPage()
            self.y, self.number = TOP, self.number + 1

    def _foot(self) -> None:
        self.y = BOTTOM - 2 * LEADING
        facts = {"ref": self.page.statement.ref, "number": self.number}
        self._put(LEFT, _("Statement %(ref)s, sheet %(number)s") % facts, 7)

    def _rows(self, rows: Sequence[tuple[str, str]]) -> None:
        for name, value in rows:
            self._put(LEFT, name)
            self._put(RIGHT, value, right=True)
            self._down()

    def _paragraph(self, text: str, size: float = 9) -> None:
        for line in self._wrapped(text, RIGHT - LEFT, size):
            self._put(LEFT, line, size)
            self._down()

    def _head(self) -> None:
        page = self.page
        self._put(LEFT, page.title, 16)
        self._down(24)
        days = {"first": formats.date_format(page.first_day), "last": formats.date_format(page.last_day)}
        self._paragraph(_("%(first)s to %(last)s, in UTC") % days)
        if page.originals:
            self._paragraph(_("Credits %(documents)s") % {"documents": page.originals})
        self._down()
        # Whoever earns the commission is the supplier, also where the customer writes the document.
        for heading, lines in ((_("Supplier"), page.addressee), (_("Customer"), page.platform)):
            self._put(LEFT, heading, 7)
            self._down()
            for line in lines:
                self._paragraph(line)
            self._down(6)

    def _figures(self) -> None:
        page, statement = self.page, self.page.statement
        if statement.document:
            self._rows(
                [
                    (_("Commission, net"), self._money(statement.net_minor)),
                    (page.tax_words, self._money(statement.tax_minor)),
                    (_("Gross"), self._money(statement.gross_minor)),
                ]
            )
            if page.tax_wording:
                self._paragraph(page.tax_wording)
            self._down()
        self._rows(
            [
                (_("Opening"), self._money(statement.opening_minor)),
                (_("Earned"), self._money(statement.earned_minor)),
                (_("Adjusted"), self._money(statement.adjusted_minor)),
                (_("Paid"), self._money(-statement.paid_minor)),
                (_("Closing"), self._money(statement.closing_minor)),
            ]
        )
        self._rows([(f"    {column.name}", self._money(column.closing_minor)) for column in page.columns])
        self._down()

    def _movements(self) -> None:
        for x, text in ((LEFT, _("Movements (UTC)")), (460, _("Amount")), (RIGHT, _("Total"))):
            self._put(x, text, 8, right=x != LEFT)
        self._down()
        for line in self.page.lines:
            words = f"{formats.date_format(line.at, 'Y-m-d')}  {line.what}  {line.about}"
            if line.since:
                words += " " + _("(on statements since %(month)s)") % {"month": line.since}
            if line.note:
                words += f" – {line.note}"
            for number, part in enumerate(self._wrapped(words, 340, 8)):
                self._put(LEFT, part, 8)
                if number == 0:
                    self._put(460, self._money(line.amount_minor), 8, right=True)
                    self._put(RIGHT, self._money(line.total_minor), 8, right=True)
                self._down()
        self._down()
        self._paragraph(_("Books sealed with %(seal)s") % {"seal": self.page.seal}, 7)
