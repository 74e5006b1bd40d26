"""Reading guides and reviews, and the editorial rules the demo's own content keeps."""

from __future__ import annotations

from collections.abc import Callable, Collection
from decimal import ROUND_HALF_EVEN, Decimal

from cms.demo.domain import shapes
from cms.demo.domain.tables import Table, count_words

SHORTEST, LONGEST, LONGEST_OF_ALL = 450, 900, 1900


def _heading(table: Table, products: Collection[str]) -> shapes.Heading:
    return shapes.Heading(text=table.text("text"))


def _text(table: Table, products: Collection[str]) -> shapes.Text:
    return shapes.Text(html=table.text("text"))


def _quote(table: Table, products: Collection[str]) -> shapes.Quote:
    return shapes.Quote(text=table.text("text"))


def _picture(table: Table, products: Collection[str]) -> shapes.Picture:
    return shapes.Picture(
        kinds=table.texts("kinds", least=1, allowed=shapes.KINDS),
        tint=table.choice("tint", shapes.TINTS),
        alt=table.text("alt"),
        caption=table.text("caption", default=""),
    )


def _pick(table: Table, products: Collection[str]) -> shapes.Pick:
    return shapes.Pick(
        product=table.choice("product", products),
        role=table.choice("role", shapes.PICK_ROLES),
        reason=table.text("reason"),
        for_whom=table.text("for_whom"),
        evidence=table.choice("evidence", shapes.EVIDENCE),
        html=table.text("text"),
    )


def _card(table: Table, products: Collection[str]) -> shapes.ProductCard:
    return shapes.ProductCard(product=table.choice("product", products), note=table.text("note"))


def _comparison(table: Table, products: Collection[str]) -> shapes.Comparison:
    compared = table.texts("products", least=2, allowed=products)
    rows = []
    for row in table.tables("rows", least=1):
        values = row.texts("values", least=1)
        if len(values) != len(compared):
            raise row.fault("values", f"has {len(values)} values for {len(compared)} products")
        rows.append(shapes.ComparisonRow(label=row.text("label"), values=values))
        row.done()
    return shapes.Comparison(products=compared, rows=tuple(rows))


def _pros_cons(table: Table, products: Collection[str]) -> shapes.ProsCons:
    return shapes.ProsCons(pros=table.texts("pros", least=1), cons=table.texts("cons", least=1))


def _verdict(table: Table, products: Collection[str]) -> shapes.Verdict:
    criteria = []
    for row in table.tables("criteria", least=2):
        criteria.append(
            shapes.Criterion(
                name=row.text("name"),
                weight=row.integer("weight", least=1, most=100),
                score=row.decimal("score"),
            )
        )
        row.done()
    weights = sum(criterion.weight for criterion in criteria)
    if weights != 100:
        raise table.fault("criteria", f"weights add up to {weights}, not to 100")
    score = table.decimal("score")
    exact = sum((criterion.weight * criterion.score for criterion in criteria), Decimal(0)) / 100
    # A verdict that its own criteria do not add up to would be the first thing a careful reader finds.
    if exact.quantize(Decimal("0.1"), ROUND_HALF_EVEN) != score:
        raise table.fault("score", f"is {score}, its criteria make {exact}")
    return shapes.Verdict(score=score, criteria=tuple(criteria), html=table.text("text"))


def _testing(table: Table, products: Collection[str]) -> shapes.Testing:
    return shapes.Testing(html=table.text("text"), days=table.integer("days", least=1, most=2000))


READERS: dict[str, Callable[[Table, Collection[str]], shapes.Block]] = {
    "heading": _heading,
    "text": _text,
    "quote": _quote,
    "image": _picture,
    "pick": _pick,
    "product": _card,
    "comparison": _comparison,
    "pros_cons": _pros_cons,
    "verdict": _verdict,
    "how_we_tested": _testing,
}


def _words_of(block: shapes.Block) -> int:
    match block:
        case shapes.Heading(text) | shapes.Quote(text):
            return count_words(text)
        case shapes.Text(html) | shapes.Testing(html=html) | shapes.Verdict(html=html):
            return count_words(html)
        case shapes.Pick():
            return count_words(block.reason, block.for_whom, block.html)
        case shapes.ProductCard():
            return count_words(block.note)
        case shapes.Picture():
            return count_words(block.caption)
        case shapes.Comparison(rows=rows):
            return sum(count_words(row.label, *row.values) for row in rows)
        case shapes.ProsCons():
            return count_words(*block.pros, *block.cons)


def _read_block(table: Table, products: Collection[str]) -> shapes.Block:
    reader = READERS[table.choice("type", READERS)]
    block = reader(table, products)
    table.done()
    return block


def _check(article: shapes.Article, table: Table) -> None:
    longest = LONGEST_OF_ALL if len(article.products) >= 12 else LONGEST
    if not SHORTEST <= article.words <= longest:
        raise table.fault("body", f"has {article.words} words, not {SHORTEST} to {longest}")
    tested = any(isinstance(block, shapes.Testing) for block in article.body)
    if not tested and any(pick.evidence == "hands_on" for pick in article.picks):
        raise table.fault("body", "claims hands-on evidence but does not say how it was tested")
    if article.tested_days_ago < article.published_days_ago:
        raise table.fault("tested_days_ago", "is later than the day of publication")
    for gift in article.gifts:
        if gift.product not in article.products:
            raise table.fault("disclosure.gifts", f"names {gift.product!r}, which the body does not show")
    if article.kind == "review":
        kinds = {type(block) for block in article.body}
        if not {shapes.ProsCons, shapes.Verdict} <= kinds:
            raise table.fault("body", "is a review without pros and cons or without a verdict")
        if article.product not in article.products:
            raise table.fault("product", "is not shown in the body")


def read_article(
    table: Table,
    *,
    products: Collection[str],
    topics: Collection[str],
    creators: dict[str, tuple[str, ...]],
) -> shapes.Article:
    """One guide or review; `creators` maps a handle to the languages its owner writes in."""
    creator = table.choice("creator", creators)
    kind = table.choice("kind", {"guide", "review"})
    hero = table.table("hero")
    disclosure = table.table("disclosure")
    gifts = []
    for row in disclosure.tables("gifts"):
        gifts.append(shapes.Gift(product=row.choice("product", products), giver=row.text("from")))
        row.done()
    body = tuple(_read_block(block, products) for block in table.tables("body", least=1))
    summary = table.text("summary")
    article = shapes.Article(
        slug=table.text("slug"),
        language=table.choice("language", creators[creator]),
        kind=kind,
        creator=creator,
        translation_of=table.text("translation_of", default=""),
        title=table.text("title"),
        summary=summary,
        topics=table.texts("topics", least=1, allowed=topics),
        tags=table.texts("tags", least=1),
        product=table.choice("product", products) if kind == "review" else "",
        published_days_ago=table.integer("published_days_ago", least=5, most=400),
        tested_days_ago=table.integer("tested_days_ago", least=5, most=500),
        hero=shapes.Hero(
            kinds=hero.texts("kinds", least=2, allowed=shapes.KINDS),
            tint=hero.choice("tint", shapes.TINTS),
            alt=hero.text("alt"),
        ),
        commission=disclosure.flag("commission"),
        gifts=tuple(gifts),
        body=body,
        words=count_words(summary) + sum(_words_of(block) for block in body),
    )
    for part in (hero, disclosure, table):
        part.done()
    _check(article, table)
    return article
