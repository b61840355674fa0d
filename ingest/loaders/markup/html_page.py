"""Parses a web page as it is displayed: formulas written out, list numbers kept, hidden elements removed.

This precedes the extraction of the main content, so that the page and its extract agree.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Any

from ingest.loaders.markup.mathml import formula, plain_tex
from ingest.loaders.scripts import lowered, raised
from rag.errors import Damaged

LONGEST_SCRIPT = 12  # characters
_SIDES = {"sup": raised, "sub": lowered}
# Classes of elements that hold a formula more than once.
_FORMULAS = frozenset(("katex", "mwe-math-element", "MathJax", "MathJax_Display"))
_DRAWN = frozenset(("MathJax", "MathJax_Display", "MathJax_Preview", "MathJax_SVG", "MathJax_CHTML"))
_DRAWN_BEFORE = 2  # elements before the script: a preview, and the drawn formula
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_ANCHORS = frozenset("¶#§🔗⚓")  # links of headings to themselves
_EDITING = "mw-editsection"
_ICON = re.compile(r"\b(?:icons?|glyphicon|fa[bsrl]?)\b|material-symbols", re.IGNORECASE)
# Characters that no page may have, also when it names them by number.
_CONTROLS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]"
    "|&#(?:0*(?:[0-8]|1[124-9]|2[0-9]|3[01]|6553[45])|[xX]0*(?:[0-8b-cB-CeEfF]|1[0-9a-fA-F]|[fF]{3}[eEfF]))"
    "(?:;|(?![0-9a-fA-F;]))"
)
# Tags of which old programs leave thousands open.
_INLINE = re.compile(r"</?(?:a|abbr|b|big|em|font|i|small|span|strong|tt|u)\b[^>]*>", re.IGNORECASE)
_BOXES = re.compile(r"</?(?:center|div)\b[^>]*>", re.IGNORECASE)
_PROGRAMS = frozenset(("script", "style", "template"))
_MOST_HIDDEN = 0.6  # of a page's letters


def parsed(text: str, name: str) -> Any:
    """Parse a page with lxml, which tolerates nearly all errors; raises Damaged otherwise."""
    from lxml import etree, html

    source = _CONTROLS.sub("", text.replace("\f", " "))
    try:
        tree = _tree(source)
        if tree is None:
            tree = _tree(_INLINE.sub("", _BOXES.sub("<br>", source)))
    except etree.ParserError:  # empty without comments and declarations
        return html.Element("html")
    except (etree.LxmlError, ValueError) as error:
        msg = f"{name} can't be read as HTML ({error})."
        raise Damaged(msg, remedy="Save the page again from a browser.") from error
    if tree is None:
        msg = f"{name} can't be read as HTML: its tags are nested deeper than a page's are."
        raise Damaged(msg, remedy="Save it as text or PDF and ingest that.")
    _write_formulas(tree)
    _leave_out(tree)
    _write_readings(tree)
    _write_scripts(tree)
    return tree


def _tree(source: str) -> Any:
    """Return a page's tree, or None if its tags are nested so deep that the parser gives up at some place.

    The text is given in bytes: text with a declared encoding is refused.
    """
    from lxml import etree, html

    parser = html.HTMLParser(encoding="utf-8", huge_tree=True)
    tree = html.document_fromstring(source.encode("utf-8", "replace"), parser=parser)
    return None if any(error.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for error in parser.error_log) else tree


def _write_formulas(tree: Any) -> None:
    """Replace each formula by its text: programs write it two or three times, for display and for screen readers."""
    for element in list(tree.iter("script")):
        if str(element.get("type", "")).startswith("math/tex"):
            before = islice(element.itersiblings(preceding=True), _DRAWN_BEFORE)
            for drawn in [one for one in before if _is_drawn(one)]:
                _drop(drawn)
            _become(element, plain_tex(element.text or ""))
    for element in [one for one in tree.iter("span", "div", "mjx-container") if _holds_formula(one)]:
        if element.getparent() is None or not len(element):  # within a formula already replaced
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
    """Say whether a formula script has drawn an element, whose source follows it."""
    return isinstance(element.tag, str) and not _DRAWN.isdisjoint(element.get("class", "").split())


def _holds_formula(element: Any) -> bool:
    return element.tag == "mjx-container" or not _FORMULAS.isdisjoint(element.get("class", "").split())


def _become(element: Any, text: str) -> None:
    """Replace an element by text."""
    tail = element.tail
    element.clear()
    element.tag, element.text, element.tail = "span", text, tail


def _leave_out(tree: Any) -> None:
    """Remove hidden elements and editing links.

    If most of the page is hidden, a script would show it, so it stays.
    """
    unseen = [one for one in tree.iter() if isinstance(one.tag, str) and _is_unseen(one)]
    within = set(unseen)
    outermost = [one for one in unseen if within.isdisjoint(one.iterancestors())]
    if sum(map(_shown, outermost)) > _MOST_HIDDEN * _shown(tree):
        return
    for element in outermost:
        _drop(element)


def _shown(element: Any) -> int:
    """Return the number of visible characters in an element, without scripts and styles."""
    parts = [one for one in element.iter() if isinstance(one.tag, str) and one.tag not in _PROGRAMS]
    return sum(len((one.text or "").strip()) + len((one.tail or "").strip()) for one in parts)


def _is_unseen(element: Any) -> bool:
    if element.tag in ("html", "body"):
        return False
    if element.tag == "a":
        return "".join(element.itertext()).strip() in _ANCHORS
    if element.tag == "dialog" and element.get("open") is None:
        return True
    hidden = element.get("hidden", "until-found") != "until-found" or _HIDDEN.search(element.get("style", ""))
    return bool(hidden) or _EDITING in element.get("class", "").split() or _is_icon(element)


def _is_icon(element: Any) -> bool:
    """Say whether an element is a picture from a font, whose letters name it."""
    return element.get("aria-hidden") == "true" and (element.tag == "i" or bool(_ICON.search(element.get("class", ""))))


def _drop(element: Any) -> None:
    """Remove an element, keeping the text after it."""
    if element.getparent() is not None:
        element.drop_tree()


def _write_readings(tree: Any) -> None:
    """Write the readings that stand above a word in brackets after it."""
    for ruby in list(tree.iter("ruby")):
        readings = ["".join(above.itertext()).strip() for above in ruby.iter("rt")]
        for above in list(ruby.iter("rt", "rp")):
            _drop(above)
        between = " " if "".join(readings).isascii() else ""
        word = " ".join("".join(ruby.itertext()).split())
        if word and (reading := between.join(filter(None, readings))):
            _become(ruby, f"{word}({reading})")


def _write_scripts(tree: Any) -> None:
    """Write superscripts and subscripts with raised and lowered letters; "[1]" stays a reference."""
    for element in reversed(list(tree.iter("sup", "sub"))):  # inner ones first
        text = "".join(element.itertext())
        if text.strip() and len(text) <= LONGEST_SCRIPT and not {*text} & {*"[]()"}:
            element.text = _SIDES[element.tag](text)
            for child in list(element):
                element.remove(child)
