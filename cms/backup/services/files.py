"""Files of both storages, copied while the site adds and deletes some, and put back."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import Storage, default_storage, storages

from cms.backup.domain.manifest import digest_of

#: Folder of a backup → the storage whose files it holds.
FOLDERS = ("media", "private")
_BLOCK = 1 << 20
_SAME_SECOND = 0.01


class FileInTheWay(Exception):
    """Another file has the name of one that is to be put back."""


def storage_of(folder: str) -> Storage:
    """The storage whose files lie in a folder of a backup."""
    return storages["private"] if folder == "private" else default_storage


def names_in(storage: Storage, prefix: str = "") -> Iterator[str]:
    """The names of all files of a storage."""
    try:
        folders, files = storage.listdir(prefix)
    except FileNotFoundError:
        return
    for name in sorted(files):
        yield f"{prefix}{name}"
    for folder in sorted(folders):
        yield from names_in(storage, f"{prefix}{folder}/")


def is_copied(storage: Storage, name: str, target: Path) -> bool:
    """Whether the copy is of the file as it is now: of its size and time."""
    try:
        there = target.stat()
        changed = storage.get_modified_time(name).timestamp()
        return there.st_size == storage.size(name) and abs(there.st_mtime - changed) < _SAME_SECOND
    except (OSError, NotImplementedError):
        return False


def copy_out(storage: Storage, name: str, target: Path) -> tuple[str, int] | None:
    """Copy one file over whatever copy there is; (digest, bytes), or None where it has been deleted."""
    try:
        changed = storage.get_modified_time(name).timestamp()
        source: IO[Any] = storage.open(name, "rb")
    except FileNotFoundError:
        return None
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with contextlib.closing(source), target.open("wb") as copy:
        while block := source.read(_BLOCK):
            digest.update(block)
            copy.write(block)
            size += len(block)
    os.utime(target, (changed, changed))
    return digest.hexdigest(), size


def put_back(storage: Storage, name: str, source: Path, digest: str) -> None:
    """Store a backup's file under its name. One that is there already and the same stays; FileInTheWay for another."""
    if storage.exists(name):
        if _digest_in(storage, name) != digest:
            raise FileInTheWay(name)
        return
    try:
        path = Path(storage.path(name))
    except NotImplementedError:
        with source.open("rb") as file:
            storage.save(name, File(file))
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name[:200]}.part")
    with source.open("rb") as file, part.open("wb") as copy:
        while block := file.read(_BLOCK):
            copy.write(block)
    if settings.FILE_UPLOAD_PERMISSIONS is not None:
        part.chmod(settings.FILE_UPLOAD_PERMISSIONS)
    part.replace(path)


def _digest_in(storage: Storage, name: str) -> str:
    with contextlib.suppress(NotImplementedError):
        return digest_of(Path(storage.path(name)))
    digest = hashlib.sha256()
    with storage.open(name, "rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
