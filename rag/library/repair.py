"""Does everything in a home agree? What doesn't is named, and can be made anew from the truth."""

from __future__ import annotations

from dataclasses import dataclass

from rag.errors import HomeError
from rag.library.library import Library


@dataclass(frozen=True, slots=True)
class Finding:
    """Something checked: what, whether it is well, and what was seen."""

    what: str
    well: bool
    seen: str


def examine(library: Library) -> list[Finding]:
    """Return what a look at catalog, lexical index, vectors and originals finds."""
    return [_catalog(library), _lexical(library), _queued(library), _vectors(library), _originals(library)]


def repair(library: Library) -> None:
    """Make the lexical index anew, drop all vectors so that they are embedded again, and sweep the originals."""
    library.lexical.rebuild()
    library.vectors.drop()
    library.catalog.unmark_embedded()
    library.settle()
    library.sweep()


def _catalog(library: Library) -> Finding:
    problem = library.catalog.integrity()
    documents = len({info.document_id for info in library.catalog.documents()})
    return Finding("catalog", not problem, problem or f"{documents} documents")


def _lexical(library: Library) -> Finding:
    problem = library.lexical.integrity()
    return Finding("lexical index", not problem, problem or "agrees with the chunks")


def _queued(library: Library) -> Finding:
    jobs = library.catalog.jobs()
    return Finding("queue", not jobs, f"{len(jobs)} accepted, not read yet" if jobs else "empty")


def _vectors(library: Library) -> Finding:
    try:
        return _compare_vectors(library)
    except HomeError as exc:
        return Finding("vectors", well=False, seen=exc.what)


def _compare_vectors(library: Library) -> Finding:
    missing = len({document_id for _, document_id in library.catalog.unembedded(library.fingerprint)})
    wrong = 0
    expected: dict[int, set[str]] = {}
    for collection_id, document_id, fingerprint in library.catalog.embedded():
        if fingerprint == library.fingerprint:
            expected.setdefault(collection_id, set()).add(document_id)
    for collection_id, document_ids in expected.items():
        held = library.vectors.document_ids(collection_id)
        wrong += sum(held.get(key, 0) != library.catalog.counts(key)[1] for key in document_ids)
        wrong += len(set(held) - document_ids)
    seen = [f"{missing} documents not embedded yet"] if missing else []
    seen += [f"{wrong} documents whose vectors don't fit their chunks"] if wrong else []
    return Finding("vectors", not seen, ", ".join(seen) or "agree with the chunks")


def _originals(library: Library) -> Finding:
    gone = sum(library.original(info.document_id) is None for info in library.catalog.documents() if info.chunks)
    return Finding("originals", not gone, f"{gone} are gone: their pages can't be shown" if gone else "all there")
