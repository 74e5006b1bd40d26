"""When a finding is believed: at once, the second time, or only once it has lasted."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from affiliates.catalogue.domain.page_health import AT_ONCE, DEAD, PASSING, Finding

#: A dead end has to be seen twice, what may pass three times over an hour.
DEAD_TIMES, PASSING_TIMES, PASSING_SPAN = 2, 3, dt.timedelta(hours=1)
CONFIRM, CONFIRM_PASSING = dt.timedelta(minutes=11), dt.timedelta(minutes=21)


@dataclass(frozen=True, slots=True)
class Belief:
    """What is held of a page, since when, and what was last seen there how often in a row."""

    state: str
    since_at: dt.datetime
    failures: int
    detail: str
    #: Whether the last finding counts.
    counts: bool = True


def believed(before: Belief, finding: Finding, *, now: dt.datetime) -> Belief:
    """The belief after one more finding."""
    again = finding.state not in AT_ONCE and before.detail.startswith(f"{finding.state}:")
    count = before.failures + 1 if again else 1
    first_at = before.since_at if count > 1 else now
    if finding.state in AT_ONCE:
        counts, failures = finding.is_sure or before.state != "unchecked", 0
    else:
        counts = count >= (DEAD_TIMES if finding.state in DEAD or finding.state == "tag_stripped" else PASSING_TIMES)
        counts = counts and (finding.state not in PASSING or now - first_at >= PASSING_SPAN)
        failures = count
    state, since_at = before.state, before.since_at
    if counts and state != finding.state:
        state, since_at = finding.state, now
    elif count == 1 and not counts and state == "unchecked":
        since_at = now
    return Belief(state, since_at, failures, f"{finding.state}: {finding.detail}"[:300], counts)


def confirmed_in(finding: Finding, belief: Belief) -> dt.timedelta | None:
    """How soon to look again at what is not believed yet; None where it is settled."""
    if finding.state in AT_ONCE or belief.counts:
        return None
    return CONFIRM_PASSING if finding.state in PASSING else CONFIRM


def backing_off(usual: dt.timedelta, belief: Belief) -> dt.timedelta:
    """The usual time to the next look, longer the longer a page has failed."""
    return usual * min(2 ** max(0, belief.failures - DEAD_TIMES), 8)
