"""What stands beside a Word file's text: footnotes, endnotes, and comments in the margin."""

from __future__ import annotations

from typing import Any

from ingest.loaders.building import TextBuilder
from ingest.loaders.numerals import numeral
from ingest.loaders.office.docx_letters import NUMBER, paragraph_text, text_of
from ingest.loaders.office.docx_seen import leave_seen, reference_ids, seen_pieces
from ingest.loaders.office.docx_styles import Styles
from ingest.loaders.office.docx_symbols import symbol
from ingest.loaders.office.docx_xml import W

REMARKS = ("footnote", "endnote", "comment")
_LONGEST_ANCHOR = 120  # characters of the text that a comment is about


def all_references(body: Any) -> dict[str, set[str]]:
    """Return the ids of the notes and comments that a body refers to, by kind."""
    return {kind: reference_ids(body, f"{kind}Reference") for kind in REMARKS}


def number_notes(body: Any) -> dict[tuple[str, str], str]:
    """Write the displayed number at each reference to a note; return the numbers by kind and id.

    Endnotes have lower-case Roman numerals, as in Word.
    """
    numbers: dict[tuple[str, str], str] = {}
    for kind, written in (("footnote", "1"), ("endnote", "i")):
        references = (one for one in body.iter(f"{W}{kind}Reference") if not _has_own_mark(one))
        for number, reference in enumerate(references, start=1):
            numbers[kind, reference.get(f"{W}id", "")] = numeral(number, written)
            reference.set(NUMBER, numeral(number, written))
    return numbers


def _has_own_mark(reference: Any) -> bool:
    return reference.get(f"{W}customMarkFollows") in ("1", "true", "on")


def add_notes(
    builder: TextBuilder, notes: Any, styles: Styles, numbers: dict[tuple[str, str], str], unseen: dict[str, set[str]]
) -> None:
    """Add footnotes or endnotes, without those whose references aren't seen."""
    leave_seen(notes, styles)
    for note in notes.iterchildren(f"{W}footnote", f"{W}endnote"):
        text, kind, number = _text(note), note.tag.removeprefix(W), note.get(f"{W}id", "")
        if note.get(f"{W}type") in (None, "normal") and text and number not in unseen[kind]:
            builder.add(f"[{numbers.get((kind, number), number)}] {text}")


def add_comments(builder: TextBuilder, comments: Any, body: Any, styles: Styles, unseen: set[str]) -> None:
    """Add the comments in the order of the text they are about; answers to them come with them."""
    leave_seen(comments, styles)
    anchors = _anchors(body)
    order = {one.get(f"{W}id", ""): at for at, one in enumerate(body.iter(f"{W}commentReference"))}
    shown = [one for one in comments.iterchildren(f"{W}comment") if one.get(f"{W}id", "") not in unseen]
    for comment in sorted(shown, key=lambda one: order.get(one.get(f"{W}id", ""), len(order))):
        if text := _text(comment):
            author = " ".join((comment.get(f"{W}author") or "").split())
            anchor = anchors.get(comment.get(f"{W}id", ""), "")
            about = f' (on "{anchor}")' if 0 < len(anchor) <= _LONGEST_ANCHOR else ""
            builder.add(f"Comment by {author}: {text}{about}" if author else f"Comment: {text}{about}")


def _text(remark: Any) -> str:
    """Return the paragraphs of a note or comment on one line."""
    return " ".join(" ".join(paragraph_text(paragraph) for paragraph in remark.iter(f"{W}p")).split())


def _anchors(body: Any) -> dict[str, str]:
    """Return the words that comments are about, by the comments' ids."""
    pieces = dict[str, list[str]]()
    begun = set[str]()
    for element in seen_pieces(body):
        name = element.tag.removeprefix(W)
        if name == "commentRangeStart":
            begun.add(element.get(f"{W}id", ""))
        elif name == "commentRangeEnd":
            begun.discard(element.get(f"{W}id", ""))
        else:
            for one in begun:
                pieces.setdefault(one, []).append(_piece(element, name))
    return {one: " ".join("".join(said).split()) for one, said in pieces.items()}


def _piece(element: Any, name: str) -> str:
    """Return the text of one element; the others only part words."""
    return text_of(element) if name == "t" else symbol(element) if name == "sym" else " "
