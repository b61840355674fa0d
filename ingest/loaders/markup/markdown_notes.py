"""Numbers the footnotes of Markdown as their reader sees them: in the order of their marks, whatever their labels."""

from __future__ import annotations

import re
from collections.abc import Collection

from ingest.loaders.markup.markdown_hidden import KEPT, outside

_DEFINED = re.compile(r"^ {0,3}\[\^([^\]\s]+)\]:", re.MULTILINE)
_MARK = re.compile(rf"{KEPT}|(?P<inline>\^\[(?P<said>[^\[\]\n]+)\])|\[\^(?P<label>[^\]\s]+)\](?P<colon>:?)")


def with_numbers(text: str, kept: Collection[int]) -> str:
    r"""Return a text whose notes have numbers; a note that stands in the line stays there.

    >>> with_numbers("So[^b] it is[^a].\n\n[^a]: Later.\n[^b]: Sooner.", ())
    'So[1] it is[2].\n\n[2] Later.\n[1] Sooner.'
    """
    defined = set[str]()
    outside(text, kept, lambda part: _noted(part, defined))
    numbers = dict[str, int]()
    count = 0

    def numbered(match: re.Match[str]) -> str:
        nonlocal count
        label = match["label"]
        if match["kept"] or (label and label not in defined):
            return match[0]
        if match["inline"]:
            count += 1
            return f" ({match['said']})"
        line = match.string.rfind("\n", 0, match.start()) + 1
        begins_line = not match.string[line : match.start()].strip()
        if match["colon"] and begins_line:
            return f"[^{label}]:"  # its number is known when all marks are
        if label not in numbers:
            count += 1
            numbers[label] = count
        return f"[{numbers[label]}]{match['colon']}"

    text = outside(text, kept, lambda part: _MARK.sub(numbered, part))
    return outside(
        text,
        kept,
        lambda part: _DEFINED.sub(lambda match: f"[{numbers[match[1]]}]" if match[1] in numbers else match[0], part),
    )


def _noted(part: str, defined: set[str]) -> str:
    defined.update(_DEFINED.findall(part))
    return part
