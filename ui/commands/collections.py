"""`studyhall collections`: courses kept apart."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rag.texts import counted
from ui.commands.ingest import follow
from ui.commands.options import Json, Yes
from ui.commands.session import open_hall
from ui.render.console import console
from ui.render.json import print_json
from ui.render.terminal import print_collections

app = typer.Typer(no_args_is_help=True, help="List, create, rename, remove, export and import collections.")

Name = Annotated[str, typer.Argument(help="The collection's name.")]
As = Annotated[str, typer.Option("-c", "--collection", help="The collection to put them in; by default its own name.")]
File = Annotated[Path, typer.Argument(help="The file with the collection.")]


@app.command("list")
def list_collections(as_json: Json = False) -> None:
    """List the collections with their documents and chunks.

    [bold]Example[/bold]

    [cyan]studyhall collections list[/cyan]
    """
    with open_hall() as hall:
        infos = hall.collections()
    print_json({"collections": infos}) if as_json else print_collections(infos)


@app.command("create")
def create(name: Name) -> None:
    """Make an empty collection. `studyhall ingest -c NAME` makes it as well.

    [bold]Example[/bold]

    [cyan]studyhall collections create "Lineare Algebra"[/cyan]
    """
    with open_hall() as hall:
        hall.create_collection(name)
    console().print(f"There is a collection {name} now.", markup=False)


@app.command("rename")
def rename(name: Name, new: Annotated[str, typer.Argument(help="Its new name.")]) -> None:
    """Give a collection another name.

    [bold]Example[/bold]

    [cyan]studyhall collections rename main "Lineare Algebra"[/cyan]
    """
    with open_hall() as hall:
        hall.rename_collection(name, new)
    console().print(f"{name} is called {new.strip()} now.", markup=False)


@app.command("export")
def export(
    name: Name,
    file: File,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Write a collection's documents, with tags and vectors, into one file, for another home or another person.

    [bold]Example[/bold]

    [cyan]studyhall collections export algebra algebra.studyhall[/cyan]
    """
    with open_hall() as hall:
        count = hall.export_collection(name, file, replace=force)
    console().print(f"Wrote {counted(count, 'document')} of {name} to {file}.", markup=False)


@app.command("import")
def import_(file: File, collection: As = "", as_json: Json = False) -> None:
    """Ingest the documents of an exported collection, under its name or another.

    [bold]Examples[/bold]

    [cyan]studyhall collections import algebra.studyhall[/cyan]

    [cyan]studyhall collections import algebra.studyhall -c "Lineare Algebra"[/cyan]
    """
    with open_hall() as hall:
        follow(hall.import_events(file, collection=collection), as_json=as_json)


@app.command("remove")
def remove(name: Name, yes: Yes = False) -> None:
    """Remove a collection and every document that no other collection holds.

    [bold]Example[/bold]

    [cyan]studyhall collections remove sample-course[/cyan]
    """
    with open_hall() as hall:
        documents = hall.documents(name)
        if documents and not yes:
            typer.confirm(f"Remove {name} with {counted(len(documents), 'document')}?", abort=True)
        hall.remove_collection(name)
    console().print(f"Removed {name}.", markup=False)
