"""Mines hard negatives: our own retriever's results for a question other than its passage."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from rag.library.home import Home
from rag.library.library import Library
from rag.models.embedder import SentenceEmbedder
from rag.question.analyse import read_question
from rag.question.language import question_language
from rag.retrieve.dense import search_dense
from rag.retrieve.fuse import FusionWeights, fuse
from rag.retrieve.lexical import search_lexical
from rag.text.words import stems
from rag.training.examples import Collected, Paragraph
from rag.types import Chunk, Document, Scope, Source

_COLLECTION = "mined"
_FOUND = 24  # results of each search


def mine(part: Collected, embedder: SentenceEmbedder | None) -> list[tuple[str, ...]]:
    """Return for each example the ids of the paragraphs found for its question, best first.

    Without an embedder, by words alone; with one, by words and meaning, fused. The right passage stays in.
    """
    with TemporaryDirectory() as folder:
        library = Library(Home(Path(folder)), embedder.fingerprint if embedder else "none")
        try:
            store(part.paragraphs, library, embedder)
            return [found(example.question, library, embedder, most=_FOUND) for example in part.examples]
        finally:
            library.close()


def store(paragraphs: Mapping[str, Paragraph], library: Library, embedder: SentenceEmbedder | None) -> None:
    """Store paragraphs as chunks of documents; a chunk's id is its paragraph's."""
    collection = library.catalog.collections.create(_COLLECTION)
    for group in sorted({paragraph.group for paragraph in paragraphs.values()}):
        members = [paragraph for paragraph in paragraphs.values() if paragraph.group == group]
        text, chunks = _chunks(group, members)
        languages = [question_language(member.text) or "en" for member in members]
        words = [
            " ".join(stems(f"{member.title}\n{member.text}", language))
            for member, language in zip(members, languages, strict=True)
        ]
        source = Source(group, "text/plain", len(text), hashlib.sha256(group.encode()).hexdigest())
        document = Document(text, members[0].title, max(languages, key=languages.count))
        library.queue.add(collection, group, source)
        library.catalog.memberships.store(collection, group, source, document, chunks, words)
        if embedder:
            vectors = embedder.embed_whole([f"{member.title}\n{member.text}" for member in members])
            library.vectors.add(collection, group, [chunk.id for chunk in chunks], vectors)


def found(question: str, library: Library, embedder: SentenceEmbedder | None, *, most: int) -> tuple[str, ...]:
    """Return the ids of the best paragraphs for a question, best first."""
    languages = library.catalog.documents.languages(_COLLECTION)
    query = read_question(question, languages=languages, scope=Scope(_COLLECTION))
    lexical = search_lexical(query, library.lexical, limit=most)
    if embedder is None:
        return tuple(lexical)
    dense = search_dense(query, library, embedder, limit=most)
    weight = FusionWeights(known=embedder.languages).share(query.language, next(iter(languages), ""))
    fused = fuse(dense, lexical, weight=weight)
    return tuple(sorted(fused, key=lambda key: -fused[key])[:most])


def _chunks(group: str, members: Sequence[Paragraph]) -> tuple[str, list[Chunk]]:
    text = "\n\n".join(member.text for member in members)
    chunks = []
    at = 0
    for number, member in enumerate(members):
        chunks.append(Chunk(member.id, group, number, at, at + len(member.text), member.text))
        at += len(member.text) + 2
    return text, chunks
