"""Journal segments on disk: made by one process, locked while it writes them, read by the loader.

The writer holds an exclusive lock on its open segment. Whoever gets the lock knows that the writer has closed it or is
dead, whatever its process id has become since.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
from pathlib import Path

from affiliates.tracking.domain.frames import NotASegment, read_header, segment_header

SUFFIX = ".clicks"
#: A segment that has grown so far is busy: from then on it is filled with zeros a piece ahead of the clicks. Syncing
#: bytes that overwrite others costs half of syncing a file that grows.
BUSY_BYTES = 128 * 1024
_ZEROS = bytes(512 * 1024)
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

    __slots__ = ("failed", "fd", "name", "path", "reserved", "seed", "size")

    def __init__(self, directory: Path, *, shared: bool = False) -> None:
        """Creates, locks and syncs a new segment before its name can be seen. `shared`: many threads append to it."""
        self.fd = -1
        self.failed = False
        self.reserved = 0
        self.seed = secrets.randbits(32)
        self.name = f"{os.getpid()}-{secrets.token_hex(10)}{SUFFIX}"
        self.path = directory / self.name
        hidden = directory / f".{self.name}"
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | (os.O_APPEND if shared else 0)
        self.fd = os.open(hidden, flags, 0o600)
        try:
            fcntl.flock(self.fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            header = segment_header(self.seed)
            if os.write(self.fd, header) != len(header):
                raise OSError(errno.ENOSPC, "short write of a segment header")
            os.fsync(self.fd)
            hidden.rename(self.path)
            sync_directory(directory)
        except OSError:
            for path in (hidden, self.path):
                path.unlink(missing_ok=True)
            raise
        self.size = len(header)

    def write_and_sync(self, data: bytes) -> None:
        """Put `data` on disk after all before it; OSError where that fails. For one thread alone."""
        end = self.size + len(data)
        if end > self.reserved and self.size >= BUSY_BYTES:
            os.pwrite(self.fd, _ZEROS, self.size)
            self.reserved = self.size + len(_ZEROS)
        if os.pwrite(self.fd, data, self.size) != len(data):
            raise OSError(errno.ENOSPC, "short write")
        os.fdatasync(self.fd)
        self.size = end

    def append(self, data: bytes) -> None:
        """Hand `data` to the operating system; OSError where that fails. From any thread."""
        if os.write(self.fd, data) != len(data):
            raise OSError(errno.ENOSPC, "short write")
        self.size += len(data)  # not exact among threads; only the next segment's beginning depends on it

    def cut_back(self) -> None:
        """Take away what was written but never acknowledged, and the zeros ahead."""
        os.ftruncate(self.fd, self.size)

    def __del__(self) -> None:
        fd, self.fd = self.fd, -1
        if fd >= 0:
            try:
                if self.reserved > self.size and not self.failed:
                    os.ftruncate(fd, self.size)
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
