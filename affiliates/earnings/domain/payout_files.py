"""The files that carry payouts to a bank or a service. The same payouts give the same bytes."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from cms.core.domain.money import decimal_string

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
#: What a SEPA message may hold beside letters and digits.
_SIGNS = frozenset("/-?:().,'+ ")


@dataclass(frozen=True, slots=True)
class Sender:
    """The account that payouts leave from."""

    name: str
    iban: str
    bic: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A payout on its way out. Its reference is its end-to-end id."""

    ref: str
    name: str
    country: str
    details: dict[str, str]
    currency: str
    amount_minor: int


def sepa_text(text: str, longest: int) -> str:
    """Text in the signs every bank of the area takes: letters lose their accents, other signs become dots."""
    replaced = text.translate({ord("ß"): "ss", ord("ø"): "o", ord("Ø"): "O", ord("ł"): "l", ord("Ł"): "L"})
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", replaced) if not unicodedata.combining(sign))
    kept = "".join(sign if sign in _SIGNS or (sign.isascii() and sign.isalnum()) else "." for sign in plain)
    return " ".join(kept.split()).strip("/")[:longest].strip() or "-"


def pain_001(*, batch: str, made_at: dt.datetime, sender: Sender, items: Sequence[Item], about: str) -> bytes:
    """A customer credit transfer initiation (pain.001.001.09) of SEPA transfers in euros, with its control sums.

    ValueError where an item is not in euros, has no IBAN, or two have one reference.
    """
    if not items or any(item.currency != "EUR" or not item.details.get("iban") for item in items):
        raise ValueError("a SEPA file holds transfers in euros to an IBAN, and at least one")
    if len({item.ref for item in items}) != len(items):
        raise ValueError("two transfers have one reference")
    count, total = str(len(items)), decimal_string(sum(item.amount_minor for item in items), "EUR")
    root = ET.Element("Document", {"xmlns": NAMESPACE})
    message = ET.SubElement(root, "CstmrCdtTrfInitn")
    header = ET.SubElement(message, "GrpHdr")
    _put(header, "MsgId", batch)
    _put(header, "CreDtTm", made_at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    _put(header, "NbOfTxs", count)
    _put(header, "CtrlSum", total)
    _put(header, "InitgPty/Nm", sepa_text(sender.name, 70))
    payment = ET.SubElement(message, "PmtInf")
    _put(payment, "PmtInfId", f"{batch}-1")
    _put(payment, "PmtMtd", "TRF")
    _put(payment, "BtchBookg", "true")
    _put(payment, "NbOfTxs", count)
    _put(payment, "CtrlSum", total)
    _put(payment, "PmtTpInf/SvcLvl/Cd", "SEPA")
    _put(payment, "ReqdExctnDt/Dt", made_at.astimezone(dt.UTC).date().isoformat())
    _put(payment, "Dbtr/Nm", sepa_text(sender.name, 70))
    _put(payment, "DbtrAcct/Id/IBAN", sender.iban)
    if sender.bic:
        _put(payment, "DbtrAgt/FinInstnId/BICFI", sender.bic)
    else:
        _put(payment, "DbtrAgt/FinInstnId/Othr/Id", "NOTPROVIDED")
    _put(payment, "ChrgBr", "SLEV")
    for item in sorted(items, key=lambda item: item.ref):
        transfer = ET.SubElement(payment, "CdtTrfTxInf")
        _put(transfer, "PmtId/EndToEndId", item.ref)
        amount = _put(transfer, "Amt/InstdAmt", decimal_string(item.amount_minor, "EUR"))
        amount.set("Ccy", "EUR")
        if item.details.get("bic"):
            _put(transfer, "CdtrAgt/FinInstnId/BICFI", item.details["bic"])
        _put(transfer, "Cdtr/Nm", sepa_text(item.name, 70))
        _put(transfer, "CdtrAcct/Id/IBAN", item.details["iban"])
        _put(transfer, "RmtInf/Ustrd", sepa_text(f"{about} {item.ref}", 140))
    ET.indent(root)
    return (
        b'<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="UTF-8", xml_declaration=False) + b"\n"
    )


def _put(parent: ET.Element, path: str, text: str) -> ET.Element:
    for name in path.split("/"):
        parent = ET.SubElement(parent, name)
    parent.text = text
    return parent


BANK_COLUMNS = (
    "payout", "name", "country", "iban", "bic", "bank_code", "branch_code", "account_number", "tax_number", "currency",
    "amount", "text",
)  # fmt: skip
MAIL_COLUMNS = ("email", "amount", "currency", "payout", "name", "text")
MANUAL_COLUMNS = ("payout", "name", "country", "note", "currency", "amount", "text")


def table(columns: Sequence[str], items: Sequence[Item], *, about: str) -> list[list[str]]:
    """The rows of a file for a bank, a mass payout service or a person, its header first."""
    rows = [list(columns)]
    for item in sorted(items, key=lambda item: item.ref):
        known = {
            **item.details,
            "payout": item.ref,
            "name": item.name,
            "country": item.country,
            "currency": item.currency,
            "amount": decimal_string(item.amount_minor, item.currency),
            "text": f"{about} {item.ref}",
        }
        rows.append([known.get(column, "") for column in columns])
    return rows
