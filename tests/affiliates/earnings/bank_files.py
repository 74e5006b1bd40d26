"""Statements as banks write them, for tests."""

from __future__ import annotations

from affiliates.earnings.models import BankMapping
from cms.core.domain.money import decimal_string

IBAN = "DE89370400440532013000"


def entry(
    amount_minor: int, ref: str, *, on: str = "2026-03-31", end_to_end: str = "", text: str = "", more: str = ""
) -> str:
    """One booked entry of a camt.053 statement."""
    side = "CRDT" if amount_minor > 0 else "DBIT"
    amount = decimal_string(abs(amount_minor), "EUR")
    return (
        f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
        f"<BookgDt><Dt>{on}</Dt></BookgDt><AcctSvcrRef>{ref}</AcctSvcrRef><NtryDtls>"
        f"<TxDtls><Refs><EndToEndId>{end_to_end or 'NOTPROVIDED'}</EndToEndId></Refs>"
        f"<RltdPties><Dbtr><Nm>Somebody</Nm></Dbtr></RltdPties><RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls>{more}"
        "</NtryDtls></Ntry>"
    )


def camt(*entries: str, opening: int = 0, closing: int | None = None, number: str = "1") -> bytes:
    """A camt.053 file of one statement."""

    def balance(code: str, minor: int) -> str:
        side = "CRDT" if minor >= 0 else "DBIT"
        return (
            f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
            f'<Amt Ccy="EUR">{decimal_string(abs(minor), "EUR")}</Amt><CdtDbtInd>{side}</CdtDbtInd></Bal>'
        )

    end = balance("CLBD", closing) if closing is not None else ""
    return (
        '<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>'
        f"<Stmt><Id>{number}</Id><Acct><Id><IBAN>{IBAN}</IBAN></Id><Ccy>EUR</Ccy></Acct>{balance('OPBD', opening)}{end}"
        f"{''.join(entries)}</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def make_bank_mapping(**fields: object) -> BankMapping:
    """A CSV with the columns Day, Amount, Ref, Text and Balance."""
    columns = {"date": "Day", "amount": "Amount", "reference": "Ref", "text": "Text", "balance": "Balance"}
    return BankMapping.objects.create(
        slug="house-bank", name="House bank", account=IBAN, currency="EUR", delimiter=";", decimal_mark=",",
        date_order="dmy", columns=columns, **fields,
    )  # fmt: skip
