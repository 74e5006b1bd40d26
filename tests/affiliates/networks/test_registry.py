"""The registry of affiliate networks."""

from __future__ import annotations

from importlib import import_module

import pytest

from affiliates.networks.registry import NETWORKS, UnknownNetwork, parser_of


def test_an_unknown_network_is_refused_by_name() -> None:
    with pytest.raises(UnknownNetwork, match="'nowhere' is not a network"):
        parser_of("nowhere")


def test_every_registered_network_has_its_parser() -> None:
    for slug, path in NETWORKS.items():
        assert import_module(f"{path}.parser"), slug
