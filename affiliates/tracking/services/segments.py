"""Journal segments on disk: made by one process, locked while it writes them, read by the loader.

The writer holds an exclusive lock on its open segment. Whoever gets the lock knows that the writer has closed it or is
dead, whatever its process id has become since.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from pathlib import Path

from affiliates.tracking.domain.frames import NotASegment, read_header, segment_header

SUFFIX = ".clicks"
DAMAGED = "damaged"


def sync_directory(directory: Path) -> None:
    """Make a new or vanished name in a directory durable."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class OpenSegment:
    """A segment being written. The descriptor is closed when the last user of the object lets go of it."""

    __slots__ = ("failed", "fd", "name", "path", "seed", "size")

    def __init__(self, directory: Path) -> None:
        """Creates, locks and syncs a new segment before its name can be seen."""
        self.fd = -1
        self.failed = False
        self.seed = secrets.randbits(32)
        self.name = f"{os.getpid()}-{secrets.token_hex(10)}{SUFFIX}"
        self.path = directory / self.name
        hidden = directory / f".{self.name}"
        self.fd = os.open(hidden, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self.fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            header = segment_header(self.seed)
            if os.write(self.fd, header) != len(header):
                raise OSError(28, "short write of a segment header")
            os.fsync(self.fd)
            hidden.rename(self.path)
            sync_directory(directory)
        except OSError:
            for path in (hidden, self.path):
                path.unlink(missing_ok=True)
            raise
        self.size = len(header)

    def __del__(self) -> None:
        fd, self.fd = self.fd, -1
        if fd >= 0:
            try:
                os.fdatasync(fd)
            except OSError:
                self.failed = True
            os.close(fd)


class ReadableSegment:
    """A segment as the loader sees it: its bytes from an offset on, and whether anyone still writes it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.name
        self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self.is_live = not self._lock()

    def _lock(self) -> bool:
        try:
            fcntl.flock(self._fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def seed(self) -> int:
        """The seed of its frames; NotASegment where the header is unreadable."""
        return read_header(os.pread(self._fd, 64, 0))

    def read(self, offset: int, length: int) -> bytes:
        """Up to `length` bytes from `offset`."""
        parts: list[bytes] = []
        while length > 0 and (part := os.pread(self._fd, length, offset)):
            parts.append(part)
            offset += len(part)
            length -= len(part)
        return b"".join(parts)

    def size(self) -> int:
        """Its present size in bytes."""
        return os.fstat(self._fd).st_size

    def close(self) -> None:
        """Let go of the file and the lock."""
        os.close(self._fd)

    def remove(self) -> None:
        """Delete the file for good."""
        self.path.unlink(missing_ok=True)
        sync_directory(self.path.parent)

    def set_aside(self) -> Path:
        """Move the file to where damaged segments wait for a person."""
        directory = self.path.parent / DAMAGED
        directory.mkdir(exist_ok=True)
        target = directory / self.name
        self.path.rename(target)
        sync_directory(self.path.parent)
        return target


def segment_paths(directory: Path) -> list[Path]:
    """All segments, oldest first."""
    found: list[tuple[float, str, Path]] = []
    try:
        entries = list(os.scandir(directory))
    except FileNotFoundError:
        return []
    for entry in entries:
        if entry.name.endswith(SUFFIX) and not entry.name.startswith("."):
            try:
                found.append((entry.stat().st_mtime, entry.name, Path(entry.path)))
            except FileNotFoundError:
                continue
    return [path for _, _, path in sorted(found)]


def journal_bytes(directory: Path) -> int:
    """How much disk the journal takes, damaged segments not counted."""
    return sum(path.stat().st_size for path in segment_paths(directory) if path.exists())


__all__ = [
    "NotASegment",
    "OpenSegment",
    "ReadableSegment",
    "journal_bytes",
    "segment_paths",
    "sync_directory",
]
