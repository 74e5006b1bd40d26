"""The blocks a text is made of: each shows itself in the editor, and none lets raw HTML in."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from wagtail.blocks import Block, RawHTMLBlock, StreamBlock
from wagtail.embeds.blocks import EmbedBlock

import pytest

from affiliates.tracking.models import Link
from guides.blocks import ArticleBody
from guides.models import GuidePage
from tests.factories.catalogue import make_offer, make_product
from tests.factories.community import make_operator
from tests.factories.guides import make_guide, make_picture, pick

pytestmark = pytest.mark.django_db

BODY: StreamBlock = GuidePage._meta.get_field("body").stream_block
NAMES = sorted(BODY.child_blocks)
#: These are about things only a site has; their preview needs one.
THINGS = {"pick", "product", "comparison", "image"}


def _blocks(block: Block) -> list[Block]:
    children = list(getattr(block, "child_blocks", {}).values())
    children += [block.child_block] if hasattr(block, "child_block") else []
    return [block, *(found for child in children for found in _blocks(child))]


@pytest.mark.parametrize("name", NAMES)
def test_a_block_says_what_it_is_for(name: str) -> None:
    block = BODY.child_blocks[name]
    assert block.meta.description
    assert block.meta.icon
    assert block.label


@pytest.mark.parametrize("name", NAMES)
def test_a_blocks_preview_opens(client: Client, name: str) -> None:
    make_offer()
    make_picture()
    client.force_login(make_operator())
    response = client.get(reverse("wagtailadmin_block_preview"), {"id": BODY.child_blocks[name].definition_prefix})
    assert response.status_code == 200


@pytest.mark.parametrize("name", sorted(set(NAMES) - THINGS))
def test_a_blocks_preview_shows_something(name: str) -> None:
    block = BODY.child_blocks[name]
    html = block.render(block.get_preview_value())
    assert len(html.strip()) > 30


@pytest.mark.parametrize("name", sorted(THINGS))
def test_a_preview_is_quiet_where_the_site_has_no_such_thing_yet(name: str) -> None:
    block = BODY.child_blocks[name]
    block.render(block.get_preview_value())


def test_no_block_takes_raw_html_or_embeds() -> None:
    assert not [block for block in _blocks(ArticleBody()) if isinstance(block, RawHTMLBlock | EmbedBlock)]


def test_a_scores_parts_are_shown_in_percent(client: Client) -> None:
    criteria = [{"name": "Heat", "weight": 3, "score": "9.0"}, {"name": "Noise", "weight": 1, "score": "6.0"}]
    guide = make_guide(body=[("verdict", {"score": "8.3", "criteria": criteria, "text": "Good."})])
    html = client.get(guide.url).content.decode()
    assert "75 %" in html
    assert "25 %" in html


def _html(client: Client, *blocks: tuple[str, Any]) -> str:
    return client.get(make_guide(body=blocks).url).content.decode()


def test_a_rejected_pick_has_its_reason_and_no_paid_link(client: Client) -> None:
    offer = make_offer()
    html = _html(client, pick(offer.product, role="rejected", reason="The lid leaks."))
    assert "The lid leaks." in html
    assert "/go/" not in html


def test_a_picks_button_leads_through_a_tracked_link(client: Client) -> None:
    assert 'href="/go/' in _html(client, pick(make_offer().product))


def test_a_product_without_an_offer_says_so_instead_of_a_link(client: Client) -> None:
    html = _html(client, pick(make_product("Lonely Lamp")))
    assert "Lonely Lamp" in html
    assert "/go/" not in html


def test_a_deleted_product_leaves_the_page_standing(client: Client) -> None:
    product = make_product()
    guide = make_guide(body=[pick(product), ("text", "<p>Still here.</p>")])
    product.delete()
    response = client.get(guide.url)
    assert response.status_code == 200
    assert "Still here." in response.content.decode()


def test_a_comparison_lays_its_values_beside_its_rows(client: Client) -> None:
    one, other = make_product("One"), make_product("Other")
    columns = [{"product": one, "values": ["1 kg"]}, {"product": other, "values": []}]
    html = _html(client, ("comparison", {"caption": "Both", "rows": ["Weight"], "columns": columns}))
    assert '<th scope="row">Weight</th><td>1 kg</td><td>–</td>' in html


def test_markup_in_a_plain_field_is_text(client: Client) -> None:
    html = _html(client, ("quote", {"text": "<script>alert(1)</script>", "source": "<b>x</b>"}))
    assert "<script>alert(1)" not in html
    assert "&lt;script&gt;" in html


def test_a_preview_makes_no_link_that_counts_clicks(client: Client) -> None:
    make_offer(make_product(image=make_picture()))
    client.force_login(make_operator())
    address = reverse("wagtailadmin_block_preview")
    html = client.get(address, {"id": BODY.child_blocks["pick"].definition_prefix}).content.decode()
    assert ("#example" in html, "/go/" in html, Link.objects.exists()) == (True, False, False)
