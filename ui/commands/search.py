"""`studyhall search`: the passages themselves, best first."""

from __future__ import annotations

from typing import Annotated

import typer

from ui.commands.options import Collection, Json, OneDocument, Pages, Tags, Until, search_filter
from ui.commands.session import open_hall
from ui.render.json import print_json
from ui.render.terminal import print_search


def search(  # noqa: PLR0913, PLR0917  # each is an option
    words: Annotated[list[str], typer.Argument(metavar="QUERY", help="Words, or a question.")],
    k: Annotated[int, typer.Option("-k", min=1, max=1000, help="How many passages.")] = 5,
    collection: Collection = None,
    document: OneDocument = None,
    tags: Tags = None,
    pages: Pages = "",
    until: Until = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show what each score is made of: meaning, words, document, reader.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show the passages that fit best, with their pages and scores.

    [bold]Examples[/bold]

    [cyan]studyhall search "gradient descent"[/cyan]

    [cyan]studyhall search "Satz von Bayes" -k 10 -c ki[/cyan]

    [cyan]studyhall search "Apple net sales Q3 2022" --explain[/cyan]

    [cyan]studyhall search "page rank" --json | jq '.passages[0].page'[/cyan]
    """
    within = search_filter(tags, pages, until)
    with open_hall() as hall:
        result = hall.search(" ".join(words), k=k, collection=collection, document=document, within=within)
    print_json(result) if as_json else print_search(result, explain=explain)
