"""Makes a Word file with broken or missing parts readable: these parts are left out and named.

python-docx reads all parts when it opens a file, and gives up at the first that is broken.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from typing import Any

from ingest.loaders.office.docx_xml import parsed

_PACKAGE = "{http://schemas.openxmlformats.org/package/2006/"
_RELATION, _TYPE = f"{_PACKAGE}relationships}}Relationship", f"{_PACKAGE}content-types}}"
_TYPES = "[Content_Types].xml"
_ROOT = "_rels/.rels"
_OFFICE_DOCUMENT = "/officeDocument"
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError)


def repaired(data: bytes) -> tuple[bytes, list[str]]:
    """Return a file without its broken parts, and their names; `ValueError` if the text itself can't be read."""
    lost = list[str]()
    with zipfile.ZipFile(io.BytesIO(data)) as container:
        parts = {entry.filename: _part(container, entry, lost) for entry in container.infolist()}
    whole = {name: part for name, part in parts.items() if part is not None}
    if _TYPES not in whole or _ROOT not in whole or _main(whole[_ROOT]) not in whole:
        msg = "its text is missing or broken"
        raise ValueError(msg)
    for name in [name for name in whole if name.endswith(".rels")]:
        whole[name] = _relations(name, whole[name], set(whole), lost)
    whole[_TYPES] = _all_types(whole)
    rewritten = io.BytesIO()
    with zipfile.ZipFile(rewritten, "w") as target:
        for name, part in whole.items():
            target.writestr(name, part)
    return rewritten.getvalue(), list(dict.fromkeys(lost))


def _part(container: zipfile.ZipFile, entry: zipfile.ZipInfo, lost: list[str]) -> bytes | None:
    """Return a part's bytes; None if they can't be unpacked, or aren't the XML they should be."""
    try:
        part = container.read(entry)
        if entry.filename.lower().endswith((".xml", ".rels")):
            parsed(part)
    except _UNREADABLE:
        lost.append(entry.filename)
        return None
    return part


def _main(relations: bytes) -> str:
    """Return the name of the part with the text."""
    found = (
        one.get("Target", "").lstrip("/")
        for one in parsed(relations).iter(_RELATION)
        if one.get("Type", "").endswith(_OFFICE_DOCUMENT)
    )
    return posixpath.normpath(next(found, ""))


def _relations(name: str, part: bytes, there: set[str], lost: list[str]) -> bytes:
    """Return a part's relations without those that lead nowhere."""
    from lxml import etree

    root = parsed(part)
    base = posixpath.dirname(posixpath.dirname(name))
    for relation in list(root.iter(_RELATION)):
        target = relation.get("Target") or ""
        whole = all(relation.get(one) for one in ("Id", "Type", "Target"))
        if whole and relation.get("TargetMode") == "External":
            continue
        resolved = posixpath.normpath(posixpath.join("/", base, target)).lstrip("/")
        if whole and resolved in there:
            continue
        if target and not target.startswith("#") and posixpath.basename(target) != "NULL":
            lost.append(resolved)
        relation.getparent().remove(relation)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _all_types(parts: dict[str, bytes]) -> bytes:
    """Return the list of types, with one for parts that it forgot."""
    from lxml import etree

    root = parsed(parts[_TYPES])
    known = {(one.get("Extension") or "").lower() for one in root.iter(f"{_TYPE}Default")}
    for suffix in sorted({_suffix(name) for name in parts} - known):
        etree.SubElement(root, f"{_TYPE}Default", Extension=suffix, ContentType="application/octet-stream")
    for one in _incomplete(root):
        root.remove(one)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _incomplete(root: Any) -> list[Any]:
    """Return the entries that lack what they are about."""
    return [one for one in root if not one.get("ContentType") or not (one.get("Extension") or one.get("PartName"))]


def _suffix(name: str) -> str:
    return name.rpartition("/")[2].rpartition(".")[2].lower()
