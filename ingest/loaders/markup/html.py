"""HTML: trafilatura finds the main content; if there is none, the whole page is read, without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import PurePath
from typing import Any

from ingest.language import detect_language
from ingest.loaders.building import TextBuilder, quiet, row_of
from ingest.loaders.markup.html_lost import flattened, letters_of, put_back
from ingest.loaders.markup.html_page import parsed
from rag.errors import NoText
from rag.types import BlockKind, Document

# An extraction this short is doubted if the page has several times as much text.
DOUBTED = 250  # characters
MOST_TAGS = 100_000  # of a page that may lack its text for another reason than their number
LONGEST_CELL = 800  # characters; a cell with more is no cell of a table of data
_NUMBERED = re.compile(r"(?:\d+|[a-zA-Z]|[ivx]+|[IVX]+)\. ")  # by the page itself
_NOT_CONTENT = frozenset("script style noscript template svg head nav iframe button select textarea".split())
_FLOW = frozenset(
    (
        "address article aside blockquote body center dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 "
        "h5 h6 header hr html li main ol p pre section table tbody td tfoot th thead tr ul"
    ).split()
)


def load(data: bytes, *, name: str, url: str | None = None) -> Document:
    """Load a web page: its main content with headings, lists, tables and code."""
    tree = parsed(_decoded(data), name)
    found = _main_content(tree, url)
    builder = TextBuilder()
    if found is not None and found.body is not None:
        if (flat := flattened(found.body, tree)) is not None:
            _add_all(builder, tree, within=flat)
        else:
            put_back(found.body, tree)
            _add_content(builder, found.body)
    everything = " ".join(_visible(tree).split())
    if not builder.text or (len(builder.text) < DOUBTED and len(everything) > 4 * len(builder.text)):
        builder = TextBuilder()
        _add_all(builder, tree)
    if not builder.text:
        if (tags := data.count(b"<")) > MOST_TAGS:
            msg = f"{name} can't be read: its {tags:,} tags are nested deeper than a page's are."
            raise NoText(msg, remedy="Save it as text or PDF and ingest that.")
        msg = f"{name} has no text: the page may be filled in by a script."
        raise NoText(msg, remedy="Save the page from a browser as HTML or PDF and ingest that.")
    title = _title(found, tree, builder) or PurePath(name).stem
    return Document(builder.text, title, _language(tree) or detect_language(builder.text), tuple(builder.blocks))


def add_whole(builder: TextBuilder, data: bytes, name: str, *, page: int | None = None) -> None:
    """Add all visible text of a page that is nothing but content: a chapter of a book, a message."""
    _add_all(builder, parsed(_decoded(data), name), page)


def _decoded(data: bytes) -> str:
    """Return a page as text: lxml takes bytes without a declared encoding for Latin-1."""
    from trafilatura.utils import decode_file

    return str(decode_file(data))


def _main_content(tree: Any, url: str | None) -> Any:
    """Return trafilatura's main content, or None if it finds none."""
    import trafilatura

    with quiet("trafilatura"):
        return trafilatura.bare_extraction(
            deepcopy(tree),
            url=url,
            include_comments=False,
            include_formatting=True,
            favor_recall=True,
            with_metadata=True,
        )


def _add_content(builder: TextBuilder, body: Any) -> None:
    """Add trafilatura's content, element by element."""
    _add_loose(builder, body.text)
    for element in body:
        if element.tag == "head":
            level = element.get("rend", "h2")
            builder.add(_line(element), BlockKind.HEADING, level=int(level[1]) if level[1:2].isdigit() else 2)
        elif element.tag == "list":
            builder.add("\n".join(_items(element)), BlockKind.LIST)
        elif element.tag == "table" and _is_layout(element):
            for cell in element.iter("cell"):
                _add_content(builder, cell)
        elif element.tag == "table":
            builder.add("\n".join(_table_rows(element)), BlockKind.TABLE)
        elif element.tag in ("code", "pre"):
            builder.add("".join(element.itertext()).strip("\n"), BlockKind.CODE)
        elif element.tag in ("quote", "div") and len(element):
            _add_content(builder, element)
        else:
            builder.add(_lines(element))
        _add_loose(builder, element.tail)


def _add_loose(builder: TextBuilder, text: str | None) -> None:
    """Add text between elements."""
    builder.add(" ".join((text or "").split()))


def _line(element: Any) -> str:
    """Return an element's text on one line."""
    return " ".join("".join(element.itertext()).split())


def _lines(element: Any) -> str:
    """Return an element's text: line breaks become line ends, and the source's line ends become spaces."""
    parts = [_spaced(element.text)]
    for child in element:
        parts.append("\n" if child.tag == "lb" else _lines(child))
        parts.append(_spaced(child.tail))
    return re.sub(r" *\n *", "\n", "".join(parts))


def _spaced(text: str | None) -> str:
    """Replace each run of white space by one space."""
    return re.sub(r"\s+", " ", text or "")


def _items(element: Any, depth: int = 0) -> Iterator[str]:
    """Yield the items of a list, one per line, inner lists indented; a term stands before its description."""
    term = ""
    items = [(item, " ".join(" ".join(_own_text(item)).split())) for item in element.iterchildren("item")]
    numbered = all(_NUMBERED.match(own) for _, own in items)
    for number, (item, own) in enumerate(items, 1):
        said = item.getnext()
        if item.get("rend", "").startswith("dt-") and said is not None and said.get("rend", "").startswith("dd-"):
            term = f"{own.rstrip(':')}: "
            continue
        mark = f"{number}. " if element.get("rend") == "ol" else "" if numbered else "- "
        if own:
            yield f"{'  ' * depth}{mark}{term}{own}"
        term = ""
        for inner in item.iter("list"):
            if next(inner.iterancestors("item"), None) is item:
                yield from _items(inner, depth + 1)


def _own_text(element: Any) -> Iterator[str]:
    """Yield the text of an item without its inner lists."""
    yield element.text or ""
    for child in element:
        if child.tag == "lb":
            yield " "
        elif child.tag != "list":
            yield "".join(_own_text(child))
        yield child.tail or ""


def _is_layout(table: Any) -> bool:
    """Say whether a table is layout: it puts parts of the page side by side, as in old pages."""
    return any(sum(map(len, cell.itertext())) > LONGEST_CELL for cell in table.iter("cell", "td", "th"))


def _table_rows(element: Any) -> Iterator[str]:
    """Yield the rows of a table as lines; a nested table is part of its cell."""
    for row in element.iter("row", "tr"):
        cells = [" ".join(cell.itertext()) for cell in row.iterchildren("cell", "td", "th")]
        if any(cell.strip() for cell in cells):
            yield row_of(cells)


def _visible(tree: Any) -> str:
    """Return all visible text of a page."""
    return " ".join(text for _, text in _flowing(tree))


def _add_all(builder: TextBuilder, tree: Any, page: int | None = None, *, within: str = "") -> None:
    """Add the whole page, a block per element that begins a new line; a list is one block.

    With `within`, only text that is part of these letters (see `letters_of`).
    """
    for tag, text in _flowing(tree):
        if within and letters_of(text) not in within:
            continue
        if re.fullmatch("h[1-6]", tag):
            builder.add(" ".join(text.split()), BlockKind.HEADING, level=int(tag[1]), page=page)
        elif tag in ("pre", "table"):
            builder.add(text.strip("\n"), BlockKind.CODE if tag == "pre" else BlockKind.TABLE, page=page)
        elif tag == "li":
            builder.go_on(" ".join(text.split()), BlockKind.LIST, page=page)
        else:
            builder.add(" ".join(text.split()), page=page)


def _flowing(tree: Any) -> Iterator[tuple[str, str]]:
    """Yield (tag, text) for each run of text between elements that begin a new line."""
    from lxml import etree

    parts: list[str] = []
    around = ["body"]  # the enclosing elements
    walk = etree.iterwalk(tree, events=("start", "end", "comment", "pi"))
    for event, node in walk:
        flow = event in ("start", "end") and node.tag in _FLOW
        if flow and (text := "".join(parts).strip()):
            yield around[-1], text
        parts = [] if flow else parts
        if event == "start":
            if node.tag in _NOT_CONTENT:
                walk.skip_subtree()
                continue
            if node.tag == "table" and node.find(".//table") is None and not _is_layout(node):
                yield "table", "\n".join(_table_rows(node))
                walk.skip_subtree()
            around += [node.tag] if flow else []
            parts.append("\n" if node.tag == "br" else node.text or "")
        else:
            if flow:
                around.pop()
            parts.append(node.tail or "")
    if text := "".join(parts).strip():
        yield around[-1], text


def _title(found: Any, tree: Any, builder: TextBuilder) -> str:
    """Return the page's declared title, else its first heading."""
    given = (found.title if found is not None else None) or tree.findtext(".//title") or ""
    return " ".join(given.split()) or builder.first_heading


def _language(tree: Any) -> str:
    """Return the page's declared language."""
    root = tree.getroottree().getroot()
    said = (root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or "").strip().lower()
    return said[:2] if re.fullmatch(r"[a-z]{2}(?:[-_].*)?", said) else ""
