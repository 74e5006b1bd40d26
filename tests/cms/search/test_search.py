"""One search over guides, products and creators."""

from __future__ import annotations

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import pytest

from cms.search.selectors import LONGEST_QUERY
from tests.factories.catalogue import make_delivery, make_offer, make_product
from tests.factories.community import make_creator, make_operator
from tests.factories.guides import make_guide, make_review, make_storefront
from tests.factories.parties import make_merchant

pytestmark = pytest.mark.django_db

HOSTILE = [
    "'", '"', "\\", "%", "_", "*", "' OR 1=1 --", '") OR ("', "AND OR NOT", "NEAR(a b)", "a AND", "(", ")", "title:x",
    "-", "--", "+", "^", "a*", '"a', "a:b:c", "{}", "[]", "!!!", "& | !", "<->", "a & ", "\x00", "\u202e", "\ud7ff",
    "日本語", "ñandú", "🫖" * 40, "a " * 50, "x" * 100, "<script>alert(1)</script>", "${7*7}", "{{ 7 }}",
    "%00", "../..",
]  # fmt: skip


def _search(client: Client, query: str, prefix: str = "") -> str:
    response = client.get(f"{prefix}/search/", {"q": query})
    assert response.status_code == 200, query
    return response.content.decode()


@pytest.fixture(autouse=True)
def _somebody_runs_the_site() -> None:
    make_operator()


def test_a_guide_is_found_by_its_title(client: Client) -> None:
    make_guide(title="Gooseneck kettles")
    assert "Gooseneck kettles" in _search(client, "gooseneck")


def test_a_guide_is_found_by_its_text(client: Client) -> None:
    make_guide(title="What to pour with", body=[("text", "<p>A slow, narrow gooseneck helps.</p>")])
    assert "What to pour with" in _search(client, "gooseneck")


def test_a_review_is_found_by_its_summary(client: Client) -> None:
    make_review(title="The quiet one", summary="It never whistles.")
    assert "The quiet one" in _search(client, "whistles")


def test_a_product_is_found_by_its_name(client: Client) -> None:
    make_product("Tetsu pourover")
    assert "Tetsu pourover" in _search(client, "tetsu")


def test_a_creator_is_found_by_name(client: Client) -> None:
    make_storefront(make_creator("ada", display_name="Ada Wolkenstein", is_trusted=True))
    assert 'href="/creators/ada/"' in _search(client, "wolkenstein")


def test_all_the_words_must_be_there(client: Client) -> None:
    make_guide(title="Gooseneck kettles")
    make_guide(title="Gooseneck lamps")
    html = _search(client, "gooseneck lamps")
    assert "Gooseneck lamps" in html
    assert "Gooseneck kettles" not in html


def test_a_draft_is_not_found(client: Client) -> None:
    make_guide(title="Gooseneck kettles", live=False)
    assert "Gooseneck kettles" not in _search(client, "gooseneck")


def test_a_language_finds_its_own_guides(client: Client) -> None:
    make_guide(title="Teteras de cuello", storefront=make_storefront(language="es"))
    assert "Teteras de cuello" not in _search(client, "teteras")
    assert "Teteras de cuello" in _search(client, "teteras", "/es")


def test_nothing_found_says_what_to_do_next(client: Client) -> None:
    html = _search(client, "zzzzz")
    assert "Nothing found" in html
    assert 'href="/topics/"' in html


def test_an_empty_question_is_no_search(client: Client) -> None:
    assert "Nothing found" not in _search(client, "   ")


def test_no_question_breaks_it(client: Client) -> None:
    make_guide(title="Gooseneck kettles")
    make_product("Tetsu")
    assert [query for query in HOSTILE if "<script>alert(1)" in _search(client, query)] == []


def test_a_question_longer_than_is_read_is_cut(client: Client) -> None:
    html = _search(client, "y" * 5000)
    assert f'value="{"y" * LONGEST_QUERY}"' in html


def test_what_was_asked_stays_in_the_field(client: Client) -> None:
    assert 'value="quiet &quot;kettle&quot;"' in _search(client, 'quiet "kettle"')


def test_search_pages_are_not_for_search_engines(client: Client) -> None:
    assert '<meta name="robots" content="noindex">' in _search(client, "kettle")


def test_many_results_cost_as_many_queries_as_few(client: Client) -> None:
    counts = []
    storefront = make_storefront()
    for number in (1, 4):
        for _ in range(number):
            make_guide(title="Gooseneck", storefront=storefront)
            make_review(title="Gooseneck", storefront=storefront)
            make_product("Gooseneck")
        _search(client, "gooseneck")
        with CaptureQueriesContext(connection) as captured:
            _search(client, "gooseneck")
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_a_product_found_names_its_price_shop_and_time(client: Client) -> None:
    offer = make_offer(make_product("Gooseneck Kettle"), make_merchant("acme", name="Acme"))
    make_delivery(offer, "DE")
    client.cookies["vitrina_reader"] = "DE."
    shown = _search(client, "gooseneck")
    for words in ("€49.90", "at Acme, Germany", "Price from"):
        assert words in shown


def test_a_product_found_that_is_not_sold_here_says_so(client: Client) -> None:
    make_offer(make_product("Gooseneck Kettle"))
    client.cookies["vitrina_reader"] = "NO."
    shown = _search(client, "gooseneck")
    assert "No shop is known to send this to Norway" in shown
    assert "€49.90" not in shown
