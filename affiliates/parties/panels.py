"""What apps above know of a merchant and show on its page in the admin. They register here by themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from affiliates.parties.models import Merchant


@dataclass(frozen=True)
class MerchantPanel:
    """A template, and what it needs to know of the merchant."""

    template: str
    context: Callable[[Merchant], dict[str, Any]]


_panels: dict[str, MerchantPanel] = {}


def register_merchant_panel(template: str, context: Callable[[Merchant], dict[str, Any]]) -> None:
    """Show this below the merchant's form. A second registration of a template replaces the first."""
    _panels[template] = MerchantPanel(template, context)


def merchant_panels() -> list[MerchantPanel]:
    """All of them, in the order in which they were registered."""
    return list(_panels.values())
