"""A programme's rules are added to, never edited."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from affiliates.earnings.domain.commission_rules import same_word
from affiliates.earnings.models import CommissionRule
from affiliates.parties.models import CreatorGroup, Program
from community.models import Creator


class RuleRefused(Exception):
    """A rule that cannot be; the message says why, in the reader's language."""


@transaction.atomic
def add_rule(
    *,
    program: Program,
    starts_at: dt.datetime,
    now: dt.datetime,
    percent: Decimal | None = None,
    flat_minor: int | None = None,
    category: str = "",
    creator: Creator | None = None,
    country: str = "",
    ends_at: dt.datetime | None = None,
    effect: str = CommissionRule.Effect.BASE,
    group: CreatorGroup | None = None,
    products: Iterable[str] = (),
    coupon: str = "",
    customer: str = "",
    basket_min_minor: int | None = None,
    basket_max_minor: int | None = None,
    budget_minor: int | None = None,
    creator_month_minor: int | None = None,
    order_minor: int | None = None,
) -> CommissionRule:
    """Start a new version of what the programme pays; the version with the same conditions and effect ends when it
    starts.

    RuleRefused for a rule that would price orders already placed, unless it is the first with its conditions, and
    for one that contradicts itself. Not repeatable: each call makes a version.
    """
    Program.objects.select_for_update(no_key=True).get(pk=program.pk)
    latest = CommissionRule.objects.filter(program=program).aggregate(latest=Max("version"))["latest"] or 0
    rule = CommissionRule(
        program=program,
        version=latest + 1,
        kind=CommissionRule.Kind.PERCENT if percent is not None else CommissionRule.Kind.FLAT,
        percent=percent,
        flat_minor=flat_minor,
        category=category.strip(),
        creator=creator,
        country=country,
        effect=effect,
        group=group,
        products="\n".join(sorted({same_word(number) for number in products if number.strip()})),
        coupon=same_word(coupon),
        customer=customer,
        basket_min_minor=basket_min_minor,
        basket_max_minor=basket_max_minor,
        budget_minor=budget_minor,
        creator_month_minor=creator_month_minor,
        order_minor=order_minor,
        starts_at=starts_at,
        ends_at=ends_at,
        created_at=now,
    )
    if group is not None and group.program_id != program.pk:
        raise RuleRefused(_("The group belongs to another programme."))
    equal = rule.conditions()
    same = CommissionRule.objects.filter(**_anyhow(equal))
    if same.exists() and starts_at < now:
        raise RuleRefused(_("A change of rates cannot begin in the past."))
    if same.filter(starts_at__gte=starts_at).exists():
        raise RuleRefused(_("A rule with these conditions already begins then or later."))
    same.in_force(starts_at).update(ends_at=starts_at)
    try:
        rule.full_clean()
    except ValidationError as error:
        raise RuleRefused(" ".join(error.messages)) from None
    rule.save()
    return rule


def _anyhow(equal: dict[str, Any]) -> dict[str, Any]:
    """Conditions in which the category's case does not matter."""
    return {("category__iexact" if name == "category" else name): value for name, value in equal.items()}


@transaction.atomic
def end_rule(*, rule: CommissionRule, at: dt.datetime, now: dt.datetime) -> CommissionRule:
    """The rule prices no order placed from this moment on. May be repeated.

    RuleRefused for a moment in the past, since orders may have been priced by it, and for one after its own end.
    """
    fresh = CommissionRule.objects.select_for_update(of=("self",)).get(pk=rule.pk)
    if fresh.ends_at == at:
        return fresh
    if at < now:
        raise RuleRefused(_("A rule cannot end in the past."))
    if fresh.ends_at is not None and at > fresh.ends_at:
        raise RuleRefused(_("The rule ends before that."))
    fresh.ends_at = max(at, fresh.starts_at)
    fresh.save(update_fields=["ends_at"])
    return fresh
