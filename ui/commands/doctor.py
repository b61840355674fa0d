"""`studyhall doctor`: whether everything in the home is as it should be."""

from __future__ import annotations

from typing import Annotated

import typer

from ingest.report import IngestReport
from ui.commands.session import open_hall
from ui.hall import Studyhall
from ui.render.console import console
from ui.render.terminal import print_findings
from ui.render.watching import print_ingest_report, watch_ingestion

EXIT_UNWELL = 1


def doctor(
    repair: Annotated[
        bool,
        typer.Option(
            "--repair",
            help="Make indexes and vectors anew, save what can be read of a damaged catalog, finish the queue.",
        ),
    ] = False,
) -> None:
    """Check the home: catalog, indexes, vectors, originals, embedder, model. Exit code 1 when something is wrong.

    [bold]Examples[/bold]

    [cyan]studyhall doctor[/cyan]

    [cyan]studyhall doctor --repair[/cyan]
    """
    if repair:
        with Studyhall.open() as own:  # never beside a server that answers from what is made anew
            for told in own.repair():
                console().print(told, markup=False)
            for event in watch_ingestion(own.ingest_events([]), console()):
                if isinstance(event, IngestReport) and event.documents:
                    print_ingest_report(event, console())
    with open_hall() as hall:
        findings = hall.examine()
    print_findings(findings)
    well = all(finding.well for finding in findings)
    if not well and not repair:
        console().print(
            "`studyhall doctor --repair` makes indexes and vectors anew, and saves what it can of a damaged catalog."
        )
    if not well:
        raise typer.Exit(EXIT_UNWELL)
