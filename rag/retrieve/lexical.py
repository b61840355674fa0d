"""Search by words: BM25 over the stems of the question, in every language that the documents have."""

from __future__ import annotations

from collections.abc import Sequence

from rag.ports import LexicalIndex
from rag.question.query import Query
from rag.text.compounds import COMPOUNDING, split
from rag.text.words import fold

MOST_SPLIT = 40  # words of a question whose parts are looked for: 1 ms each
PARTS = 0.2  # what a part of a compound weighs beside the word that was asked for


def search_lexical(query: Query, lexical: LexicalIndex, *, limit: int) -> dict[str, float]:
    """Return BM25 scores by chunk id, of the best `limit` chunks in the query's scope."""
    groups = list(query.stems)
    if query.named:
        groups += [item.phrases(query.languages or ["en"]) for item in query.named.items]
    found = dict(lexical.search(groups, limit=limit, scope=query.scope))
    if not COMPOUNDING.isdisjoint(query.languages) and query.language in {*COMPOUNDING, ""}:
        related = related_words([stem for group in groups for stem in group], lexical)
        for key, score in lexical.search([related], limit=2 * limit, scope=query.scope):
            found[key] = found.get(key, 0.0) + PARTS * score
    return dict(sorted(found.items(), key=lambda item: -item[1])[:limit])


def related_words(stems: Sequence[str], lexical: LexicalIndex) -> tuple[str, ...]:
    """Return the parts of compounds, and compounds with these parts, without the stems themselves."""
    folded = dict.fromkeys([fold(stem) for stem in stems][:MOST_SPLIT])
    parts = [part for stem in folded for part in split(stem, lexical.known)]
    compounds = [compound for stem in folded for compound in lexical.compounds(stem)]
    return tuple(word for word in dict.fromkeys([*parts, *compounds]) if word not in folded)
