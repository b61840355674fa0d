"""Small Word files, put together from the XML of their parts."""

from __future__ import annotations

from ingest.loaders import load
from rag.types import Document
from tests.ingest.loaders.covering import assert_sound
from tests.ingest.loaders.samples import zipped

MISSING = "missing"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/"
_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml."
NAMESPACES = " ".join(
    f'xmlns:{short}="{name}"'
    for short, name in (
        ("w", "http://schemas.openxmlformats.org/wordprocessingml/2006/main"),
        ("w14", "http://schemas.microsoft.com/office/word/2010/wordml"),
        ("r", "http://schemas.openxmlformats.org/officeDocument/2006/relationships"),
        ("mc", "http://schemas.openxmlformats.org/markup-compatibility/2006"),
        ("m", "http://schemas.openxmlformats.org/officeDocument/2006/math"),
        ("v", "urn:schemas-microsoft-com:vml"),
        ("a", "http://schemas.openxmlformats.org/drawingml/2006/main"),
        ("c", "http://schemas.openxmlformats.org/drawingml/2006/chart"),
        ("dgm", "http://schemas.openxmlformats.org/drawingml/2006/diagram"),
    )
)
_TYPES = {
    "word/document.xml": f"{_MAIN}document.main+xml",
    "word/styles.xml": f"{_MAIN}styles+xml",
    "word/numbering.xml": f"{_MAIN}numbering+xml",
    "word/comments.xml": f"{_MAIN}comments+xml",
    "docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
}


def p(text: str = "", style: str = "", properties: str = "") -> str:
    """Return a paragraph; its text may be XML."""
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    runs = text if "<w:" in text or "<m:" in text else f"<w:r><w:t>{text}</w:t></w:r>"
    return f"<w:p><w:pPr>{named}{properties}</w:pPr>{runs}</w:p>"


def r(text: str, properties: str = "") -> str:
    """Return a run."""
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def word(body: str, *, parts: dict[str, str | bytes] | None = None, types: dict[str, str] | None = None) -> bytes:
    """Make a Word file; parts are related to its main part by their names, `rId1` and on."""
    parts = parts or {}
    known = {**_TYPES, **(types or {})}
    relations = "".join(
        f'<Relationship Id="rId{at}" Type="{_kind(name)}" Target="/{name}"/>' for at, name in enumerate(parts, 1)
    )
    overrides = "".join(
        f'<Override PartName="/{name}" ContentType="{known[name]}"/>'
        for name in ("word/document.xml", *parts)
        if name in known
    )
    listed = f'<Relationships xmlns="{_PACKAGE}relationships">{relations}</Relationships>'
    defaults = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    defaults += "".join(f'<Default Extension="{one}" ContentType="application/{one}"/>' for one in ("xml", "bin"))
    root = f'<Relationship Id="rId1" Type="{_OFFICE}officeDocument" Target="word/document.xml"/>'
    return zipped(
        {
            "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}content-types">{defaults}{overrides}</Types>',
            "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}relationships">{root}</Relationships>',
            "word/document.xml": f"<w:document {NAMESPACES}><w:body>{body}</w:body></w:document>",
            "word/_rels/document.xml.rels": listed,
            **{name: part for name, part in parts.items() if part != MISSING},
        }
    )


def _kind(name: str) -> str:
    """Return the kind of a relation by a part's name."""
    stem = name.rpartition("/")[2].partition(".")[0].rstrip("0123456789")
    return _OFFICE + {"data": "diagramData", "part": "aFChunk", "picture": "image"}.get(stem, stem)


def root(name: str, content: str) -> str:
    """Return a part: its root element with this content."""
    return f"<{name} {NAMESPACES}>{content}</{name}>"


def read(data: bytes, name: str = "script.docx") -> Document:
    document = load(data, name=name)
    assert_sound(document)
    return document


def lines(body: str, *, parts: dict[str, str | bytes] | None = None) -> list[str]:
    """Return the lines that are read from a body."""
    return [line for line in read(word(body, parts=parts)).text.split("\n") if line]
