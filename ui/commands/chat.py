"""`studyhall chat`: questions that follow each other, in the terminal."""

from __future__ import annotations

import sys

from rag.errors import StudyhallError
from rag.types import REMEMBERED, Answer, Question, Turn
from ui.commands.options import Collection, Model, OneDocument, Pages, Tags, Until, search_filter
from ui.commands.session import chosen_model, open_hall
from ui.render.console import console
from ui.render.terminal import print_answer, watch_answer


def chat(
    collection: Collection = None,
    document: OneDocument = None,
    tags: Tags = None,
    pages: Pages = "",
    until: Until = None,
    model: Model = None,
) -> None:
    """Ask one question after the other; each may lean on those before it. An empty line or Ctrl-D ends it.

    [bold]Examples[/bold]

    [cyan]studyhall chat[/cyan]

    [cyan]studyhall chat -c algebra --model qwen.gguf[/cyan]
    """
    within = search_filter(tags, pages, until)
    name = chosen_model(model)
    history: list[Turn] = []
    with open_hall() as hall:
        console().print("[dim]Ask your documents. An empty line ends the conversation.[/dim]")
        while question := _read():
            asked = Question(question, collection, document, history=tuple(history[-REMEMBERED:]), filter=within)
            try:
                for event in watch_answer(hall.ask_events(asked, model=name)):
                    if isinstance(event, Answer):
                        print_answer(event)
                        history += [Turn(question, event.text)] if event.answers else []
            except KeyboardInterrupt:
                console().print("[dim]Stopped.[/dim]")
            except StudyhallError as exc:
                # One question that can't be answered doesn't end the conversation.
                sys.stderr.write(f"studyhall: {exc}\n")


def _read() -> str:
    try:
        return input("\n› ").strip()
    except EOFError:
        return ""
