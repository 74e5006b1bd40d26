"""Volume bonuses, held against the orders they follow from and the transfers they caused."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Q, Sum

from affiliates.earnings.domain.ledger import Slot, target
from affiliates.earnings.domain.periods import Month
from affiliates.earnings.domain.states import Stage
from affiliates.earnings.domain.volume_tiers import bonus_due
from affiliates.earnings.models import Conversion, Transfer, VolumeBonus, VolumeTiers
from affiliates.earnings.selectors.ledger import Booked, booked_for_bonuses, paid_for_bonuses
from affiliates.earnings.selectors.violations import Violation
from affiliates.earnings.selectors.volume_tiers import SalesKey, sales_of

CHUNK = 500


def bonus_sums() -> dict[str, dict[str, Any]]:
    """currency → what bonuses earn: whole, creators' and platform's part. One query."""
    rows = VolumeBonus.objects.order_by().values("currency")
    sums = rows.annotate(commission=Sum("bonus_minor"), creators=Sum("creator_minor"), platform=Sum("platform_minor"))
    return {row["currency"]: {**row} for row in sums}


def bonuses_are_sound() -> Iterator[Violation]:
    """M3 and M8 for each month of sales: the orders, the version, the row and the money say the same.

    Queries grow with the data by one handful a five hundred months.
    """
    for transfer in Transfer.objects.filter(bonus__isnull=False).filter(
        Q(conversion__isnull=False) | Q(payout__isnull=False)
    ):
        yield Violation("M1", f"transfer {transfer.seq}", "has two causes")
    last = 0
    while rows := list(
        VolumeBonus.objects.filter(pk__gt=last).select_related("tiers", "program").order_by("pk")[:CHUNK]
    ):
        last = rows[-1].pk
        pks = [row.pk for row in rows]
        booked, paid = booked_for_bonuses(pks), paid_for_bonuses(pks)
        sales = sales_of([_key(row) for row in rows])
        for row in rows:
            subject = f"volume bonus {row.ref}"
            for promise, detail in (
                *_wrong_terms(row, sales.get(_key(row), (0, None))),
                *_wrong_money(row, booked[row.pk]),
            ):
                yield Violation(promise, subject, detail)
            if row.paid_minor != paid.get((row.pk, row.creator_id), 0):
                yield Violation("M3", subject, "says otherwise than the transfers what was paid")
    yield from _nobody_is_forgotten()


def _key(row: VolumeBonus) -> SalesKey:
    return SalesKey(row.program_id, row.creator_id, row.month, row.currency)


def _wrong_terms(row: VolumeBonus, sold: tuple[int, object]) -> Iterator[tuple[str, str]]:
    tiers = row.tiers
    if (tiers.program_id, tiers.currency) != (row.program_id, row.currency) or (
        tiers.starts > row.month or tiers.is_over(row.month)
    ):
        yield "M8", f"is paid by version {tiers.version}, which is not in force in {row.month}"
    if (row.sales_minor, row.last_sale_at) != sold:
        yield "M3", f"counts sales of {row.sales_minor}, the orders say {sold[0]}"
    due = bonus_due(row.sales_minor, tiers.tiers, share_percent=tiers.creator_share_percent)
    have = (row.bonus_minor, row.creator_minor, row.platform_minor)
    if have != (due.bonus_minor, due.creator_minor, due.platform_minor):
        yield "M8", f"pays {row.bonus_minor}, version {tiers.version} says {due.bonus_minor}"


def _wrong_money(row: VolumeBonus, booked: Booked) -> Iterator[tuple[str, str]]:
    wanted = target(
        merchant_id=row.program.merchant_id,
        creator_id=row.creator_id,
        creator_minor=row.creator_minor,
        platform_minor=row.platform_minor,
        stage=Stage.AVAILABLE if row.released_at else Stage.APPROVED,
    )
    for currency in sorted({*booked, row.currency}):
        have = {slot: amount for slot, amount in booked.get(currency, {}).items() if amount}
        want: dict[Slot, int] = wanted if currency == row.currency else {}
        if have != want:
            yield "M3", f"its transfers hold {sum(map(abs, have.values())) // 2} {currency}, its state says otherwise"


def _nobody_is_forgotten() -> Iterator[Violation]:
    """M8: whoever sold enough has a bonus. Two queries a version and month with sales."""
    for tiers in VolumeTiers.objects.order_by("pk"):
        for month, creators in _sellers(tiers).items():
            keys = [SalesKey(tiers.program_id, creator, month, tiers.currency) for creator in creators]
            rows = VolumeBonus.objects.filter(program=tiers.program_id, currency=tiers.currency, month=month)
            there = set(rows.values_list("creator_id", flat=True))
            for key, (sales, _last) in sorted(sales_of([key for key in keys if key.creator_id not in there]).items()):
                due = bonus_due(sales, tiers.tiers, share_percent=tiers.creator_share_percent)
                if due.bonus_minor:
                    subject = f"creator {key.creator_id} in {month}"
                    yield Violation("M8", subject, f"earned a volume bonus of {due.bonus_minor} that is not there")


def _sellers(tiers: VolumeTiers) -> dict[str, Sequence[int]]:
    sold = Conversion.objects.filter(
        program=tiers.program_id,
        currency=tiers.currency,
        status=Conversion.Status.APPROVED,
        creator__isnull=False,
        occurred_at__gte=Month.parse(tiers.starts).starts_at,
    )
    if tiers.ends:
        sold = sold.filter(occurred_at__lt=Month.parse(tiers.ends).starts_at)
    found: dict[str, set[int]] = defaultdict(set)
    for creator_id, at in sold.order_by().values_list("creator_id", "occurred_at").iterator(chunk_size=2000):
        if creator_id is not None:
            found[str(Month.of(at))].add(creator_id)
    return {month: sorted(creators) for month, creators in found.items()}
