"""The parts of a workbook's container, and the relations between them: each is read when asked for, and by itself."""

from __future__ import annotations

import io
import posixpath
import zipfile
from dataclasses import dataclass
from typing import IO, Any

_RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


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

    def open(self, path: str) -> IO[bytes]:
        """Open a part for reading in pieces."""
        return self._container.open(self._names[_plain(path)])

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


def _joined(folder: str, target: str) -> str:
    """Return the path of a target, which counts from the folder of its part unless it begins with a slash.

    >>> _joined("xl/worksheets", "../drawings/drawing1.xml"), _joined("xl", "/xl/styles.xml")
    ('xl/drawings/drawing1.xml', 'xl/styles.xml')
    """
    return posixpath.normpath(posixpath.join("/", folder, target.replace("\\", "/"))).lstrip("/")


def _plain(path: str) -> str:
    return path.replace("\\", "/").lstrip("/").casefold()
