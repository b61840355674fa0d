"""Evaluations for people in a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from rag.evaluation.judge import MEASURES
from rag.evaluation.report import ALL, Evaluating, Evaluation, Side
from ui.render.console import console

_SHOWN = 5  # questions without their evidence that are named


def watch_evaluation(events: Iterable[Evaluating | Evaluation]) -> Iterator[Evaluating | Evaluation]:
    """Show a progress bar while questions are asked, passing the events on."""
    columns = (TextColumn("Asking"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console(), transient=True) as progress:
        task = progress.add_task("Asking", total=None)
        for event in events:
            if isinstance(event, Evaluating):
                progress.update(task, completed=event.done, total=event.total)
            yield event


def print_evaluation(evaluation: Evaluation) -> None:
    """Print the measures by language, and beside them those of the other settings."""
    first = evaluation.sides[0]
    table = Table(box=None, header_style="bold")
    table.add_column("measure", no_wrap=True)
    # Beside other settings the languages together: --json has each of both.
    columns = list(first.measures) if len(evaluation.sides) == 1 else [ALL]
    for name in columns:
        count = evaluation.questions.get(name, 0)
        table.add_column(f"{name} ({count})", justify="right")
    for side in evaluation.sides[1:]:
        table.add_column(", ".join(f"{name}={value}" for name, value in side.settings.items()), justify="right")
        table.add_column("difference, 95 %", justify="right", no_wrap=True)
    for measure in MEASURES:
        values = [_shown(first.measures[name].get(measure)) for name in columns]
        if any(value != "–" for value in values):
            table.add_row(measure, *values, *_beside(evaluation, measure))
    console().print(table)
    made = f"answers by {evaluation.model}" if evaluation.model else "quoted answers" if _answered(first) else "search"
    console().print(
        f"[dim]{evaluation.questions[ALL]} questions, {evaluation.unanswerable} of them without an answer in the "
        f"documents; {made}; a search takes {first.milliseconds:.0f} ms.[/dim]"
    )
    _print_missed(first)
    for note in evaluation.notes:
        console().print(Text(note, "yellow"))


def _beside(evaluation: Evaluation, measure: str) -> list[Text | str]:
    """Return the cells of the other settings: their value, and how much it differs; clear differences are bold."""
    if len(evaluation.sides) < 2:
        return []
    value = _shown(evaluation.sides[1].measures[ALL][measure])
    found = next((one for one in evaluation.differences if one.measure == measure), None)
    if found is None:
        return [value, ""]
    interval = f"{found.value:+.3f} [{found.low:+.3f}, {found.high:+.3f}]"
    colour = ("green" if found.value > 0 else "red") if found.clear else "dim"
    return [value, Text(interval, f"bold {colour}" if found.clear else colour)]


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _answered(side: Side) -> bool:
    return any(one.status for one in side.judged)


def _print_missed(side: Side) -> None:
    """Name questions whose answer was not among the passages: where to look first."""
    missed = [one for one in side.judged if one.ranks and not any(one.ranks)]
    if missed:
        console().print(f"[bold]Not found among the first ten[/bold] ({len(missed)}):")
    for one in missed[:_SHOWN]:
        console().print(Text(f"  {one.id}  {one.question}"))
    if len(missed) > _SHOWN:
        console().print(f"[dim]  and {len(missed) - _SHOWN} more; --json names them all[/dim]")
