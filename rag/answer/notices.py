"""Notes on the library that a person needs to judge an answer: which documents dense search misses, and why."""

from __future__ import annotations

from rag.library.library import Library
from rag.retrieve.dense import REPAIR


def notices(library: Library) -> tuple[str, ...]:
    """Return a sentence for each condition of the library that makes answers worse."""
    state = library.embedding_state
    searchable = library.catalog.collections.searchable()
    serving = {number: state.serving(number) for number, _ in searchable}
    waiting = sum(state.count_pending(number, serving[number]) for number, _ in searchable)
    said = []
    if waiting:
        what = "1 document is" if waiting == 1 else f"{waiting} documents are"
        said.append(f"{what} found by words only until embedded: wait for the ingestion, or run {REPAIR}.")
    old = {number for number in serving if serving[number] != library.fingerprint}
    for number, name in searchable:
        if number in library.search_problems:
            said.append(f"The collection {name!r} {library.search_problems[number]}")
        elif number in old:
            left = state.count_pending(number)
            made_by = library.meta.recorded_embedder(serving[number]) or "an older embedder"
            said.append(
                f"The collection {name!r} is searched with {made_by} until it is embedded anew: "
                f"{left} documents are left. {REPAIR} goes on with it."
            )
    return tuple(said)
