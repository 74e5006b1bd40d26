"""Freezing creators' statements of a closed month. `docs/money/periods.md`."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import Any

from django.db import transaction
from django.db.models import Max

from wagtail.models import Site

from affiliates.earnings.domain import ledger as kinds
from affiliates.earnings.domain.periods import Month
from affiliates.earnings.domain.statements import CREDIT_NOTE
from affiliates.earnings.domain.taxes import Party, Tax, tax_on
from affiliates.earnings.models import Period, Statement, StatementParty, StatementRun, TaxIdentity
from affiliates.earnings.selectors.statements import (
    EarlierMonths,
    Key,
    MonthOf,
    Movement,
    cause_of,
    earlier_months,
    keys_with_accounts,
    months_of,
)
from affiliates.earnings.selectors.taxes import identities_on, rules_on
from cms.core import periodic
from community.models import Creator

CHUNK = 100
#: Transfers that take something back; beside them stands the merchant's reason.
TAKEN_BACK = frozenset({kinds.REVERSAL, kinds.RETURN, kinds.RECREDIT})


def issue_statements(*, period: Period, now: dt.datetime) -> int:
    """Freeze the statements of a closed month that are not there yet; returns how many.

    May be repeated, stopped between two chunks, and done by two at once: each chunk is a transaction that holds
    the month's row, so numbers have no gaps.
    """
    if StatementRun.objects.filter(period=period).exists():
        return 0
    made, last = 0, None
    while keys := keys_with_accounts(after=last, limit=CHUNK):
        made += _issue_chunk(period, keys, now)
        last = keys[-1]
        periodic.pulse()
    StatementRun.objects.get_or_create(period=period, defaults={"finished_at": now})
    return made


@transaction.atomic
def _issue_chunk(period: Period, keys: list[Key], now: dt.datetime) -> int:
    # All months share the rows of numbers; holding every period's row in order keeps two months apart too.
    list(Period.objects.select_for_update().order_by("pk").values_list("pk", flat=True))
    creators = {creator_id for creator_id, _currency in keys}
    there = set(Statement.objects.filter(period=period, creator_id__in=creators).values_list("creator_id", "currency"))
    month = period.as_month()
    found = months_of([key for key in keys if key not in there], month)
    if not found:
        return 0
    earlier = earlier_months(found, month.starts_at)
    people = {creator.pk: creator for creator in Creator.objects.filter(pk__in=creators).select_related("user")}
    identities, rules = identities_on(creators, month.last_day), rules_on(month.last_day)
    numbers = dict(Statement.objects.exclude(document="").order_by().values_list("document").annotate(Max("number")))
    invoices = _invoices(creators)
    statements, parties = [], []
    for (creator_id, currency), one in found.items():
        figures, document = one.figures, one.figures.document
        if document:
            numbers[document] = (numbers.get(document) or 0) + 1
        tax = tax_on(
            figures.net_minor,
            platform=_party(identities.get(None)),
            creator=_party(identities.get(creator_id)),
            rules=rules,
            on=month.last_day,
        )
        body = {
            **_figures(one, tax),
            "month": period.month,
            "currency": currency,
            "language": people[creator_id].user.language,
            "platform": _platform(identities.get(None)),
            "seal": period.seal.digest if period.seal else "",
            "originals": _originals(one, creator_id, currency, earlier, invoices) if document == CREDIT_NOTE else [],
            "movements": [_movement(movement, creator_id, month, earlier) for movement in one.movements],
        }
        text = canonical(body)
        statement = Statement(
            period=period,
            creator_id=creator_id,
            currency=currency,
            opening_minor=figures.opening_minor,
            earned_minor=figures.earned_minor,
            adjusted_minor=figures.adjusted_minor,
            paid_minor=figures.paid_minor,
            closing_minor=figures.closing_minor,
            document=document,
            number=numbers[document] if document else None,
            net_minor=figures.net_minor,
            tax_minor=tax.tax_minor,
            tax_missing=tax.missing if document else "",
            body=text,
            digest=hashlib.sha256(text.encode()).hexdigest(),
            issued_at=now,
        )
        statements.append(statement)
        if not people[creator_id].erased_at:
            parties.append(_addressee(statement, people[creator_id], identities.get(creator_id)))
    Statement.objects.bulk_create(statements)
    StatementParty.objects.bulk_create(parties)
    return len(statements)


def canonical(body: dict[str, Any]) -> str:
    """The one way to write a body down."""
    return json.dumps(body, ensure_ascii=True, sort_keys=True, separators=(",", ":"))


def _figures(one: MonthOf, tax: Tax) -> dict[str, Any]:
    figures = one.figures
    return {
        "opening": list(figures.opening),
        "closing": list(figures.closing),
        "earned": figures.earned_minor,
        "adjusted": figures.adjusted_minor,
        "paid": figures.paid_minor,
        "net": figures.net_minor,
        "tax": {
            "treatment": tax.treatment,
            "percent": format(tax.percent.normalize(), "f"),
            "wording": tax.wording,
            "tax": tax.tax_minor,
            "gross": tax.gross_minor,
            "missing": tax.missing,
        },
    }


def _party(identity: TaxIdentity | None) -> Party | None:
    return Party(identity.country, bool(identity.tax_number)) if identity else None


def _platform(identity: TaxIdentity | None) -> dict[str, str]:
    if identity is None:
        site = Site.objects.filter(is_default_site=True).first()
        name = (site.site_name or site.hostname) if site else ""
        return {"name": name, "address": "", "country": "", "tax_number": ""}
    return {
        "name": identity.legal_name,
        "address": identity.address,
        "country": identity.country,
        "tax_number": identity.tax_number,
    }


def _addressee(statement: Statement, creator: Creator, identity: TaxIdentity | None) -> StatementParty:
    return StatementParty(
        statement=statement,
        name=identity.legal_name if identity else str(creator),
        handle=creator.handle,
        address=identity.address if identity else "",
        country=identity.country if identity else creator.country,
        tax_number=identity.tax_number if identity else "",
    )


def _movement(movement: Movement, creator_id: int, month: Month, earlier: EarlierMonths) -> dict[str, Any]:
    transfer, step = movement.transfer, movement.step
    conversion = transfer.conversion
    bonus = transfer.bonus
    merchant = conversion.merchant if conversion else bonus.program.merchant if bonus else None
    first = earlier.get((creator_id, cause_of(transfer)))
    return {
        "seq": transfer.seq,
        "at": transfer.effective_at.astimezone(dt.UTC).isoformat(timespec="seconds"),
        "kind": transfer.kind,
        "cause": step.cause,
        "out_of": step.out_of,
        "into": step.into,
        "amount": step.amount_minor,
        "order": conversion.order_id if conversion else "",
        "shop": merchant.slug if merchant else "",
        "merchant": merchant.name if merchant else "",
        "title": conversion.placement.title if conversion and conversion.placement else "",
        "reason": conversion.reason_code if conversion and transfer.kind in TAKEN_BACK else "",
        "note": conversion.note if conversion and transfer.kind in TAKEN_BACK else "",
        "since": str(first[0]) if first else "",
        "payout": transfer.payout.ref if transfer.payout else "",
        # Only where there is one: what was frozen before there were bonuses has no such cell.
        **({"bonus": bonus.ref, "bonus_month": bonus.month} if bonus else {}),
    }


def _invoices(creators: set[int]) -> dict[tuple[int, str], dict[str, str]]:
    """(creator, currency) → month → the number of its invoice. One query."""
    found: dict[tuple[int, str], dict[str, str]] = {}
    rows = Statement.objects.filter(creator_id__in=creators, document=Statement.Document.INVOICE)
    for statement in rows.select_related("period").defer("body").order_by("period__ends_at"):
        months = found.setdefault((statement.creator_id, statement.currency), {})
        months[statement.period.month] = statement.full_number
    return found


def _originals(
    one: MonthOf,
    creator_id: int,
    currency: str,
    earlier: EarlierMonths,
    invoices: dict[tuple[int, str], dict[str, str]],
) -> list[dict[str, str]]:
    """The invoices on which the orders stood that are taken back; the latest one where none is found."""
    own = invoices.get((creator_id, currency), {})
    months = {
        str(month)
        for movement in one.movements
        if movement.step.billed_minor < 0
        for month in earlier.get((creator_id, cause_of(movement.transfer)), (None, set()))[1]
    }
    named = [month for month in own if month in months] or list(own)[-1:]
    return [{"number": own[month], "month": month} for month in named]
