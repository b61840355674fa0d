"""`studyhall backup` and `studyhall restore`: a whole home in one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rag.texts import counted
from ui.commands.ingest import last_report
from ui.commands.session import open_hall
from ui.hall import Studyhall
from ui.render.console import console
from ui.render.watching import print_ingest_report


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write.")],
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    vectors: Annotated[bool, typer.Option(help="Vectors, too: otherwise they are made anew after a restore.")] = True,
) -> None:
    """Write the home into one file: documents, originals, tags, conversations and settings, without the models.

    It may be in use meanwhile, by a server too.

    [bold]Examples[/bold]

    [cyan]studyhall backup ~/studyhall-2026-11.zip[/cyan]

    [cyan]studyhall backup small.zip --no-vectors[/cyan]
    """
    with open_hall() as hall:
        made = hall.back_up(file, vectors=vectors, replace=force)
    console().print(
        f"Wrote {counted(made.documents, 'document')} to {made.file} ({made.size / 1e6:,.1f} MB).", markup=False
    )


def restore(file: Annotated[Path, typer.Argument(help="A file that `studyhall backup` has written.")]) -> None:
    """Put a backup into a home that has no documents.

    [bold]Example[/bold]

    [cyan]studyhall restore ~/studyhall-2026-11.zip --home ~/studyhall[/cyan]
    """
    with Studyhall.restore(file) as own:  # never beside a server
        console().print(f"{counted(len(own.documents()), 'document')} and what was asked of them are back.")
        report = last_report(own.ingest_events([]), as_json=False)  # what was queued, or has no vectors yet
        if report.documents:
            print_ingest_report(report, console())
