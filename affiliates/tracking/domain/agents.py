"""What a User-Agent says: a known robot, a link preview, nothing believable, or a browser and its device."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from importlib.metadata import version

from crawleruseragents import CRAWLER_USER_AGENTS_DATA

#: Goes into every verdict's rules version, so that one can tell which list decided.
LIST_VERSION = f"crawlers-{version('crawler-user-agents')}"
LONGEST_AGENT = 512


class AgentClass(StrEnum):
    """What kind of program sent the request."""

    BROWSER = "browser"
    BOT = "bot"
    PREVIEW = "preview"
    STRANGE = "strange"


_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9](?![?*+{])")


def _pattern(wanted_preview: bool) -> re.Pattern[str]:
    """One expression for a part of the list, branching by first and second letter.

    Fourteen hundred branches side by side would be tried at every letter of an agent; so it is a few dozen.
    """
    tree: dict[str, dict[str, list[str]]] = {}
    rest: list[str] = []
    for entry in CRAWLER_USER_AGENTS_DATA:
        if ("social-preview" in entry.get("tags", ())) is wanted_preview:
            pattern = entry["pattern"]
            # An alternative at the top of a pattern would not belong to its first letters.
            if _PLAIN.match(pattern) and "|" not in pattern:
                tree.setdefault(pattern[0], {}).setdefault(pattern[1], []).append(pattern[2:])
            else:
                rest.append(f"(?:{pattern})")
    branches = [
        first + "(?:" + "|".join(f"{second}(?:{'|'.join(ends)})" for second, ends in seconds.items()) + ")"
        for first, seconds in tree.items()
    ]
    return re.compile("|".join([*branches, *rest]))


_PREVIEW = _pattern(wanted_preview=True)
_BOT = _pattern(wanted_preview=False)
#: Every browser a person uses calls itself one of these, in-app browsers included.
_BROWSER = re.compile(
    r"^(?:Mozilla/\d|Opera/\d|Lynx/|Links |ELinks|w3m/|UCWEB|Nokia|SonyEricsson|BlackBerry|SAMSUNG-|DoCoMo/|KDDI-"
    r"|SoftBank/)"
)
_TABLET = re.compile(r"iPad|Tablet|PlayBook|Silk/|Kindle")
_PHONE = re.compile(r"Mobi|iPhone|iPod|Opera Mini|UCWEB|Nokia|BlackBerry|SAMSUNG-|DoCoMo/|KDDI-|SoftBank/")


@lru_cache(maxsize=16_384)
def classify_agent(agent: str) -> AgentClass:
    """The kind of program behind a User-Agent; a name on the crawler list wins over everything it claims to be."""
    if not agent:
        return AgentClass.STRANGE
    if _BOT.search(agent):
        return AgentClass.BOT
    if _PREVIEW.search(agent):
        return AgentClass.PREVIEW
    if len(agent) > LONGEST_AGENT or not agent.isascii() or not agent.isprintable() or not _BROWSER.match(agent):
        return AgentClass.STRANGE
    return AgentClass.BROWSER


@lru_cache(maxsize=16_384)
def device_class(agent: str) -> str:
    """phone, tablet, desktop, or "" where the agent is none of a browser's."""
    if not _BROWSER.match(agent):
        return ""
    if _TABLET.search(agent):
        return "tablet"
    if _PHONE.search(agent):
        return "phone"
    return "tablet" if "Android" in agent else "desktop"
