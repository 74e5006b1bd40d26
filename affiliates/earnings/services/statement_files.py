"""A statement as CSV and as PDF, with the figures of its page. ADR 11 says how the PDF is made."""

from __future__ import annotations

import csv
import io

from django.conf import settings
from django.utils import formats, translation
from django.utils.translation import gettext as _

from affiliates.earnings.models import Statement
from affiliates.earnings.selectors.statement_pages import Line, StatementPage, statement_page
from cms.core.domain.money import decimal_string
from cms.core.formats import format_money
from cms.core.sheets import Sheets
from cms.core.spreadsheets import safe_cell


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
    for name in ("opening", "earned", "adjusted", "paid", "closing", "net", "tax", "gross"):
        write(name, money(getattr(statement, f"{name}_minor")))
    write("credits", page.originals)
    write("seal", page.seal)
    write("transfer", "at", "what", "shop", "order", "about", "reason", "since", "out_of", "into", "amount", "total")
    for line in page.lines:
        write(
            line.seq, line.at.isoformat(), line.what, line.shop, line.order, line.about, line.note, line.since,
            line.out_of, line.into, money(line.amount_minor), money(line.total_minor),
        )  # fmt: skip
    return "\ufeff" + out.getvalue()


def statement_pdf(statement: Statement) -> bytes:
    """The statement on A4 in the language it was issued in; the same bytes each time. Changes nothing."""
    language = statement.content["language"]
    with translation.override(language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE):
        page = statement_page(statement)
        sheets = Sheets(
            title=page.title,
            author=page.platform[0] if page.platform else "",
            foot=_("Statement %(ref)s") % {"ref": statement.ref},
        )
        _head(sheets, page)
        _figures(sheets, page)
        _movements(sheets, page)
        return sheets.finished()


def _head(sheets: Sheets, page: StatementPage) -> None:
    sheets.heading(page.title)
    days = {"first": formats.date_format(page.first_day), "last": formats.date_format(page.last_day)}
    sheets.paragraph(_("%(first)s to %(last)s, in UTC") % days)
    if page.originals:
        sheets.paragraph(_("Credits %(documents)s") % {"documents": page.originals})
    # Whoever earns the commission is the supplier, also where the customer writes the document.
    for heading, lines in ((_("Supplier"), page.addressee), (_("Customer"), page.platform)):
        sheets.down()
        sheets.paragraph(heading, size=7)
        for line in lines:
            sheets.paragraph(line)
    sheets.down()


def _figures(sheets: Sheets, page: StatementPage) -> None:
    statement = page.statement

    def pair(name: str, minor: int) -> None:
        sheets.pair(name, format_money(minor, page.currency))

    if statement.document:
        pair(_("Commission, net"), statement.net_minor)
        pair(page.tax_words, statement.tax_minor)
        pair(_("Gross"), statement.gross_minor)
        if page.tax_wording:
            sheets.paragraph(page.tax_wording)
        sheets.down()
    pair(_("Opening"), statement.opening_minor)
    pair(_("Earned"), statement.earned_minor)
    pair(_("Adjusted"), statement.adjusted_minor)
    pair(_("Paid"), -statement.paid_minor)
    pair(_("Closing"), statement.closing_minor)
    sheets.down()
    for column in page.columns:
        pair(column.name, column.closing_minor)
    sheets.down()


def _movements(sheets: Sheets, page: StatementPage) -> None:
    sheets.row(_("Movements (UTC)"), [_("Amount"), _("Changes the total by")])
    for line in page.lines:
        amounts = [format_money(minor, page.currency) for minor in (line.amount_minor, line.total_minor)]
        sheets.row(_in_words(line), amounts)
    sheets.down()
    sheets.paragraph(_("Books sealed with %(seal)s") % {"seal": page.seal}, size=7)


def _in_words(line: Line) -> str:
    words = f"{line.at:%Y-%m-%d} {line.what}: {line.about}"
    if line.since:
        words += " (" + _("on statements since %(month)s") % {"month": line.since} + ")"
    return f"{words} – {line.note}" if line.note else words
