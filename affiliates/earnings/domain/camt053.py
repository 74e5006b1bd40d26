"""A bank's statement as ISO 20022 writes it (camt.053, any version): the answer to the pain.001 files we send."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from affiliates.earnings.domain.bank_lines import BankFileFault, ReadLine, ReadStatement
from cms.core.domain.money import CURRENCIES, parse_amount

LARGEST = 20_000_000
FAULTS_KEPT = 50


def read_camt(body: bytes) -> list[ReadStatement]:
    """Every statement of the file, with its booked entries. BankFileFault names each entry that cannot be believed.

    An entry that gathers several payments whose amounts are all given becomes a line for each. A statement whose
    entries do not add up to its balances is refused: something is missing.
    """
    if len(body) > LARGEST:
        raise BankFileFault(["The file is larger than 20 MB."])
    try:
        root = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise BankFileFault([f"This is not well-formed XML that may be read: {error}"]) from None
    statements = [_statement(found) for found in root.iter() if _name(found) == "Stmt"]
    if not statements:
        raise BankFileFault(["The file holds no statement (camt.053)."])
    return statements


def _name(element: Element) -> str:
    return str(element.tag).rsplit("}", 1)[-1]


def _all(element: Element, *path: str) -> Iterator[Element]:
    if not path:
        yield element
        return
    for child in element:
        if _name(child) == path[0]:
            yield from _all(child, *path[1:])


def _text(element: Element, *paths: str) -> str:
    """The first of these paths ("A/B") that says something."""
    for path in paths:
        for found in _all(element, *path.split("/")):
            if found.text and found.text.strip():
                return found.text.strip()
    return ""


def _amount(element: Element, currency: str) -> int:
    amount = next(_all(element, "Amt"), None)
    if amount is None or not amount.text:
        raise ValueError("the amount is missing")
    if amount.get("Ccy", currency) != currency:
        raise ValueError(f"it is in {amount.get('Ccy')}, the account in {currency}")
    minor = parse_amount(amount.text.strip(), currency)
    side = _text(element, "CdtDbtInd")
    if side not in {"CRDT", "DBIT"}:
        raise ValueError("it does not say whether it is a credit or a debit")
    return minor if side == "CRDT" else -minor


def _day(element: Element, name: str) -> dt.date:
    text = _text(element, f"{name}/Dt", f"{name}/DtTm")
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError:
        raise ValueError(f"{name} is not a date") from None


def _statement(found: Element) -> ReadStatement:
    account = _text(found, "Acct/Id/IBAN", "Acct/Id/Othr/Id")
    balances = {_text(one, "Tp/CdOrPrtry/Cd"): one for one in _all(found, "Bal")}
    currency = _text(found, "Acct/Ccy") or next(
        (amount.get("Ccy", "") for one in balances.values() for amount in _all(one, "Amt")), ""
    )
    if not account or currency not in CURRENCIES:
        raise BankFileFault(["A statement does not say of which account and currency it is."])
    lines: list[ReadLine] = []
    faults: list[str] = []
    for number, entry in enumerate(_all(found, "Ntry"), 1):
        if _text(entry, "Sts/Cd", "Sts") == "PDNG":
            continue
        try:
            lines += _entry(entry, number, currency)
        except ValueError as fault:
            faults.append(f"Entry {number}: {fault}")
    refs = [line.bank_ref for line in lines]
    faults += [
        f"The reference {ref} stands in the file twice." for ref in sorted({r for r in refs if refs.count(r) > 1})
    ]
    if faults:
        raise BankFileFault(faults[:FAULTS_KEPT])
    try:
        opening = next((_amount(balances[code], currency) for code in ("OPBD", "PRCD") if code in balances), None)
        closing = _amount(balances["CLBD"], currency) if "CLBD" in balances else None
    except ValueError as fault:
        raise BankFileFault([f"A balance cannot be read: {fault}."]) from None
    if opening is not None and closing is not None and opening + sum(line.amount_minor for line in lines) != closing:
        raise BankFileFault(["The entries do not add up from the opening to the closing balance: some are missing."])
    return ReadStatement(account[:60], currency, _text(found, "Id")[:60], lines, opening, closing)


def _entry(entry: Element, number: int, currency: str) -> list[ReadLine]:
    amount, booked_on = _amount(entry, currency), _day(entry, "BookgDt")
    if not amount:
        raise ValueError("the amount is nothing")
    parts = list(_all(entry, "NtryDtls", "TxDtls"))
    reference = _text(entry, "AcctSvcrRef", "NtryRef") or (
        _text(parts[0], "Refs/AcctSvcrRef", "Refs/TxId") if parts else ""
    )
    if not reference:
        raise ValueError("it has no reference of the bank")
    sign = 1 if amount > 0 else -1
    amounts = [_part(part, currency) for part in parts]
    if len(parts) > 1 and all(amounts) and sum(amounts) == abs(amount):
        return [
            ReadLine(number, f"{reference[:70]}/{place}", booked_on, sign * minor, *_said(part, sign))
            for place, (part, minor) in enumerate(zip(parts, amounts, strict=True), 1)
        ]
    said = [_said(part, sign) for part in parts] or [("", "", _text(entry, "AddtlNtryInf"))]
    party, end_to_end = (said[0][0], said[0][1]) if len(said) == 1 else ("", "")
    text = " ".join(dict.fromkeys(word for one in said for word in ((one[2],) if len(said) == 1 else one) if word))
    return [ReadLine(number, reference[:80], booked_on, amount, party, end_to_end, text[:500])]


def _part(part: Element, currency: str) -> int:
    """What one payment of an entry amounts to; 0 where that is not said in the account's currency."""
    for path in (("Amt",), ("AmtDtls", "TxAmt", "Amt")):
        for amount in _all(part, *path):
            if amount.text and amount.get("Ccy") == currency:
                return parse_amount(amount.text.strip(), currency)
    return 0


def _said(part: Element, sign: int) -> tuple[str, str, str]:
    """(other party, end-to-end id, words) of one payment."""
    side = "Dbtr" if sign > 0 else "Cdtr"
    party = _text(part, f"RltdPties/{side}/Nm", f"RltdPties/{side}/Pty/Nm")
    end_to_end = _text(part, "Refs/EndToEndId")
    words = [found.text.strip() for found in _all(part, "RmtInf", "Ustrd") if found.text]
    words += [_text(one, "CdtrRefInf/Ref") for one in _all(part, "RmtInf", "Strd")]
    words += [_text(part, "RtrInf/AddtlInf")]
    shown = "" if end_to_end == "NOTPROVIDED" else end_to_end
    return party[:140], shown[:80], " ".join(word for word in words if word)[:500]
