"""A web page as it is read: formulas written out, numbers of lists kept, and what nobody sees left out.

It comes before the main content is looked for, so that both the page and what was found of it say the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from ingest.loaders.markup.mathml import formula, plain_tex
from ingest.loaders.numerals import numeral
from ingest.loaders.scripts import lowered, raised
from rag.errors import Damaged

LONGEST_SCRIPT = 12  # characters
_SIDES = {"sup": raised, "sub": lowered}
# Classes of what holds a formula more than once.
_FORMULAS = frozenset(("katex", "mwe-math-element", "MathJax", "MathJax_Display"))
_DRAWN = frozenset(("MathJax", "MathJax_Display", "MathJax_Preview", "MathJax_SVG", "MathJax_CHTML"))
_DRAWN_BEFORE = 2  # elements that may stand before the script: a preview, and what is drawn
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_ANCHORS = frozenset("¶#§🔗⚓")  # links of headings to themselves
_EDITING = "mw-editsection"
_PROGRAMS = frozenset(("script", "style", "template"))
_MOST_HIDDEN = 0.6  # of a page's letters


def parsed(text: str, name: str) -> Any:
    """Parse a page with lxml, which forgives nearly all; raises Damaged where it doesn't."""
    from lxml import etree, html

    try:
        source = re.sub(r"\A\s*<\?xml[^>]*\?>", "", text.replace("\x00", ""))
        tree = html.document_fromstring(source, parser=html.HTMLParser())
    except etree.ParserError:  # nothing at all is left once comments and declarations are gone
        return html.Element("html")
    except (etree.LxmlError, ValueError) as error:
        msg = f"{name} can't be read as HTML ({error})."
        raise Damaged(msg, remedy="Save the page again from a browser.") from error
    _write_formulas(tree)
    _leave_out(tree)
    _write_scripts(tree)
    _write_numbers(tree)
    return tree


def _write_formulas(tree: Any) -> None:
    """Put the text of each formula in its place: programs write it two and three times, to show and to read aloud."""
    for element in list(tree.iter("script")):
        if str(element.get("type", "")).startswith("math/tex"):
            before = islice(element.itersiblings(preceding=True), _DRAWN_BEFORE)
            for drawn in [one for one in before if _is_drawn(one)]:
                _drop(drawn)
            _become(element, plain_tex(element.text or ""))
    for element in [one for one in tree.iter("span", "div", "mjx-container") if _holds_formula(one)]:
        if element.getparent() is None or not len(element):  # in one that has been written
            continue
        math = next(element.iter("math"), None)
        picture = next(element.iter("img"), None)
        text = formula(math) if math is not None else plain_tex(picture.get("alt", "") if picture is not None else "")
        if text:
            _become(element, text)
    for math in list(tree.iter("math")):
        _become(math, formula(math))
    for picture in list(tree.iter("img")):
        if re.search(r"\b(?:math|latex|tex)\b", picture.get("class", "")):
            _become(picture, plain_tex(picture.get("alt", "")))


def _is_drawn(element: Any) -> bool:
    """Say whether a script for formulas has drawn an element, whose source stands behind it."""
    return isinstance(element.tag, str) and not _DRAWN.isdisjoint(element.get("class", "").split())


def _holds_formula(element: Any) -> bool:
    return element.tag == "mjx-container" or not _FORMULAS.isdisjoint(element.get("class", "").split())


def _become(element: Any, text: str) -> None:
    """Make an element a piece of text."""
    tail = element.tail
    element.clear()
    element.tag, element.text, element.tail = "span", text, tail


def _leave_out(tree: Any) -> None:
    """Drop what the page doesn't show, and links for whoever writes it.

    Where that is most of it, a script would show it: then it stays.
    """
    unseen = [one for one in tree.iter() if isinstance(one.tag, str) and _is_unseen(one)]
    within = set(unseen)
    outermost = [one for one in unseen if within.isdisjoint(one.iterancestors())]
    if sum(map(_shown, outermost)) > _MOST_HIDDEN * _shown(tree):
        return
    for element in outermost:
        _drop(element)


def _shown(element: Any) -> int:
    """Return how many characters of text an element holds; programs and styles have none."""
    parts = [one for one in element.iter() if isinstance(one.tag, str) and one.tag not in _PROGRAMS]
    return sum(len((one.text or "").strip()) + len((one.tail or "").strip()) for one in parts)


def _is_unseen(element: Any) -> bool:
    if element.tag in ("html", "body"):
        return False
    if element.tag == "a":
        return "".join(element.itertext()).strip() in _ANCHORS
    hidden = (
        element.get("hidden", "until-found") != "until-found" or _HIDDEN.search(element.get("style", "")) is not None
    )
    return hidden or _EDITING in element.get("class", "").split()


def _drop(element: Any) -> None:
    """Take an element out of the page, and leave what comes after it."""
    if element.getparent() is not None:
        element.drop_tree()


def _write_scripts(tree: Any) -> None:
    """Put the raised and lowered forms of letters into elements that raise and lower them; "[1]" stays a reference."""
    for element in reversed(list(tree.iter("sup", "sub"))):  # those within others first
        text = "".join(element.itertext())
        if text.strip() and len(text) <= LONGEST_SCRIPT and not {*text} & {*"[]()"}:
            element.text = _SIDES[element.tag](text)
            for child in list(element):
                element.remove(child)


def _write_numbers(tree: Any) -> None:
    """Write the numbers of lists that don't count 1, 2, 3: what is found of a page says only that they are numbered."""
    for points in list(tree.iter("ol")):
        kind, items = points.get("type", "1"), list(points.iterchildren("li"))
        given = [points.get("start"), *(item.get("value") for item in items)]
        backwards = points.get("reversed") is not None
        if kind not in {*"aAiI"} and not any(given) and not backwards:
            continue
        points.tag = "ul"
        for item, number in zip(items, _counted(points, items, -1 if backwards else 1), strict=True):
            item.text = f"{numeral(number, kind)}. {(item.text or '').lstrip()}"


def _counted(points: Any, items: list[Any], step: int) -> Iterator[int]:
    number = _number(points.get("start"), 1 if step > 0 else len(items))
    for item in items:
        number = _number(item.get("value"), number)
        yield number
        number += step


def _number(given: str | None, otherwise: int) -> int:
    return int(given) if given and re.fullmatch(r"\s*-?\d{1,6}\s*", given) else otherwise
