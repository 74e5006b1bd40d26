"""Robots and link previews are told from people's browsers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from crawleruseragents import CRAWLER_USER_AGENTS_DATA

from affiliates.tracking.domain.agents import AgentClass, classify_agent, device_class
from affiliates.tracking.domain.validity import Reason, judge_alone

BROWSERS = [
    line.split(" ", 1)
    for line in (Path(__file__).parent / "browsers.txt").read_text("ascii").splitlines()
    if line and not line.startswith("#")
]
CRAWLERS = sorted({agent for entry in CRAWLER_USER_AGENTS_DATA for agent in entry.get("instances", ())})


def test_every_agent_of_the_crawler_list_is_invalid() -> None:
    assert len(CRAWLERS) > 2000
    assert [agent for agent in CRAWLERS if not judge_alone("GET", agent, "")] == []


def test_the_browser_list_is_long() -> None:
    assert len(BROWSERS) >= 60


@pytest.mark.parametrize(("device", "agent"), BROWSERS)
def test_a_person_s_browser_is_valid(device: str, agent: str) -> None:
    assert judge_alone("GET", agent, "") is Reason.VALID


@pytest.mark.parametrize(("device", "agent"), BROWSERS)
def test_the_device_is_told(device: str, agent: str) -> None:
    assert device_class(agent) == device


@pytest.mark.parametrize(
    "agent",
    [
        "WhatsApp/2.23.20.0 A",
        "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
        "TelegramBot (like TwitterBot)",
        "Twitterbot/1.0",
        "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
        "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
    ],
)
def test_a_link_preview_is_named_as_one(agent: str) -> None:
    assert classify_agent(agent) is AgentClass.PREVIEW


@pytest.mark.parametrize(
    "agent",
    ["Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "curl/8.5.0", "python-requests/2.32"],
)
def test_a_robot_is_named_as_one(agent: str) -> None:
    assert classify_agent(agent) is AgentClass.BOT


@pytest.mark.parametrize(
    "agent", ["", " ", "-", "x", "Mozilla", "my own program", "Mozilla/5.0 \u00e9", "Mozilla/5.0 " + "x" * 65536]
)
def test_an_agent_that_is_no_browser_s_is_strange(agent: str) -> None:
    assert classify_agent(agent) is AgentClass.STRANGE


def test_every_pattern_of_the_list_takes_part() -> None:
    agents = {entry["pattern"]: entry["instances"][0] for entry in CRAWLER_USER_AGENTS_DATA if entry.get("instances")}
    silent = [p for p, agent in agents.items() if re.search(p, agent) and not judge_alone("GET", agent, "")]
    assert silent == []
