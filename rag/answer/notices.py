"""What a person should know of the library before trusting an answer: what is not found by meaning, and why."""

from __future__ import annotations

from rag.library.library import Library
from rag.retrieve.dense import REPAIR, introduced


def notices(library: Library) -> tuple[str, ...]:
    """Return a sentence for each thing that makes answers worse than they could be."""
    catalog = library.catalog
    searchable = catalog.searchable()
    serving = {number: catalog.serving(number, library.fingerprint) for number, _ in searchable}
    waiting = sum(catalog.unembedded_in(number, serving[number]) for number, _ in searchable)
    said = []
    if waiting:
        what = "1 document is" if waiting == 1 else f"{waiting} documents are"
        said.append(f"{what} found by words only until embedded: wait for the ingestion, or run {REPAIR}.")
    old = {number for number in serving if serving[number] != library.fingerprint}
    for number, name in searchable:
        if number in library.ailments:
            said.append(f"The collection {name!r} {library.ailments[number]}")
        elif number in old:
            left = catalog.unembedded_in(number, library.fingerprint)
            made_by = introduced(library, serving[number]) or "an older embedder"
            said.append(
                f"The collection {name!r} is searched with {made_by} until it is embedded anew: "
                f"{left} documents are left. {REPAIR} goes on with it."
            )
    return tuple(said)
