"""Mends the container of a presentation by leaving out its broken parts: python-pptx reads all parts, or none."""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import Any

_TYPES = "[Content_Types].xml"
_CT = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_START = "_rels/.rels"
_TO_PRESENTATION = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type='
    '"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="ppt/presentation.xml"/></Relationships>'
)
_LIST = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationships"
_UNKNOWN = "application/octet-stream"
_NEEDED = ("Target", "Type", "Id")  # of a relation


def without_broken_parts(data: bytes) -> bytes:
    """Return a container without the parts that can't be unpacked or parsed, and with a type for each other one."""
    mended = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as container, zipfile.ZipFile(mended, "w") as target:
        suffixes, names = set[str](), set[str]()
        for entry in container.infolist():
            part = _sound(container, entry)
            if part is not None and entry.filename != _TYPES:
                suffixes.add(entry.filename.rpartition(".")[2].lower())
                names.add(entry.filename)
                target.writestr(entry.filename, part)
        if _START not in names:
            target.writestr(_START, _TO_PRESENTATION)
        target.writestr(_TYPES, _with_types(container.read(_TYPES), suffixes))
    return mended.getvalue()


def _sound(container: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes | None:
    """Return a part, or None if it is broken."""
    from lxml import etree

    try:
        part = container.read(entry)
        if entry.filename.endswith(".rels"):
            return _relations(part)
        if entry.filename.endswith(".xml"):
            etree.fromstring(part, _parser())
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, etree.LxmlError):
        return None
    return part


def _relations(part: bytes) -> bytes | None:
    """Return a list of relations without those that lead nowhere; None if it is no such list."""
    from lxml import etree

    tree = etree.fromstring(part, _parser())
    if tree.tag != _LIST:
        return None
    for relation in list(tree):
        if not all(relation.get(name) for name in _NEEDED):
            tree.remove(relation)
    return bytes(etree.tostring(tree))


def _with_types(part: bytes, suffixes: set[str]) -> bytes:
    """Return the list of types, with one for each suffix."""
    from lxml import etree

    tree = etree.fromstring(part, _parser())
    known = {(one.get("Extension") or "").lower() for one in tree}
    for suffix in sorted(suffixes - known):
        etree.SubElement(tree, f"{_CT}Default", Extension=suffix, ContentType=_UNKNOWN)
    return bytes(etree.tostring(tree))


def _parser() -> Any:
    from lxml import etree

    return etree.XMLParser(resolve_entities=False, no_network=True)
