"""Loads documents: one file per format, and a table from media type and suffix to loader. Content decides before names.

from ingest.loaders import load
document = load(path.read_bytes(), name=path.name)
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import PurePath
from typing import Any
from urllib.parse import urlsplit

from ingest import ocr, pictures
from ingest.loaders.length import beginning, shortened
from ingest.loaders.plain.decoding import in_utf8, wide
from ingest.loaders.told import format_told
from rag.errors import Damaged, NoText, PasswordNeeded, Unsupported
from rag.types import Document

__all__ = [
    "FORMATS",
    "SUFFIXES",
    "count_pages",
    "detect",
    "foreign",
    "is_supported",
    "kind_of",
    "load",
    "page_word",
    "read_pages",
    "readable",
]

PDF = "application/pdf"
HTML = "text/html"
MARKDOWN = "text/markdown"
TEXT = "text/plain"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODT = "application/vnd.oasis.opendocument.text"
EPUB = "application/epub+zip"
RTF = "application/rtf"
IPYNB = "application/x-ipynb+json"
EML = "message/rfc822"
CSV = "text/csv"
RST = "text/x-rst"
LATEX = "text/x-tex"
CODE = "text/x-source"
ZIP = "application/zip"  # no document: its files are ingested one by one
UNKNOWN = "application/octet-stream"

# Media type -> the loader's module (imported when first needed) and the common name.
FORMATS = {
    PDF: ("ingest.loaders.pdf.document", "PDF"),
    HTML: ("ingest.loaders.markup.html", "HTML"),
    MARKDOWN: ("ingest.loaders.markup.markdown", "Markdown"),
    TEXT: ("ingest.loaders.plain.text", "plain text"),
    DOCX: ("ingest.loaders.office.docx", "Word (.docx)"),
    PPTX: ("ingest.loaders.office.pptx", "PowerPoint (.pptx)"),
    XLSX: ("ingest.loaders.office.xlsx", "Excel (.xlsx)"),
    CSV: ("ingest.loaders.plain.csv", "CSV"),
    ODT: ("ingest.loaders.office.odt", "OpenDocument (.odt)"),
    EPUB: ("ingest.loaders.bundles.epub", "EPUB"),
    RTF: ("ingest.loaders.office.rtf", "Rich Text (.rtf)"),
    IPYNB: ("ingest.loaders.bundles.ipynb", "Jupyter notebook"),
    EML: ("ingest.loaders.bundles.eml", "e-mail (.eml)"),
    RST: ("ingest.loaders.markup.rst", "reStructuredText"),
    LATEX: ("ingest.loaders.markup.latex", "LaTeX"),
    CODE: ("ingest.loaders.plain.code", "source code"),
}
# Formats whose beginning can be read without the rest.
_TEXTS = frozenset({TEXT, MARKDOWN, CSV, HTML, RST, LATEX, CODE})
# The word for a page of a format, unless it is a page of paper.
_PAGE_WORDS = {PPTX: "slide", XLSX: "sheet", IPYNB: "cell", EPUB: "chapter"}

_SUFFIXES_OF = {
    PDF: ".pdf",
    HTML: ".html .htm .xhtml",
    MARKDOWN: ".md .markdown .mdown .mkd .qmd .rmd",
    TEXT: ".txt .text .org .adoc .log",
    RST: ".rst .rest",
    LATEX: ".tex .ltx",
    DOCX: ".docx",
    PPTX: ".pptx",
    XLSX: ".xlsx .xlsm .xltx",
    CSV: ".csv .tsv .tab",
    ODT: ".odt .ott",
    EPUB: ".epub",
    RTF: ".rtf",
    IPYNB: ".ipynb",
    EML: ".eml",
    CODE: ".py .pyw .java .kt .kts .scala .groovy .c .h .cc .cpp .cxx .hh .hpp .hxx .cu .cs .m .mm .swift .rs .go .zig"
    " .js .mjs .cjs .jsx .ts .tsx .dart .rb .php .pl .pm .lua .tcl .r .jl .sql .sh .bash .zsh .ps1 .bat .vb .bas"
    " .pas .f .f90 .f95 .for .ada .adb .hs .lhs .ml .mli .fs .fsx .elm .clj .lisp .el .scm .rkt .erl .ex .exs"
    " .prolog .asm .s .vhd .vhdl .v .sv .stan .do .sas",
}
SUFFIXES = {suffix: kind for kind, suffixes in _SUFFIXES_OF.items() for suffix in suffixes.split()}

FORMATS |= {kind: ("ingest.loaders.image", label) for kind, label in pictures.PICTURES.items()}
SUFFIXES |= pictures.SUFFIXES

# Formats recognised only so that errors can name them.
_FOREIGN_SUFFIXES = {
    ".xls": "an old Excel file",
    ".doc": "an old Word file",
    ".ppt": "an old PowerPoint file",
    ".odp": "an OpenDocument presentation",
    ".ods": "an OpenDocument sheet",
    ".msg": "an Outlook message",
    ".jar": "a program",
    ".apk": "a program",
    ".whl": "a program",
    ".kmz": "a map",
    ".mobi": "a Kindle book",
    ".json": "JSON data",
    ".xml": "XML data",
}
_FOREIGN_HEADS = {
    b"\x1f\x8b": "a compressed archive",
    b"7z\xbc\xaf": "a compressed archive",
    b"Rar!": "a compressed archive",
    b"\x7fELF": "a program",
    b"MZ\x90": "a program",
    b"%!PS": "PostScript",
    b"ID3": "a sound recording",
    b"OggS": "a recording",
    b"SQLite format 3": "a database",
    b"GGUF": "a language model",
}

# Suffixes of programs on a web server: such a URL leads to a generated page, not to the program.
_PROGRAMS = frozenset({".php", ".pl", ".do"})

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # old Office files, and new ones with a password
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_HTML_START = re.compile(
    rb"(?:\s|<!--.*?-->|<\?xml[^>]*>)*<(?:!doctype\s+html|html|head|body|title|meta|link|script)\b",
    re.IGNORECASE | re.DOTALL,
)
_NOTEBOOK_START = re.compile(rb'\s*\{\s*"(?:cells|metadata|nbformat|worksheets)')
_HEADER = re.compile(rb"^([A-Za-z][\w-]*):[ \t]", re.MULTILINE)
HEAD = 4096  # bytes that `detect` needs, except for zip containers
MOST_UNPACKED = 1_000_000_000  # maximum of an Office file's unpacked bytes
_CONTAINERS = (DOCX, PPTX, XLSX, ODT, EPUB)  # zip files
# Formats recognised by content: a text that only has their suffix is plain text.
_BY_CONTENT = (PDF, *_CONTAINERS, RTF, IPYNB)


def detect(path_or_name: str | PurePath, head: bytes) -> str:
    """Return the media type of a file by its first bytes or, if they are ambiguous, by its suffix.

    More bytes in `head` make the recognition of an Office file surer; 4 kB suffice for those of Office itself.

    >>> detect("notes.txt", b"%PDF-1.7 ..."), detect("notes.md", b"# Sorting")
    ('application/pdf', 'text/markdown')
    """
    by_suffix = SUFFIXES.get(_suffix(path_or_name))
    if (picture := pictures.kind_of(head)) is not None:
        return picture
    if head.lstrip().startswith(b"%PDF") or (b"%PDF" in head[:1024] and by_suffix in (PDF, None)):
        return PDF  # bytes before it are skipped, but a text may mention %PDF too
    if head.startswith(b"PK\x03\x04"):
        return _in_zip(head, by_suffix, _suffix(path_or_name))
    if head.startswith(_OLE) or _foreign_head(head):
        return UNKNOWN
    start = _readable_start(head)
    if b"\x00" in start:
        return UNKNOWN if by_suffix is None or by_suffix in (*_CONTAINERS, *pictures.PICTURES) else by_suffix
    if by_text := _by_text(start, by_suffix):
        return by_text
    # A text with a wrong suffix, or a PDF without its beginning.
    if by_suffix in (*_BY_CONTENT, *pictures.PICTURES):
        return PDF if by_suffix == PDF and b"endobj" in head else TEXT
    return by_suffix or (UNKNOWN if _suffix(path_or_name) in _FOREIGN_SUFFIXES else TEXT)


def kind_of(name: str, head: bytes, told: str | None) -> str:
    """Return the format of a file by its content, then its suffix, then the media type that a server tells.

    >>> kind_of("https://example.org/node/7", b"# Tides", "text/markdown; charset=utf-8")
    'text/markdown'
    """
    kind = detect(name, head)
    if kind != TEXT or _suffix(name) in SUFFIXES:
        return kind
    return format_told(told) or kind


def is_supported(path_or_name: str | PurePath) -> bool:
    """Say whether a file's suffix is that of a supported format; decides which files of a folder are ingested.

    Pictures are supported if text recognition is installed; most folders of documents hold some that only illustrate.
    """
    suffix = _suffix(path_or_name)
    if suffix in pictures.SUFFIXES:
        return ocr.installed()
    return suffix in SUFFIXES or suffix == ".zip"


def readable() -> str:
    """Return the common names of the supported formats."""
    return ", ".join(dict.fromkeys(label for _, label in FORMATS.values()))


def foreign(path_or_name: str | PurePath) -> str:
    """Return the common name of an unsupported format, judged by the file's name; empty if unknown.

    >>> foreign("talk.ppt"), foreign("talk.pptx")
    ('an old PowerPoint file', '')
    """
    return _FOREIGN_SUFFIXES.get(_suffix(path_or_name), "")


def media_type_of(path_or_name: str | PurePath) -> str:
    """Return the media type suggested by a name; the content takes precedence once it is read."""
    return SUFFIXES.get(_suffix(path_or_name), UNKNOWN)


def page_word(path_or_name: str | PurePath) -> str:
    """Return the word for a page of a file: "slide", "sheet", "cell", "chapter" or "page"."""
    return _PAGE_WORDS.get(SUFFIXES.get(_suffix(path_or_name), ""), "page")


def load(
    data: bytes, *, name: str, media_type: str | None = None, url: str | None = None, read: Sequence[Any] | None = None
) -> Document:
    """Load a document of any supported format.

    Errors refer to the file as `name`, whose suffix counts if the content is ambiguous; `media_type`, from a web
    server, counts after content and suffix; `read` is the result of `read_pages` for all pages.
    """
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        msg = f"{name} is empty."
        raise NoText(msg, remedy="Check that it was saved or downloaded completely.")
    kind = kind_of(name, data, media_type)
    if kind not in FORMATS:
        raise _refused(data, name)
    if kind in _CONTAINERS:
        _check_unpacked(data, name)
    data, cut = beginning(data) if kind in _TEXTS else (data, ())
    data, assumed = in_utf8(data) if kind in _TEXTS or kind == IPYNB else (data, ())
    module = import_module(FORMATS[kind][0])
    document: Document = module.load(data, name=name, url=url, **({} if read is None else {"read": read}))
    return shortened(replace(document, notes=(*_misnamed(kind, name), *cut, *assumed, *document.notes)))


def count_pages(data: bytes, *, name: str) -> int:
    """Return the number of pages of a file that may be read in parts; 0 for a format that may not."""
    return int(import_module(FORMATS[PDF][0]).count_pages(data, name=name)) if detect(name, data) == PDF else 0


def read_pages(data: bytes, wanted: range, *, name: str) -> Sequence[Any]:
    """Read the pages at the indexes `wanted`, from 0, of a file that may be read in parts; `load` joins them."""
    pages: Sequence[Any] = import_module(FORMATS[PDF][0]).read_pages(data, wanted, name=name)
    return pages


def _misnamed(kind: str, name: str) -> tuple[str, ...]:
    """Return a note if a file isn't what its suffix promises: a login page saved as a lecture, for example."""
    named = SUFFIXES.get(_suffix(name))
    if "://" in name or named == kind or named not in (*_BY_CONTENT, *pictures.PICTURES):
        return ()
    return (f"the file is {FORMATS[kind][1]}, not {FORMATS[named][1]} as its name says",)


def _suffix(path_or_name: str | PurePath) -> str:
    """Return the suffix of a path, a name or a URL, in lower case."""
    name = str(path_or_name)
    is_address = "://" in name
    suffix = PurePath(urlsplit(name).path if is_address else name).suffix.lower()
    return "" if is_address and suffix in _PROGRAMS else suffix


def _readable_start(head: bytes) -> bytes:
    """Return the first bytes as one-byte text, in any encoding."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head[: HEAD - HEAD % 2].decode("utf-16", "ignore").encode("utf-8", "ignore")
    if b"\x00" in head[:HEAD] and (encoding := wide(head)):
        return head[: HEAD - HEAD % 2].decode(encoding, "ignore").encode("utf-8", "ignore")
    return head[:HEAD].removeprefix(b"\xef\xbb\xbf")


def _foreign_head(head: bytes) -> str:
    """Name a format that isn't read by its first bytes."""
    begun = (name for start, name in _FOREIGN_HEADS.items() if head.startswith(start) and _is_binary(head, start))
    return next(begun, "")


def _is_binary(head: bytes, start: bytes) -> bool:
    """Say whether a short signature like "BM" is meant, and not a text that begins with these letters."""
    return len(start) > 3 or b"\x00" in head[:64]


def _by_text(start: bytes, by_suffix: str | None) -> str | None:
    """Recognise a text format by its first lines; a message may be declared as plain text."""
    if _HTML_START.match(start):
        return HTML
    if start.lstrip().startswith(b"{\\rtf"):
        return RTF
    if by_suffix == IPYNB and start.lstrip().startswith(b"{"):
        return IPYNB
    if by_suffix is None and _NOTEBOOK_START.match(start) and b'"cell_type"' in start:
        return IPYNB
    # A text may begin with a header field or two by chance; an e-mail has more.
    fields = {field.lower() for field in _HEADER.findall(start.partition(b"\n\n")[0].partition(b"\r\n\r\n")[0])}
    usual = fields & {b"date", b"message-id", b"mime-version", b"received", b"return-path", b"subject", b"to"}
    if by_suffix in (None, TEXT) and b"from" in fields and len(usual) > 2 and _HEADER.match(start):
        return EML
    return None


def _in_zip(head: bytes, by_suffix: str | None, suffix: str) -> str:
    """Look into a zip container for the parts of a document; a container without them is an archive."""
    if head[30:38] == b"mimetype":  # stored first and uncompressed, by these formats' rules
        for kind in (EPUB, ODT):
            if head[38:].startswith(kind.encode()):
                return kind
    try:
        names = zipfile.ZipFile(io.BytesIO(head)).namelist()
        is_office = any(name.casefold() == "[content_types].xml" for name in names)
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        # Only the beginning, or truncated: each file's name also stands before its content.
        names = [name.decode("latin-1") for name in re.findall(rb"PK\x03\x04.{26}([\w./\[\]-]+)", head, re.DOTALL)]
        is_office = suffix != ".zip"
    if "META-INF/container.xml" in names:
        return EPUB
    for folder, kind in (("word/", DOCX), ("ppt/", PPTX), ("xl/", XLSX)):
        if is_office and any(name.startswith(folder) for name in names):
            return kind
    if by_suffix in _CONTAINERS:
        return by_suffix
    return UNKNOWN if suffix in _FOREIGN_SUFFIXES else ZIP


def _check_unpacked(data: bytes, name: str) -> None:
    """Refuse a container that can't be opened, or whose unpacked size exceeds the limit."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as container:
            size = sum(entry.file_size for entry in container.infolist())
            locked = any(entry.flag_bits & 1 for entry in container.infolist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        msg = f"{name} is damaged: its container can't be unpacked ({error})."
        raise Damaged(
            msg,
            remedy="Get the file again, or open it in its program and save it anew.",
        ) from error
    if locked:
        msg = f"{name} is protected by a password."
        raise PasswordNeeded(msg, remedy="Save a copy without it and ingest that.")
    if size > MOST_UNPACKED:
        msg = f"{name} unpacks to {size / 1e9:.1f} GB, more than Studyhall reads."
        raise Unsupported(
            msg,
            remedy="Leave out large pictures or divide it.",
        )


def _refused(data: bytes, name: str) -> Unsupported | PasswordNeeded:
    """Return the error for an unsupported file, with its format and the supported ones."""
    if data.startswith(_OLE) and _ENCRYPTED in data:
        return PasswordNeeded(f"{name} is protected by a password.", remedy="Save a copy without it and ingest that.")
    what = (
        _foreign_head(data)
        or ("an archive" if detect(name, data) == ZIP else "")
        or _FOREIGN_SUFFIXES.get(_suffix(name), "")
    )
    what = what or ("an old Office file" if data.startswith(_OLE) else "of a format that isn't known")
    return Unsupported(f"{name} is {what}.", remedy=f"Studyhall reads {readable()}: save or export it as one of these.")
