"""Programmes as a creator sees them: terms in words, and how they stand with each."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from django.db.models import QuerySet

from affiliates.earnings.models import CommissionRule
from affiliates.earnings.selectors.rule_words import conditions_in_words, rate_in_words
from affiliates.parties.domain import AFTER_DECLINE, creator_steps
from affiliates.parties.models import Enrolment, Program


@dataclass(frozen=True, slots=True)
class Rate:
    """One of a programme's rules in words."""

    pays: str
    conditions: tuple[str, ...]
    is_boost: bool


@dataclass(frozen=True, slots=True)
class ProgramTerms:
    """A programme with its rates, how a creator stands with it, and what they can do about it."""

    program: Program
    rates: tuple[Rate, ...]
    enrolment: Enrolment | None
    steps: tuple[str, ...]

    @property
    def status(self) -> str:
        """The creator's state in it; empty for none."""
        return self.enrolment.status if self.enrolment else ""

    @property
    def may_apply_on(self) -> dt.date | None:
        """When whoever was declined may ask again."""
        decided = self.enrolment.decided_at if self.enrolment else None
        if decided is None or self.status != Enrolment.Status.DECLINED or self.steps:
            return None
        return (decided + AFTER_DECLINE).date()


def offered_programs(creator_id: int) -> QuerySet[Program]:
    """The programmes in force, those the creator is in first; with their merchants. One query when read."""
    return Program.objects.active().select_related("merchant").order_by("merchant__name", "pk")


def terms_for(programs: list[Program], *, creator_id: int, now: dt.datetime) -> list[ProgramTerms]:
    """The programmes' terms for a creator, without anybody else's special rates. Two queries."""
    rules = CommissionRule.objects.filter(program__in=programs).in_force(now).shown_to(creator_id)
    rates: dict[int, list[Rate]] = defaultdict(list)
    currencies = {program.pk: program.currency for program in programs}
    for rule in rules.select_related("creator", "group").order_by("program", "-effect", "version"):
        currency = currencies[rule.program_id]
        is_boost = rule.effect != CommissionRule.Effect.BASE
        rates[rule.program_id].append(
            Rate(rate_in_words(rule, currency), tuple(conditions_in_words(rule, currency)), is_boost)
        )
    known = {
        enrolment.program_id: enrolment
        for enrolment in Enrolment.objects.filter(program__in=programs, creator_id=creator_id)
    }
    return [
        ProgramTerms(
            program,
            tuple(rates[program.pk]),
            known.get(program.pk),
            steps_for(program, known.get(program.pk), now=now),
        )
        for program in programs
    ]


def steps_for(program: Program, enrolment: Enrolment | None, *, now: dt.datetime) -> tuple[str, ...]:
    """What a creator can do about a programme."""
    return creator_steps(
        enrolment.status if enrolment else "",
        is_open=program.is_open,
        left_at=enrolment.left_at if enrolment else None,
        decided_at=enrolment.decided_at if enrolment else None,
        now=now,
    )


def recent_decisions(creator_id: int, *, now: dt.datetime, days: int = 14) -> QuerySet[Enrolment]:
    """What brands decided about a creator lately, newest first. One query when read."""
    told = [Enrolment.Status.JOINED, Enrolment.Status.DECLINED, Enrolment.Status.INVITED]
    found = Enrolment.objects.filter(
        creator_id=creator_id, decided_at__gt=now - dt.timedelta(days=days), status__in=told, program__is_active=True
    )
    return found.select_related("program__merchant").order_by("-decided_at", "-pk")
