"""Recognises the text of a picture: lines of words with their boxes. The only user of rapidocr.

rapidocr is an extra. Its wheel contains the models; naming them by path prevents any download.
"""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from rag.platform.threads import cores

if TYPE_CHECKING:
    from PIL.Image import Image

logger = logging.getLogger(__name__)

INSTALL = 'pip install "studyhall[ocr]"'

# The resolution of drawn pages in dots per inch. Wrong letters in 100 on slanted, noisy pages of English and German,
# in 7 points | in 9 and 11 points, and processor seconds per page; lines detected on pictures of 1,280 pixels:
#   150: 0.22 | 0.06, 3.4 s    200: 0.10 | 0.07, 3.1 s    300: 0.07 | 0.08, 3.5 s
# At 200 with 960 pixels: 3.75 | 0.08, 2.5 s; with 1,600: 0.07 | 0.07, 4.4 s; at full size: 0.07 | 0.05, 7.3 s.
RESOLUTION = 200
_MOST_PIXELS = 8_000_000  # A3 at that resolution
_LONGEST_FOR_LINES = 1280  # pixels; lines are detected on a smaller picture and read from the large one
_SHORTEST_FOR_LINES = 64  # pixels, of long pictures
_LONG = 2.2  # aspect ratio; a scrolled screen would shrink to a thread in the smaller picture
_MOST_THREADS = 4
_LEAST_SPACES = 2  # of a line, to measure the width of its spaces
_WIDE_GAP = 1.15  # widths of a letter
_WIDE_LETTERS = frozenset("mwMW")
_LEAST_SCORE = 0.5  # 0 to 1; a line with a lower score isn't text
_THINNEST = 8  # pixels; a thinner picture is a drawn line, which would be enlarged for reading
_LONGEST = 100  # times as long as wide

# Full-width forms for Chinese type: "（１）" becomes "(1)", letter by letter.
_WIDE = {code: code - 0xFF01 + 0x21 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0x3002: 0x2E, 0x3001: 0x2C}

Rectangle = tuple[float, float, float, float]  # x0, y0, x1, y1, in pixels from the upper left corner


@dataclass(frozen=True, slots=True)
class Word:
    """A word and its box."""

    text: str
    box: Rectangle


@dataclass(frozen=True, slots=True)
class RecognisedLine:
    """The words of a printed line, from left to right. The height is that of the letters, also on a slanted line."""

    words: tuple[Word, ...]
    height: float  # pixels
    score: float = 1.0  # the confidence of its letters, 0 to 1

    @property
    def text(self) -> str:
        """The line's words, joined by spaces."""
        return " ".join(word.text for word in self.words)

    @property
    def box(self) -> Rectangle:
        """The box around all words."""
        return around(word.box for word in self.words)


# The interface of text recognition for the loaders; the tests have one without models.
Recogniser = Callable[["Image"], list[RecognisedLine]]


def installed() -> bool:
    """Say whether rapidocr is installed, without importing it."""
    return find_spec("rapidocr") is not None


def recogniser() -> Recogniser | None:
    """Return the recogniser, or None if the extra isn't installed or is incomplete."""
    try:
        _engine()
    except (ImportError, FileNotFoundError):
        return None
    return recognise


def recognise(image: Image) -> list[RecognisedLine]:
    """Return the lines on a picture, in no particular order."""
    import numpy as np

    if min(image.size) < _THINNEST or max(image.size) > _LONGEST * min(image.size):
        return []
    pixels = np.asarray(image.convert("RGB"))[:, :, ::-1]  # OpenCV's order is blue, green, red
    engine, lock = _engine(long=max(image.size) > _LONG * min(image.size))
    try:
        with lock:
            found = engine(np.ascontiguousarray(pixels))
    except Exception:  # OpenCV's and onnxruntime's errors cost this page only
        logger.debug("Nothing can be recognised on a picture of %s pixels.", image.size, exc_info=True)
        return []
    if found.txts is None or found.boxes is None:
        return []
    lines = []
    for number, text in enumerate(found.txts):
        corners = [(float(x), float(y)) for x, y in found.boxes[number]]
        letters = found.word_results[number] if len(found.word_results) == len(found.txts) else ()
        boxes = [_bounds(letter[2]) for letter in letters]
        if words := tuple(_words(_with_gaps(text.translate(_WIDE), boxes), boxes, corners)):
            lines.append(RecognisedLine(words, _height(corners), float(found.scores[number]) if found.scores else 1.0))
    return lines


def fitting(width: float, height: float) -> tuple[int, int]:
    """Return the size in pixels at which a picture is read: its own, unless this is too large.

    >>> fitting(1000.4, 500), fitting(8000, 4000)
    ((1000, 500), (4000, 2000))
    """
    scale = min(1.0, math.sqrt(_MOST_PIXELS / (width * height)))
    return max(1, round(width * scale)), max(1, round(height * scale))


def around(boxes: Iterator[Rectangle] | Sequence[Rectangle]) -> Rectangle:
    """Return the bounding box of boxes.

    >>> around([(0, 5, 10, 20), (8, 2, 30, 18)])
    (0, 2, 30, 20)
    """
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return min(x0), min(y0), max(x1), max(y1)


@cache
def _engine(*, long: bool = False) -> tuple[Any, threading.Lock]:
    """Load the models, once per process, with a lock for their users.

    For `long` pictures, lines are detected at full size.
    """
    import rapidocr

    models = Path(rapidocr.__file__).parent / "models"
    settings = {
        "Global.log_level": "critical",
        # No turning of upside-down lines: it turns many upright ones, 9 % wrong letters instead of 0.1 %.
        "Global.use_cls": False,
        "Global.text_score": _LEAST_SCORE,
        "Global.max_side_len": 100_000,  # pictures come in their reading size
        "Global.return_word_box": True,
        "Global.return_single_char_box": True,
        "Det.limit_type": "min" if long else "max",
        "Det.limit_side_len": _SHORTEST_FOR_LINES if long else _LONGEST_FOR_LINES,
        "Det.model_path": str(_model(models, "det")),
        "Rec.model_path": str(_model(models, "rec")),
        "EngineConfig.onnxruntime.intra_op_num_threads": min(cores(), _MOST_THREADS),
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    }
    return rapidocr.RapidOCR(params=settings), threading.Lock()


def _model(folder: Path, step: str) -> Path:
    """Return the path of a step's model in the wheel; rapidocr would download an unnamed model."""
    for path in sorted(folder.glob(f"*_{step}_*.onnx")):
        return path
    msg = f"{folder} has no model for {step}"
    raise FileNotFoundError(msg)


def _with_gaps(text: str, boxes: Sequence[Rectangle]) -> str:
    """Insert overlooked spaces: gaps as wide as the line's own spaces, and wider than a letter.

    `boxes` has one box per letter other than white space; an "m" has the same width as an "i".

    >>> box = lambda x: (x, 0, x + 10, 20)
    >>> _with_gaps("so itis a", [box(x) for x in (0, 10, 32, 42, 66, 76, 98)])
    'so it is a'
    """
    places = [at for at, letter in enumerate(text) if not letter.isspace()]
    spaces = [number for number in range(1, len(places)) if places[number] - places[number - 1] > 1]
    if len(places) != len(boxes) or len(spaces) < _LEAST_SPACES:
        return text
    gap = [0.0, *(right[0] - left[2] for left, right in pairwise(boxes))]
    least = max(median(gap[number] for number in spaces), _WIDE_GAP * median(box[2] - box[0] for box in boxes))
    written = text[: places[0] + 1]
    for number, at in enumerate(places[1:], start=1):
        beside = text[at - 1 : at + 1]
        overlooked = beside.isalnum() and gap[number] >= least * (2 if set(beside) & _WIDE_LETTERS else 1)
        written += text[places[number - 1] + 1 : at] + " " * overlooked + text[at]
    return written + text[places[-1] + 1 :]


def _words(text: str, boxes: Sequence[Rectangle], corners: Sequence[tuple[float, float]]) -> Iterator[Word]:
    """Split a line into its words; `boxes` has one box per letter other than white space."""
    whole = _bounds(corners)
    at = 0
    for start, word in _parts(text):
        end = at + len(word)
        if len(boxes) == sum(not letter.isspace() for letter in text):
            box = around(boxes[at:end])
        else:  # the letters have no boxes of their own: divide the line evenly
            step = (whole[2] - whole[0]) / len(text)
            box = (whole[0] + start * step, whole[1], whole[0] + (start + len(word)) * step, whole[3])
        yield Word(word, box)
        at = end


def _parts(text: str) -> Iterator[tuple[int, str]]:
    """Yield the (offset, word) pairs of a line.

    >>> list(_parts("so it  goes"))
    [(0, 'so'), (3, 'it'), (7, 'goes')]
    """
    at = 0
    for word in text.split():
        at = text.index(word, at)
        yield at, word
        at += len(word)


def _bounds(corners: Sequence[Any]) -> Rectangle:
    """Return the upright bounding box of four corners."""
    return around([(float(x), float(y), float(x), float(y)) for x, y in corners])


def _height(corners: Sequence[tuple[float, float]]) -> float:
    """Return the shorter side of a line, which may be slanted or vertical."""
    first, second, _, last = corners
    return min(math.dist(first, second), math.dist(first, last))
