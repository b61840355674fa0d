"""The options that several commands share, so that they are named and explained alike."""

from __future__ import annotations

from typing import Annotated

import typer

from rag.question.scope import parse_pages
from rag.types import Filter

Collection = Annotated[str | None, typer.Option("-c", "--collection", help="Only this collection.")]
Into = Annotated[str, typer.Option("-c", "--collection", help="The collection to put them in.")]
OneDocument = Annotated[
    str | None, typer.Option("-d", "--document", help="Only this document: its id, file name, or part of its title.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Yes = Annotated[bool, typer.Option("-y", "--yes", help="Don't ask first.")]
Model = Annotated[
    str | None,
    typer.Option("-m", "--model", help="A GGUF file, one of `models list`, or provider:name. Default: the settings'."),
]
Tags = Annotated[
    list[str] | None,
    typer.Option("-t", "--tag", help='Only documents with this tag, such as "week 5"; may be repeated.'),
]
Pages = Annotated[str, typer.Option("--pages", metavar="FIRST-LAST", help="Only these pages, for instance 10-20.")]
Until = Annotated[
    int | None, typer.Option("--until", min=0, metavar="N", help="Only up to week, lecture or chapter N.")
]


def search_filter(tags: list[str] | None, pages: str, until: int | None) -> Filter:
    """Return what the options bound a search by; raises InputError for pages that can't be."""
    return Filter(tuple(tags or ()), parse_pages(pages), until)
