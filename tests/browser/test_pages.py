"""What holds on every page a reader meets: its frame, its width, its headings, its pictures, its
accessibility.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

    Opener = Callable[..., Page]

GUIDE = "/creators/marta-vidal/the-kettle-that-does-not-shout/"
REVIEW = "/creators/tom-ashdown/a-watch-that-asks-for-nothing/"
PRODUCT = "/products/still-kettle/"
PAGES = [
    "/", "/es/", "/guides/", "/topics/", "/topics/kitchen/", "/creators/", "/creators/marta-vidal/",
    GUIDE, REVIEW, PRODUCT, "/search/?q=kettle", "/following/", "/tour/", "/account/login/", "/account/signup/",
]  # fmt: skip
WIDER = """() => [...document.querySelectorAll('body *')]
  .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1
    && !e.closest('[role=region][tabindex], .home__picks'))
  .map(e => e.tagName + '.' + e.className).slice(0, 5)"""
LONG_WORDS = """() => document.querySelectorAll('h1, h2, h3, .button, .status').forEach((e, i) => {
  if (i % 2) e.append(' Donaudampfschifffahrtsgesellschaftskapitänsmütze') })"""
SHIFT = """() => new Promise(done => {
  let sum = 0
  const add = list => { for (const e of list.getEntries()) if (!e.hadRecentInput) sum += e.value }
  new PerformanceObserver(add).observe({ type: 'layout-shift', buffered: true })
  scrollTo(0, document.body.scrollHeight / 2)
  setTimeout(() => done(sum), 1200) })"""
PLACE = "(r => [Math.round(r.top / 60), Math.round(r.left)])(document.activeElement.getBoundingClientRect())"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_wider_than_a_small_phone(open_page: Opener, path: str) -> None:
    assert open_page(path, width=320).evaluate(WIDER) == []


@pytest.mark.parametrize("path", ["/", GUIDE, PRODUCT, "/creators/marta-vidal/", "/account/login/", "/following/"])
def test_a_long_word_breaks_rather_than_the_page(open_page: Opener, path: str) -> None:
    page = open_page(path, width=320)
    page.evaluate(LONG_WORDS)
    assert page.evaluate(WIDER) == []


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_one_first_heading_and_skips_no_level(open_page: Opener, path: str) -> None:
    levels = open_page(path).eval_on_selector_all("main :is(h1,h2,h3,h4,h5,h6)", "all => all.map(h => +h.tagName[1])")
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


@pytest.mark.parametrize("path", PAGES)
def test_every_picture_has_its_words_and_its_size(open_page: Opener, path: str) -> None:
    wrong = open_page(path).eval_on_selector_all(
        "img",
        "all => all.filter(i => !i.hasAttribute('alt') || !i.getAttribute('height')).map(i => i.src)",
    )
    assert wrong == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_no_fault(open_page: Opener, path: str, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(open_page(path, width=375, scheme=scheme), options={"runOnly": {"type": "tag", "values": TAGS}})
    faults = [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found.response["violations"]]
    assert faults == []


@pytest.mark.parametrize("path", ["/", GUIDE, PRODUCT])
def test_what_one_presses_is_as_large_as_a_thumb(open_page: Opener, path: str) -> None:
    small = open_page(path, width=375).eval_on_selector_all(
        ".button, .masthead a, .masthead summary, .masthead button, select",
        """all => all.filter(e => e.checkVisibility() && !e.closest('details:not([open]) > :not(summary)'))
          .map(e => [e.getBoundingClientRect(), e]).filter(([r]) => r.width && r.height < 43.5)
          .map(([r, e]) => [e.textContent.trim(), r.height])""",
    )
    assert small == []


def test_the_first_stop_of_the_tab_key_leads_to_the_text(open_page: Opener) -> None:
    page = open_page("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_the_tab_key_follows_the_eye_through_the_masthead(open_page: Opener) -> None:
    page = open_page("/")
    stops = []
    for _ in range(9):
        page.keyboard.press("Tab")
        stops.append(page.evaluate(PLACE))
    assert stops[1:] == sorted(stops[1:], key=lambda stop: stop[1])


def test_escape_closes_the_readers_choice_and_returns_focus(open_page: Opener) -> None:
    page = open_page("/guides/")
    page.click("summary.masthead__tool")
    assert page.is_visible("#reader-country")
    page.keyboard.press("Escape")
    assert not page.is_visible("#reader-country")
    assert page.evaluate("document.activeElement.matches('summary')")


def test_the_chosen_theme_survives_the_next_page_without_a_flash(open_page: Opener) -> None:
    page = open_page("/", scheme="light")
    page.click("theme-toggle button")
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
    page.goto("/guides/", wait_until="commit")
    page.wait_for_selector("h1")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_a_comparison_is_a_table_on_a_desk_and_cards_on_a_phone(open_page: Opener) -> None:
    desk, phone = open_page(GUIDE), open_page(GUIDE, width=375)
    seen = [(p.is_visible(".comparison__table"), p.is_visible(".comparison__card")) for p in (desk, phone)]
    assert seen == [(True, False), (False, True)]


@pytest.mark.parametrize("path", ["/", GUIDE, PRODUCT, "/guides/"])
def test_a_page_reads_without_javascript(open_page: Opener, path: str) -> None:
    page = open_page(path, java_script_enabled=False)
    assert page.is_visible("h1") or page.locator("h1").count() == 1
    page.click("summary.masthead__tool")
    assert page.is_visible("#reader-country")


def test_a_page_that_is_not_there_offers_a_way_on(open_page: Opener) -> None:
    page = open_page("/no-such-shelf/", expect=404)
    assert page.is_visible("h1")
    assert page.is_visible(".last-resort input[type=search]")


def test_the_longest_guide_fits_its_budget(open_page: Opener) -> None:
    """HTML, CSS and JavaScript together at most 120 kB on the wire, JavaScript at most 40."""
    page = open_page("/guides/")
    sizes: dict[str, int] = {}
    page.on("response", lambda r: sizes.__setitem__(r.url, r.request.sizes()["responseBodySize"]))
    page.goto(GUIDE, wait_until="networkidle")
    text = {url: size for url, size in sizes.items() if "/media/" not in url}
    script = sum(size for url, size in text.items() if url.endswith(".js"))
    assert script <= 40_000
    assert sum(text.values()) <= 120_000


def test_nothing_jumps_while_a_guide_loads(open_page: Opener) -> None:
    page = open_page(GUIDE, width=375)
    shift = page.evaluate(SHIFT)
    assert shift < 0.05


def test_a_guide_prints_without_its_frame(open_page: Opener) -> None:
    page = open_page(GUIDE)
    page.emulate_media(media="print")
    assert not page.is_visible(".masthead__nav")
    assert not page.is_visible(".footer")
    assert page.is_visible(".article__title")
