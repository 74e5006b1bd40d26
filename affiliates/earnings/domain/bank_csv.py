"""A bank's CSV, read by a saved mapping. Every fault is named with its row."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import re
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise

from affiliates.earnings.domain.bank_lines import BankFileFault, ReadLine, ReadStatement
from cms.core.domain.money import parse_amount

FIELDS = ("date", "amount", "credit", "debit", "reference", "end_to_end", "party", "text", "balance")
MOST_ROWS = 50_000
FAULTS_KEPT = 50
_DATE = re.compile(r"(\d{1,4})[-./](\d{1,2})[-./](\d{1,4})", re.ASCII)


def mapping_faults(columns: object) -> list[str]:
    """What is wrong with a mapping's columns, in words."""
    if not isinstance(columns, dict) or not all(isinstance(name, str) for name in columns.values()):
        return ['Write an object of names, such as {"date": "Booked"}.']
    faults = [f"{name!r} is no field of ours." for name in columns if name not in FIELDS]
    if not columns.get("date"):
        faults.append("date needs a column.")
    if bool(columns.get("amount")) == bool(columns.get("credit") and columns.get("debit")):
        faults.append("amount needs a column, or credit and debit one each.")
    return faults


def read_csv(
    body: bytes,
    *,
    account: str,
    currency: str,
    columns: Mapping[str, str],
    delimiter: str = ",",
    decimal_mark: str = ".",
    date_order: str = "ymd",
) -> ReadStatement:
    """The statement in a CSV. BankFileFault names each row that cannot be believed.

    Lines without a reference get one from what they say and how many equal ones came before, so that the same line in
    two files that overlap is one line.
    """
    if faults := mapping_faults(dict(columns)):
        raise BankFileFault(faults)
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BankFileFault(["The file is not UTF-8 text."]) from None
    reader = csv.DictReader(
        io.StringIO(text, newline=""), delimiter={"\\t": "\t"}.get(delimiter, delimiter), strict=True
    )
    lines: list[ReadLine] = []
    balances: list[tuple[dt.date, int, int]] = []
    faults, equals, seen = [], Counter[str](), set[str]()
    try:
        head = [name.strip() for name in reader.fieldnames or []]
        if absent := sorted({name for name in columns.values() if name and name not in head}):
            raise BankFileFault([f"The head row lacks {', '.join(absent)}. It has: {', '.join(head)[:200]}."])
        for row, raw in enumerate(reader, 2):
            if row > MOST_ROWS + 1:
                raise BankFileFault([f"The file has more than {MOST_ROWS} rows."])
            cells = {str(k).strip(): (v or "").strip() for k, v in raw.items() if k is not None and v is not None}
            if None in raw or len(cells) != len(head):
                faults.append(f"Row {row}: it has another number of columns than the head row.")
                continue
            if not any(cells.values()):
                continue
            take = {ours: cells.get(theirs, "") for ours, theirs in columns.items() if theirs}
            try:
                line = _line(row, take, currency, decimal_mark, date_order, equals)
                if "balance" in take:
                    balances.append(
                        (line.booked_on, line.amount_minor, _amount(take["balance"], currency, decimal_mark))
                    )
            except ValueError as fault:
                faults.append(f"Row {row}: {fault}")
                continue
            if line.bank_ref in seen:
                faults.append(f"Row {row}: the reference {line.bank_ref} stands in the file twice.")
            seen.add(line.bank_ref)
            lines.append(line)
    except csv.Error as error:
        raise BankFileFault([f"The file is not separated text: {error}."]) from None
    if faults:
        raise BankFileFault(faults[:FAULTS_KEPT])
    if not lines:
        raise BankFileFault(["The file has no lines."])
    opening, closing = _balances(balances)
    return ReadStatement(account, currency, "", lines, opening, closing)


def _line(row: int, take: Mapping[str, str], currency: str, mark: str, order: str, equals: Counter[str]) -> ReadLine:
    booked_on = _day(take["date"], order)
    if "amount" in take:
        amount = _amount(take["amount"], currency, mark)
    else:
        credit, debit = (abs(_amount(take[side] or "0", currency, mark)) for side in ("credit", "debit"))
        amount = credit - debit
    if not amount:
        raise ValueError("the amount is nothing")
    said = [booked_on.isoformat(), str(amount), *(take.get(name, "") for name in ("end_to_end", "party", "text"))]
    reference = take.get("reference", "")
    if not reference:
        key = "\x1f".join(said)
        equals[key] += 1
        reference = "row:" + hashlib.sha256(f"{key}\x1f{equals[key]}".encode()).hexdigest()[:40]
    if len(reference) > 80:
        raise ValueError("the reference is longer than 80 signs")
    return ReadLine(row, reference, booked_on, amount, said[3][:140], said[2][:80], said[4][:500])


def _balances(found: list[tuple[dt.date, int, int]]) -> tuple[int | None, int | None]:
    """What stood there before the first line and after the last; each line's balance must follow on the one before."""
    if not found:
        return None, None
    for rows in (found, found[::-1]):
        steps = pairwise(rows)
        if all(before[2] + after[1] == after[2] for before, after in steps):
            return rows[0][2] - rows[0][1], rows[-1][2]
    raise BankFileFault(["The balances do not follow from the amounts: a line is missing, or the columns are others."])


def _day(text: str, order: str) -> dt.date:
    match = _DATE.match(text)
    if match is None:
        raise ValueError(f"{text[:20]!r} is not a date")
    parts = dict(zip(order, (int(part) for part in match.groups()), strict=True))
    try:
        return dt.date(parts["y"] + (2000 if parts["y"] < 100 else 0), parts["m"], parts["d"])
    except ValueError:
        raise ValueError(f"{text[:20]!r} is not a date") from None


def _amount(text: str, currency: str, mark: str) -> int:
    plain = text.replace("−", "-").replace("\u00a0", "").replace(" ", "")
    sign, plain = (-1, plain[1:]) if plain[:1] == "-" else (1, plain.removeprefix("+"))
    plain = plain.replace("." if mark == "," else ",", "").replace(mark, ".")
    try:
        return sign * parse_amount(plain, currency)
    except ValueError:
        raise ValueError(f"{text[:20]!r} is not an amount in {currency}") from None
