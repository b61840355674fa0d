"""Pieces of a printed line of a PDF, and the text between two of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

AXIS = 0.25  # sizes from the base line to the centre of a bracket or to a fraction's bar


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a printed line, ``glyphs.text[start:end]``, without white space at its ends."""

    start: int
    end: int
    x0: float  # points from the left, in the orientation of the text
    x1: float
    y: float  # the base line, from the bottom
    size: float  # points
    bold: bool
    mono: bool
    turn: int = 0  # quarter turns of the letters
    part: Literal["", "over", "under"] = ""  # of a fraction
    wide: bool = False  # whether it needs brackets as a part of a fraction


def between(left: Piece | None, right: Piece | None) -> str:
    """Return the text between neighbours in a row, and before the first and after the last piece."""
    closed = ")" if left and left.wide else ""
    apart = "/" if left and left.part == "over" else " " if left and right else ""
    return f"{closed}{apart}{'(' if right and right.wide else ''}"
