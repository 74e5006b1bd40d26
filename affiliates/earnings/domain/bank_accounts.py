"""Numbers of bank accounts: what they are made of, and whether they can be right. No bank is asked."""

from __future__ import annotations

import re

#: Length of an IBAN by country, from the public registry of ISO 13616.
IBAN_LENGTHS: dict[str, int] = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28,
    "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18,
    "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22,
    "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20,
    "LU": 20, "LV": 21, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18, "NO": 15,
    "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SE": 24, "SI": 19, "SK": 24,
    "SM": 27, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
}  # fmt: skip
#: Countries whose banks can be reached by a SEPA credit transfer.
_SEPA = """
AD AL AT BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HR HU IE IS IT LI LT LU LV MC MD ME MK MT NL NO PL PT RO RS SE SI
SK SM VA
"""
SEPA_COUNTRIES = frozenset(_SEPA.split())
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_BIC = re.compile(r"[A-Z]{4}([A-Z]{2})[A-Z0-9]{2}(?:[A-Z0-9]{3})?")


def compact(text: str) -> str:
    """Without the spaces, dots and dashes people write between groups, in capitals."""
    return re.sub(r"[\s.\-]", "", text).upper()


def iban_fault(iban: str) -> str:
    """What is wrong with a compact IBAN: form, country, length or check digits; empty when nothing is."""
    if not _IBAN.fullmatch(iban):
        return "form"
    length = IBAN_LENGTHS.get(iban[:2])
    if length is None:
        return "country"
    if len(iban) != length:
        return "length"
    turned = iban[4:] + iban[:4]
    return "" if int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1 else "check"


def is_bic(bic: str) -> bool:
    """Whether a compact BIC has the form of one."""
    return _BIC.fullmatch(bic) is not None


def is_routing_number(digits: str) -> bool:
    """A routing number of the United States: nine digits, weighted 3, 7, 1 to a multiple of ten."""
    if not re.fullmatch(r"[0-9]{9}", digits) or digits == "0" * 9:
        return False
    return sum(int(digit) * (3, 7, 1)[place % 3] for place, digit in enumerate(digits)) % 10 == 0


def is_clabe(digits: str) -> bool:
    """A Mexican CLABE: eighteen digits, the last of which checks the others."""
    if not re.fullmatch(r"[0-9]{18}", digits):
        return False
    total = sum(int(digit) * (3, 7, 1)[place % 3] % 10 for place, digit in enumerate(digits[:17]))
    return (10 - total % 10) % 10 == int(digits[17])


def is_cpf(digits: str) -> bool:
    """A Brazilian CPF: eleven digits, the last two of which check the others."""
    if not re.fullmatch(r"[0-9]{11}", digits) or len(set(digits)) == 1:
        return False
    for end in (9, 10):
        total = sum(int(digit) * (end + 1 - place) for place, digit in enumerate(digits[:end]))
        if total * 10 % 11 % 10 != int(digits[end]):
            return False
    return True
