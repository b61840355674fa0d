"""The parts of a workbook's container, and the relations between them: each is read when asked for, and by itself."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"

_PLACE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})(?::\$?([A-Z]{1,3})\$?(\d{1,7}))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Relation:
    """A link from one part to another."""

    name: str  # "rId1"
    kind: str  # the last part of its type: "worksheet", "comments", "drawing"
    target: str


class Parts:
    """A container; names of parts are compared without regard to case, as Office does."""

    def __init__(self, data: bytes) -> None:
        self._container = zipfile.ZipFile(io.BytesIO(data))
        self._names = {_plain(entry.filename): entry for entry in self._container.infolist()}

    def __contains__(self, path: str) -> bool:
        return _plain(path) in self._names

    def size(self, path: str) -> int:
        """Return the unpacked size of a part in bytes; 0 for a missing one."""
        entry = self._names.get(_plain(path))
        return 0 if entry is None else entry.file_size

    def read(self, path: str) -> bytes:
        """Return a part; a missing one is a KeyError."""
        return self._container.read(self._names[_plain(path)])

    def elements(self, path: str, *names: str) -> Iterator[Any]:
        """Yield the elements of some names in a part; each is dropped when the next is asked for."""
        from lxml import etree

        with self._container.open(self._names[_plain(path)]) as source:
            for _, element in etree.iterparse(source, tag=names, resolve_entities=False, no_network=True):
                yield element
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]

    def tree(self, path: str) -> Any:
        """Return the XML of a part."""
        from lxml import etree

        return etree.fromstring(self.read(path), etree.XMLParser(resolve_entities=False, no_network=True))

    def relations(self, path: str) -> list[Relation]:
        """Return a part's relations within the container; those of "" are the container's own."""
        folder, _, file = path.rpartition("/")
        listed = posixpath.join(folder, "_rels", f"{file}.rels")
        if listed not in self:
            return []
        return [
            Relation(
                one.get("Id") or "", (one.get("Type") or "").rpartition("/")[2], _joined(folder, one.get("Target"))
            )
            for one in self.tree(listed).iter(_RELATIONS)
            if one.get("Target") and one.get("TargetMode") != "External"
        ]

    def related(self, path: str, name: str) -> str:
        """Return the part that a relation of `path` leads to; a missing relation is a KeyError."""
        return {one.name: one.target for one in self.relations(path)}[name]


def bounds(place: str) -> tuple[int, int, int, int] | None:
    """Return the first column and row of a range of cells, and the last ones; None for something else.

    >>> bounds("$A$1:B12"), bounds("AA3"), bounds("A:A")
    ((1, 1, 2, 12), (27, 3, 27, 3), None)
    """
    match = _PLACE.fullmatch(place)
    if match is None:
        return None
    first, last = (_column(match[1]), int(match[2])), (_column(match[3] or match[1]), int(match[4] or match[2]))
    return *first, *last


def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _joined(folder: str, target: str) -> str:
    """Return the path of a target, which counts from the folder of its part unless it begins with a slash.

    >>> _joined("xl/worksheets", "../drawings/drawing1.xml"), _joined("xl", "/xl/styles.xml")
    ('xl/drawings/drawing1.xml', 'xl/styles.xml')
    """
    return posixpath.normpath(posixpath.join("/", folder, target.replace("\\", "/"))).lstrip("/")


def _plain(path: str) -> str:
    return path.replace("\\", "/").lstrip("/").casefold()
