from __future__ import annotations

import re
import shutil
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from cms.demo.domain.content import Content, ContentError, load_content
from cms.demo.domain.shapes import KINDS, Verdict
from cms.demo.domain.tables import count_words, gtin_is_valid

SHIPPED = Path(__file__).parents[3] / "cms" / "demo" / "content"


@pytest.fixture(scope="module")
def content() -> Content:
    return load_content(SHIPPED)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The shipped files, to be spoilt."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "content"))


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_there_are_84_products_of_invented_brands_in_all_twelve_categories(content: Content) -> None:
    assert len(content.products) == 84
    assert len({product.brand for product in content.products}) >= 20
    assert len({product.category for product in content.products}) == 12


def test_nearly_every_drawing_kind_is_used(content: Content) -> None:
    assert KINDS - {product.kind for product in content.products} <= {"phone"}


def test_each_of_six_merchants_sells_at_least_eight_things(content: Content) -> None:
    sold = Counter(offer.merchant for product in content.products for offer in product.offers)
    assert len(sold) == 6
    assert min(sold.values()) >= 8


def test_at_least_a_dozen_products_are_sold_by_several_merchants(content: Content) -> None:
    assert sum(len(product.offers) > 1 for product in content.products) >= 12


def test_one_product_is_sold_out_everywhere(content: Content) -> None:
    gone = [p.slug for p in content.products if all(o.availability == "out_of_stock" for o in p.offers)]
    assert gone == ["tetsu-kettle"]


def test_one_price_is_too_old_to_show(content: Content) -> None:
    assert [p.slug for p in content.products for o in p.offers if o.stale] == ["brisa-flexo"]


def test_yen_prices_have_no_decimals(content: Content) -> None:
    prices = [o.price for p in content.products for o in p.offers if o.currency == "JPY"]
    assert prices
    assert not any("." in price for price in prices)


def test_a_merchant_ships_to_its_own_country(content: Content) -> None:
    for merchant in content.merchants:
        for name, lanes in merchant.lanes.items():
            assert lanes[0].country == merchant.country, f"{merchant.slug} {name}"


def test_a_list_price_is_above_the_price(content: Content) -> None:
    for product in content.products:
        for offer in product.offers:
            assert not offer.list_price or Decimal(offer.list_price) > Decimal(offer.price), product.slug


def test_seventeen_articles_are_english_and_seven_spanish(content: Content) -> None:
    assert Counter(article.language for article in content.articles) == {"en": 17, "es": 7}


def test_two_spanish_guides_are_translations(content: Content) -> None:
    translated = [article for article in content.articles if article.translation_of]
    assert len(translated) == 2
    for article in translated:
        assert article.products == content.article(article.translation_of).products


def test_both_demo_creators_own_at_least_four_articles(content: Content) -> None:
    written = Counter(article.creator for article in content.articles)
    assert written["marta-vidal"] >= 4
    assert written["jonas-brandt"] >= 4
    assert len(written) == 6


def test_guides_show_three_to_eight_products_but_for_one_long_one(content: Content) -> None:
    shown = {a.slug: len(a.products) for a in content.articles if a.kind == "guide"}
    assert [slug for slug, count in shown.items() if not 3 <= count <= 8] == ["a-desk-you-can-think-at"]
    assert shown["a-desk-you-can-think-at"] == 12
    assert content.article("a-desk-you-can-think-at").words >= 1500


def test_at_least_four_guides_name_a_rejected_pick(content: Content) -> None:
    assert sum(any(p.role == "rejected" for p in a.picks) for a in content.articles) >= 4


def test_a_top_pick_is_never_chosen_from_documents_alone(content: Content) -> None:
    for article in content.articles:
        assert not any(p.role == "top_pick" and p.evidence == "specs" for p in article.picks), article.slug


def test_every_topic_has_something_to_read_in_english(content: Content) -> None:
    covered = {topic for article in content.articles if article.language == "en" for topic in article.topics}
    assert covered == {topic.slug for topic in content.topics}
    assert len(covered) == 8


def test_the_topics_share_out_all_eight_tints(content: Content) -> None:
    assert len({topic.tint for topic in content.topics}) == 8


def test_at_least_three_guides_declare_a_gift(content: Content) -> None:
    assert sum(bool(article.gifts) for article in content.articles) >= 3


def test_there_are_six_creators_from_six_countries(content: Content) -> None:
    assert len({creator.country for creator in content.creators}) == 6


def test_biographies_have_eighty_to_a_hundred_and_twenty_words(content: Content) -> None:
    for creator in content.creators:
        for language, text in creator.bio.items():
            assert 80 <= count_words(text) <= 120, f"{creator.handle} {language}"


def test_the_demo_log_ins_are_there(content: Content) -> None:
    names = {person.email.partition("@")[0] for person in content.people if "@demo." in person.email}
    roles = {"operator", "editor", "finance", "creator", "reader", "brand"}
    assert names >= roles | {"finance2", "creator2", "brand2"}


def test_twelve_readers_have_names(content: Content) -> None:
    assert sum(person.role == "reader" for person in content.people) == 12


def test_one_comment_is_held_and_carries_a_link(content: Content) -> None:
    held = [comment for comment in content.comments if comment.status == "held"]
    assert len(held) == 1
    assert "http://" in held[0].body


def test_comments_are_edited_and_answered_by_the_author(content: Content) -> None:
    handles = {person.key: person.creator for person in content.people}
    answers = [c for c in content.comments if c.reply_to and handles[c.person] == content.article(c.article).creator]
    assert len(content.comments) >= 40
    assert len(answers) >= 5
    assert any(comment.edited_days_ago >= 0 for comment in content.comments)


def test_the_five_standard_pages_are_long_enough_to_say_something(content: Content) -> None:
    slugs = [page.slug for page in content.pages]
    assert slugs == ["about", "disclosure-policy", "how-we-test", "privacy", "corrections"]
    for page in content.pages:
        assert all(count_words(html) > 200 for html in page.html.values()), page.slug


def test_markup_is_plain_and_well_formed() -> None:
    allowed = {"p", "ul", "li", "b", "i", "a", "h2"}
    for path in SHIPPED.rglob("*.toml"):
        found = re.findall(r"<(/?)([a-z0-9]+)[^>]*>", path.read_text(encoding="utf-8"))
        assert {name for _, name in found} <= allowed, path.name
        assert all(n == 0 for n in _balance(found).values()), path.name


def _balance(tags: list[tuple[str, str]]) -> Counter[str]:
    balance: Counter[str] = Counter()
    for closing, name in tags:
        balance[name] += -1 if closing else 1
    return balance


def test_no_data_file_is_longer_than_500_lines() -> None:
    assert not [p.name for p in SHIPPED.rglob("*.toml") if len(p.read_text(encoding="utf-8").splitlines()) > 500]


@pytest.mark.parametrize(
    ("gtin", "valid"),
    [("9520011000079", True), ("9520011000078", False), ("952001100007", False), ("95200110000x9", False)],
)
def test_a_gtin_needs_its_check_digit(gtin: str, valid: bool) -> None:
    assert gtin_is_valid(gtin) is valid


def test_verdicts_are_the_mean_of_their_criteria(content: Content) -> None:
    for article in content.articles:
        for block in article.body:
            if isinstance(block, Verdict):
                mean = sum(part.weight * part.score for part in block.criteria) / 100
                assert abs(mean - block.score) <= Decimal("0.05"), article.slug


def test_every_review_has_one_verdict(content: Content) -> None:
    reviews = [article for article in content.articles if article.kind == "review"]
    assert len(reviews) == 6
    assert all(sum(isinstance(block, Verdict) for block in review.body) == 1 for review in reviews)


FAULTS = [
    ("products/kitchen.toml", 'gtin = "9520011000079"', 'gtin = "9520011000078"', "product[0].gtin"),
    ("products/kitchen.toml", 'price = "89.00"', 'price = "89.005"', "product[0].offer[0].price"),
    (
        "products/kitchen.toml",
        'merchant = "kaufgarten"',
        'merchant = "nobody"',
        "product[0].offer[0].merchant",
    ),
    ("products/kitchen.toml", 'kind = "kettle"', 'kind = "spaceship"', "product[0].kind"),
    ("merchants.toml", 'country = "AT"', 'country = "Austria"', "merchant[0].lanes.letter[1].country"),
    (
        "guides/one-pan-most-evenings.toml",
        'product = "lenta-pan-28"',
        'product = "lenta-pan-99"',
        "body[1].product",
    ),
    ("guides/one-pan-most-evenings.toml", 'role = "top_pick"', 'role = "best"', "body[1].role"),
    ("guides/one-pan-most-evenings.toml", 'type = "text"', 'type = "txt"', "body[0].type"),
    ("guides/one-pan-most-evenings.toml", 'tint = "slate"', 'tint = "slate"\ncolour = "x"', "hero.colour"),
    ("guides/the-chair-that-asks-you-to-move.toml", "score = 8.9", "score = 9.9", "body[7].score"),
    ("comments.toml", "days_ago = 44", "days_ago = 99", "comment[0].days_ago"),
    ("people.toml", 'merchant = "kaufgarten"', 'merchant = "nobody"', "person[10].merchant"),
]


@pytest.mark.parametrize(("file", "old", "new", "field"), FAULTS, ids=[f"{f} {field}" for f, _, _, field in FAULTS])
def test_a_fault_names_its_file_and_field(copy: Path, file: str, old: str, new: str, field: str) -> None:
    spoil(copy / file, old, new)
    with pytest.raises(ContentError) as raised:
        load_content(copy)
    assert (raised.value.file, raised.value.field) == (file, field)


def test_a_missing_file_is_named(copy: Path) -> None:
    (copy / "topics.toml").unlink()
    with pytest.raises(ContentError, match=r"topics\.toml: file: is missing"):
        load_content(copy)
