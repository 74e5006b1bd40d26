"""The whole main job in a real browser: guide, click, demo shop, order, refund, creator, brand, payout."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

GUIDE = "/creators/marta-vidal/the-kettle-that-does-not-shout/"
#: A headless browser says that it is one, and its clicks are rightly not counted.
READER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
Opener = Callable[..., "Page"]


def _log_in(page: Page, who: str) -> None:
    page.goto("/account/login/")
    page.fill("input[name=login]", f"{who}@demo.vitrina.test")
    page.fill("input[name=password]", "vitrina-demo")
    page.locator("main button[type=submit]").first.click()
    page.wait_for_load_state()


@pytest.fixture
def bought(open_page: Opener) -> tuple[Page, str]:
    """A reader in Germany bought the guide's kettle at Kaufgarten; the order's page and number."""
    page = open_page(GUIDE, user_agent=READER)
    page.locator('a[rel="sponsored nofollow noopener"]:visible', has_text="Kaufgarten").first.click()
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/_demo/orders/**")
    found = re.search(r"/_demo/orders/[^/]+/([^/]+)/", page.url)
    assert found is not None
    return page, found[1]


def test_a_sale_is_credited_and_refunded_before_the_visitors_eyes(bought: tuple[Page, str]) -> None:
    page, _ = bought
    before = page.locator(".report__sentence").inner_text()
    page.locator("button[value=refund-all]").click()
    page.wait_for_load_state()
    assert "marta-vidal" in before
    assert page.locator(".report__sentence").inner_text().startswith("0.00 EUR")


def test_creator_and_brand_find_the_order_and_its_reason(bought: tuple[Page, str], open_page: Opener) -> None:
    _, order = bought
    creator = open_page("/account/login/")
    _log_in(creator, "creator")
    creator.goto(f"/cms/earnings/orders/kaufgarten/{order}/")
    assert order in creator.locator("main").inner_text()
    brand = open_page("/account/login/")
    _log_in(brand, "brand")
    brand.goto(f"/brands/orders/{order}/")
    assert "Marta Vidal" in brand.locator("main").inner_text()


def test_a_payout_needs_its_second_person(open_page: Opener) -> None:
    page = open_page("/account/login/")
    _log_in(page, "finance")
    assert "/cms/payouts" in page.url
