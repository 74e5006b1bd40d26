"""The key of the day, under which a visitor's address and agent become a meaningless number.

Nobody can tell tomorrow who was here today: each day has its own random key, kept in a file of its own, overwritten and
deleted when the day after the next begins.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import secrets
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

logger = logging.getLogger("vitrina.visitors")

DAY = 86_400_000_000
KEY_BYTES = 32
_EPOCH = dt.date(1970, 1, 1)


class VisitorKeys:
    """Visitor keys of one machine. Every process on it finds the same file."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._current = (-1, b"")

    def visitor_key(self, at: int, address: bytes, agent: str) -> str:
        """32 hex digits that are equal for the same address and agent on the same UTC day."""
        wanted = at // DAY
        day, key = self._current
        if day != wanted:
            key = self._turn_to(wanted)
        return blake2b(address + agent.encode("latin-1", "replace"), digest_size=16, key=key).hexdigest()

    def _turn_to(self, day: int) -> bytes:
        try:
            key = self._stored(day)
        except OSError as error:
            logger.error("The visitors' key of the day cannot be stored, this process makes its own: %s", error)
            key = secrets.token_bytes(KEY_BYTES)
        if day > self._current[0]:
            self._current = (day, key)
        return key

    def _path(self, day: int) -> Path:
        return self.directory / (_EPOCH + dt.timedelta(days=day)).isoformat()

    def _stored(self, day: int) -> bytes:
        path = self._path(day)
        with suppress(FileNotFoundError):
            key = path.read_bytes()
            if len(key) == KEY_BYTES:
                return key
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = self.directory / f".{secrets.token_hex(8)}"
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(part, path)  # the first process wins; the others read its key
        except FileExistsError:
            pass
        finally:
            part.unlink()
        return path.read_bytes()

    def destroy_old(self, now: dt.datetime) -> int:
        """Overwrite and delete the keys of all days before yesterday; how many. May be repeated."""
        oldest_kept = (now.astimezone(dt.UTC).date() - dt.timedelta(days=1)).isoformat()
        destroyed = 0
        with suppress(FileNotFoundError):
            for path in self.directory.iterdir():
                if not path.name.startswith(".") and path.name < oldest_kept:
                    with suppress(FileNotFoundError):
                        with path.open("r+b") as file:
                            file.write(bytes(KEY_BYTES))
                            file.flush()
                            os.fsync(file.fileno())
                        path.unlink()
                        destroyed += 1
        return destroyed
