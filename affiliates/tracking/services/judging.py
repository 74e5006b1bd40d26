"""Verdicts on a batch of new clicks, with the visitors' stored clicks taken into account.

Clicks may arrive late, from a segment that lay behind. Then the visitor's later clicks are judged again, so that what
is stored never depends on the order of arrival.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from affiliates.tracking.domain.validity import (
    RATE_LIMIT,
    REPEAT,
    Judge,
    JudgedClick,
    Reason,
    Verdict,
    VisitorHistory,
    judge_alone,
)
from affiliates.tracking.services import click_store as store
from affiliates.tracking.services.click_store import StoredClick, TallyKey

#: Beyond so many stored clicks of a batch's visitors each visitor is read by itself, and only as far as needed.
MOST_STORED = 20_000


@dataclass(slots=True)
class Judgement:
    """Verdicts on the new clicks by click id, and changed ones on stored clicks: (stored, new verdict)."""

    fresh: dict[str, Verdict] = field(default_factory=dict)
    changed: list[tuple[StoredClick, Verdict]] = field(default_factory=list)


def judge_batch(clicks: Sequence[JudgedClick]) -> Judgement:
    """Judge new clicks, given in order of (time, click id). Two queries where no visitor has been here before."""
    judgement = Judgement()
    by_visitor: dict[str, list[JudgedClick]] = {}
    for click in clicks:
        alone = judge_alone(click.method, click.agent, click.flags)
        if alone:
            judgement.fresh[click.click_id] = Verdict(alone)
        else:
            by_visitor.setdefault(click.visitor, []).append(click)
    if not by_visitor:
        return judgement
    after = min(own[0].at for own in by_visitor.values()) - REPEAT - 1
    known = store.visitors_seen(by_visitor, after=after)
    stored: dict[str, list[StoredClick]] = {visitor: [] for visitor in known}
    found = store.clicks_of_visitors(known, after=after, limit=MOST_STORED + 1) if known else []
    piecemeal = len(found) > MOST_STORED
    if not piecemeal:
        for row in found:
            stored[row.visitor].append(row)
    for visitor, own in by_visitor.items():
        history = VisitorHistory()
        later: list[StoredClick] = []
        if visitor in stored:
            if piecemeal:
                later = _read_piecemeal(history, visitor, own)
            else:
                later = _take_earlier(history, stored[visitor], own[0])
        _judge_visitor(history, own, later, judgement)
    return judgement


def _take_earlier(history: VisitorHistory, stored: list[StoredClick], first: JudgedClick) -> list[StoredClick]:
    """Remember what came before the first new click; what came after it."""
    border = (first.at, first.click_id)
    for number, row in enumerate(stored):
        if (row.at, row.click_id) > border:
            return stored[number:]
        history.remember(link=row.link, at=row.at, verdict=row.verdict)
    return []


def _read_piecemeal(history: VisitorHistory, visitor: str, own: list[JudgedClick]) -> list[StoredClick]:
    first = own[0]
    later = store.all_after(visitor, at=first.at, click_id=first.click_id)
    for link in {click.link for click in own} | {row.link for row in later}:
        row = store.latest_on_link(visitor, link, after=first.at - REPEAT - 1, at=first.at, click_id=first.click_id)
        if row is not None and row.verdict.counted_at is not None:
            history.counted[link] = row.verdict.counted_at
    recent = store.latest_before(visitor, at=first.at, click_id=first.click_id, limit=RATE_LIMIT)
    history.recent = [row.at for row in recent]
    return later


def _judge_visitor(
    history: VisitorHistory, own: list[JudgedClick], later: list[StoredClick], judgement: Judgement
) -> None:
    if not later:
        for click in own:
            judgement.fresh[click.click_id] = history.judge(link=click.link, at=click.at)
        return
    merged: list[JudgedClick | StoredClick] = [*own, *later]
    for one in sorted(merged, key=lambda click: (click.at, click.click_id)):
        verdict = history.judge(link=one.link, at=one.at)
        if not isinstance(one, StoredClick):
            judgement.fresh[one.click_id] = verdict
        elif verdict != one.verdict:
            judgement.changed.append((one, verdict))


def correct_stored(changed: Sequence[tuple[StoredClick, Verdict]], *, judged_at: int) -> None:
    """Write other verdicts on stored clicks and move their tallies with them."""
    if not changed:
        return
    store.update_verdicts([(row.pk, verdict) for row, verdict in changed], judged_at)
    moved = [(row, verdict) for row, verdict in changed if row.verdict.reason != verdict.reason]
    facts = store.tally_facts([row.pk for row, _verdict in moved])
    changes: Counter[TallyKey] = Counter()
    for row, verdict in moved:
        for reason, step in ((row.verdict.reason, -1), (verdict.reason, 1)):
            changes[_tally_key(facts[row.pk], reason)] += step
    store.add_to_tallies(changes)


def _tally_key(facts: tuple[str, int, int | None, int | None, str, int | None, int], reason: Reason) -> TallyKey:
    day, link, placement, product, country, creator, merchant = facts
    return TallyKey(day, link, placement, product, country, reason.value, creator, merchant)


__all__ = ["Judge", "Judgement", "correct_stored", "judge_batch"]
