"""A frozen statement in words: what page, CSV and PDF show alike."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from affiliates.earnings.domain.periods import Month
from affiliates.earnings.domain.statements import STAGES, Step
from affiliates.earnings.domain.validation import Reason
from affiliates.earnings.models import Statement, StatementParty, TaxRule
from affiliates.earnings.models.changes import REASONS
from affiliates.earnings.selectors.history import transfer_words


@dataclass(frozen=True, slots=True)
class Line:
    """One movement."""

    seq: int
    at: dt.datetime
    what: str
    about: str
    order: str
    bonus: str
    shop: str
    note: str
    since: str
    out_of: str
    into: str
    amount_minor: int
    total_minor: int


@dataclass(frozen=True, slots=True)
class Column:
    """One place of the creator's money: its name, and what stood there first and last."""

    name: str
    stage: str
    opening_minor: int
    closing_minor: int


@dataclass(frozen=True, slots=True)
class StatementPage:
    """All of it. `name` is empty once its person was erased."""

    statement: Statement
    title: str
    first_day: dt.date
    last_day: dt.date
    platform: list[str]
    name: str
    handle: str
    addressee: list[str]
    columns: list[Column]
    lines: list[Line]
    tax_words: str
    tax_wording: str
    originals: str
    seal: str

    @property
    def currency(self) -> str:
        return self.statement.currency


def _stages() -> dict[str, str]:
    words = (_("Pending"), _("Approved, on hold"), _("Available"), _("On its way"))
    return {"": "", **dict(zip(STAGES, words, strict=True))}


def tax_in_words(tax: dict[str, str]) -> str:
    """Which tax a document shows, and what is missing where none could be decided."""
    if tax["missing"]:
        return {
            "platform": _("No tax is shown: the site's own tax identity is not on file."),
            "creator": _("No tax is shown: the creator's tax identity is not on file."),
            "rule": _("No tax is shown: there is no rule for these two countries."),
        }[tax["missing"]]
    if tax["treatment"] == TaxRule.Treatment.DOMESTIC_VAT:
        return _("VAT at %(percent)s %%") % {"percent": tax["percent"]}
    return {
        TaxRule.Treatment.REVERSE_CHARGE: _("Reverse charge: the recipient owes the tax"),
        TaxRule.Treatment.NONE: _("No tax"),
    }[TaxRule.Treatment(tax["treatment"])]


def _address(name: str, address: str, country: str, tax_number: str) -> list[str]:
    lines = [name, *address.splitlines(), country]
    if tax_number:
        lines.append(_("Tax number %(number)s") % {"number": tax_number})
    return [line for line in lines if line.strip()]


def _why(reason: str, note: str) -> str:
    """Why something was taken back: the reason of the list, then what was said in words."""
    words = str(dict(REASONS)[Reason(reason)]) if reason and reason != Reason.OTHER else ""
    return ": ".join(part for part in (words, note) if part)


def statement_page(statement: Statement) -> StatementPage:
    """The statement in the present language. One query, for its person."""
    content = statement.content
    month = Month.parse(content["month"])
    party = StatementParty.objects.filter(statement=statement).first()
    names = _stages()
    addressee = [_("This person was erased.")]
    if party:
        addressee = _address(party.name, party.address, party.country, party.tax_number)
    title = _("Statement for %(month)s") % {"month": month}
    if statement.document:
        facts = {"document": statement.get_document_display(), "number": statement.full_number}
        title = _("%(document)s %(number)s") % facts
    lines = []
    for row in content["movements"]:
        what = _("volume bonus for %(month)s") % {"month": row["bonus_month"]} if row.get("bonus") else row["order"]
        about = " · ".join(part for part in (what, row["merchant"], row["title"]) if part)
        lines.append(
            Line(
                seq=row["seq"],
                at=dt.datetime.fromisoformat(row["at"]),
                what=transfer_words(row["kind"]),
                about=about or row["payout"],
                order=row["order"],
                bonus=row.get("bonus", ""),
                shop=row["shop"],
                note=_why(row["reason"], row["note"]),
                since=row["since"],
                out_of=names[row["out_of"]],
                into=names[row["into"]],
                amount_minor=row["amount"],
                total_minor=Step(row["out_of"], row["into"], row["amount"], row["cause"]).total_minor,
            )
        )
    originals = ", ".join(f"{one['number']} ({one['month']})" for one in content["originals"])
    return StatementPage(
        statement=statement,
        title=title[:1].upper() + title[1:],
        first_day=month.starts_at.date(),
        last_day=month.last_day,
        platform=_address(**content["platform"]),
        name=party.name if party else "",
        handle=party.handle if party else "",
        addressee=addressee,
        columns=[
            Column(names[stage], stage, opening, closing)
            for stage, opening, closing in zip(STAGES, content["opening"], content["closing"], strict=True)
        ],
        lines=lines,
        tax_words=tax_in_words(content["tax"]) if statement.document else "",
        tax_wording=content["tax"]["wording"] if statement.document else "",
        originals=originals,
        seal=content["seal"],
    )
