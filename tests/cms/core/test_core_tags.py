"""What every template may use."""

from __future__ import annotations

import datetime as dt

from django.template import Context, Template
from django.utils import timezone, translation

import pytest
import time_machine

from cms.core.templatetags.core_tags import ago, country_in_words, country_name, icon, money, price_time, short_day

NOON = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)


def test_money_reads_as_the_language_writes_it() -> None:
    with translation.override("es"):
        assert money(41280, "EUR") == "412,80\xa0€"


def test_no_amount_is_no_text() -> None:
    assert money(None, "EUR") == ""


def test_yen_are_written_as_japan_writes_them() -> None:
    assert money(83048, "JPY") == "¥83,048"


def test_a_time_whose_zone_has_no_name_says_how_far_it_is_off() -> None:
    with time_machine.travel(NOON, tick=False), timezone.override("America/Sao_Paulo"):
        assert price_time(NOON) == "Price from 09:00 UTC-03 today"


@pytest.mark.parametrize(
    ("code", "words"),
    [("US", "the United States"), ("NO", "Norway"), ("CZ", "Czechia"), ("FO", "the Faroe Islands")],
)
def test_a_country_within_a_sentence_has_its_article(code: str, words: str) -> None:
    assert country_in_words(code) == words


def test_a_month_within_a_line_is_written_as_the_language_writes_it() -> None:
    assert short_day(NOON) == "20 Nov 2026"


def test_a_country_has_a_name() -> None:
    with translation.override("es"):
        assert country_name("DE") == "Alemania"


@pytest.mark.parametrize(
    ("back", "text"),
    [
        (dt.timedelta(hours=2, minutes=5), "Price from 09:55 UTC today"),
        (dt.timedelta(hours=20), "Price from yesterday, 16:00 UTC"),
        (dt.timedelta(days=17), "Price from 3 November"),
        (dt.timedelta(days=400), "Price from 16 October 2025"),
    ],
)
def test_a_price_says_when_it_was_seen(back: dt.timedelta, text: str) -> None:
    with time_machine.travel(NOON, tick=False):
        assert price_time(NOON - back) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (5, "just now"),
        (90, "1 minute ago"),
        (7200, "2 hours ago"),
        (3 * 86400, "3 days ago"),
        (800 * 86400, "2 years ago"),
    ],
)
def test_how_long_ago_is_said_in_one_unit(seconds: int, text: str) -> None:
    with time_machine.travel(NOON, tick=False):
        assert ago(NOON - dt.timedelta(seconds=seconds)) == text


def test_an_icon_is_drawn_and_silent() -> None:
    drawn = icon("check")
    assert "<path" in drawn
    assert 'aria-hidden="true"' in drawn


def test_an_unknown_icon_draws_nothing() -> None:
    assert "<path" not in icon("no-such-icon")


def test_a_missing_picture_keeps_its_place() -> None:
    html = Template('{% load core_tags %}{% picture None "card" %}').render(Context())
    assert "picture--card picture--none" in html
    assert "<img" not in html


def test_the_stylesheet_is_one_link() -> None:
    html = Template('{% load core_tags %}{% stylesheet "site" %}').render(Context())
    assert html.startswith('<link rel="stylesheet" href="/assets/')
