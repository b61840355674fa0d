"""Reads what was put on a page afterwards: the values of form fields, text typed on it, stamps and comments.

A PDF keeps a field's value apart from the page, beside an appearance for it, which may be missing. The appearances
become text with PDFium's help: it draws them into its copy of the page, behind the page's own characters.

    field "day", value "2024-05-14", appearance "14 May"    ->  "14 May", in the field's box
"""

from __future__ import annotations

import ctypes
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ingest.loaders.pdf.rows import read_units
from ingest.pdfium import text_page

TICKED, UNTICKED = "☒", "☐"

_MOST = 2000  # annotations of a page
_NEAR = 1.0  # points; letters may stand out of their field
_LONGEST = 200_000  # characters of a value
_NOT_ODD = frozenset("\n")


@dataclass(slots=True)
class Annotation:
    """A visible annotation: its kind, its place in points, its own text, and the text of its appearance."""

    kind: int  # PDFium's
    box: tuple[float, float, float, float]  # left, bottom, right, top
    text: str = ""
    is_choice: bool = False  # a tick or one of several options, which its appearance shows among others or as a sign
    author: str = ""
    drawn: list[str] = field(default_factory=list)
    last: int = -1  # PDFium's index of the last letter in `drawn`

    @property
    def is_comment(self) -> bool:
        """Whether its text is shown beside the page and not on it."""
        return self.kind in _comments()

    @property
    def shown(self) -> str:
        """The text that a reader sees.

        A value is formatted by its field, so the appearance counts, unless it has the same letters, spaced for the
        squares of a form, or only a part of them.
        """
        drawn = cleaned("".join(self.drawn))
        if self.is_choice or not _is_text(drawn) or _squeezed(drawn) in _squeezed(self.text):
            return self.text
        return drawn


def annotations_of(pdf: Any, index: int, page: Any, characters: Any) -> list[Annotation]:
    """Return the visible annotations with text of a page that is shown; PDFium's copy of it is changed.

    `pdf` is opened with its forms, `characters` is PDFium's text page.
    """
    found = list(_annotations(pdf, page))
    if any(not one.is_comment for one in found):
        _read_drawn(pdf, index, page, read_units(characters), found)
    return [one for one in found if one.shown]


def cleaned(text: str) -> str:
    r"""Return a value as text of lines, without controls and white space around it.

    >>> cleaned("two\r\n lines\x00 ")
    'two\n lines'
    """
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))
    kept = "".join(one for one in text if one in _NOT_ODD or unicodedata.category(one) not in {"Cc", "Cs", "Cn", "Co"})
    return "\n".join(line.rstrip() for line in kept.replace("\xa0", " ").split("\n") if line.strip()).strip()


def _comments() -> frozenset[int]:
    """Return the kinds of annotations that mark something and whose text is a comment."""
    import pypdfium2.raw as pdfium

    names = "TEXT HIGHLIGHT UNDERLINE SQUIGGLY STRIKEOUT CARET INK LINE SQUARE CIRCLE POLYGON POLYLINE FILEATTACHMENT"
    return frozenset(getattr(pdfium, f"FPDF_ANNOT_{name}") for name in names.split())


def _is_text(drawn: str) -> bool:
    """Say whether the letters of an appearance were decoded."""
    return bool(drawn) and drawn.count("\ufffd") * 4 < len(drawn)


def _squeezed(text: str) -> str:
    return "".join(text.split()).casefold()


def _annotations(pdf: Any, page: Any) -> Iterator[Annotation]:
    """Yield the visible annotations with their own texts."""
    import pypdfium2.raw as pdfium

    unseen = pdfium.FPDF_ANNOT_FLAG_HIDDEN | pdfium.FPDF_ANNOT_FLAG_NOVIEW
    skipped = {pdfium.FPDF_ANNOT_LINK, pdfium.FPDF_ANNOT_POPUP}
    for at in range(min(pdfium.FPDFPage_GetAnnotCount(page), _MOST)):
        one = pdfium.FPDFPage_GetAnnot(page, at)
        if not one:
            continue
        try:
            kind = pdfium.FPDFAnnot_GetSubtype(one)
            if kind in skipped or pdfium.FPDFAnnot_GetFlags(one) & unseen or (box := _box(one)) is None:
                continue
            if kind != pdfium.FPDF_ANNOT_WIDGET:
                text, author = (cleaned(_string(one, key)) for key in (b"Contents", b"T"))
                # A stamp's text is a remark on it; what it shows is its appearance.
                own = text if kind != pdfium.FPDF_ANNOT_STAMP else ""
                yield Annotation(kind, box, own, author=" ".join(author.split()))
            elif pdf.formenv and (made := _field(pdf.formenv, one, kind, box)):
                yield made
        finally:
            pdfium.FPDFPage_CloseAnnot(one)


def _field(form: Any, one: Any, kind: int, box: tuple[float, float, float, float]) -> Annotation | None:
    """Return a form's field with its value, its chosen options or its tick; None for a password."""
    import pypdfium2.raw as pdfium

    type_of = pdfium.FPDFAnnot_GetFormFieldType(form, one)
    if type_of in {pdfium.FPDF_FORMFIELD_CHECKBOX, pdfium.FPDF_FORMFIELD_RADIOBUTTON}:
        return Annotation(kind, box, TICKED if pdfium.FPDFAnnot_IsChecked(form, one) else UNTICKED, is_choice=True)
    if type_of in {pdfium.FPDF_FORMFIELD_COMBOBOX, pdfium.FPDF_FORMFIELD_LISTBOX}:
        return Annotation(kind, box, ", ".join(_chosen(form, one)) or _value(form, one), is_choice=True)
    if type_of == pdfium.FPDF_FORMFIELD_TEXTFIELD:
        secret = pdfium.FPDFAnnot_GetFormFieldFlags(form, one) & pdfium.FPDF_FORMFLAG_TEXT_PASSWORD
        return None if secret else Annotation(kind, box, _value(form, one))
    return Annotation(kind, box)  # a button's caption or a signature is its appearance


def _chosen(form: Any, one: Any) -> Iterator[str]:
    """Yield the labels of the chosen options."""
    import pypdfium2.raw as pdfium

    for at in range(max(pdfium.FPDFAnnot_GetOptionCount(form, one), 0)):
        if pdfium.FPDFAnnot_IsOptionSelected(form, one, at):
            yield cleaned(_read(partial(pdfium.FPDFAnnot_GetOptionLabel, form, one, at)))


def _value(form: Any, one: Any) -> str:
    import pypdfium2.raw as pdfium

    return cleaned(_read(partial(pdfium.FPDFAnnot_GetFormFieldValue, form, one)))


def _string(one: Any, key: bytes) -> str:
    import pypdfium2.raw as pdfium

    return _read(partial(pdfium.FPDFAnnot_GetStringValue, one, key))


def _read(call: Callable[[Any, int], int]) -> str:
    """Return a text of PDFium's, which is asked for its length in bytes first."""
    length = min(call(None, 0), 2 * _LONGEST)
    if length <= 2:
        return ""
    buffer = (ctypes.c_ushort * (length // 2 + 1))()
    call(buffer, length)
    return bytes(buffer).decode("utf-16-le", "replace").partition("\0")[0]


def _box(one: Any) -> tuple[float, float, float, float] | None:
    """Return an annotation's place, or None if it has no size."""
    import pypdfium2.raw as pdfium

    rectangle = pdfium.FS_RECTF()
    if not pdfium.FPDFAnnot_GetRect(one, rectangle):
        return None
    left, right = sorted((rectangle.left, rectangle.right))
    bottom, top = sorted((rectangle.bottom, rectangle.top))
    return (left, bottom, right, top) if right > left and top > bottom else None


def _read_drawn(pdf: Any, index: int, page: Any, own: str, found: Sequence[Annotation]) -> None:
    """Give each annotation the letters of its appearance; `own` are the page's characters without them."""
    import pypdfium2.raw as pdfium

    if pdfium.FPDFPage_Flatten(page, pdfium.FLAT_NORMALDISPLAY) != pdfium.FLATTEN_SUCCESS:
        return
    on_page = [one for one in found if not one.is_comment]
    with text_page(pdf, index) as (_, characters):
        units = read_units(characters)
        if not units.startswith(own):
            return
        for at in range(len(own), len(units)):
            if units[at].isspace() or (one := _at(characters, at, on_page)) is None:
                continue
            between = units[one.last + 1 : at] if one.last >= 0 else ""
            one.drawn.append(("\n" if "\n" in between else " " if between else "") + units[at])
            one.last = at


def _at(characters: Any, at: int, found: Sequence[Annotation]) -> Annotation | None:
    """Return the smallest annotation around a letter."""
    import pypdfium2.raw as pdfium

    sides = [ctypes.c_double() for _ in range(4)]
    pdfium.FPDFText_GetCharBox(characters, at, *sides)
    left, right, bottom, top = (side.value for side in sides)
    x, y = (left + right) / 2, (bottom + top) / 2
    around = [one for one in found if _is_in(x, y, one.box)]
    return min(around, key=lambda one: (one.box[2] - one.box[0]) * (one.box[3] - one.box[1]), default=None)


def _is_in(x: float, y: float, box: tuple[float, float, float, float]) -> bool:
    return box[0] - _NEAR <= x <= box[2] + _NEAR and box[1] - _NEAR <= y <= box[3] + _NEAR
