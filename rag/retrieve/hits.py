"""A question to hits: what is near in meaning, in words and by the document's name, fused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypedDict

from rag.errors import InputError
from rag.library.library import Library
from rag.ports import Embedder
from rag.question.language import question_language
from rag.question.numbered import named_label
from rag.retrieve.dense import nearest
from rag.retrieve.document_match import NAMED, evidence
from rag.retrieve.fuse import Weights, fuse
from rag.settings import Settings
from rag.text.compounds import COMPOUNDING, split
from rag.text.words import fold, query_stems, words
from rag.types import Hit, Twin

MOST_CHARACTERS = 20_000  # of a question; more is a document, not a question
MOST_WORDS = 200  # of a question that are searched for
MOST_SPLIT = 40  # words of a question whose parts are looked for: 1 ms each
MOST_NAMED = 8  # documents that a question may name
MOST_LOOKED_AT = 2000  # of the nearest chunks, for those on the pages that are asked of
BEGINNING = 3  # chunks of a named document that has none of the question's words
PARTS = 0.2  # what a part of a compound weighs beside the word that was asked for


@dataclass(frozen=True, slots=True)
class Scope:
    """Where to look: a collection, documents by id, pages of them; or everywhere."""

    collection: str | None = None
    document_id: str | None = None
    documents: frozenset[str] | None = None
    pages: tuple[int, int] | None = None  # first and last


class Bounds(TypedDict):
    """A scope as the lexical index takes it."""

    collection: str | None
    document_id: str | None
    documents: frozenset[str] | None
    pages: tuple[int, int] | None


def retrieve(
    question: str, library: Library, embedder: Embedder, *, scope: Scope, candidates: int, weights: Weights
) -> list[Hit]:
    """Return the chunks that fit a question, best first; `candidates` are asked of each search."""
    check_question(question)
    if scope.collection is not None:
        library.catalog.collection_id(scope.collection)  # raises NotFound
    lexical = search_lexical(question, library, scope=scope, limit=candidates)
    dense = search_dense(question, library, embedder, scope=scope, limit=candidates) if weights.dense > 0 else {}
    meant = search_documents(question, library, scope=scope)
    lexical |= _in_named(question, library, meant, scope=scope, limit=candidates)
    written = library.catalog.chunk_documents({*dense, *lexical})
    asked = question_language(question)
    shares = {key: weights.share(asked, language) for key, (_, language) in written.items()}
    documents = {key: meant.get(document_id, 0.0) for key, (document_id, _) in written.items()}
    fused = fuse(dense, lexical, weight=shares, documents=documents, document_weight=weights.document)
    # Only the best are read: their texts are cut out of documents that may be long.
    best = sorted(written, key=lambda key: (-fused[key], key))[:candidates]
    rows = library.catalog.chunks(best, scope.collection)
    paths = library.catalog.other_paths({chunk.document_id for chunk, _, _ in rows.values()}, scope.collection)
    hits = [
        Hit(
            chunk, source, title, dense.get(key), lexical.get(key), fused[key], document=documents[key],
            also=tuple(Twin(path, title, chunk.page) for path in paths.get(chunk.document_id, ())),
        )
        for key, (chunk, source, title) in rows.items()
    ]  # fmt: skip
    # Equal scores keep the order of the documents: the same question gets the same answer.
    return distinct(sorted(hits, key=lambda hit: (-hit.fused, hit.source, hit.chunk.ordinal)))


def distinct(hits: Sequence[Hit]) -> list[Hit]:
    """Return the hits with each text once; the best of those that say the same names the others' places."""
    first: dict[str, Hit] = {}
    for hit in hits:
        key = " ".join(words(hit.chunk.text)) or hit.chunk.id
        held = first.setdefault(key, hit)
        if held is not hit:
            twin = Twin(hit.source, hit.title, hit.chunk.page)
            first[key] = replace(held, also=tuple(dict.fromkeys([*held.also, twin, *hit.also])))
    return list(first.values())


def weights(settings: Settings) -> Weights:
    """Return the weights of the settings."""
    return Weights(
        settings.dense_weight, settings.dense_weight_foreign, settings.dense_weight_across, settings.document_weight,
        known=frozenset(settings.embedder_languages.split()),
    )  # fmt: skip


def search_lexical(question: str, library: Library, *, scope: Scope, limit: int) -> dict[str, float]:
    """Return BM25 scores by chunk id; the question is stemmed for every language the documents have."""
    languages = library.catalog.languages(scope.collection)
    groups = query_stems(question, languages)[:MOST_WORDS]
    if label := named_label(question):
        groups += [one.phrases(languages or ["en"]) for one in label.labels]
    bounds: Bounds = {
        "collection": scope.collection, "document_id": scope.document_id, "documents": scope.documents,
        "pages": scope.pages,
    }  # fmt: skip
    found = dict(library.lexical.search(groups, limit=limit, **bounds))
    if not COMPOUNDING.isdisjoint(languages) and question_language(question) in {*COMPOUNDING, ""}:
        related = related_words([stem for group in groups for stem in group], library)
        for key, score in library.lexical.search([related], limit=2 * limit, **bounds):
            found[key] = found.get(key, 0.0) + PARTS * score
    return dict(sorted(found.items(), key=lambda item: -item[1])[:limit])


def related_words(stems: Sequence[str], library: Library) -> tuple[str, ...]:
    """Return the parts of compounds, and compounds with these parts, without the stems themselves."""
    lexical = library.lexical
    folded = dict.fromkeys([fold(stem) for stem in stems][:MOST_SPLIT])
    parts = [part for stem in folded for part in split(stem, lexical.known)]
    compounds = [compound for stem in folded for compound in lexical.compounds(stem)]
    return tuple(word for word in dict.fromkeys([*parts, *compounds]) if word not in folded)


def search_documents(question: str, library: Library, *, scope: Scope) -> dict[str, float]:
    """Return how much speaks for each document that a question may mean, by id: 0 to 1."""
    library.covers.refresh()
    groups = query_stems(question, library.catalog.languages(scope.collection))[:MOST_WORDS]
    known = library.covers.all(scope.collection)
    if scope.documents is not None:
        known = {key: cover for key, cover in known.items() if key in scope.documents}
    return evidence(question, groups, library.covers, known)


def _in_named(
    question: str, library: Library, meant: Mapping[str, float], *, scope: Scope, limit: int
) -> dict[str, float]:
    """Return BM25 scores in the documents that the question names: among all, they may not be found.

    One that has none of the question's words is shown by how it begins.
    """
    named = sorted((key for key, score in meant.items() if score >= NAMED), key=lambda key: (-meant[key], key))
    named = named[:MOST_NAMED]
    if not named or scope.document_id is not None:
        return {}
    found = search_lexical(question, library, scope=replace(scope, documents=frozenset(named)), limit=limit)
    having = {document_id for document_id, _ in library.catalog.chunk_documents(found).values()}
    silent = [key for key in named if key not in having and scope.pages is None]
    return found | {chunk.id: 0.0 for key in silent for chunk in library.catalog.neighbours(key, 0, BEGINNING - 1)}


def search_dense(question: str, library: Library, embedder: Embedder, *, scope: Scope, limit: int) -> dict[str, float]:
    """Return cosine similarities by chunk id."""
    found = nearest(
        question, _collections(library, scope), library, embedder,
        limit=MOST_LOOKED_AT if scope.pages else limit, documents=_wanted(scope),
    )  # fmt: skip
    if scope.pages:  # the vectors know nothing of pages
        on_them = library.catalog.on_pages(found, scope.pages)
        found = {key: score for key, score in found.items() if key in on_them}
    best = sorted(found.items(), key=lambda item: -item[1])[:limit]
    return dict(best)


def _wanted(scope: Scope) -> frozenset[str] | None:
    """Return the documents to look in; None: all."""
    if scope.document_id is None:
        return None if scope.documents is None else frozenset(scope.documents)
    return frozenset({scope.document_id})


def _collections(library: Library, scope: Scope) -> list[int]:
    if scope.collection is not None:
        return [library.catalog.collection_id(scope.collection)]
    return [number for number, _ in library.catalog.searchable()]


def unsearched(question: str) -> tuple[str, ...]:
    """Say what of a long question is not searched for."""
    many = len(set(words(question)))
    if many <= MOST_WORDS or len(query_stems(question, ["de", "en"])) <= MOST_WORDS:
        return ()
    return (f"The question has {many} different words; the first {MOST_WORDS} words of content were searched for.",)


def check_question(question: str) -> None:
    """Raise InputError for a question that can't be asked."""
    if not question.strip():
        message = "The question is empty."
        raise InputError(message, remedy='Ask something, for instance: studyhall ask "What is BM25?"')
    if len(question) > MOST_CHARACTERS:
        message = f"The question has {len(question):,} characters; {MOST_CHARACTERS:,} are read."
        raise InputError(message, remedy="Ingest long texts as documents and ask about them.")
    if any("\ud800" <= letter <= "\udfff" for letter in question):
        message = "The question holds bytes that are no text."
        raise InputError(message, remedy="Check the encoding of your terminal: Studyhall reads UTF-8.")
