"""A month from both ends: what brands owe for orders, and what creators and the platform earned by them.

The two ends are summed from different rows: brands from their accounts, creators from their statements once the
month is closed, so that a difference is a fault of the books and not of this sum.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet, Sum

from affiliates.earnings.domain.periods import Month
from affiliates.earnings.models import Account, Statement, Transfer
from affiliates.parties.models import Merchant
from community.models import Creator

KIND = Account.Kind
PLATFORM = (KIND.PLATFORM_PENDING, KIND.PLATFORM_MARGIN)
#: Where money goes that is paid, not earned.
MONEY = (KIND.BANK, KIND.SUSPENSE, KIND.PAYOUT_IN_TRANSIT, KIND.FX_CLEARING, KIND.CLAWBACK_LOSS)
BRAND, CREATOR, FEE, ROUNDING, PAID = SIDES = ("brand", "creator", "platform", "rounding", "paid")


@dataclass(frozen=True, slots=True)
class Part:
    """One brand's or creator's figure; `key` is slug or handle."""

    key: str
    label: str
    amount_minor: int


@dataclass(slots=True)
class MonthEnd:
    """One currency's month."""

    currency: str
    brands: list[Part] = field(default_factory=list)
    creators: list[Part] = field(default_factory=list)
    platform_minor: int = 0
    rounding_minor: int = 0
    paid_minor: int = 0

    @property
    def brands_minor(self) -> int:
        return sum(part.amount_minor for part in self.brands)

    @property
    def creators_minor(self) -> int:
        return sum(part.amount_minor for part in self.creators)

    @property
    def difference_minor(self) -> int:
        """What neither end explains: anything but nothing is a fault."""
        return self.brands_minor - self.creators_minor - self.platform_minor - self.rounding_minor


def within(month: Month) -> Q:
    """What takes effect in a month."""
    return Q(effective_at__gte=month.starts_at, effective_at__lt=month.ends_at)


def _within(month: Month) -> QuerySet[Transfer]:
    return Transfer.objects.filter(within(month))


def _other(side: str) -> str:
    return "debit" if side == "credit" else "credit"


def of_side(which: str, side: str, key: str = "") -> Q:
    """The transfers behind a figure, as seen from one of their two accounts."""
    earned = (Q(conversion__isnull=False) | Q(bonus__isnull=False)) & Q(payout__isnull=True)
    conditions = {
        BRAND: Q(**{f"{side}__kind": KIND.MERCHANT_RECEIVABLE}) & ~Q(**{f"{_other(side)}__kind__in": MONEY}),
        CREATOR: Q(**{f"{side}__kind__in": Account.OF_CREATOR}) & earned,
        FEE: Q(**{f"{side}__kind__in": PLATFORM}) & earned,
        ROUNDING: earned
        & ~Q(**{f"{side}__kind__in": (KIND.MERCHANT_RECEIVABLE, *Account.OF_CREATOR, *PLATFORM, *MONEY)}),
        PAID: Q(**{f"{side}__kind": KIND.BANK}, payout__isnull=False),
    }
    found = conditions[which]
    if key:
        found &= Q(**{f"{side}__merchant__slug" if which == BRAND else f"{side}__creator__handle": key})
    return found


def month_end(month: Month) -> list[MonthEnd]:
    """The figures of a month, a currency each. Thirteen queries, however many brands and creators."""
    found: dict[str, MonthEnd] = {}

    def of(currency: str) -> MonthEnd:
        return found.setdefault(currency, MonthEnd(currency))

    brands = {(currency, owner): -amount for (currency, owner), amount in _sums(month, BRAND, "merchant_id").items()}
    merchants = Merchant.objects.in_bulk({owner for _currency, owner in brands})
    for (currency, owner), amount in sorted(brands.items()):
        merchant = merchants[owner]
        of(currency).brands.append(Part(merchant.slug, merchant.name, amount))
    earned = _earned(month)
    people = Creator.objects.in_bulk({owner for _currency, owner in earned})
    for (currency, owner), amount in sorted(earned.items()):
        creator = people[owner]
        of(currency).creators.append(Part(creator.handle, str(creator), amount))
    for (currency, _owner), amount in _sums(month, FEE, "merchant_id").items():
        of(currency).platform_minor += amount
    for (currency, _owner), amount in _sums(month, ROUNDING, "merchant_id").items():
        of(currency).rounding_minor += amount
    for (currency, _owner), amount in _sums(month, PAID, "merchant_id").items():
        of(currency).paid_minor += amount
    return [found[currency] for currency in sorted(found)]


def _earned(month: Month) -> dict[tuple[str, int], int]:
    """(currency, creator) → what orders brought in the month: as frozen, where the month's statements are all there."""
    issued = Statement.objects.filter(period__month=str(month), period__run__isnull=False)
    if issued.exists():
        rows = issued.order_by().values_list("currency", "creator_id", "earned_minor", "opening_minor")
        return {(currency, creator): earned for currency, creator, earned, _opening in rows}
    return _sums(month, CREATOR, "creator_id")


def _sums(month: Month, which: str, owner: str) -> dict[tuple[str, int], int]:
    """(currency, owner) → credits less debits of a side in a month. Two queries."""
    sums: dict[tuple[str, int], int] = defaultdict(int)
    for side, sign in (("credit", 1), ("debit", -1)):
        rows = _within(month).filter(of_side(which, side)).order_by().values_list("currency", f"{side}__{owner}")
        for currency, key, total in rows.annotate(total=Sum("amount_minor")):
            sums[currency, key] += sign * total
    return dict(sums)
