"""The comments on a slide, with their authors: the older kind is a flat list, the newer one has threads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingest.loaders.office.pptx_notes import Losses
from ingest.loaders.office.pptx_text import lines_of

_OWN_WORDS = ("cm", "reply")  # elements with an author and a text


def authors_of(presentation: Any, losses: Losses) -> dict[str, str]:
    """Return the names of those who commented, by their ids."""
    names: dict[str, str] = {}
    for relation in presentation.part.rels.values():
        if relation.reltype.rpartition("/")[2] in ("commentAuthors", "authors") and not relation.is_external:
            with losses.kept_apart("list of authors"):
                tree = _tree(relation.target_part.blob)
                names |= {one.get("id"): one.get("name") or "" for one in tree if isinstance(one.tag, str)}
    return names


def comments_of(slide: Any, authors: dict[str, str], losses: Losses, number: int) -> Iterator[str]:
    """Yield the comments on a slide, answers behind what they answer."""
    for relation in slide.part.rels.values():
        if relation.reltype.rpartition("/")[2] != "comments" or relation.is_external:
            continue
        said: list[str] = []
        with losses.kept_apart("list of comments", number):
            said += [
                remark(authors.get(comment.get("authorId") or "", ""), text)
                for comment in _tree(relation.target_part.blob).iter()
                if _name(comment) in _OWN_WORDS and (text := _text(comment))
            ]
        yield from said


def remark(author: str, text: str) -> str:
    """Return a comment as it is read.

    >>> remark("Ada", "Only for n > 7?"), remark("", "Why?")
    ('Comment by Ada: Only for n > 7?', 'Comment: Why?')
    """
    author = " ".join(author.split())
    return f"Comment by {author}: {text}" if author else f"Comment: {text}"


def _text(comment: Any) -> str:
    """Return the text of a comment without its answers."""
    for part in comment:
        if _name(part) == "text":
            return (part.text or "").strip()
        if _name(part) == "txBody":
            return lines_of(part)
    return ""


def _tree(part: bytes) -> Any:
    from lxml import etree

    return etree.fromstring(part, etree.XMLParser(resolve_entities=False, no_network=True))


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]
