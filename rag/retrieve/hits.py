"""A query becomes hits: the scores of dense search, lexical search and document match, fused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from rag.library.library import Library
from rag.ports import Embedder
from rag.question.query import Query
from rag.retrieve.dense import search_dense
from rag.retrieve.document_match import NAMED, match_documents
from rag.retrieve.fuse import FusionWeights, fuse
from rag.retrieve.lexical import search_items, search_lexical
from rag.text.words import words
from rag.types import Hit, Twin

MOST_NAMED = 8  # documents that a question may name
# Share of the weight of all words of a question that a good match by words has. Without it a chunk that shares one word
# with the question, the best by words in its language, came before the one in the other language that answers: of 124
# German questions in a library of both languages 0.69 were answered first in English, with it 0.80, and no pair lost.
GOOD_MATCH = 0.5
BEGINNING = 3  # first chunks, taken from a named document that has none of the question's words


def retrieve(
    query: Query, library: Library, embedder: Embedder, *, candidates: int, weights: FusionWeights
) -> list[Hit]:
    """Return the hits for a query, best first; `candidates` chunks are taken from each search."""
    lexical = search_lexical(query, library.lexical, limit=candidates)
    dense = search_dense(query, library, embedder, limit=candidates) if weights.dense > 0 else {}
    matched = match_documents(query, library.profiles)
    lexical |= _in_named(query, library, matched, limit=candidates)
    items = search_items(query, library.lexical, limit=candidates)
    lexical = items | lexical
    written = library.catalog.chunks.origins({*dense, *lexical})
    shares = {key: weights.share(query.language, language) for key, (_, language) in written.items()}
    documents = {key: matched.get(document_id, 0.0) for key, (document_id, _) in written.items()}
    least = GOOD_MATCH * _full_match(query, library)
    fused = fuse(dense, lexical, weight=shares, least=least, documents=documents, document_weight=weights.document)
    # Only the best are loaded: their texts are cut out of documents that may be long.
    # A chunk with the number that is asked for stays, though its language and the question's share no other word.
    best = sorted(written, key=lambda key: (key not in items, -fused[key], key))[:candidates]
    collection = query.scope.collection
    rows = library.catalog.chunks.get(best, collection)
    paths = library.catalog.documents.other_paths({chunk.document_id for chunk, _, _ in rows.values()}, collection)
    hits = [
        Hit(
            chunk,
            source,
            title,
            dense.get(key),
            lexical.get(key),
            fused[key],
            document=documents[key],
            also=tuple(Twin(path, title, chunk.page) for path in paths.get(chunk.document_id, ())),
            language=written[key][1],
        )
        for key, (chunk, source, title) in rows.items()
    ]
    # Equal scores keep the order of the documents: the same question gets the same answer.
    return distinct(sorted(hits, key=lambda hit: (-hit.fused, hit.source, hit.chunk.ordinal)))


def _full_match(query: Query, library: Library) -> float:
    """Return the inverse document frequencies of the question's words, each by its rarest stem, together."""
    weights = library.lexical.weights([stem for group in query.stems for stem in group])
    return sum(max((weights.get(stem, 0.0) for stem in group), default=0.0) for group in query.stems)


def distinct(hits: Sequence[Hit]) -> list[Hit]:
    """Return the hits without duplicate texts; the best of equal ones lists the others as its twins."""
    first: dict[str, Hit] = {}
    for hit in hits:
        key = " ".join(words(hit.chunk.text)) or hit.chunk.id
        held = first.setdefault(key, hit)
        if held is not hit:
            twin = Twin(hit.source, hit.title, hit.chunk.page)
            first[key] = replace(held, also=tuple(dict.fromkeys([*held.also, twin, *hit.also])))
    return list(first.values())


def _in_named(query: Query, library: Library, matched: Mapping[str, float], *, limit: int) -> dict[str, float]:
    """Return BM25 scores by chunk id within the documents that the question names: a search of all may miss them.

    The first chunks stand for a named document that has none of the question's words.
    """
    named = sorted((key for key, score in matched.items() if score >= NAMED), key=lambda key: (-matched[key], key))
    named = named[:MOST_NAMED]
    if not named:
        return {}
    within = replace(query, scope=replace(query.scope, documents=frozenset(named)))
    found = search_lexical(within, library.lexical, limit=limit)
    having = {document_id for document_id, _ in library.catalog.chunks.origins(found).values()}
    silent = [key for key in named if key not in having and query.scope.pages is None]
    return found | {
        chunk.id: 0.0 for key in silent for chunk in library.catalog.chunks.neighbours(key, 0, BEGINNING - 1)
    }
