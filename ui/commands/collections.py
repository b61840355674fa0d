"""`studyhall collections`: courses kept apart."""

from __future__ import annotations

from typing import Annotated

import typer

from ui.commands.options import Json, Yes
from ui.commands.session import open_hall
from ui.render.console import console
from ui.render.json import print_json
from ui.render.terminal import print_collections
from ui.render.words import counted

app = typer.Typer(no_args_is_help=True, help="List, create and remove collections.")

Name = Annotated[str, typer.Argument(help="The collection's name.")]


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
