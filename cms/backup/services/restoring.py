"""Put a backup back into an empty site. `docs/adr/0013-backups.md` says what is checked and in which order."""

from __future__ import annotations

import contextlib
import datetime as dt
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from affiliates.earnings.services.payout_sending import ask_before_sending
from affiliates.tracking.services.loader import LoaderBusy, loader_lock
from affiliates.tracking.services.segments import DAMAGED, segment_paths, sync_directory
from cms.backup.domain.manifest import JOURNAL, MANIFEST, SUMS, Manifest, digest_of, read_manifest, read_sums
from cms.backup.domain.tablefiles import Damaged, read_table
from cms.backup.progress import Report, silent
from cms.backup.selectors.tables import MADE_BY_MIGRATIONS, all_tables
from cms.backup.services.files import FOLDERS, FileInTheWay, put_back, storage_of
from cms.backup.services.loading import RowsRefused, columns_of, load_tables
from cms.core import generation
from cms.core.models import JobState

#: A worker says something about its jobs every few seconds.
WORKER_IS_ALIVE = dt.timedelta(seconds=10)


class RestoreRefused(Exception):
    """Nothing was restored; the message says why."""


@dataclass(frozen=True)
class Restored:
    """What was put back. `to_ask`: payouts whose provider is asked first, because it may know more than the backup."""

    manifest: Manifest
    to_ask: int


def check_backup(*, directory: Path, report: Report = silent) -> Manifest:
    """The manifest of a backup all of whose files are as they were written. RestoreRefused otherwise."""
    try:
        manifest = _manifest(directory)
        sums = directory / SUMS
        if not sums.is_file() or digest_of(sums) != manifest.sums:
            raise Damaged(f"{SUMS} is missing or damaged.")
        named = set()
        total = len(manifest.tables) + manifest.files + manifest.segments
        for done, (digest, name) in enumerate(read_sums(sums), 1):
            path = directory / name
            if not path.is_file():
                raise Damaged(f"{name} is missing.")
            if digest_of(path) != digest:
                raise Damaged(f"{name} is damaged: it is not as it was written.")
            if not name.startswith(FOLDERS):
                named.add(name)
            report("checking", done, total, "files")
        for entry in manifest.tables:
            if entry.path not in named:
                raise Damaged(f"{entry.path} is not among the files of {SUMS}.")
    except Damaged as damage:
        raise RestoreRefused(f"{damage} Nothing was restored.") from None
    except OSError as error:
        raise RestoreRefused(f"The backup cannot be read: {error}. Nothing was restored.") from None
    return manifest


def _manifest(directory: Path) -> Manifest:
    if not directory.is_dir():
        raise Damaged(f"{directory} is no directory.")
    path = directory / MANIFEST
    if not path.is_file():
        raise Damaged(f"{directory} holds no whole backup: it has no {MANIFEST}, which is written last.")
    try:
        return read_manifest(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise Damaged(f"{MANIFEST} is damaged: it is no text.") from None


def restore_backup(
    *, directory: Path, now: dt.datetime, report: Report = silent, keep_journal: bool = False
) -> Restored:
    """Put database, files and journal of a backup back. Afterwards the site is as it was when the backup was taken.

    The database gets all of its rows in one transaction, or none. Files come before it, so an interrupted run leaves
    at most files behind that the next one finds to be right. RestoreRefused, with nothing in the database, where the
    backup is damaged or newer, the database is not empty or other files are in the way. With `keep_journal` clicks that
    wait in this machine's journal stay, to be loaded into what was restored.
    """
    manifest = check_backup(directory=directory, report=report)
    wanted = _known_migrations(manifest)
    _check_empty(now)
    try:
        with loader_lock(wait=5.0):
            _check_journal(directory, keep_journal)
            _migrate_to(wanted)
            _check_columns(directory, manifest)
            _put_files_back(directory, manifest, report)
            _put_journal_back(directory)
            with transaction.atomic():
                load_tables(directory=directory, manifest=manifest, report=report)
    except LoaderBusy:
        raise RestoreRefused("A worker is loading clicks on this machine. Stop the site first.") from None
    except (Damaged, RowsRefused) as problem:
        raise RestoreRefused(f"{problem} The database holds nothing of the backup.") from problem
    except FileInTheWay as file:
        raise RestoreRefused(
            f"Another file is in the way: {file}. Give the site an empty directory for its files."
        ) from None
    call_command("migrate", verbosity=0, interactive=False)
    to_ask = ask_before_sending(now=now)
    _forget_what_was_kept()
    report("search index", 0, 0, "being built")
    call_command("update_index", verbosity=0)
    return Restored(manifest, to_ask)


# What must hold beforehand -------------------------------------------------------------------------------------------


def _known_migrations(manifest: Manifest) -> set[tuple[str, str]]:
    """The backup's migrations. RestoreRefused where it has some that come after those this version knows."""
    known = MigrationExecutor(connection).loader.disk_migrations
    newest: dict[str, str] = {}
    for app, name in known:
        newest[app] = max(newest.get(app, ""), name)
    later = [
        f"{app}.{name}"
        for app, names in sorted(manifest.migrations.items())
        for name in names
        if (app, name) not in known and name > newest.get(app, "")
    ]
    if later:
        raise RestoreRefused(
            f"This backup is of a newer version, with migrations that this one lacks: {', '.join(later[:5])}. "
            "Install that version. Nothing was restored."
        )
    return {(app, name) for app, names in manifest.migrations.items() for name in names if (app, name) in known}


def _check_empty(now: dt.datetime) -> None:
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
        if JobState._meta.db_table in there and _worker_is_alive(now):
            raise RestoreRefused("A worker is at work on this database. Stop the site first. Nothing was restored.")
        ours = [table.name for table in all_tables() if table.name in there]
        for name in ours:
            if name in MADE_BY_MIGRATIONS:
                continue
            cursor.execute(f'SELECT 1 FROM "{name}" LIMIT 1')  # noqa: S608  (our own tables)
            if cursor.fetchone():
                raise RestoreRefused(
                    f"The database is not empty: {name} has rows. Restore into a new one. Nothing was restored."
                )
        if there and not ours:
            raise RestoreRefused("The database holds tables of something else. Nothing was restored.")


def _worker_is_alive(now: dt.datetime) -> bool:
    return JobState.objects.filter(started_at__gt=now - WORKER_IS_ALIVE).exists()


def _check_journal(directory: Path, keep: bool) -> None:
    """Clicks that wait here are another database's, unless they are the backup's own or the operator says so."""
    here = Path(settings.JOURNAL_DIR)
    for path in [*segment_paths(here), *segment_paths(here / DAMAGED)]:
        kept = directory / JOURNAL / path.relative_to(here)
        if kept.is_file() and digest_of(kept) == digest_of(path):
            continue
        if not keep:
            raise RestoreRefused(
                f"The journal holds clicks that are not the backup's: {path}. Say --keep-journal to have them loaded "
                "into what is restored, or move them away. Nothing was restored."
            )


def _migrate_to(wanted: set[tuple[str, str]]) -> None:
    """Bring the schema to where the backup's was; what came later is migrated once the rows are there."""
    executor = MigrationExecutor(connection)
    graph = executor.loader.graph
    applied = {key for key in executor.loader.applied_migrations if key in graph.nodes}
    target = {key for key in wanted if key in graph.nodes}
    if extra := applied - target:
        app, name = sorted(extra)[-1]
        raise RestoreRefused(
            f"The database is ahead of the backup, with {app}.{name}. Give restore a database without tables; it "
            "migrates that itself. Nothing was restored."
        )
    if target == applied:
        return
    inner = {parent.key for key in target for parent in graph.node_map[key].parents}
    executor.migrate(sorted(target - inner))


def _check_columns(directory: Path, manifest: Manifest) -> None:
    here = columns_of(entry.name for entry in manifest.tables)
    for entry in manifest.tables:
        columns, rows = read_table(directory / entry.path, table=entry.name, batch=1)
        rows.close()  # type: ignore[attr-defined]
        if {name for name, _kind in columns} != here[entry.name]:
            raise Damaged(f"{entry.path} has other columns than the table here.")


# Files and journal ---------------------------------------------------------------------------------------------------


def _put_files_back(directory: Path, manifest: Manifest, report: Report) -> None:
    done = 0
    for digest, name in read_sums(directory / SUMS):
        folder, _, rest = name.partition("/")
        if folder in FOLDERS:
            put_back(storage_of(folder), rest, directory / name, digest)
            done += 1
            report("files", done, manifest.files, "files")


def _put_journal_back(directory: Path) -> None:
    """While the loader is kept out: it must not meet these clicks before the links they are on.

    A segment that is here already is the backup's own, or what it grew to.
    """
    here = Path(settings.JOURNAL_DIR)
    for source in _journal_files(directory):
        target = here / source.relative_to(directory / JOURNAL)
        if target.exists():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.part")
        shutil.copyfile(source, part)
        part.replace(target)
        sync_directory(target.parent)


def _journal_files(directory: Path) -> Iterator[Path]:
    yield from segment_paths(directory / JOURNAL)
    yield from segment_paths(directory / JOURNAL / DAMAGED)


def _forget_what_was_kept() -> None:
    """What processes keep of a database is of the one that was here before."""
    ContentType.objects.clear_cache()
    for cache in caches.all():
        cache.clear()
    generation.bump()
    with contextlib.suppress(FileNotFoundError):
        (Path(settings.DATA_DIR) / "links.json").unlink()
