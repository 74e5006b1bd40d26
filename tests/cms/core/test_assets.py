"""Static files without a build step."""

from __future__ import annotations

import gzip
from pathlib import Path

from django.conf import settings
from django.test import Client

import pytest

from cms.core.assets import asset_url, assets_version, bundled_css

CSS = Path(settings.PROJECT_DIR) / "static" / "css"


@pytest.fixture(scope="module")
def bundle() -> str:
    return bundled_css(CSS / "site.css")


def test_the_bundle_starts_with_the_order_of_layers(bundle: str) -> None:
    assert bundle.startswith("@layer reset,tokens,base,layout,components,pages,utilities;")


def test_the_bundle_imports_nothing_more(bundle: str) -> None:
    assert "@import" not in bundle


def test_every_stylesheet_of_a_component_or_page_is_in_the_list() -> None:
    listed = (CSS / "site.css").read_text()
    missing = [p.name for p in CSS.rglob("*/*.css") if str(p.relative_to(CSS)) not in listed]
    assert not missing


def test_braces_balance_in_every_stylesheet() -> None:
    assert not [p.name for p in CSS.rglob("*.css") if p.read_text().count("{") != p.read_text().count("}")]


def test_only_the_palette_names_a_colour() -> None:
    named = {"tokens.css", "tints.css", "print.css"}
    assert not [p.name for p in CSS.rglob("*.css") if p.name not in named and "#" in _declarations(p.read_text())]


def _declarations(css: str) -> str:
    return "".join(line for line in css.splitlines() if ":" in line and "mask" not in line and "--shape" not in line)


def test_the_present_address_may_be_kept_for_ever(client: Client) -> None:
    response = client.get(asset_url("css/site.css"))
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"


def test_an_older_address_gets_todays_file_for_a_minute(client: Client) -> None:
    response = client.get("/assets/0123456789ab/css/site.css")
    assert (response.status_code, response["Cache-Control"]) == (200, "public, max-age=60")


def test_a_browser_that_takes_gzip_gets_the_same_text(client: Client, bundle: str) -> None:
    response = client.get(asset_url("css/site.css"), headers={"accept-encoding": "gzip"})
    assert gzip.decompress(response.content).decode() == bundle


def test_the_stylesheet_is_small_on_the_wire(bundle: str) -> None:
    assert len(gzip.compress(bundle.encode(), 9)) < 20_000


def test_modules_import_within_their_release(client: Client) -> None:
    response = client.get(asset_url("js/main.js"))
    assert b'import "./elements/' in response.content


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["../pyproject.toml", "css/none.css", "js/../../manage.py", "css/site.py"])
def test_what_is_no_static_file_is_not_found(client: Client, path: str) -> None:
    assert client.get(f"/assets/{assets_version()}/{path}").status_code == 404
