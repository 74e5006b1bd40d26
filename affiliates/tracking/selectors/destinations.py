"""What the link map is made of: merchants' terms, and links with their addresses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from affiliates.catalogue.selectors.problems import is_suspended
from affiliates.parties.models import MerchantHost, Program
from affiliates.tracking.models import Link


@dataclass(frozen=True, slots=True)
class MerchantTerms:
    """Where a merchant's links may lead and which parameter carries our click id; None: no programme is active."""

    hosts: frozenset[str]
    click_param: str | None


class LinkRow(NamedTuple):
    """A link as the map reads it."""

    code: str
    link_id: int
    creator_id: int | None
    merchant_id: int
    is_active: bool
    offer_url: str | None
    url: str


def merchant_terms() -> dict[int, MerchantTerms]:
    """Terms of every active merchant that is not suspended. Two queries."""
    hosts: dict[int, set[str]] = {}
    for merchant_id, host in MerchantHost.objects.values_list("merchant_id", "host"):
        hosts.setdefault(merchant_id, set()).add(host.lower())
    programs = Program.objects.active().exclude(is_suspended())
    terms: dict[int, MerchantTerms] = {}
    for merchant_id, click_param in programs.order_by("pk").values_list("merchant_id", "click_param"):
        if merchant_id not in terms and click_param:
            terms[merchant_id] = MerchantTerms(frozenset(hosts.get(merchant_id, ())), click_param)
    return terms


_COLUMNS = ("code", "pk", "creator_id", "merchant_id", "is_active", "offer__url", "url")


def link_rows(
    *, code: str | None = None, changed_since: dt.datetime | None = None, limit: int | None = None
) -> Iterator[LinkRow]:
    """One link by its code, those changed since a moment, or the newest `limit`. One query."""
    links = Link.objects.all()
    if code is not None:
        links = links.filter(code=code)
    if changed_since is not None:
        links = links.filter(updated_at__gte=changed_since)
    rows = links.order_by("-pk").values_list(*_COLUMNS)
    if limit is not None:
        rows = rows[:limit]
    for row in rows.iterator(chunk_size=2000):
        yield LinkRow(*row)
