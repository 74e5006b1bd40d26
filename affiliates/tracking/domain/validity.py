"""Which clicks count, and why the others do not.

A click has exactly one reason, the first that applies, or none and is valid. The first eight reasons look at the click
alone. The last three look at the visitor's other clicks and depend on the set of clicks only, never on the order in
which they arrive: clicks are ordered by (time, click id).

* A visitor counts once per link and hour: a click within an hour of the visitor's last *counted* click on the same link
  is a repeat, within ten seconds a double click.
* More than thirty clicks of a visitor within sixty seconds are too many, the ones beyond the thirtieth do not count.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, Protocol, TypeVar

from affiliates.tracking.domain.agents import LIST_VERSION, AgentClass, classify_agent

RULES_VERSION = f"1+{LIST_VERSION}"

SECOND = 1_000_000
DOUBLE_CLICK = 10 * SECOND
REPEAT = 3_600 * SECOND
RATE_WINDOW = 60 * SECOND
RATE_LIMIT = 30


class Reason(StrEnum):
    """Why a click does not count; in the order in which they are looked for."""

    VALID = ""
    DISABLED = "disabled"
    PREFETCH = "prefetch"
    HEAD = "head"
    BOT = "bot"
    PREVIEW = "preview"
    AGENT = "agent"
    FORCED = "forced"
    SELF = "self"
    DOUBLE_CLICK = "double_click"
    REPEAT = "repeat"
    RATE = "rate"


#: Not counted, but a person's click all the same: an order may be credited to it.
CREDITABLE = frozenset({Reason.DOUBLE_CLICK, Reason.REPEAT, Reason.RATE})
#: The reasons of clicks that passed every rule about the click alone.
PERSONAL = frozenset({Reason.VALID, *CREDITABLE})

#: Facts noted when the click was made, one letter each in `flags`.
FLAG_DISABLED, FLAG_PREFETCH, FLAG_FORCED, FLAG_SELF, FLAG_LONG_AGENT = "d", "p", "f", "s", "l"

_BY_AGENT = {AgentClass.BOT: Reason.BOT, AgentClass.PREVIEW: Reason.PREVIEW, AgentClass.STRANGE: Reason.AGENT}


class JudgedClick(Protocol):
    """What a verdict needs to know of a click; `at` in microseconds since 1970."""

    @property
    def click_id(self) -> str: ...
    @property
    def at(self) -> int: ...
    @property
    def visitor(self) -> str: ...
    @property
    def link(self) -> int: ...
    @property
    def method(self) -> str: ...
    @property
    def agent(self) -> str: ...
    @property
    def flags(self) -> str: ...


class ClickFacts(NamedTuple):
    """Just the facts of a verdict."""

    click_id: str
    at: int
    visitor: str
    link: int
    method: str
    agent: str
    flags: str


class Verdict(NamedTuple):
    """The reason, and the counted click this one doubles or repeats (its own time where it counts)."""

    reason: Reason
    counted_at: int | None = None


def can_be_credited(reason: str) -> bool:
    """Whether an order may be credited to a click with this reason."""
    return reason in PERSONAL


def judge_alone(method: str, agent: str, flags: str) -> Reason:
    """The first reason that follows from the click itself, or VALID."""
    if flags and FLAG_DISABLED in flags:
        return Reason.DISABLED
    if flags and FLAG_PREFETCH in flags:
        return Reason.PREFETCH
    if method != "GET":
        return Reason.HEAD
    kind = classify_agent(agent)
    if kind is not AgentClass.BROWSER:
        return _BY_AGENT[kind]
    if not flags:
        return Reason.VALID
    if FLAG_LONG_AGENT in flags:
        return Reason.AGENT
    if FLAG_FORCED in flags:
        return Reason.FORCED
    if FLAG_SELF in flags:
        return Reason.SELF
    return Reason.VALID


@dataclass(slots=True)
class VisitorHistory:
    """What is remembered of one visitor: the last counted click per link, and the times of the latest thirty."""

    counted: dict[int, int] = field(default_factory=dict)
    recent: list[int] = field(default_factory=list)

    def remember(self, *, link: int, at: int, verdict: Verdict) -> None:
        """Take a click that was already judged into account. Clicks must come in order."""
        if verdict.counted_at is not None:
            self.counted[link] = verdict.counted_at
        self.recent.append(at)
        if len(self.recent) > 2 * RATE_LIMIT:
            del self.recent[:-RATE_LIMIT]

    def judge(self, *, link: int, at: int) -> Verdict:
        """The verdict on the visitor's next click, which passed the rules about the click alone."""
        counted = self.counted.get(link)
        if counted is not None and at - counted <= REPEAT:
            reason = Reason.DOUBLE_CLICK if at - counted <= DOUBLE_CLICK else Reason.REPEAT
            verdict = Verdict(reason, counted)
        elif len(self.recent) - bisect_right(self.recent, at - RATE_WINDOW) >= RATE_LIMIT:
            verdict = Verdict(Reason.RATE)
        else:
            verdict = Verdict(Reason.VALID, at)
        self.remember(link=link, at=at, verdict=verdict)
        return verdict


class Judge:
    """Judges clicks in order of (time, click id), remembering each visitor."""

    __slots__ = ("histories",)

    def __init__(self, histories: dict[str, VisitorHistory] | None = None) -> None:
        self.histories = histories if histories is not None else {}

    def __call__(self, click: JudgedClick) -> Verdict:
        """The verdict on the next click."""
        alone = judge_alone(click.method, click.agent, click.flags)
        if alone:
            return Verdict(alone)
        history = self.histories.get(click.visitor)
        if history is None:
            history = self.histories[click.visitor] = VisitorHistory()
        return history.judge(link=click.link, at=click.at)


Click = TypeVar("Click", bound=JudgedClick)


def in_order(clicks: Iterable[Click]) -> list[Click]:
    """Clicks by (time, click id), each id once."""
    return sorted({click.click_id: click for click in clicks}.values(), key=lambda click: (click.at, click.click_id))


def judge_all(clicks: Iterable[JudgedClick]) -> Iterator[tuple[str, Verdict]]:
    """(click id, verdict) of a whole set of clicks, whatever the order they are given in."""
    judge = Judge()
    for click in in_order(clicks):
        yield click.click_id, judge(click)
