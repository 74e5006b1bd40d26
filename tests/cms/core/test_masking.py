"""Of an address only its host is ever shown."""

from __future__ import annotations

import pytest

from cms.core.masking import mask_text, mask_url


@pytest.mark.parametrize(
    ("url", "masked"),
    [
        ("https://shop.example/feed?key=secret", "https://shop.example/…"),
        ("https://shop.example/secret/feed.xml", "https://shop.example/…"),
        ("https://user:secret@shop.example:8443/", "https://shop.example:8443/…"),
        ("secret", "…"),
        ("https://[secret/", "…"),
        ("", "…"),
    ],
)
def test_an_address_is_cut_down_to_its_host(url: str, masked: str) -> None:
    assert mask_url(url) == masked


def test_each_address_in_a_text_is_cut_down() -> None:
    text = "tried postgres://u:secret@db/x and <https://a.example/?k=secret>."
    assert mask_text(text) == "tried postgres://db/… and <https://a.example/…>."
