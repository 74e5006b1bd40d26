"""What Google's and Meta's listings have in common: the names of their fields, and what these mean."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping

from affiliates.catalogue.domain.availability import read_availability
from affiliates.catalogue.domain.faults import FieldFault
from affiliates.catalogue.domain.feed_records import FeedContext
from affiliates.catalogue.domain.feed_rows import (
    FeedDelivery,
    FeedRow,
    optional,
    read_condition,
    read_gtin,
    read_image,
    read_url,
    read_variant,
    refuse_nul,
    required,
)
from affiliates.catalogue.domain.prices import read_asked_price
from affiliates.catalogue.domain.separated import Table

REQUIRED_COLUMNS = frozenset({"id", "title", "link", "price", "availability"})
_VARIANT = {"color": "colour", "size": "size", "material": "material", "pattern": "pattern"}
#: The sale price and when it begins and ends.
Sale = tuple[int | None, dt.datetime | None, dt.datetime | None]
NO_SALE: Sale = (None, None, None)
#: From a listing, its price and its sale price to the sale that holds.
SaleOf = Callable[[Mapping[str, str], int, int], Sale]


def table_rows(table: Table) -> Iterator[tuple[str, str, list[str]] | FieldFault]:
    """(own number, all it states as one text, cells) of every row of separated text, and the faults between."""
    number = table.keys.index("id")
    told = "\x1f".join(table.keys) + "\x1e"
    for cells in table.rows():
        yield cells if isinstance(cells, FieldFault) else (cells[number].strip(), told + "\x1f".join(cells), cells)


def _prices(values: Mapping[str, str]) -> tuple[int, str, int | None]:
    """(price, currency, sale price); the last is None where no sale is stated."""
    price, currency = read_asked_price(required(values, "price", 40), "price")
    if not values.get("sale_price", "").strip():
        return price, currency, None
    sale, sale_currency = read_asked_price(values["sale_price"], "sale_price")
    if sale_currency != currency:
        raise FieldFault("sale_price", f"is in {sale_currency}, the price in {currency}")
    return price, currency, sale


def listing(
    values: Mapping[str, str],
    context: FeedContext,
    *,
    sale_of: SaleOf,
    image: str,
    condition: str,
    deliveries: tuple[FeedDelivery, ...] = (),
    expires_at: dt.datetime | None = None,
) -> FeedRow:
    """The row, where what the two formats write differently is given. `sale_of` is asked where a sale is stated."""
    external_id = required(values, "id", 120)
    refuse_nul(values)
    price, currency, stated = _prices(values)
    sale, sale_starts_at, sale_ends_at = NO_SALE if stated is None else sale_of(values, price, stated)
    category = values.get("product_type", "") or values.get("google_product_category", "")
    return FeedRow(
        external_id=external_id,
        title=required(values, "title", 300),
        url=read_url(required(values, "link", 2000), context.hosts),
        currency=currency,
        price_minor=price,
        sale_price_minor=sale,
        sale_starts_at=sale_starts_at,
        sale_ends_at=sale_ends_at,
        availability=read_availability(values.get("availability", "")),
        description=values.get("description", "").strip()[:5000],
        image_url=read_image(image),
        brand=optional(values, "brand", 120),
        gtin=read_gtin(values.get("gtin", "")),
        mpn=optional(values, "mpn", 70),
        condition=read_condition(condition),
        category=category.strip()[:120],
        group_id=values.get("item_group_id", "").strip()[:120],
        variant=read_variant(values, _VARIANT),
        deliveries=deliveries,
        expires_at=expires_at,
    )
