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
_ANYTHING = "application/octet-stream"
_TEXT = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_OFFICE_DOCUMENT = "/officeDocument"
_USUAL_MAIN = "word/document.xml"
_NO_TYPES = b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
_TO_MAIN = (
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type='
    b'"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>'
    b"</Relationships>"
)
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, OSError)


def repaired(data: bytes) -> tuple[bytes, list[str]]:
    """Return a file without its broken parts, and their names; `ValueError` if the text itself can't be read."""
    lost = list[str]()
    with zipfile.ZipFile(io.BytesIO(data)) as container:
        parts = {entry.filename: _part(container, entry, lost) for entry in container.infolist()}
    whole = {name: part for name, part in parts.items() if part is not None}
    main = _main(whole.get(_ROOT, b"<none/>"))
    if main not in whole:
        msg = "its text is missing or broken"
        raise ValueError(msg)
    whole.setdefault(_TYPES, _NO_TYPES)
    whole.setdefault(_ROOT, _TO_MAIN)
    for name in [name for name in whole if name.endswith(".rels")]:
        whole[name] = _relations(name, whole[name], set(whole), lost)
    whole[_TYPES] = _all_types(whole, main)
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
            _check(entry.filename, parsed(part).tag)
    except _UNREADABLE:
        lost.append(entry.filename)
        return None
    return part


def _check(name: str, tag: str) -> None:
    """Raise `ValueError` if a part of the container's own isn't what it should be."""
    meant = f"{_TYPE}Types" if name == _TYPES else f"{_RELATION}s" if name.endswith(".rels") else tag
    if tag != meant:
        msg = f"{name} is something else"
        raise ValueError(msg)


def _main(relations: bytes) -> str:
    """Return the name of the part with the text; the usual one if nothing says it."""
    found = (
        one.get("Target", "").lstrip("/")
        for one in parsed(relations).iter(_RELATION)
        if one.get("Type", "").endswith(_OFFICE_DOCUMENT)
    )
    return posixpath.normpath(next(found, _USUAL_MAIN))


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


def _all_types(parts: dict[str, bytes], main: str) -> bytes:
    """Return the list of types, with that of the text, and one for parts that it forgot or called XML by mistake."""
    from lxml import etree

    root = parsed(parts[_TYPES])
    known = {(one.get("Extension") or "").lower() for one in root.iter(f"{_TYPE}Default")}
    for suffix in sorted({_suffix(name) for name in parts} - known):
        etree.SubElement(root, f"{_TYPE}Default", Extension=suffix, ContentType=_ANYTHING)
    for one in [one for one in root if one.get("PartName") == f"/{main}"]:
        root.remove(one)
    etree.SubElement(root, f"{_TYPE}Override", PartName=f"/{main}", ContentType=_TEXT)
    for one in root:
        if (one.get("ContentType") or "").endswith("xml") and _is_no_xml(one, parts):
            one.set("ContentType", _ANYTHING)
    for one in _incomplete(root):
        root.remove(one)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _is_no_xml(entry: Any, parts: dict[str, bytes]) -> bool:
    """Say whether a part is called XML and isn't: a Word file within a Word file has the type of its text."""
    name, suffix = (entry.get("PartName") or "").lstrip("/"), (entry.get("Extension") or "").lower()
    meant = (part for one, part in parts.items() if one == name or (suffix and _suffix(one) == suffix))
    return any(part[:1000].removeprefix(b"\xef\xbb\xbf").lstrip()[:1].isalnum() for part in meant)


def _incomplete(root: Any) -> list[Any]:
    """Return the entries that lack what they are about."""
    return [one for one in root if not one.get("ContentType") or not (one.get("Extension") or one.get("PartName"))]


def _suffix(name: str) -> str:
    return name.rpartition("/")[2].rpartition(".")[2].lower()
