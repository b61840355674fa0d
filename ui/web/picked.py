"""The documents that are picked in the list, to be moved or removed together."""

from __future__ import annotations

from rag.texts import counted, say
from rag.types import DocumentInfo
from ui.hall import Studyhall
from ui.web.documents import document_of
from ui.web.markup import safe, text

Picked = tuple[str, ...]  # keys of documents


def parse_picked(told: str) -> Picked:
    """Return the keys that the page tells, separated by spaces: in a key there is none."""
    return tuple(dict.fromkeys(told.split()))


def picked_documents(hall: Studyhall, picked: Picked) -> list[DocumentInfo]:
    """Return the picked documents that are still there."""
    return [info for key in picked if (info := document_of(hall, key))]


def picked_html(picked: Picked, *, removing: bool = False) -> str:
    """Return how many documents are picked; with `removing`, the question whether to remove them."""
    documents = counted(len(picked), "document")
    if not removing:
        return safe(f'<p class="picked">{text(say("{documents} selected", documents=documents))}</p>')
    asked = say("Remove {documents}? Your own copies of the files stay where they are.", documents=documents)
    return safe(
        f'<div class="confirm" role="alert"><p>{text(asked)}</p><div class="buttons">'
        f'<button type="button" class="act danger" id="picked-remove" value="pick:remove">{say("Remove them")}</button>'
        f'<button type="button" class="act" id="picked-keep" value="pick:keep">{say("Keep them")}</button></div></div>'
    )
