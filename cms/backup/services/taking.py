"""Take a backup of a site that goes on working. `docs/adr/0013-backups.md` says why it is done in this order."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from affiliates.tracking.services.loader import LoaderBusy, load_pending, loader_lock
from affiliates.tracking.services.segments import DAMAGED, segment_paths
from cms.backup.domain.manifest import (
    JOURNAL,
    MANIFEST,
    SUMS,
    TABLES,
    Manifest,
    TableEntry,
    digest_of,
    sum_line,
)
from cms.backup.domain.tablefiles import TableWriter
from cms.backup.domain.values import reader
from cms.backup.progress import Report, silent
from cms.backup.selectors.tables import Table, all_tables
from cms.backup.services.files import FOLDERS, copy_out, is_copied, names_in, storage_of
from cms.backup.services.snapshots import DatabaseDamaged, Snapshot, check_soundness, open_snapshot

UNFINISHED = ".unfinished"
MOST_NAMED = 20


class BackupRefused(Exception):
    """No backup was made; the message says why."""


@dataclass
class _Work:
    """A backup that is being made."""

    directory: Path
    report: Report
    sums: dict[str, str] = field(default_factory=dict)
    files: int = 0
    file_bytes: int = 0
    missing: int = 0
    missing_names: list[str] = field(default_factory=list)


def take_backup(*, directory: Path, now: dt.datetime, report: Report = silent) -> Manifest:
    """Keep the database, the files and the click journal as they are at one moment, in a new directory.

    Afterwards `directory` holds a whole backup, or, whatever happens, does not exist: it is made beside its place,
    under a name that ends in `.unfinished`, and gets its name last. May be repeated into another directory.
    BackupRefused where the place is taken, migrations wait or the database is damaged.
    """
    directory = directory.absolute()
    _check_place(directory)
    migrations = _migrations()
    part = directory.with_name(directory.name + UNFINISHED)
    try:
        part.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        raise BackupRefused(f"{part} is there: a backup is being made, or was interrupted. Remove it first.") from None
    except OSError as error:
        raise BackupRefused(f"{part} cannot be made: {error.strerror}.") from None
    try:
        with contextlib.ExitStack() as stack:
            manifest = _fill(_Work(part, report), migrations, now, stack)
        _finish(part, directory, manifest)
    except OSError as error:
        shutil.rmtree(part, ignore_errors=True)
        raise BackupRefused(f"The backup could not be written: {error.strerror or error}.") from error
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return manifest


def _check_place(directory: Path) -> None:
    if directory.is_mount():
        raise BackupRefused(f"{directory} is a whole file system; name a new directory in it.")
    if directory.is_symlink() or (directory.exists() and not directory.is_dir()):
        raise BackupRefused(f"{directory} is there and is no directory.")
    if directory.exists() and any(directory.iterdir()):
        raise BackupRefused(f"{directory} is there and not empty. A backup is never written over another.")
    for place in (settings.MEDIA_ROOT, settings.JOURNAL_DIR, settings.DATA_DIR / "private"):
        if directory.is_relative_to(Path(place).absolute()):
            raise BackupRefused(f"{directory} lies among the files that are to be kept.")


def _migrations() -> dict[str, list[str]]:
    """What is applied, by app. BackupRefused unless that is all of this version's."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise BackupRefused("The database is not at this version's migrations. Run `manage.py migrate` first.")
    found: dict[str, list[str]] = {}
    for app, name in sorted(executor.loader.applied_migrations):
        found.setdefault(app, []).append(name)
    return found


def _fill(work: _Work, migrations: dict[str, list[str]], now: dt.datetime, stack: contextlib.ExitStack) -> Manifest:
    # Files before the database: what is deleted in between is kept with the rows that still name it.
    _copy_files(work)
    snapshot, segments = _snapshot_with_journal(work, stack)
    # And again: what the rows name was there before them.
    _copy_files(work)
    try:
        check_soundness(snapshot)
    except DatabaseDamaged as error:
        raise BackupRefused(f"The database's file is damaged: {error}. Nothing was backed up.") from None
    tables, sequences = _copy_tables(work, snapshot)
    _write_sums(work)
    return Manifest(
        made_at=now.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        database=snapshot.vendor,
        software={name: version(name) for name in ("django", "wagtail")},
        migrations=migrations,
        tables=tables,
        sequences=sequences,
        files=work.files,
        file_bytes=work.file_bytes,
        segments=segments,
        sums=digest_of(work.directory / SUMS),
        missing=work.missing,
        missing_names=work.missing_names,
    )


# Files ---------------------------------------------------------------------------------------------------------------


def _copy_files(work: _Work) -> None:
    for folder in FOLDERS:
        storage = storage_of(folder)
        for name in names_in(storage):
            if not is_copied(storage, name, work.directory / folder / name):
                _copy_file(work, folder, name)


def _copy_file(work: _Work, folder: str, name: str) -> bool:
    target = work.directory / folder / name
    before = target.stat().st_size if target.exists() else None
    copied = copy_out(storage_of(folder), name, target)
    if copied is None:
        return target.exists()
    digest, size = copied
    if before is None:
        work.files += 1
    work.file_bytes += size - (before or 0)
    work.sums[f"{folder}/{name}"] = digest
    work.report("files", work.files, 0, "files")
    return True


# The moment ----------------------------------------------------------------------------------------------------------


def _snapshot_with_journal(work: _Work, stack: contextlib.ExitStack) -> tuple[Snapshot, int]:
    """The database's moment, and every click that was answered before it and that the database does not hold yet.

    While the loader is kept out, no segment vanishes; a click it had just stored lies in the copy too, and is known by
    its id when the copy is loaded. A segment whose clicks were stored in somebody's open transaction is deleted when
    that commits, lock or no lock, hence the copy before the snapshot besides the one after it.
    """
    with contextlib.suppress(LoaderBusy):
        load_pending()
    try:
        with loader_lock(wait=60.0):
            _copy_journal(work)
            snapshot = open_snapshot(work.directory, stack)
            _copy_journal(work)
    except LoaderBusy:
        raise BackupRefused("Another process has been loading clicks for a minute; try again.") from None
    names = [name for name in work.sums if name.startswith(f"{JOURNAL}/")]
    return snapshot, len(names)


def _copy_journal(work: _Work) -> None:
    source = Path(settings.JOURNAL_DIR)
    for directory in (source, source / DAMAGED):
        for path in segment_paths(directory):
            name = f"{JOURNAL}/{path.relative_to(source).as_posix()}"
            target = work.directory / name
            target.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(FileNotFoundError):
                shutil.copyfile(path, target)
                work.sums[name] = digest_of(target)


# Tables --------------------------------------------------------------------------------------------------------------


def _copy_tables(work: _Work, snapshot: Snapshot) -> tuple[list[TableEntry], dict[str, int]]:
    (work.directory / TABLES).mkdir()
    tables = all_tables()
    total = sum(int(_one(snapshot, f'SELECT count(*) FROM "{table.name}"')) for table in tables)  # noqa: S608
    done = 0
    entries: list[TableEntry] = []
    for table in tables:
        entry = TableEntry(table.name, 0, "")
        writer = TableWriter(
            work.directory / entry.path, table=table.name, columns=[(c.name, c.kind) for c in table.columns]
        )
        with writer:
            for rows in _values(snapshot, table):
                writer.write(rows)
                _check_files(work, table, rows)
                done += len(rows)
                work.report("tables", done, total, "rows")
        work.sums[entry.path] = writer.sha256
        entries.append(TableEntry(table.name, writer.rows, writer.content))
    sequences = {t.name: last for t in tables if t.serial and (last := snapshot.sequence(t.name, t.key))}
    return entries, sequences


def _one(snapshot: Snapshot, statement: str) -> Any:
    return next(snapshot.rows(statement))[0][0]


def _values(snapshot: Snapshot, table: Table) -> Iterator[list[list[Any]]]:
    """A table's rows as values of a backup, in the order of their keys."""
    changes: list[tuple[int, Callable[[Any], Any]]] = [
        (number, change) for number, column in enumerate(table.columns) if (change := reader(column.kind))
    ]
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    for batch in snapshot.rows(f'SELECT {names} FROM "{table.name}" ORDER BY "{table.key}"'):  # noqa: S608
        rows = [list(row) for row in batch]
        for row in rows:
            for number, change in changes:
                if row[number] is not None:
                    row[number] = change(row[number])
        yield rows


def _check_files(work: _Work, table: Table, rows: list[list[Any]]) -> None:
    """Every file a row names is in the backup, or told of as missing."""
    for number, column in enumerate(table.columns):
        if not column.folder:
            continue
        for row in rows:
            name = row[number]
            if not name or (work.directory / column.folder / name).exists() or _copy_file(work, column.folder, name):
                continue
            work.missing += 1
            if work.missing <= MOST_NAMED:
                work.missing_names.append(f"{column.folder}/{name}")


# The end -------------------------------------------------------------------------------------------------------------


def _write_sums(work: _Work) -> None:
    with (work.directory / SUMS).open("w", encoding="utf-8", newline="\n") as file:
        for name in sorted(work.sums):
            file.write(sum_line(work.sums[name], name))


def _finish(part: Path, directory: Path, manifest: Manifest) -> None:
    """Everything is on disk before the manifest, and that before the name."""
    os.sync()
    with (part / MANIFEST).open("x", encoding="utf-8") as file:
        file.write(manifest.text())
        file.flush()
        os.fsync(file.fileno())
    part.rename(directory)
    handle = os.open(directory.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
