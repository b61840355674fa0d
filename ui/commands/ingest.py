"""`studyhall ingest`: files, folders and web pages into the library."""

from __future__ import annotations

from typing import Annotated

import typer

from ui.commands.options import Into, Json
from ui.commands.session import open_hall

EXIT_SOME_FAILED = 3


def ingest(
    targets: Annotated[list[str], typer.Argument(metavar="PATH|URL…", help="Files, folders, or web addresses.")],
    collection: Into = "main",
    force: Annotated[bool, typer.Option("--force", help="Read and embed again what has not changed.")] = False,
    as_json: Json = False,
) -> None:
    """Read documents into the library: PDF, HTML, Markdown, text, docx, pptx.

    Unchanged files are skipped, changed ones replaced. A file that can't be read never stops the rest:
    the report at the end names it and says why (exit code 3).

    [bold]Examples[/bold]

    [cyan]studyhall ingest lectures/[/cyan]

    [cyan]studyhall ingest script.pdf notes.md -c algebra[/cyan]

    [cyan]studyhall ingest https://example.org/chapter-3.html[/cyan]
    """
    from ingest.report import IngestReport, Status
    from ui.render import as_json as to_json
    from ui.render import ingest_json, print_ingest_report, watch_ingestion

    report = IngestReport()
    with open_hall() as hall:
        events = hall.ingest_events(targets, collection=collection, force=force)
        for event in events if as_json else watch_ingestion(events):
            if isinstance(event, IngestReport):
                report = event
    if as_json:
        to_json(ingest_json(report))
    else:
        print_ingest_report(report)
    if report.count(Status.FAILED):
        raise typer.Exit(EXIT_SOME_FAILED)
