"""An ingestion in a terminal: bars while it runs, a line for each file, and its report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from ingest.loaders import foreign, page_word
from ingest.quality import coverage_says
from ingest.report import (
    Begun,
    DocumentReport,
    Done,
    Embedding,
    Estimate,
    Event,
    FileRead,
    IngestReport,
    Pace,
    PageRead,
    Queued,
    Renewing,
    Status,
    Taken,
)
from rag.texts import counted, decimal, say, sayable, whole
from ui.render.console import one_line
from ui.render.words import (
    describe_estimate,
    describe_pace,
    describe_page,
    describe_pages,
    describe_renewing,
    file_name,
)

_OUTCOMES = {
    Status.ADDED: sayable("added"),
    Status.UPDATED: sayable("updated"),
    Status.UNCHANGED: sayable("unchanged"),
    Status.FAILED: sayable("failed"),
}


class Bars:
    """The bars of an ingestion: files, and the chunks that are embedded beside."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._files = progress.add_task(say("Reading"), total=None, pace="")
        self._chunks = progress.add_task(say("Embedding"), total=None, visible=False, pace="")

    def show(self, event: Event) -> None:
        """Move the bars, or print the line of a file."""
        progress = self._progress
        match event:
            case Begun(total) | Queued(total):
                progress.update(self._files, total=total, description=say("Reading"))
            case Estimate():
                progress.console.print(Text(describe_estimate(event), "cyan"))
            case Renewing():
                progress.console.print(Text(describe_renewing(event), "yellow"))
            case Done(report):
                progress.advance(self._files)
                progress.console.print(_report_line(report))
            case Embedding(done, total):
                progress.update(self._chunks, completed=done, total=total, visible=True)
            case Pace():
                progress.update(self._files, pace=describe_pages(event))
                progress.update(self._chunks, pace=describe_pace(event))
            case Taken() | PageRead() | FileRead():
                progress.update(self._files, description=escape(_doing(event)))


def watch_ingestion(ingestion: Iterable[Event], console: Console) -> Iterator[Event]:
    """Show bars while an ingestion runs, passing its events on."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[pace]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        bars = Bars(progress)
        for event in ingestion:
            bars.show(event)
            yield event


def _doing(event: Taken | PageRead | FileRead) -> str:
    match event:
        case Taken(number, total):
            return say("Looking at file {number} of {total}", number=number, total=total)
        case PageRead():
            return describe_page(event)
        case FileRead(source):
            return say("Reading {file}", file=file_name(source))


def print_ingest_report(report: IngestReport, console: Console) -> None:
    """Print the last lines of an ingestion: how many, how long, and the files left out."""
    parts = [f"{whole(report.count(status))} {say(_OUTCOMES[status])}" for status in Status if report.count(status)]
    did = ", ".join(parts) or say("Nothing to do")
    console.print(say("{done} in {time}", done=f"[bold]{did}[/bold]", time=f"{decimal(report.seconds)} s"))
    for uri in report.removed:
        console.print(Text(f"− {one_line(uri)}  {say('removed: it has left its folder')}", "yellow"))
    if report.skipped:
        known = sorted((name for name in report.skipped if foreign(name)), key=foreign)
        others = [name for name in report.skipped if not foreign(name)]
        for what, files in groupby(known, foreign):
            names = _named_files(list(files))
            told = say("Left out, {what}: {names}. Save it in a format that is read.", what=what, names=names)
            console.print(Text(told, "dim"))
        if others:
            told = say("Left out, of no format that is read: {names}", names=_named_files(others))
            console.print(Text(told, "dim"))


def _named_files(uris: Sequence[str]) -> str:
    """Name a few files, and say how many more there are."""
    names = ", ".join(file_name(name) for name in uris[:5])
    return say("{names} and {number} more", names=names, number=len(uris) - 5) if len(uris) > 5 else names


def _report_line(report: DocumentReport) -> Text:
    name = file_name(report.source)
    if report.status is Status.FAILED:
        return Text.assemble(("✗ ", "red"), (one_line(report.error or name), "red"))
    if report.status is Status.UNCHANGED:
        return Text.assemble(("= ", "dim"), (f"{name}  {say('unchanged')}", "dim"))
    line = Text.assemble(("✓ ", "green"), name, (f"  {', '.join(_extent(report))}", "dim"))
    for note in report.notes:
        line.append(f"\n    {note}", "yellow")
    return line


def _extent(report: DocumentReport) -> Iterator[str]:
    """Yield the extent of a document, and its parts that need a look."""
    if report.pages:
        yield counted(report.pages, page_word(report.source))
    yield counted(report.chunks, "chunk")
    if (quality := report.quality) is None:
        return
    if quality.tables:
        yield counted(quality.tables, "table")
    if quality.by_ocr:
        yield say("{number} read by OCR", number=len(quality.by_ocr))
    if quality.without_text:
        yield say("{number} without text", number=len(quality.without_text))
    if quality.coverage < 1:
        yield say("coverage {share}", share=coverage_says(quality.coverage))
