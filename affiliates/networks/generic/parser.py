"""Any network's CSV, read through a mapping that somebody made for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from affiliates.catalogue.domain.faults import StructuralFault
from affiliates.networks.domain.observations import Context, ReadRow
from affiliates.networks.domain.tables import read_table

VERSION = 1
IDS_ARE_THE_NETWORKS = False
NEEDS_MAPPING = True


def read(source: BinaryIO, context: Context) -> Iterator[ReadRow]:
    """The rows of the table. StructuralFault where it cannot be believed."""
    mapping = context.mapping
    if mapping is None:
        raise StructuralFault("A CSV of no known network is read by a column mapping; none was named.")
    yield from read_table(source, lambda head: mapping, mapping.currency)
