"""Opens picture files as pages with Pillow: upright by the camera's orientation, transparency on white."""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import Damaged, Unsupported

if TYPE_CHECKING:
    from PIL.Image import Image

# Media type -> common name. Pillow reads more formats, some of them by starting other programs.
PICTURES = {
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/tiff": "TIFF",
    "image/webp": "WebP",
    "image/bmp": "BMP",
    "image/gif": "GIF",
}
SUFFIXES = {
    ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".tif": "image/tiff", ".tiff": "image/tiff",
    ".webp": "image/webp", ".bmp": "image/bmp", ".gif": "image/gif",
}  # fmt: skip
_HEADS = {
    b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"II*\x00": "image/tiff", b"MM\x00*": "image/tiff",
    b"GIF87a": "image/gif", b"GIF89a": "image/gif",
}  # fmt: skip
_READ = ("PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF")
MOST_PIXELS = 200_000_000  # A3 at 1,000 dots per inch; a fifth of a gigabyte of memory in black and white


def kind_of(head: bytes) -> str | None:
    r"""Return the media type of a picture by its first bytes, or None for other formats.

    >>> kind_of(b"\x89PNG\r\n"), kind_of(b"BMW is a maker of cars")
    ('image/png', None)
    """
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith(b"BM") and b"\x00" in head[:26]:  # the file's length and reserved zeros
        return "image/bmp"
    return next((kind for start, kind in _HEADS.items() if head.startswith(start)), None)


def pages_of(source: bytes | Path, *, name: str) -> Iterator[Image]:
    """Yield the pages of a picture file: several in a TIFF, the first frame of an animation."""
    for number in range(1, count_pages(source, name=name) + 1):
        yield page_of(source, number, name=name)


def count_pages(source: bytes | Path, *, name: str) -> int:
    """Return the number of pages of a picture file."""
    with _opened(source, name) as picture:
        return getattr(picture, "n_frames", 1) if picture.format == "TIFF" else 1


def page_of(source: bytes | Path, number: int, *, name: str) -> Image:
    """Return page `number`, counted from 1."""
    with _opened(source, name) as picture:
        if number > getattr(picture, "n_frames", 1):
            msg = f"{name} has no page {number} any more."
            raise Damaged(msg, remedy="It was changed: ingest it again.")
        if number > 1:
            picture.seek(number - 1)
            _check_size(picture, name)
        return _on_white(picture)


@contextmanager
def _opened(source: bytes | Path, name: str) -> Iterator[Image]:
    """Open a picture; Pillow's errors are translated, also those raised while the picture is read."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about odd metadata, and about sizes that are checked here
            with Image.open(source if isinstance(source, Path) else io.BytesIO(source), formats=_READ) as picture:
                _check_size(picture, name)
                yield picture
    except FileNotFoundError as error:
        msg = f"{name} is not there any more."
        raise Damaged(msg, remedy="Ingest it again.") from error
    except Image.DecompressionBombError as error:
        raise _too_large(name) from error
    except (OSError, SyntaxError, ValueError, EOFError, struct.error) as error:
        msg = f"{name} is damaged: it can't be opened as a picture."
        raise Damaged(msg, remedy="Get the file again, or open it in a viewer and save it anew.") from error


def _check_size(picture: Image, name: str) -> None:
    if picture.width * picture.height > MOST_PIXELS:
        raise _too_large(name)


def _too_large(name: str) -> Unsupported:
    most = f"{MOST_PIXELS // 1_000_000} million pixels"
    return Unsupported(f"{name} has more than {most}.", remedy="Save it smaller: letters of 30 pixels are plenty.")


def _on_white(picture: Image) -> Image:
    """Return the picture upright, in RGB, on white."""
    from PIL import Image, ImageOps

    picture = ImageOps.exif_transpose(picture)
    if picture.mode.startswith("I"):  # 16 bits, which Pillow would clip instead of scale
        picture = picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    return picture.convert("RGB")
