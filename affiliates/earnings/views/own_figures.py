"""Pages on which a brand or a creator reads what an amount of theirs is the sum of. Only their own side is named."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from affiliates.earnings.models import Transfer
from affiliates.earnings.selectors.figures import Figure
from affiliates.earnings.selectors.history import transfer_words
from affiliates.earnings.views.ledger import figure_page


@dataclass(frozen=True, slots=True)
class OwnRow:
    """A transfer as its owner sees it: neither account is named, since the other may be somebody else's."""

    seq: int
    at: dt.datetime
    what: str
    about: str
    address: str
    amount_minor: int


def own_page(figure: Figure, request: HttpRequest, *, about: Callable[[Transfer], tuple[str, str]]) -> dict[str, Any]:
    """A page of a figure's transfers for whoever owns them; `about` says what each is about and where that is read."""
    context = figure_page(figure, request)
    context["rows"] = [
        OwnRow(
            seq=row.seq, at=row.effective_at, what=transfer_words(row.kind).capitalize(), amount_minor=row.signed_minor,
            about=about(row)[0], address=about(row)[1],
        )
        for row in context["rows"]
    ]  # fmt: skip
    return context
