"""Scans made at test time: known text drawn in Vera, a little turned, blurred and noisy."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import reportlab
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

# (text, a quote within one of its lines, language)
ENGLISH = (
    "A heap is a nearly complete binary tree whose\n"
    "nodes satisfy the heap property: the key of a\n"
    "parent is at least as large as the keys of its\n"
    "children. Building a heap takes linear time.",
    "satisfy the heap property",
    "en",
)
GERMAN = (
    "Ein Heap ist ein nahezu vollständiger Binärbaum:\n"
    "Der Schlüssel eines Knotens ist mindestens so\n"
    "groß wie die Schlüssel seiner Kinder. Übrigens\n"
    "genügen für Größe und Maß lineare Schritte.",
    "wie die Schlüssel seiner Kinder",
    "de",
)
_LEFT, _TOP, _PITCH, _SIZE = 120, 150, 38, 26  # pixels
_FONT = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"  # Pillow's own has no umlauts


@dataclass(frozen=True)
class DrawnScan:
    """A picture of a page, and where its words were drawn."""

    picture: Image.Image
    text: str

    def place(self, quote: str) -> tuple[float, float, float, float]:
        """Return the box of a quote that stands within one line."""
        number, line = next((at, line) for at, line in enumerate(self.text.split("\n")) if quote in line)
        font = ImageFont.truetype(_FONT, _SIZE)
        before = font.getlength(line[: line.index(quote)])
        y = _TOP + number * _PITCH
        return _LEFT + before, y + 4, _LEFT + before + font.getlength(quote), y + _SIZE + 4


def a_scan(text: str, *, turned: float = 0.1) -> DrawnScan:
    """Draw a page of 150 dots an inch as a scanner would see it."""
    picture = Image.new("L", (1240, 1754), 255)
    font = ImageFont.truetype(_FONT, _SIZE)
    for number, line in enumerate(text.split("\n")):
        ImageDraw.Draw(picture).text((_LEFT, _TOP + number * _PITCH), line, font=font, fill=30)
    picture = picture.rotate(turned, fillcolor=255, resample=Image.Resampling.BICUBIC)
    picture = picture.filter(ImageFilter.GaussianBlur(0.5))
    noise = Image.effect_noise(picture.size, 12)
    return DrawnScan(ImageChops.add(picture, noise, scale=1, offset=-128 - 10).convert("RGB"), text)


def scanned_pdf(pictures: Sequence[Image.Image]) -> bytes:
    """Make a PDF whose pages are pictures."""
    file = io.BytesIO()
    pictures[0].save(file, "PDF", save_all=True, append_images=pictures[1:], resolution=150)
    return file.getvalue()


def error_rate(read: str, text: str) -> float:
    """Return the share of letters that are wrong, missing or too many."""
    read, text = " ".join(read.split()), " ".join(text.split())
    before = list(range(len(text) + 1))
    for at, letter in enumerate(read, 1):
        row = [at]
        for place, wanted in enumerate(text):
            row.append(min(before[place] + (letter != wanted), before[place + 1] + 1, row[place] + 1))
        before = row
    return before[-1] / len(text)
