"""Reads the values of a GGUF file in order, never past its end.

https://github.com/ggml-org/ggml/blob/master/docs/gguf.md: little-endian numbers; texts and arrays after their lengths.
"""

from __future__ import annotations

import mmap
import struct

Value = str | int | float | bool | tuple[str | int | float | bool, ...]

# Value types: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md#file-structure
STRING, ARRAY = 8, 9
SCALARS = {
    0: struct.Struct("<B"),
    1: struct.Struct("<b"),
    2: struct.Struct("<H"),
    3: struct.Struct("<h"),
    4: struct.Struct("<I"),
    5: struct.Struct("<i"),
    6: struct.Struct("<f"),
    7: struct.Struct("<?"),
    10: struct.Struct("<Q"),
    11: struct.Struct("<q"),
    12: struct.Struct("<d"),
}
U32, U64, I32 = SCALARS[4], SCALARS[10], SCALARS[5]

_KEPT_ARRAY = 1024  # longer arrays (vocabularies, scores, merges) are skipped
# Far above any real header; a damaged one must not fill the memory.
_MOST_WORDS = 1 << 24  # in a vocabulary or its merges
_MOST_BYTES = 1 << 26  # in a text; chat templates have some thousands


class EndsEarlyError(Exception):
    """A value reaches past the end of the file; the message names the value."""


class DamagedError(Exception):
    """A value is invalid; the message names the reason."""


class Cursor:
    """A position in the mapped file that moves forward, never past the end."""

    def __init__(self, data: mmap.mmap, size: int) -> None:
        self.data = data
        self.size = size
        self.at = 0

    def skip(self, count: int, what: str) -> int:
        """Advance by `count` bytes and return their start."""
        start = self.at
        # Python's integers don't overflow, so an absurd length in a damaged header ends here, before any read.
        if count > self.size - start:
            raise EndsEarlyError(what)
        self.at = start + count
        return start

    def number(self, kind: struct.Struct, what: str) -> int:
        """Read a number."""
        return int(kind.unpack_from(self.data, self.skip(kind.size, what))[0])

    def text(self, what: str) -> str:
        """Read a text."""
        length = self.number(U64, what)
        start = self.skip(length, what)
        if length > _MOST_BYTES:
            message = f"its {what} has {length:,} bytes"
            raise DamagedError(message)
        return self.data[start : self.at].decode("utf-8", errors="replace")

    def strings(self, count: int, what: str) -> list[int]:
        """Skip `count` strings and return their offsets; this takes most of a header's time."""
        if count > _MOST_WORDS:
            message = f"its {what} has {count:,} words"
            raise DamagedError(message)
        starts: list[int] = []
        data, size, at = self.data, self.size, self.at
        unpack = U64.unpack_from
        for _ in range(count):
            if at + 8 > size:
                raise EndsEarlyError(what)
            starts.append(at)
            at += 8 + unpack(data, at)[0]
        if at > size:
            raise EndsEarlyError(what)
        self.at = at
        return starts

    def text_at(self, start: int) -> str:
        """Return the text at an offset, without moving."""
        end = start + 8 + int(U64.unpack_from(self.data, start)[0])
        return self.data[start + 8 : end].decode("utf-8", errors="replace")


def value(cursor: Cursor, kind: int, key: str) -> Value | None:
    """Return the value under `key`, or None for an array too long to keep."""
    what = f"value of {key}"
    if kind == STRING:
        return cursor.text(what)
    if kind in SCALARS:
        scalar: str | int | float | bool = SCALARS[kind].unpack_from(
            cursor.data, cursor.skip(SCALARS[kind].size, what)
        )[0]
        return scalar
    if kind != ARRAY:
        message = f"{key} is of the unknown type {kind}"
        raise DamagedError(message)
    return _array(cursor, key)


def _array(cursor: Cursor, key: str) -> Value | None:
    what = f"value of {key}"
    kind, count = cursor.number(U32, what), cursor.number(U64, what)
    if kind == STRING:
        starts = cursor.strings(count, what)
        return tuple(cursor.text_at(start) for start in starts) if count <= _KEPT_ARRAY else None
    if kind not in SCALARS:
        # The format allows arrays of arrays, but no model has one.
        message = f"{key} is an array of the unknown type {kind}"
        raise DamagedError(message)
    start = cursor.skip(count * SCALARS[kind].size, what)
    if count > _KEPT_ARRAY:
        return None
    return tuple(value for (value,) in SCALARS[kind].iter_unpack(cursor.data[start : cursor.at]))
