"""Page, CSV and PDF of a statement say the same."""

from __future__ import annotations

import re

import pytest

from affiliates.earnings.domain.periods import Month
from affiliates.earnings.models import Statement, StatementParty
from affiliates.earnings.services.periods import close_period
from affiliates.earnings.services.statement_files import statement_csv, statement_pdf
from cms.core.sheets import CHINESE, JAPANESE, KOREAN, OWN, runs
from tests.factories.community import make_finance
from tests.factories.earnings import Shop

MARCH = Month(2026, 3)


@pytest.fixture
def statement(shop: Shop) -> Statement:
    shop.order("=A-1", click=shop.click(), status="approved", lines=[("1", "1234.50")])
    return close_period(month=MARCH, by=make_finance(), now=MARCH.ends_at).statements.get()


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every text that is drawn."""
    from reportlab.pdfgen.canvas import Canvas

    found: list[str] = []
    draw = Canvas.drawString
    monkeypatch.setattr(
        Canvas, "drawString", lambda self, x, y, text, **more: (found.append(text), draw(self, x, y, text, **more))
    )
    return found


def test_the_csv_holds_every_figure_and_no_formula(statement: Statement) -> None:
    text = statement_csv(statement)
    assert "closing,86.42" in text.splitlines() and "net,86.42" in text.splitlines()
    assert ",'=A-1," in text


def test_the_pdf_is_the_same_bytes_each_time(statement: Statement, written: list[str]) -> None:
    first = statement_pdf(statement)
    again = statement_pdf(Statement.objects.get(pk=statement.pk))
    assert first == again and first.startswith(b"%PDF-")


def test_the_pdf_carries_the_figures_of_the_page(statement: Statement, written: list[str]) -> None:
    statement_pdf(statement)
    assert "€86.42" in written and any("SB-000001" in text for text in written)
    assert statement.period.seal and any(statement.period.seal.digest in text for text in written)


@pytest.mark.parametrize("name", ["Ľubica Žďárská", "Γιώργος", "Наталья", "美咲 ミサキ", "김민준", "王小明", "נועה"])
def test_the_pdf_holds_names_in_any_of_these_scripts(statement: Statement, written: list[str], name: str) -> None:
    StatementParty.objects.update(name=name)
    assert statement_pdf(statement)
    drawn = "".join(written)
    assert name in drawn or name[::-1] in drawn


def test_each_script_is_drawn_with_a_font_that_has_it() -> None:
    assert [[font for font, _ in runs(text)] for text in ("Жук", "ミサキ", "김", "王 A")] == [
        [OWN], [JAPANESE], [KOREAN], [CHINESE, OWN],
    ]  # fmt: skip


def test_a_long_statement_takes_more_sheets(statement: Statement, written: list[str]) -> None:
    movements = statement.content["movements"] * 150
    statement.content["movements"] = movements
    pages = re.findall(rb"/Type /Page\b", statement_pdf(statement))
    assert len(pages) > 2


def test_the_pdf_embeds_only_the_letters_it_uses(statement: Statement, written: list[str]) -> None:
    assert len(statement_pdf(statement)) < 40_000
