from __future__ import annotations

from pathlib import Path

import pytest

from cms.backup.domain.manifest import Manifest, TableEntry, read_manifest, read_sums, sum_line
from cms.backup.domain.tablefiles import Damaged, TableWriter, read_table

COLUMNS = [("id", "int"), ("name", "text")]
ROWS = [[number, f"line\n{number} ñ"] for number in range(1, 8)]
MANIFEST = Manifest("2026-03-01T12:00:00Z", "sqlite", {}, {"a": ["0001"]}, [TableEntry("t", 7, "c")], {}, 0, 0, 0, "s")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "t.jsonl.gz"
    with TableWriter(path, table="t", columns=COLUMNS) as writer:
        writer.write(ROWS[:4])
        writer.write(ROWS[4:])
    return path


def read(path: Path, name: str = "t") -> list[list[object]]:
    _columns, batches = read_table(path, table=name, batch=3)
    return [row for batch in batches for row in batch]


def test_rows_come_back_in_order(table: Path) -> None:
    assert read(table) == ROWS


def test_the_same_rows_are_the_same_bytes(table: Path, tmp_path: Path) -> None:
    with TableWriter(tmp_path / "other.gz", table="t", columns=COLUMNS) as writer:
        writer.write(ROWS)
    assert read(tmp_path / "other.gz") == read(table)
    with TableWriter(tmp_path / "third.gz", table="t", columns=COLUMNS) as third:
        third.write(ROWS)
    assert (third.sha256, third.content) == (writer.sha256, writer.content)


def test_a_file_cut_off_anywhere_is_damaged(table: Path) -> None:
    data = table.read_bytes()
    for length in range(len(data)):
        table.write_bytes(data[:length])
        with pytest.raises(Damaged):
            read(table)


def test_another_tables_file_is_refused(table: Path) -> None:
    with pytest.raises(Damaged):
        read(table, "u")


def test_a_manifest_comes_back_as_it_was() -> None:
    assert read_manifest(MANIFEST.text()) == MANIFEST


def test_a_manifest_changed_by_one_sign_is_damaged() -> None:
    with pytest.raises(Damaged):
        read_manifest(MANIFEST.text().replace('"rows": 7', '"rows": 8'))


@pytest.mark.parametrize("name", ["media/a.jpg", "media/two\nlines\\n.jpg", "media/with  two spaces"])
def test_a_name_comes_back_from_its_line(tmp_path: Path, name: str) -> None:
    (tmp_path / "sums").write_text(sum_line("0" * 64, name))
    assert list(read_sums(tmp_path / "sums")) == [("0" * 64, name)]


@pytest.mark.parametrize("name", ["", "/etc/passwd", "media/../../x"])
def test_a_name_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "sums").write_text(f"{'0' * 64}  {name}\n")
    with pytest.raises(Damaged):
        list(read_sums(tmp_path / "sums"))
