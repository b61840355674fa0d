"""`studyhall ingest`: files, folders, archives and web pages into the library."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Annotated

import typer

from ingest.report import Event, IngestReport, Status
from ui.commands.options import Into, Json
from ui.commands.secret import ask_password
from ui.commands.session import open_hall
from ui.render.console import console
from ui.render.json import print_json
from ui.render.watching import print_ingest_report, watch_ingestion

EXIT_SOME_FAILED = 3


def ingest(
    targets: Annotated[list[str], typer.Argument(metavar="PATH|URL…", help="Files, folders, or web addresses.")],
    collection: Into = "main",
    crawl: Annotated[
        int, typer.Option(min=0, max=10, metavar="DEPTH", help="Follow a web address's links so far, on its site.")
    ] = 0,
    watch: Annotated[bool, typer.Option("--watch", help="Go on, and ingest what changes, until Ctrl-C.")] = False,
    prune: Annotated[bool, typer.Option("--prune", help="Remove documents whose files have left the folder.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Read and embed again what has not changed.")] = False,
    password: Annotated[
        bool, typer.Option("--password", help="Ask for the password of files that need one; STUDYHALL_PASSWORD has it.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Read documents into the library: PDF, HTML, Markdown, Word, PowerPoint, Excel, pictures, zip archives and others.

    Unchanged files are skipped, changed ones replaced. A file that can't be read never stops the rest:
    the report at the end names it and says why (exit code 3).

    [bold]Examples[/bold]

    [cyan]studyhall ingest lectures/[/cyan]

    [cyan]studyhall ingest script.pdf notes.md -c algebra --watch[/cyan]

    [cyan]studyhall ingest https://example.org/course/ --crawl 1[/cyan]

    [cyan]studyhall ingest exam.pdf --password[/cyan]      asks for it, and keeps a copy that opens without
    """
    secret = ask_password() if password else ""
    report = _ingest_once(targets, collection, force=force, prune=prune, crawl=crawl, password=secret, as_json=as_json)
    if watch:
        from ingest.watch import changes

        print_watching(as_json=as_json)
        for _ in changes(targets, threading.Event()):
            _ingest_once(targets, collection, prune=prune, password=secret, as_json=as_json)
    if report.count(Status.FAILED):
        raise typer.Exit(EXIT_SOME_FAILED)


def _ingest_once(
    targets: list[str],
    collection: str,
    *,
    force: bool = False,
    prune: bool = False,
    crawl: int = 0,
    password: str = "",
    as_json: bool = False,
) -> IngestReport:
    """Ingest and print the report; the home is let go of afterwards, so that others can ask meanwhile."""
    with open_hall() as hall:
        events = hall.ingest_events(
            targets, collection=collection, force=force, prune=prune, crawl=crawl, password=password
        )
        report = last_report(events, as_json=as_json)
    print_json(report) if as_json else print_ingest_report(report, console())
    return report


def last_report(events: Iterator[Event], *, as_json: bool) -> IngestReport:
    """Follow an ingestion to its end; return the report."""
    report = IngestReport()
    for event in events if as_json else watch_ingestion(events, console()):
        if isinstance(event, IngestReport):
            report = event
    return report


def follow(events: Iterator[Event], *, as_json: bool = False) -> None:
    """Follow an ingestion to its end and print the report; exits with 3 if some documents failed."""
    report = last_report(events, as_json=as_json)
    print_json(report) if as_json else print_ingest_report(report, console())
    if report.count(Status.FAILED):
        raise typer.Exit(EXIT_SOME_FAILED)


def print_watching(*, as_json: bool) -> None:
    """Say that the command goes on, where a person reads it."""
    if not as_json:
        console().print("[dim]Watching for changes. Ctrl-C ends it.[/dim]")
