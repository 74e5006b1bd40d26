"""The cookie proves a creator, and nothing else does."""

from __future__ import annotations

import pytest

from affiliates.tracking.services.creator_cookie import COOKIE, LIFETIME, cookie_value, creator_in_cookies

NOW = 1_790_000_000.0
VALUE = cookie_value(7, now=NOW)


@pytest.mark.parametrize("header", [f"{COOKIE}={VALUE}", f"a=b; {COOKIE}={VALUE}; c=d", f'{COOKIE}="{VALUE}"'])
def test_the_creator_is_read(header: str) -> None:
    assert creator_in_cookies(header, now=NOW) == 7


@pytest.mark.parametrize(
    "header",
    [
        "",
        f"{COOKIE}=",
        f"{COOKIE}=7",
        f"{COOKIE}={VALUE[:-1]}0" if VALUE[-1] != "0" else f"{COOKIE}={VALUE[:-1]}1",
        f"{COOKIE}=8{VALUE[1:]}",
        f"x{COOKIE}={VALUE}",
        f"{COOKIE}=\u00ff.\u00b2.{VALUE}",
        f"{COOKIE}={'9' * 5000}.1.x",
    ],
)
def test_anything_else_is_nobody(header: str) -> None:
    assert creator_in_cookies(header, now=NOW) == 0


def test_it_ends_after_two_weeks() -> None:
    assert creator_in_cookies(f"{COOKIE}={VALUE}", now=NOW + LIFETIME - 1) == 7
    assert creator_in_cookies(f"{COOKIE}={VALUE}", now=NOW + LIFETIME) == 0
