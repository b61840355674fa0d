"""Lexical search: BM25 over the stems of the question, in every language of the documents."""

from __future__ import annotations

from collections.abc import Sequence

from rag.ports import LexicalIndex
from rag.question.query import Query
from rag.text.compounds import COMPOUNDING, split
from rag.text.words import fold

MOST_SPLIT = 40  # stems of a question that are split into parts: 1 ms each
PARTS = 0.2  # weight of related compounds and their parts, beside the question's own words


def search_lexical(query: Query, lexical: LexicalIndex, *, limit: int) -> dict[str, float]:
    """Return the BM25 scores of the `limit` best chunks in the query's scope, by chunk id."""
    groups = list(query.stems)
    if query.named:
        groups += [item.phrases(query.languages or ["en"]) for item in query.named.items]
    found = dict(lexical.search(groups, limit=limit, scope=query.scope))
    if not COMPOUNDING.isdisjoint(query.languages) and query.language in {*COMPOUNDING, ""}:
        related = related_words([stem for group in groups for stem in group], lexical)
        for key, score in lexical.search([related], limit=2 * limit, scope=query.scope):
            found[key] = found.get(key, 0.0) + PARTS * score
    return dict(sorted(found.items(), key=lambda item: -item[1])[:limit])


def search_items(query: Query, lexical: LexicalIndex, *, limit: int) -> dict[str, float]:
    """Return the BM25 scores of the chunks that name the numbered item asked for, by chunk id."""
    if query.item is None:
        return {}
    phrases = [item.phrases(query.languages or ["en"]) for item in query.item.items]
    return dict(lexical.search(phrases, limit=limit, scope=query.scope))


def related_words(stems: Sequence[str], lexical: LexicalIndex) -> tuple[str, ...]:
    """Return the parts of the stems that are compounds, and the compounds that have a stem as a part."""
    folded = dict.fromkeys([fold(stem) for stem in stems][:MOST_SPLIT])
    parts = [part for stem in folded for part in split(stem, lexical.known)]
    compounds = [compound for stem in folded for compound in lexical.compounds(stem)]
    return tuple(word for word in dict.fromkeys([*parts, *compounds]) if word not in folded)
