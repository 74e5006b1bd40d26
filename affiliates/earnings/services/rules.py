"""A programme's rules are added to, never edited."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from affiliates.earnings.models import CommissionRule
from affiliates.parties.models import Program
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
) -> CommissionRule:
    """Start a new version of what the programme pays; the version with the same conditions ends when it
    starts.

    RuleRefused for a rule that would price orders already placed, unless it is the first with its conditions.
    Not repeatable: each call makes a version.
    """
    Program.objects.select_for_update(no_key=True).get(pk=program.pk)
    same = CommissionRule.objects.filter(program=program, category=category, creator=creator, country=country)
    if same.exists() and starts_at < now:
        raise RuleRefused(_("A change of rates cannot begin in the past."))
    if same.filter(starts_at__gte=starts_at).exists():
        raise RuleRefused(_("A rule with these conditions already begins then or later."))
    same.in_force(starts_at).update(ends_at=starts_at)
    latest = CommissionRule.objects.filter(program=program).aggregate(latest=Max("version"))["latest"] or 0
    return CommissionRule.objects.create(
        program=program,
        version=latest + 1,
        kind=CommissionRule.Kind.PERCENT if percent is not None else CommissionRule.Kind.FLAT,
        percent=percent,
        flat_minor=flat_minor,
        category=category,
        creator=creator,
        country=country,
        starts_at=starts_at,
        ends_at=ends_at,
        created_at=now,
    )
