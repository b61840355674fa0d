"""`studyhall ask`: one question, one answer with its pages."""

from __future__ import annotations

from typing import Annotated

import typer

from rag.types import Answer, AnswerStatus, Question
from ui.commands.options import Collection, Json, Model, OneDocument, Pages, Tags, Until, search_filter
from ui.commands.session import chosen_model, missing_catalog, open_hall
from ui.render.console import console
from ui.render.json import print_json
from ui.render.terminal import print_answer, watch_answer


def ask(  # noqa: PLR0913, PLR0917  # each is an option
    words: Annotated[list[str], typer.Argument(metavar="QUESTION", help="In English or German.")],
    collection: Collection = None,
    document: OneDocument = None,
    tags: Tags = None,
    pages: Pages = "",
    until: Until = None,
    model: Model = None,
    quote: Annotated[bool, typer.Option("--quote", help="Quote the documents, without a language model.")] = False,
    as_json: Json = False,
) -> None:
    """Answer a question from your documents, with the page of every sentence.

    Without a language model the sentences that answer it are quoted; `studyhall models recommend` says which one fits.

    [bold]Examples[/bold]

    [cyan]studyhall ask "What is an inverted index?"[/cyan]

    [cyan]studyhall ask "Wann terminiert Minimax?" -c ki[/cyan]

    [cyan]studyhall ask "Summarise chapter 2" -d script.pdf[/cyan]

    [cyan]studyhall ask "What does the proof use?" -d script.pdf --model qwen.gguf[/cyan]

    [cyan]studyhall ask "What is a heap?" --until 5 --tag lecture[/cyan]
    """
    asked = Question(" ".join(words), collection, document, quote, filter=search_filter(tags, pages, until))
    name = chosen_model("" if quote else model)
    with open_hall() as hall:
        events = hall.ask_events(asked, model=name)
        for event in events if as_json else watch_answer(events):
            if isinstance(event, Answer):
                print_json(event) if as_json else print_answer(event)
                if event.status is AnswerStatus.NO_DOCUMENTS and not as_json and (orphans := hall.orphans()):
                    console().print(missing_catalog(len(orphans)))
