"""Writes a web page's formulas (MathML) in one line, like those of PDFs and Office files: O(n²), (n + 1)/2, ∑ⁿₖ₌₁.

The elements are those of MathML Core (W3C). Other elements are read as their text; annotations, which repeat the
formula in another language, are left out if there is anything else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from ingest.loaders.scripts import is_term, lowered, raised, term

_SPACED = frozenset("=+−±∓×·∗<>≤≥≠≈≡∼≃≅∝∈∉∋⊂⊆⊃⊇∪∩∖∧∨→←↔⇒⇐⇔↦↪⊕⊗⊢⊨∣∥≪≫∘:") | {":=", "≔"}
_OPENING = frozenset("([{=,|")  # before a sign, not before its operand
_INVISIBLE = dict.fromkeys((*range(0x2061, 0x2065), 0x200B, 0xAD, 0xFEFF))
_ACCENTS = {
    "^": "\u0302",
    "ˆ": "\u0302",
    "~": "\u0303",
    "˜": "\u0303",
    "¯": "\u0304",
    "‾": "\u0304",
    "―": "\u0304",
    "→": "\u20d7",
    "⃗": "\u20d7",
    "˙": "\u0307",
    ".": "\u0307",
    "¨": "\u0308",
    "ˇ": "\u030c",
}
# Over more than a letter, in words: without it "the complement of A ∪ B" would be A ∪ B.
_OVER_ALL = {"\u0304": "overline", "\u0302": "hat", "\u0303": "tilde", "\u20d7": "vec"}
_TEX = "annotation"
_UNREAD = frozenset(("annotation", "annotation-xml", "mphantom", "mspace", "none", "mprescripts"))
_STYLE = re.compile(r"^\s*\{\s*\\(?:display|text)style\s*(.*)\}\s*$", re.DOTALL)


def formula(math: Any) -> str:
    """Return the text of a `math` element; its TeX if there is nothing else."""
    try:
        written = " ".join(_all(math).split())
    except RecursionError:  # deeper than any real formula: only its letters
        written = " ".join("".join(math.itertext()).split())
    if written:
        return written
    tex = next((node.text or "" for node in math.iter() if _name(node) == _TEX), "") or math.get("alttext", "")
    return plain_tex(tex)


def plain_tex(tex: str) -> str:
    r"""Return TeX as written, without the size command that wikis put around it.

    >>> plain_tex(r"{\displaystyle x^{2}}")
    'x^{2}'
    """
    return " ".join(_STYLE.sub(r"\1", tex).split())


def _name(element: Any) -> str:
    return element.tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(element.tag, str) else ""


def _children(element: Any) -> list[Any]:
    return [child for child in element if isinstance(child.tag, str)]


def _all(element: Any) -> str:
    """Return the parts of an element, joined."""
    written = (element.text or "") + "".join(_part(child) + (child.tail or "") for child in element)
    return written.translate(_INVISIBLE)


def _part(element: Any) -> str:
    name = _name(element)
    if not name or name in _UNREAD:
        return ""
    return _WRITTEN.get(name, _all)(element)


def _parts(element: Any, count: int) -> list[str]:
    """Return the text of an element's first `count` children; missing ones are empty."""
    found = [" ".join(_part(child).split()) for child in _children(element)[:count]]
    return found + [""] * (count - len(found))


def _first(element: Any) -> str:
    return _parts(element, 1)[0]


def _identifier(element: Any) -> str:
    return _named(element, _all(element).strip())


def _named(element: Any, name: str) -> str:
    """Return a name; a name of several letters, such as a function's, is set apart from neighbouring letters."""
    if len(name) < 2 or not name.isalpha():
        return name
    following = element.getnext()
    opens = following is not None and _name(following) == "mo" and _sign(following) in _OPENING | {"\u2061", ""}
    return f" {name}{'' if opens else ' '}"


def _sign(operator: Any) -> str:
    """Return an operator's text."""
    return (operator.text or "").strip()


def _operator(element: Any) -> str:
    sign = _all(element).strip()
    if sign.isalpha():
        return _named(element, sign)
    sign = "−" if sign == "-" else sign
    if sign in {",", ";"}:
        return f"{sign} "
    before = element.getprevious()
    infix = before is not None and not (_name(before) == "mo" and _sign(before) in _OPENING)
    return f" {sign} " if sign in _SPACED and infix else sign


def _fraction(element: Any) -> str:
    over, under = _parts(element, 2)
    if element.get("linethickness") in ("0", "0px", "0pt"):  # a binomial coefficient
        return f"{over} {under}"
    return f"{term(over)}/{term(under)}"


def _base(text: str) -> str:
    """Return the base of a script, in brackets if the script would attach to the last part only."""
    return f"({text})" if "/" in text and not is_term(text) else text


def _scripts(*sides: Callable[[str], str]) -> Callable[[Any], str]:
    def written(element: Any) -> str:
        base, *scripts = _parts(element, 1 + len(sides))
        # The upper script comes first, as in a PDF.
        hung = [side(text) for side, text in zip(sides, scripts, strict=True) if text]
        return _base(base) + "".join(reversed(hung))

    return written


def _over(element: Any) -> str:
    base, over = _parts(element, 2)
    if over in _ACCENTS and len(base) == 1:
        return unicodedata.normalize("NFC", base + _ACCENTS[over])
    if over in _ACCENTS:
        return f"{_OVER_ALL.get(_ACCENTS[over], '')}({base})"
    return base if over in "⏞︷" else _base(base) + raised(over)


def _under(element: Any) -> str:
    base, under = _parts(element, 2)
    return base if under in "_¯⏟︸" else _base(base) + lowered(under)


def _root(element: Any) -> str:
    base, degree = _parts(element, 2)
    return f"{raised(degree) if degree else ''}√{term(base)}"


def _square_root(element: Any) -> str:
    return f"√{term(' '.join(_all(element).split()))}"


def _brackets(element: Any) -> str:
    between = element.get("separators", ",").strip()[:1]
    parts = _parts(element, len(_children(element)))
    return f"{element.get('open', '(')}{f'{between} '.join(parts)}{element.get('close', ')')}"


def _table(element: Any) -> str:
    rows = [child for child in _children(element) if _name(child) in ("mtr", "mlabeledtr")]
    if not rows:
        return _all(element)
    return "; ".join(", ".join(filter(None, _parts(row, len(_children(row))))) for row in rows)


_WRITTEN: dict[str, Callable[[Any], str]] = {
    "semantics": _first,
    "mi": _identifier,
    "mo": _operator,
    "mfrac": _fraction,
    "msub": _scripts(lowered),
    "msup": _scripts(raised),
    "msubsup": _scripts(lowered, raised),
    "munderover": _scripts(lowered, raised),
    "mover": _over,
    "munder": _under,
    "msqrt": _square_root,
    "mroot": _root,
    "mfenced": _brackets,
    "mtable": _table,
}
