"""Writes superscripts and subscripts in plain text: "2" raised over "n" is "n²", never "n2".

Unicode has raised and lowered forms of digits, signs and many letters. If it lacks one, the whole script is written
as in LaTeX, "x^(a/b)" and "x_(i,j)", and so are words. Lexical search folds the forms to plain letters.
"""

from __future__ import annotations

import re

from rag import lexicon

_RAISED = dict(
    zip(
        "0123456789+-−–=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWβγδφχ",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵝᵞᵟᵠᵡ",
        strict=True,
    )
)
_LOWERED = dict(zip("0123456789+-−–=()aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ", strict=True))
_ALREADY = frozenset("′″‴°*∗†‡§¶™®©ªº'\"”“’`^_.,;:")  # raised in themselves, or never raised
_WORD = re.compile(r"[^\W\d_]{3}")  # unreadable in small letters
UNKNOWN = frozenset("\ufffd" + "".join(map(chr, range(0xE000, 0xF900))))  # letters that may be decoded later
_REFERENCE = re.compile(r"\[[^\[\]]*\]")  # the number of a footnote
_TERM = re.compile(r"∂?\w+|(?:∂?\w*[^\W\d])?(?:\([^()]*\)|\[[^\[\]]*\])[\w!′]*")
_ORDINALS = frozenset(lexicon.detected("ordinal_ending"))


def raised(text: str) -> str:
    """Return `text` as a superscript of the text before it.

    >>> raised("2"), raised("n/2"), raised("th"), raised("∗")
    ('²', '^(n/2)', 'th', '∗')
    """
    return text if text.casefold() in _ORDINALS else _script(text, _RAISED, "^")


def lowered(text: str) -> str:
    """Return `text` as a subscript.

    >>> lowered("n+1"), lowered("i,j"), lowered("b")
    ('ₙ₊₁', '_(i,j)', '_b')
    """
    return _script(text, _LOWERED, "_")


def term(text: str) -> str:
    """Return the numerator or denominator of a fraction written in a line.

    >>> term("p"), term("n+1"), term("f(n+1)"), term("∂x")
    ('p', '(n+1)', 'f(n+1)', '∂x')
    """
    return text if is_term(text) else f"({text})"


def is_term(text: str) -> bool:
    """Say whether a part of a formula needs no brackets beside a slash: "x₁", "∂x", "f(x + 1)", "(2 · n)!".

    >>> is_term("a b"), is_term("2(n + 1)"), is_term("")
    (False, False, True)
    """
    return not text or _TERM.fullmatch(text) is not None


def _script(text: str, forms: dict[str, str], sign: str) -> str:
    letters = "".join(text.split())
    if _REFERENCE.fullmatch(letters):
        return text
    if not letters or all(letter in _ALREADY for letter in letters):
        return text
    if not _WORD.search(letters) and all(letter in forms or letter in UNKNOWN for letter in letters):
        written = "".join(forms.get(letter, letter) for letter in letters)
    else:
        written = f"{sign}{letters}" if len(letters) == 1 else f"{sign}({text.strip()})"
    before, after = len(text) - len(text.lstrip()), len(text.rstrip())
    return f"{text[:before]}{written}{text[after:]}"
