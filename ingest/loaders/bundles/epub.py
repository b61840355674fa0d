"""EPUB books: a page per chapter, in the order of the book; a chapter is an HTML page in a zip container."""

from __future__ import annotations

import io
import lzma
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import PurePath
from typing import Any
from urllib.parse import unquote, urldefrag

from ingest.language import detect_language
from ingest.loaders.building import TextBuilder, office_errors
from ingest.loaders.markup import html
from ingest.loaders.plain.decoding import in_utf8
from rag.errors import Damaged, NoText, PasswordNeeded, SourceError
from rag.types import BlockKind, Document

_OPF = "{http://www.idpf.org/2007/opf}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_CHAPTERS = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml", "text/x-oeb1-document")
_FONTS_ONLY = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")  # these don't encrypt the text
_PAGES = (".xhtml", ".html", ".htm")
LONGEST_LABEL = 100  # characters
# The errors of zipfile and lxml on broken parts.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    LookupError,
    ValueError,
    AttributeError,
    TypeError,
    SyntaxError,
    RuntimeError,
)


def load(data: bytes, *, name: str, url: str | None = None) -> Document:
    """Load a book; page numbers count the chapters with text, and page labels are their titles."""
    builder = TextBuilder()
    lost: list[str] = []  # chapters that can't be read
    with office_errors(name, "an EPUB book", ".epub"), zipfile.ZipFile(io.BytesIO(data)) as container:
        _check_protection(container, name)
        book = Book(container)
        for path in book.chapters(lost):
            _add_chapter(builder, book, path, name, lost)
        given, language = book.said("title"), book.said("language")
    if not builder.text and lost:
        msg = f"{name} is damaged: none of its chapters can be read."
        raise Damaged(msg, remedy="Get the book again.")
    if not builder.text:
        msg = f"{name} has no text."
        raise NoText(msg, remedy="If its pages are pictures, convert it to PDF and recognise the text.")
    title = given or builder.first_heading or PurePath(name).stem
    language = language[:2].lower() if language[:2].isalpha() and language != "und" else ""
    language = language or detect_language(builder.text)
    notes = (*book.notes, *((f"chapters not read, missing or damaged: {', '.join(lost)}",) if lost else ()))
    return Document(builder.text, title, language, tuple(builder.blocks), tuple(builder.pages), notes)


def _add_chapter(builder: TextBuilder, book: Book, path: str, name: str, lost: list[str]) -> None:
    """Add a chapter as a page; one that can't be read costs only itself."""
    before, number = len(builder.blocks), len(builder.pages) + 1
    try:
        source, _ = in_utf8(book.part(path))
        html.add_whole(builder, source, name, page=number)
    except (SourceError, *_BROKEN):
        lost.append(PurePath(path).name)
    if len(builder.blocks) > before:
        builder.end_page(number, book.titles.get(path) or _heading(builder, before))


class Book:
    """An EPUB's package file: the chapters in order, and their titles."""

    def __init__(self, container: zipfile.ZipFile) -> None:
        self._container = container
        self._names = {name.casefold(): name for name in container.namelist()}
        self.notes: list[str] = []
        self._path, self._package = self._found()
        items = self._package.iter(f"{_OPF}item") if self._package is not None else ()
        self._items = {item.get("id"): item for item in items}
        self.titles: dict[str, str] = {}
        with suppress(*_BROKEN):  # without titles, chapters are called by their headings
            for path, title in self._titles():
                self.titles.setdefault(path, title)

    def part(self, path: str) -> bytes:
        """Return the bytes of one of the book's files."""
        return self._container.read(path)

    def _found(self) -> tuple[str, Any]:
        """Return the path of the package file, and its tree; None for a tree that can't be read."""
        others = [name for name in self._names.values() if name.lower().endswith(".opf")]
        with suppress(*_BROKEN):
            root = _tree(self.part("META-INF/container.xml")).find(".//{*}rootfile")
            others.insert(0, root.get("full-path"))
        for path in others:
            with suppress(*_BROKEN):
                return path, _tree(self.part(path))
        if not others:
            msg = "it names no chapters"
            raise ValueError(msg)
        self.notes.append("the order of the chapters is that of their files' names: the book's own can't be read")
        return "", None

    def chapters(self, lost: list[str]) -> Iterator[str]:
        """Yield the paths of the chapters, without the table of contents; add to `lost` those that aren't there."""
        if self._package is None:
            yield from sorted(name for name in self._names.values() if name.lower().endswith(_PAGES))
            return
        for reference in self._package.iter(f"{_OPF}itemref"):
            item = self._items.get(reference.get("idref"))
            if item is None:
                lost.append(reference.get("idref") or "one without a name")
                continue
            if "nav" in (item.get("properties") or "").split():
                continue
            link = item.get("href") or ""
            path = self._place(self._path, link)
            if item.get("media-type") in _CHAPTERS or (path or link).endswith(_PAGES):
                if path:
                    yield path
                else:
                    lost.append(PurePath(link).name or "one without a name")

    def said(self, field: str) -> str:
        """Return the book's first declared title or language."""
        if self._package is None:
            return ""
        return " ".join((self._package.findtext(f".//{_DC}{field}") or "").split())

    def _titles(self) -> Iterator[tuple[str, str]]:
        """Yield (path, title) of the table of contents, in EPUB 3 or 2.

        A file with several entries, all for places within it, has no title of its own.
        """
        within: dict[str, list[str]] = {}
        for item in self._items.values():
            path = self._place(self._path, item.get("href") or "")
            nav = "nav" in (item.get("properties") or "").split()
            if not path or not (nav or item.get("media-type") == "application/x-dtbncx+xml"):
                continue
            tree = _tree(self._container.read(path))
            for link, said in _links(tree) if nav else _points(tree):
                target, title = self._place(path, link), " ".join(said.split())[:LONGEST_LABEL]
                if target and title and "#" not in link:
                    yield target, title
                elif target and title and title not in within.setdefault(target, []):
                    within[target].append(title)
        yield from ((target, titles[0]) for target, titles in within.items() if len(titles) == 1)

    def _place(self, base: str, link: str) -> str:
        """Return the container's file that a link leads to; empty if there is none."""
        path = posixpath.normpath(posixpath.join(posixpath.dirname(base), unquote(urldefrag(link).url)))
        return self._names.get(path.casefold(), "")


def _links(tree: Any) -> Iterator[tuple[str, str]]:
    for link in tree.iter("{http://www.w3.org/1999/xhtml}a"):
        yield link.get("href") or "", "".join(link.itertext())


def _points(tree: Any) -> Iterator[tuple[str, str]]:
    for point in tree.iter("{*}navPoint"):
        content = point.find("{*}content")
        if content is not None:
            yield content.get("src") or "", point.findtext("{*}navLabel/{*}text") or ""


def _tree(data: bytes) -> Any:
    """Parse a part; XML errors are forgiven."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
    tree = etree.fromstring(data, parser)
    if tree is None:
        msg = "a part of it is no XML"
        raise ValueError(msg)
    return tree


def _check_protection(container: zipfile.ZipFile, name: str) -> None:
    """Refuse a book whose chapters are encrypted."""
    if "META-INF/encryption.xml" not in container.namelist():
        return
    try:
        methods = _tree(container.read("META-INF/encryption.xml")).iter("{*}EncryptionMethod")
    except _BROKEN:
        return
    ways = {method.get("Algorithm") for method in methods}
    if ways - set(_FONTS_ONLY):
        msg = f"{name} is protected by its seller: only the reader it was bought for opens it."
        raise PasswordNeeded(msg, remedy="Ask for a copy without protection, or for a PDF.")


def _heading(builder: TextBuilder, first: int) -> str | None:
    """Return the first heading of the chapter that begins at block `first`."""
    text = builder.text
    heading = next((block for block in builder.blocks[first:] if block.kind is BlockKind.HEADING), None)
    return " ".join(text[heading.start : heading.end].split())[:LONGEST_LABEL] if heading else None
