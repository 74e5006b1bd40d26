"""How a creator can be paid, and what each way has to know. `docs/money/payout.md` has the tables."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from affiliates.earnings.domain.bank_accounts import (
    IBAN_LENGTHS,
    SEPA_COUNTRIES,
    compact,
    iban_fault,
    is_bic,
    is_clabe,
    is_cpf,
    is_routing_number,
)


class Method(StrEnum):
    """The ways money leaves."""

    SEPA = "sepa"
    BANK = "bank"
    MAIL = "mail"
    PROVIDER = "provider"
    MANUAL = "manual"


class DetailFaults(ValueError):
    """What is wrong with the details, field by field: name → fault."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{name}: {fault}" for name, fault in faults.items()))
        self.faults = dict(faults)


@dataclass(frozen=True, slots=True)
class Field:
    """One detail: its name, its fault for a tidied value (empty when right), and whether it may be missing."""

    name: str
    fault: Callable[[str], str]
    tidy: Callable[[str], str] = compact
    optional: bool = False


def _form(pattern: str) -> Callable[[str], str]:
    return lambda value: "" if re.fullmatch(pattern, value) else "form"


def _checked(holds: Callable[[str], bool]) -> Callable[[str], str]:
    return lambda value: "" if holds(value) else "check"


def _sepa_iban(value: str) -> str:
    return iban_fault(value) or ("" if value[:2] in SEPA_COUNTRIES else "sepa")


_BIC = Field("bic", lambda value: "" if is_bic(value) else "form")
_ANY_ACCOUNT = Field("account_number", _form(r"[A-Z0-9]{4,34}"))
#: What banks of a country ask for in a transfer from abroad. Elsewhere: the BIC, and the IBAN where there are any.
LOCAL: dict[str, tuple[Field, ...]] = {
    "US": (Field("bank_code", _checked(is_routing_number)), Field("account_number", _form(r"[0-9]{4,17}"))),
    "GB": (Field("bank_code", _form(r"[0-9]{6}")), Field("account_number", _form(r"[0-9]{8}"))),
    "CA": (
        Field("bank_code", _form(r"[0-9]{3}")),
        Field("branch_code", _form(r"[0-9]{5}")),
        Field("account_number", _form(r"[0-9]{7,12}")),
    ),
    "AU": (Field("bank_code", _form(r"[0-9]{6}")), Field("account_number", _form(r"[0-9]{5,9}"))),
    "JP": (
        Field("bank_code", _form(r"[0-9]{4}")),
        Field("branch_code", _form(r"[0-9]{3}")),
        Field("account_number", _form(r"[0-9]{7}")),
    ),
    "IN": (
        Field("bank_code", _form(r"[A-Z]{4}0[A-Z0-9]{6}")),
        Field("account_number", _form(r"[0-9]{9,18}")),
    ),
    "MX": (Field("account_number", _checked(is_clabe)),),
    "BR": (
        Field("bank_code", _form(r"[0-9]{3}")),
        Field("branch_code", _form(r"[0-9]{4,5}")),
        Field("account_number", _form(r"[0-9]{4,13}")),
        Field("tax_number", _checked(is_cpf)),
    ),
}


def _national_iban(country: str) -> Field:
    return Field("iban", lambda value: iban_fault(value) or ("" if value[:2] == country else "country"))


def methods_for(country: str) -> list[Method]:
    """The ways open to a country, the usual first. Every country has at least two that need no vendor."""
    first = [Method.SEPA] if country in SEPA_COUNTRIES else []
    bank = [] if country in SEPA_COUNTRIES and country not in LOCAL else [Method.BANK]
    return [*first, *bank, Method.MAIL, Method.PROVIDER, Method.MANUAL]


def fields_for(method: Method, country: str) -> tuple[Field, ...]:
    """What a way has to know in a country."""
    if method is Method.SEPA:
        return Field("iban", _sepa_iban), Field("bic", _BIC.fault, optional=True)
    if method is Method.BANK:
        if country in LOCAL:
            return LOCAL[country]
        return (_BIC, _national_iban(country) if country in IBAN_LENGTHS else _ANY_ACCOUNT)
    if method is Method.MAIL:
        mail = _form(r"[^\s@,;\"<>]+@[^\s@,;\"<>]+\.[^\s@,;\"<>]+")
        return (Field("email", mail, tidy=lambda text: text.strip().lower()),)
    if method is Method.PROVIDER:
        return (Field("account", _form(r"[A-Za-z0-9_\-]{3,64}"), tidy=str.strip),)
    return (Field("note", _form(r"(?s).{3,200}"), tidy=lambda text: " ".join(text.split())),)


def check_details(method: Method, country: str, given: Mapping[str, str]) -> dict[str, str]:
    """The details as they are kept: tidied, only those the way asks for. DetailFaults names what is wrong."""
    if method not in methods_for(country):
        raise DetailFaults({"method": "country"})
    kept, faults = {}, {}
    for field in fields_for(method, country):
        value = field.tidy(given.get(field.name) or "")
        if not value:
            if not field.optional:
                faults[field.name] = "missing"
            continue
        if fault := field.fault(value):
            faults[field.name] = fault
        kept[field.name] = value
    if faults:
        raise DetailFaults(faults)
    return kept


def can_pay(method: Method, currency: str) -> bool:
    """Whether a way can carry a currency: a SEPA transfer is in euros, the others in any."""
    return method is not Method.SEPA or currency == "EUR"


def fingerprint(country: str, details: Mapping[str, str]) -> str:
    """The same for the same account, whoever holds it and however it is paid; empty where there is no account."""
    if details.get("iban"):
        account = f"iban:{details['iban']}"
    elif details.get("account_number"):
        codes = [details.get(name, "") for name in ("bic", "bank_code", "branch_code", "account_number")]
        account = ":".join(["bank", country, *codes])
    elif details.get("email"):
        account = f"mail:{details['email']}"
    elif details.get("account"):
        account = f"provider:{details['account']}"
    else:
        return ""
    return hashlib.sha256(account.encode()).hexdigest()


#: What says which account it is, and is never shown whole.
SECRET = ("iban", "account_number", "email", "account", "tax_number")


def masked(value: str) -> str:
    """The last four signs; fewer where there are not twice as many."""
    shown = min(4, len(value) // 2)
    return "•••• " + value[len(value) - shown :]


def destination(details: Mapping[str, str]) -> str:
    """The account in a form that can be shown: its last four signs. A note is shown as it is."""
    for name in SECRET:
        if details.get(name):
            return masked(details[name])
    return details.get("note", "")
