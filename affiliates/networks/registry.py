"""Which affiliate networks can be read, and by what.

Each network is a folder of this app, all alike: `parser.py` is pure and turns a network's file or answer into
observations (what it says about an order, in our words); `client.py`, where a network has an API, fetches. A network's
dealings take three steps, and only the last one moves money:

1. the **row** as it came, with its file, place and parser version;
2. the **observation**: order, state, amounts and times as reported, with the network's own words beside ours;
3. the **change**, only where the observation differs from the last one: a `ConversionReport` that goes through
   `earnings.services.conversions.accept_reports` like a merchant's own.

A folder is added here by its slug; nothing else names networks.
"""

from __future__ import annotations

from importlib import import_module
from typing import cast

from affiliates.networks.domain.observations import Parser

#: slug → dotted path of the folder
NETWORKS: dict[str, str] = {
    "awin": "affiliates.networks.awin",
    "generic": "affiliates.networks.generic",
}
#: slug → the name people know it by
NAMES: dict[str, str] = {"awin": "Awin", "generic": "Generic CSV"}


class UnknownNetwork(LookupError):
    """No folder is registered under this name; the message lists those that are."""


def parser_of(slug: str) -> Parser:
    """The parser of a network. UnknownNetwork for a name that is not registered."""
    if slug not in NETWORKS:
        known = ", ".join(sorted(NETWORKS)) or "none"
        raise UnknownNetwork(f"{slug!r} is not a network that can be read; known: {known}")
    return cast(Parser, import_module(f"{NETWORKS[slug]}.parser"))
