"""Notes on the library that a person needs to judge an answer: which documents dense search misses, and why."""

from __future__ import annotations

from rag.library.library import Library
from rag.retrieve.dense import REPAIR
from rag.texts import counted, say


def notices(library: Library) -> tuple[str, ...]:
    """Return a sentence for each condition of the library that makes answers worse."""
    state = library.embedding_state
    searchable = library.catalog.collections.searchable()
    serving = {number: state.serving(number) for number, _ in searchable}
    waiting = sum(state.count_pending(number, serving[number]) for number, _ in searchable)
    said = []
    if waiting:
        documents = counted(waiting, "document")
        only = (
            say("{documents} is found by words only until embedded.", documents=documents)
            if waiting == 1
            else say("{documents} are found by words only until embedded.", documents=documents)
        )
        said.append(f"{only} {say('Wait for the ingestion, or run {command}.', command=REPAIR)}")
    old = {number for number in serving if serving[number] != library.fingerprint}
    for number, name in searchable:
        if number in library.search_problems:
            said.append(f"The collection {name!r} {library.search_problems[number]}")
        elif number in old:
            left = state.count_pending(number)
            made_by = library.meta.recorded_embedder(serving[number]) or say("an older embedder")
            note = say(
                "The collection {name} is searched with {embedder} until it is embedded anew: {number} documents are "
                "left. {command} goes on with it.",
                name=repr(name),
                embedder=made_by,
                number=left,
                command=REPAIR,
            )
            said.append(note)
    return tuple(said)
