"""The terminal that people read: no file name, document or model can send it a command.

A name may hold line ends, and what turns text red, moves the cursor or sets the window's title.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from rich.console import Console
from rich.segment import Segment

_ALLOWED = {"\n", "\t"}


class SafeConsole(Console):
    """A console that shows characters that command the terminal as a box, wherever they stand."""

    def _render_buffer(self, buffer: Iterable[Segment]) -> str:
        # Styles and cursor moves of our own are no text in a segment: they are added behind this step.
        return super()._render_buffer(
            segment if segment.control else Segment(harmless(segment.text), segment.style) for segment in buffer
        )


@cache
def console() -> Console:
    """Return the console that people read."""
    return SafeConsole(highlight=False)


def harmless(text: str) -> str:
    r"""Return a text with every character that commands a terminal made visible.

    >>> harmless("a\x1b[31mb\nc")
    'a�[31mb\nc'
    """
    if text.isprintable():
        return text
    return "".join(letter if letter in _ALLOWED or _shows(letter) else "�" for letter in text)


def one_line(text: str) -> str:
    r"""Return a text that stays in its line, such as a file's name in a message.

    >>> one_line("line\nbreak\x07.md")
    'line�break�.md'
    """
    return "".join(letter if letter.isprintable() else "�" for letter in text)


def _shows(letter: str) -> bool:
    """Say whether a letter is no command: not of C0 or C1, no half of a letter, nothing that turns the direction."""
    code = ord(letter)
    commands = code < 0x20 or 0x7F <= code < 0xA0 or 0xD800 <= code < 0xE000
    return not commands and letter not in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
