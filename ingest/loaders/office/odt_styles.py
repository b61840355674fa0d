"""The styles of an OpenDocument text that change what is read: raised, lowered and hidden text, and inherited names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ingest.loaders.scripts import lowered, raised

_SPACE = "urn:oasis:names:tc:opendocument:xmlns:"
_STYLE, _TEXT, _TABLE = (f"{{{_SPACE}{name}:1.0}}" for name in ("style", "text", "table"))
_DEEPEST = 20  # a style based on itself would never end


class Styles:
    """A file's styles: the automatic ones, which single paragraphs use, and the common ones."""

    def __init__(self, content: Any, common: Any = None) -> None:
        self._automatic = _named(content)
        self._known = ({} if common is None else _named(common)) | self._automatic

    def parent(self, name: str) -> str:
        """Return the common style that an automatic paragraph style is based on, or the style itself."""
        style = self._automatic.get(("paragraph", name))
        return ("" if style is None else style.get(f"{_STYLE}parent-style-name") or "") or name

    def side(self, name: str) -> Callable[[str], str] | None:
        """Return the function that writes raised or lowered text of a style; None for usual text."""
        position = self._property("text", name, "text", f"{_STYLE}text-position")
        height = position.split(" ")[0]
        if height.startswith(("sub", "-")):
            return lowered
        return raised if height.rstrip("%").strip("0") else None

    def is_hidden(self, family: str, name: str) -> bool:
        """Say whether text of a style isn't shown."""
        if family == "table":
            return self._property("table", name, "table", f"{_TABLE}display") == "false"
        return self._property(family, name, "text", f"{_TEXT}display") == "none"

    def _property(self, family: str, name: str, group: str, wanted: str) -> str:
        """Return a property of a style, its own or inherited; empty without one."""
        for _ in range(_DEEPEST):
            style = self._known.get((family, name))
            if style is None:
                break
            properties = style.find(f"{_STYLE}{group}-properties")
            if properties is not None and (value := properties.get(wanted)) is not None:
                return str(value)
            name = style.get(f"{_STYLE}parent-style-name") or ""
        return ""


def _named(tree: Any) -> dict[tuple[str, str], Any]:
    """Return the styles of a part by family and name; those without a family are a paragraph's."""
    found = {}
    for style in tree.iter(f"{_STYLE}style"):
        name = style.get(f"{_STYLE}name") or ""
        family = style.get(f"{_STYLE}family")
        for one in (family,) if family else ("paragraph", "text"):
            found[one, name] = style
    return found
