"""Puts back elements that trafilatura drops within a text: linked headings, tables, repeated paragraphs.

trafilatura judges each element by itself. An element whose siblings were kept belongs to the content too, unless it
consists of links and so leads elsewhere. Advertisements and lists of other articles are in boxes of their own,
without any kept part, and stay out.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_ASIDE = frozenset({"figcaption", "aside"})  # these belong with the text around their parent
_PUT_BACK = _HEADINGS | _ASIDE | {"p", "pre", "table", "ul", "ol", "blockquote"}
# trafilatura's names; a quotation may become a paragraph.
_KINDS = {
    "ul": "list",
    "ol": "list",
    "pre": "code",
    "blockquote": "p",
    "quote": "p",
    "figcaption": "p",
    "aside": "p",
}
_MOST_LINKED = 0.5  # of an element's letters
_NOTE = re.compile(r"\b(?:doc-)?(?:foot|end)note", re.IGNORECASE)
_MARKS = re.compile(r"\W+")


def put_back(body: Any, page: Any) -> None:
    """Add to the kept content `body` (trafilatura's) the elements of `page` that were lost between its parts."""
    kept = list(body)
    there = Counter(_key(element) for element in kept)
    places = {_key(element): element for element in reversed(kept)}  # the first of equal ones
    # A table of contents names the headings but doesn't replace them.
    whole = "\n".join(_letters(element) for element in kept if element.tag != "list")
    points = "\n".join(_letters(element) for element in kept if element.tag == "list")
    elements = [(element, _key(element)) for element in page.iter(*_PUT_BACK)]
    families = {element.getparent() for element, key in elements if key in places}
    missing = list[tuple[Any, Any]]()  # (element of the body before it, lost element of the page)
    last: Any = None
    settled = set[Any]()  # with their descendants
    for element, key in elements:
        if any(outer in settled for outer in element.iterancestors()):
            continue
        if there[key]:
            there[key] -= 1
            last = places[key]
            settled.add(element)
        elif last is not None and _belongs(element, families) and _is_lost(element, places, whole, points):
            missing.append((last, element))
            settled.add(element)
    # From the end, so that several elements after the same one keep their order.
    for after, element in reversed(missing):
        copy = _as_kept(element)
        copy.tail, after.tail = after.tail, None
        after.addnext(copy)


def _belongs(element: Any, families: set[Any]) -> bool:
    """Say whether an element has kept siblings; for a caption or a footnote, its parent's siblings count."""
    holder = element.getparent()
    if element.tag == "aside" and not _NOTE.search(f"{element.get('class', '')} {element.get('role', '')}"):
        return False
    return holder in families or (element.tag in _ASIDE and holder is not None and holder.getparent() in families)


def flattened(body: Any, page: Any) -> str | None:
    """Return the letters of the kept content if it has lost the kinds of the page's elements; None otherwise.

    trafilatura makes one paragraph of a short page, with headings, lists and tables in one line. Where its own rules
    find too little it makes paragraphs of all elements, so that a heading or an item of a list is one.
    """
    if any(element.tag not in ("p", "div") for element in body):
        return None
    kept = [_letters(element) for element in body]
    if len(kept) == 1 and not len(body[0]):
        parts = [element for element in page.iter(*_PUT_BACK, "li") if (said := _letters(element)) and said in kept[0]]
        return kept[0] if len(parts) > 1 else None
    structured = {_letters(element) for element in page.iter(*_HEADINGS, "li")} - {""}
    return "\n".join(kept) if structured & set(kept) else None


def letters_of(text: str) -> str:
    """Return the letters and digits of a text, for comparing texts regardless of their layout."""
    return _MARKS.sub("", text).casefold()


def _is_lost(element: Any, places: dict[tuple[str, str], Any], whole: str, points: str) -> bool:
    """Say whether an element's text is missing in the kept content and the element doesn't consist of links."""
    letters, heads = _letters(element), element.tag in _HEADINGS
    if not letters or (letters in whole and (heads or _key(element) not in places)):
        return False  # part of a larger element; only a paragraph may be repeated
    if letters in points and not heads:
        return False
    return heads or _linked(element) < _MOST_LINKED


def _linked(element: Any) -> float:
    """Return the share of an element's letters in links."""
    links = sum(len("".join(link.itertext()).strip()) for link in element.iter("a"))
    return links / max(len("".join(element.itertext()).strip()), 1)


def _key(element: Any) -> tuple[str, str]:
    """Return the key that an element has on the page and in the kept content: its kind and its letters."""
    return _KINDS.get(element.tag, "head" if element.tag in _HEADINGS else element.tag), _letters(element)


def _letters(element: Any) -> str:
    return letters_of("".join(element.itertext()))


def _as_kept(element: Any) -> Any:
    """Return a copy of a page's element in trafilatura's form."""
    from lxml import etree

    if element.tag in _HEADINGS:
        made = etree.Element("head", rend=element.tag)
        made.text = "".join(element.itertext())
        return made
    if element.tag in ("ul", "ol"):
        made = etree.Element("list", rend=element.tag)
        for point in element.iterchildren("li"):
            etree.SubElement(made, "item").text = "".join(point.itertext())
        return made
    made = etree.Element(_KINDS.get(element.tag, element.tag))
    if element.tag == "table":
        for row in element.iter("tr"):
            line = etree.SubElement(made, "row")
            for cell in row.iterchildren("td", "th"):
                etree.SubElement(line, "cell").text = " ".join(cell.itertext())
        return made
    made.text = "".join(element.itertext())
    return made
