"""`studyhall eval`: how good search and answers are, on questions with known answers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from rag.errors import InputError, StudyhallError
from rag.evaluation.questions import EvalQuestion, read_questions
from rag.evaluation.report import Evaluation
from rag.texts import counted
from ui.commands.options import Collection, Json, Model
from ui.commands.session import chosen_model, open_hall
from ui.render.chart import evaluation_svg
from ui.render.json import print_json
from ui.render.measures import print_evaluation, watch_evaluation

EXIT_USAGE = 2


def evaluate(  # noqa: PLR0913, PLR0917  # one for each option
    questions: Annotated[Path | None, typer.Argument(metavar="QUESTIONS.jsonl", help="One question a line.")] = None,
    collection: Collection = None,
    against: Annotated[
        str, typer.Option(metavar="NAME=VALUE,…", help="Compare with these settings, question by question.")
    ] = "",
    picture: Annotated[Path | None, typer.Option(metavar="FILE.svg", help="Draw the measures into this file.")] = None,
    search_only: Annotated[bool, typer.Option("--search-only", help="Measure the search, ask for no answers.")] = False,
    quote: Annotated[bool, typer.Option("--quote", help="Measure quoted answers, without a language model.")] = False,
    model: Model = None,
    make: Annotated[
        bool, typer.Option("--make", help="Draft questions from your documents instead, for you to confirm.")
    ] = False,
    most: Annotated[int, typer.Option("-n", min=1, max=10_000, help="How many to draft.")] = 30,
    as_json: Json = False,
) -> None:
    """Measure search, answers, refusals and citations on questions about your own documents.

    A line of the file is a JSON object:

    [cyan]{"question": "Who coined the term?", "source": "notes.pdf", "page": 3, "quote": "The name was coined by …",
    "answer": "Mooers", "language": "en", "id": "q1"}[/cyan]

    Only "question" is always needed. "source" (or "document") is a file name, path or title; without a "quote" any
    passage on the "page", or in the document, counts as found. "answer" is a text or a list of texts that are all
    right; alone, a passage that says it counts. A question that the documents don't answer has
    [cyan]"answerable": false[/cyan]. "evidence" is a list of objects with source, page and quote where several places
    answer together. "confirmed": false marks a draft.

    [bold]Examples[/bold]

    [cyan]studyhall eval --make -c algebra -n 30 > questions.jsonl[/cyan]

    [cyan]studyhall eval questions.jsonl -c algebra --picture quality.svg[/cyan]

    [cyan]studyhall eval questions.jsonl --against dense_weight=0.6,candidates=100[/cyan]
    """
    if make:
        _draft(collection, most, model)
        return
    try:
        asked, changes = _questions(questions), _changes(against)
    except InputError as exc:
        sys.stderr.write(f"studyhall: {exc}\n")
        raise typer.Exit(EXIT_USAGE) from exc
    asking = not quote and not search_only
    name = chosen_model(model if asking else "")
    if asking and "model" in changes:
        chosen_model(changes["model"])
    with open_hall() as hall:
        events = hall.evaluate_events(
            asked, collection=collection, model=name, quote=quote, search_only=search_only, against=changes
        )
        for event in events if as_json else watch_evaluation(events):
            if isinstance(event, Evaluation):
                print_json(event) if as_json else print_evaluation(event)
                if picture is not None:
                    _draw(event, picture)


def _questions(path: Path | None) -> list[EvalQuestion]:
    if path is None:
        message = "A file with questions is needed."
        raise InputError(message, remedy="`studyhall eval --make > questions.jsonl` drafts one.")
    return read_questions(path)


def _changes(text: str) -> dict[str, str]:
    """Return the settings of ``NAME=VALUE,NAME=VALUE``."""
    changes: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, sign, value = part.partition("=")
        if not sign or not name.strip():
            message = f"--against wants NAME=VALUE, not {part!r}."
            raise InputError(message, remedy="For instance: --against dense_weight=0.6,candidates=100")
        changes[name.strip().lower().removeprefix("studyhall_")] = value.strip()
    return changes


def _draft(collection: str | None, most: int, model: str | None) -> None:
    """Write the drafts to stdout, line by line; say on stderr what is to be done with them."""
    count, name = 0, chosen_model(model)
    with open_hall() as hall:
        for question in hall.draft_questions(collection=collection, most=most, model=name):
            sys.stdout.write(question.line() + "\n")
            sys.stdout.flush()
            count += 1
    drafted = counted(count, "question")
    sys.stderr.write(
        f'{drafted} drafted. Read each, correct it, set "confirmed": true; add some that your documents '
        'don\'t answer, with "answerable": false.\n'
    )


def _draw(evaluation: Evaluation, path: Path) -> None:
    try:
        path.write_text(evaluation_svg(evaluation), encoding="utf-8")
    except OSError as exc:
        message = f"The picture can't be written to {path}: {exc.strerror or exc}."
        raise StudyhallError(message, remedy="Choose another file.") from exc
