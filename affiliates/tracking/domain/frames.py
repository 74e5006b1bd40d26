"""How clicks lie in a journal segment.

    segment = magic (8) · seed (4) · CRC-32 of both (4) · frames
    frame   = payload length (4) · CRC-32 of the payload, started from the seed (4) · payload

All integers are little-endian. Zeros may follow the last frame. The seed is random, so bytes that a visitor sends can
never be taken for a frame.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from zlib import crc32

MAGIC = b"VITRINA1"
SEGMENT_HEADER = struct.Struct("<8sII")
FRAME_HEADER = struct.Struct("<II")
LONGEST_PAYLOAD = 8192


class NotASegment(ValueError):
    """The first bytes are not a segment's header."""


@dataclass(slots=True)
class Scan:
    """What was read: (payload, offset after it) of each good frame, where reading ended, and what was unreadable."""

    frames: list[tuple[bytes, int]] = field(default_factory=list)
    end: int = 0
    #: Bytes at the very end that are no complete frame: the usual trace of a writer that was killed.
    torn_bytes: int = 0
    #: (from, to) of unreadable bytes that good frames follow: never usual.
    damaged: list[tuple[int, int]] = field(default_factory=list)


def segment_header(seed: int) -> bytes:
    """The first bytes of a segment."""
    return SEGMENT_HEADER.pack(MAGIC, seed, crc32(struct.pack("<8sI", MAGIC, seed)))


def read_header(data: bytes) -> int:
    """The seed of the segment that begins with `data`; NotASegment otherwise."""
    if len(data) < SEGMENT_HEADER.size:
        raise NotASegment("shorter than a header")
    magic, seed, checksum = SEGMENT_HEADER.unpack_from(data)
    if magic != MAGIC or checksum != crc32(data[: SEGMENT_HEADER.size - 4]):
        raise NotASegment("no valid header")
    return int(seed)


def frame(payload: bytes, seed: int) -> bytes:
    """A payload as it is appended to a segment."""
    return FRAME_HEADER.pack(len(payload), crc32(payload, seed)) + payload


def _frame_at(data: bytes, position: int, seed: int) -> int:
    """Where the good frame at `position` ends, or 0."""
    start = position + FRAME_HEADER.size
    if start > len(data):
        return 0
    length, checksum = FRAME_HEADER.unpack_from(data, position)
    end = start + length
    if not 0 < length <= LONGEST_PAYLOAD or end > len(data) or crc32(data[start:end], seed) != checksum:
        return 0
    return int(end)


def _next_frame(data: bytes, position: int, end: int, seed: int) -> int:
    """The first position after `position` and before `end` where a good frame begins, or -1."""
    for candidate in range(position + 1, end):
        if _frame_at(data, candidate, seed):
            return candidate
    return -1


def scan(data: bytes, seed: int, *, position: int = 0, limit: int | None = None, live: bool = False) -> Scan:
    """Read frames from `position` on, at most `limit` of them.

    Of a `live` segment, whose writer may be in the middle of a frame, reading ends at the first byte that is not yet a
    good frame. Of a finished one, reading goes on at the next good frame, and what lies between is `damaged`.
    """
    found = Scan(end=position)
    header = FRAME_HEADER.size
    total = len(data)
    unpack = FRAME_HEADER.unpack_from
    frames = found.frames
    while position < total and (limit is None or len(frames) < limit):
        end = 0
        if position + header <= total:
            length, checksum = unpack(data, position)
            start, stop = position + header, position + header + length
            if 0 < length <= LONGEST_PAYLOAD and stop <= total:
                payload = data[start:stop]
                if crc32(payload, seed) == checksum:
                    frames.append((payload, stop))
                    end = stop
        if end:
            position = end
            continue
        if live:
            break
        # A busy writer fills its segment with zeros ahead of the clicks; they are no damage.
        used = position + len(data[position:].rstrip(b"\0"))
        resumed = _next_frame(data, position, used, seed)
        if resumed < 0:
            found.torn_bytes = used - position
            position = total
            break
        found.damaged.append((position, resumed))
        position = resumed
    found.end = position
    return found
