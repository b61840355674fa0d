"""Checks that the parts of a home agree, and rebuilds the wrong ones from the catalog."""

from __future__ import annotations

from dataclasses import dataclass

from rag.errors import HomeError
from rag.library.library import Library


@dataclass(frozen=True, slots=True)
class Finding:
    """A check: its name, whether it passed, and what it found."""

    what: str
    well: bool
    seen: str


def examine(library: Library) -> list[Finding]:
    """Return the findings on catalog, lexical index, vectors and originals."""
    return [_catalog(library), _lexical(library), _queued(library), _vectors(library), _originals(library)]


def repair(library: Library) -> None:
    """Rebuild the lexical index, and drop wrong vectors so that they are made again.

    Files that no document names are left: they may be all that a damaged catalog has left of somebody's uploads.

    Correct vectors stay: embedding is the slowest step. If Chroma can't read its files, all vectors go.
    """
    library.lexical.rebuild()
    try:
        for collection_id, document_id in wrong_vectors(library):
            library.vectors.remove(collection_id, document_id)
            library.embedding_state.forget(collection_id, document_id)
    except HomeError:
        library.vectors.drop()
        library.embedding_state.forget()
    library.search_problems.clear()
    library.settle()


def wrong_vectors(library: Library) -> list[tuple[int, str]]:
    """Return (collection number, document id) of the documents whose vectors aren't those of their chunks.

    A partly embedded document is no error. Raises HomeError if the vectors can't be read or searched.
    """
    chunks, state, vectors = library.catalog.chunks, library.embedding_state, library.vectors
    recorded: dict[int, set[str]] = {}
    for collection_id, document_id, fingerprint in state.all():
        if fingerprint == library.fingerprint:
            recorded.setdefault(collection_id, set()).add(document_id)
    unfinished = set(state.pending())
    wrong: set[tuple[int, str]] = set()
    for collection_id in library.catalog.collections.numbers():
        held = vectors.document_ids(collection_id)
        vectors.probe(collection_id)
        for document_id in held.keys() | recorded.get(collection_id, set()):
            keys = [key for key, _ in chunks.keys(document_id)]
            present = len(vectors.present(collection_id, keys)) if keys else 0
            complete = present == len(keys) == held.get(document_id, 0)
            # A document being embedded has only vectors of its present chunks, though not all.
            growing = (collection_id, document_id) in unfinished and held.get(document_id, 0) == present
            if not (complete and document_id in recorded.get(collection_id, set())) and not growing:
                wrong.add((collection_id, document_id))
    return sorted(wrong)


def _catalog(library: Library) -> Finding:
    problem = library.database.integrity()
    documents = len({info.document_id for info in library.catalog.documents.all()})
    return Finding("catalog", not problem, problem or f"{documents} documents")


def _lexical(library: Library) -> Finding:
    problem = library.lexical.integrity()
    return Finding("lexical index", not problem, problem or "agrees with the chunks")


def _queued(library: Library) -> Finding:
    jobs = library.queue.jobs()
    return Finding("queue", not jobs, f"{len(jobs)} accepted, not read yet" if jobs else "empty")


def _vectors(library: Library) -> Finding:
    try:
        return _compare_vectors(library)
    except HomeError as exc:
        return Finding("vectors", well=False, seen=exc.what)


def _compare_vectors(library: Library) -> Finding:
    missing = {document_id for _, document_id in library.embedding_state.pending()}
    older = missing & {document_id for _, document_id in library.embedding_state.outdated()}
    wrong = len(wrong_vectors(library))
    seen = [f"{len(missing - older)} documents not embedded yet"] if missing - older else []
    seen += [f"{len(older)} documents embedded by another embedder, which answers until then"] if older else []
    seen += [f"{wrong} documents whose vectors don't fit their chunks"] if wrong else []
    return Finding("vectors", not seen, ", ".join(seen) or "agree with the chunks")


def _originals(library: Library) -> Finding:
    gone = sum(library.original(info.document_id) is None for info in library.catalog.documents.all() if info.chunks)
    orphans = len(library.orphans())
    seen = [f"{gone} are gone: their pages can't be shown; ingest their files again"] if gone else []
    seen += [f"{orphans} are here that no document names: see `studyhall docs recover`"] if orphans else []
    return Finding("originals", not seen, "; ".join(seen) or "all there")
