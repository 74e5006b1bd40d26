"""The tests of networks' reports."""

from __future__ import annotations

import pytest

from tests.factories.earnings import Shop, make_shop


@pytest.fixture
def shop(db: None) -> Shop:
    """A shop in euros that pays 10 %, of which the creator gets 70 %."""
    return make_shop("acme")
