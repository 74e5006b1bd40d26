"""A journal segment gives back every click that was written, and never one that was not."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affiliates.tracking.domain.frames import (
    SEGMENT_HEADER,
    NotASegment,
    frame,
    read_header,
    scan,
    segment_header,
)

SEED = 0x5EED
PAYLOADS = [f"click number {n} ".encode() * (n % 5 + 1) for n in range(20)]
FRAMES = [frame(payload, SEED) for payload in PAYLOADS]
DATA = b"".join(FRAMES)
ENDS = [sum(len(one) for one in FRAMES[: n + 1]) for n in range(20)]


def payloads(data: bytes, **options: object) -> list[bytes]:
    return [payload for payload, _end in scan(data, SEED, **options).frames]  # type: ignore[arg-type]


def test_what_was_written_is_read() -> None:
    found = scan(DATA, SEED)
    assert [payload for payload, _ in found.frames] == PAYLOADS
    assert (found.end, found.torn_bytes, found.damaged) == (len(DATA), 0, [])


def test_a_file_cut_anywhere_gives_its_whole_frames_and_names_the_rest() -> None:
    for length in range(len(DATA) + 1):
        found = scan(DATA[:length], SEED)
        whole = sum(end <= length for end in ENDS)
        assert [payload for payload, _ in found.frames] == PAYLOADS[:whole]
        rest = DATA[[0, *ENDS][whole] : length]
        assert found.torn_bytes == len(rest.rstrip(b"\0"))
        assert not found.damaged


def test_a_flipped_byte_costs_its_own_frame_only_and_never_goes_unnoticed() -> None:
    for position in range(len(DATA)):
        data = bytearray(DATA)
        data[position] ^= 0xFF
        hit = sum(end <= position for end in ENDS)
        found = scan(bytes(data), SEED)
        assert [payload for payload, _ in found.frames] == PAYLOADS[:hit] + PAYLOADS[hit + 1 :], position
        if hit == 19:
            assert found.torn_bytes == len(FRAMES[19])
        else:
            assert found.damaged == [([0, *ENDS][hit], ENDS[hit])]


def test_each_flipped_bit_of_a_frame_header_is_noticed() -> None:
    for bit in range(64):
        data = bytearray(DATA)
        data[ENDS[4] + bit // 8] ^= 1 << bit % 8
        assert payloads(bytes(data)) == PAYLOADS[:5] + PAYLOADS[6:]


def test_a_live_segment_is_read_up_to_the_frame_being_written() -> None:
    found = scan(DATA[: ENDS[6] + 11], SEED, live=True)
    assert (len(found.frames), found.end, found.torn_bytes) == (7, ENDS[6], 0)


def test_reading_goes_on_where_it_ended() -> None:
    first = scan(DATA, SEED, limit=8)
    assert first.end == ENDS[7]
    assert payloads(DATA, position=first.end) == PAYLOADS[8:]


def test_zeros_are_no_frames() -> None:
    found = scan(DATA + bytes(5_000_000), SEED)
    assert (len(found.frames), found.torn_bytes, found.damaged) == (20, 0, [])


def test_a_torn_frame_before_zeros_is_named() -> None:
    found = scan(DATA[: ENDS[18] + 30] + bytes(500), SEED)
    assert (len(found.frames), found.torn_bytes) == (19, 30)


def test_a_frame_of_another_segment_is_not_read() -> None:
    assert payloads(DATA + frame(b"forged by a visitor", SEED + 1)) == PAYLOADS


@given(st.binary(max_size=400), st.integers(0, 2**32 - 1))
def test_noise_is_never_a_click(noise: bytes, seed: int) -> None:
    assert scan(noise, seed).frames == []


@given(st.lists(st.binary(min_size=1, max_size=300), max_size=30), st.integers(0, 2**32 - 1))
def test_any_payloads_come_back(written: list[bytes], seed: int) -> None:
    data = b"".join(frame(payload, seed) for payload in written)
    assert [payload for payload, _ in scan(data, seed).frames] == written


def test_the_header_carries_the_seed() -> None:
    assert read_header(segment_header(SEED) + DATA) == SEED


def test_each_flipped_byte_of_the_segment_header_is_refused() -> None:
    for position in range(SEGMENT_HEADER.size):
        header = bytearray(segment_header(SEED))
        header[position] ^= random.randrange(1, 256)
        with pytest.raises(NotASegment):
            read_header(bytes(header))
