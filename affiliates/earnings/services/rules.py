"""A programme's rules are added to, never edited."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, TypedDict, Unpack

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


class RuleTerms(TypedDict, total=False):
    """What a rule pays, under which conditions, up to what."""

    percent: Decimal | None
    flat_minor: int | None
    category: str
    creator: Creator | None
    country: str
    ends_at: dt.datetime | None
    effect: str
    group: CreatorGroup | None
    products: Iterable[str]
    coupon: str
    customer: str
    basket_min_minor: int | None
    basket_max_minor: int | None
    budget_minor: int | None
    creator_month_minor: int | None
    order_minor: int | None


def draft_rule(
    *, program: Program, starts_at: dt.datetime, now: dt.datetime, version: int = 0, **terms: Unpack[RuleTerms]
) -> CommissionRule:
    """A rule as `add_rule` would write it, not stored. May be repeated."""
    said = dict(terms)
    products = terms.get("products", ())
    said["products"] = "\n".join(sorted({same_word(number) for number in products if number.strip()}))
    said["category"] = terms.get("category", "").strip()
    said["coupon"] = same_word(terms.get("coupon", ""))
    kinds = CommissionRule.Kind
    return CommissionRule(
        program=program,
        version=version,
        kind=kinds.PERCENT if terms.get("percent") is not None else kinds.FLAT,
        starts_at=starts_at,
        created_at=now,
        **said,
    )


@transaction.atomic
def add_rule(
    *, program: Program, starts_at: dt.datetime, now: dt.datetime, **terms: Unpack[RuleTerms]
) -> CommissionRule:
    """Start a new version of what the programme pays; the version with the same conditions and effect ends when it
    starts.

    RuleRefused for a rule that would price orders already placed, unless it is the first with its conditions, and
    for one that contradicts itself. Not repeatable: each call makes a version.
    """
    Program.objects.select_for_update(no_key=True).get(pk=program.pk)
    latest = CommissionRule.objects.filter(program=program).aggregate(latest=Max("version"))["latest"] or 0
    rule = draft_rule(program=program, starts_at=starts_at, now=now, version=latest + 1, **terms)
    group = terms.get("group")
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
