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
from ui.render.console import one_line
from ui.render.words import (
    describe_estimate,
    describe_pace,
    describe_page,
    describe_pages,
    describe_renewing,
    file_name,
)


class Bars:
    """The bars of an ingestion: files, and the chunks that are embedded beside."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._files = progress.add_task("Reading", total=None, pace="")
        self._chunks = progress.add_task("Embedding", total=None, visible=False, pace="")

    def show(self, event: Event) -> None:
        """Move the bars, or print the line of a file."""
        progress = self._progress
        match event:
            case Begun(total) | Queued(total):
                progress.update(self._files, total=total, description="Reading")
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
            return f"Looking at file {number} of {total}"
        case PageRead():
            return describe_page(event)
        case FileRead(source):
            return f"Reading {file_name(source)}"


def print_ingest_report(report: IngestReport, console: Console) -> None:
    """Print the last lines of an ingestion: how many, how long, and the files left out."""
    parts = [f"{report.count(status)} {status.value}" for status in Status if report.count(status)]
    console.print(f"[bold]{', '.join(parts) or 'Nothing to do'}[/bold] in {report.seconds:.1f} s")
    for uri in report.removed:
        console.print(Text(f"− {one_line(uri)}  removed: it has left its folder", "yellow"))
    if report.skipped:
        known = sorted((name for name in report.skipped if foreign(name)), key=foreign)
        others = [name for name in report.skipped if not foreign(name)]
        for what, files in groupby(known, foreign):
            names = _named_files(list(files))
            console.print(f"[dim]Left out, {what}: {escape(names)}. Save it in a format that is read.[/dim]")
        if others:
            console.print(f"[dim]Left out, of no format that is read: {escape(_named_files(others))}[/dim]")


def _named_files(uris: Sequence[str]) -> str:
    """Name a few files, and say how many more there are."""
    names = ", ".join(file_name(name) for name in uris[:5])
    return names + (f" and {len(uris) - 5} more" if len(uris) > 5 else "")


def _report_line(report: DocumentReport) -> Text:
    name = file_name(report.source)
    if report.status is Status.FAILED:
        return Text.assemble(("✗ ", "red"), (one_line(report.error or name), "red"))
    if report.status is Status.UNCHANGED:
        return Text.assemble(("= ", "dim"), (f"{name}  unchanged", "dim"))
    line = Text.assemble(("✓ ", "green"), name, (f"  {', '.join(_extent(report))}", "dim"))
    for note in report.notes:
        line.append(f"\n    {note}", "yellow")
    return line


def _extent(report: DocumentReport) -> Iterator[str]:
    """Yield the extent of a document, and its parts that need a look."""
    if report.pages:
        yield f"{report.pages} {page_word(report.source)}{'s' if report.pages > 1 else ''}"
    yield f"{report.chunks} chunk{'' if report.chunks == 1 else 's'}"
    if (quality := report.quality) is None:
        return
    if quality.tables:
        yield f"{quality.tables} table{'s' if quality.tables > 1 else ''}"
    if quality.by_ocr:
        yield f"{len(quality.by_ocr)} read by OCR"
    if quality.without_text:
        yield f"{len(quality.without_text)} without text"
    if quality.coverage < 1:
        yield f"coverage {coverage_says(quality.coverage)}"
