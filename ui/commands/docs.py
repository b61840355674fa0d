"""`studyhall docs`: what is in the library."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ingest.report import IngestReport
from rag.errors import InputError
from rag.texts import counted
from ui.commands.ingest import follow, ingest
from ui.commands.options import Collection, Json, Yes
from ui.commands.session import missing_catalog, open_hall
from ui.holdings import is_named
from ui.render.console import console, one_line
from ui.render.json import document_json, print_json
from ui.render.terminal import print_document, print_documents

app = typer.Typer(no_args_is_help=True, help="List, show, tag, move, remove, refresh, recover and export documents.")

Name = Annotated[str, typer.Argument(metavar="DOCUMENT", help="Its id, path, file name, or part of its title.")]
NoName = Annotated[str, typer.Argument(metavar="[DOCUMENT]", help="Its id, path, file name, or part of its title.")]


@app.command("list")
def list_documents(collection: Collection = None, as_json: Json = False) -> None:
    """List the documents with their pages, chunks and state.

    [bold]Examples[/bold]

    [cyan]studyhall docs list[/cyan]

    [cyan]studyhall docs list -c algebra --json[/cyan]
    """
    with open_hall() as hall:
        infos = hall.documents(collection)
        orphans = [] if infos or as_json else hall.orphans()
    if orphans:
        console().print(missing_catalog(len(orphans)))
        return
    print_json({"documents": infos}) if as_json else print_documents(infos)


@app.command("show")
def show(
    name: Name,
    text: Annotated[bool, typer.Option("--text", help="Its text as well.")] = False,
    as_json: Json = False,
) -> None:
    """Show what is known of a document: where it came from, what is in it, what could not be read.

    [bold]Example[/bold]

    [cyan]studyhall docs show script.pdf --text | less[/cyan]
    """
    with open_hall() as hall:
        info = hall.find(name)
        document, tags = hall.document(info.document_id), hall.tags(info.document_id)
    if as_json:
        print_json(document_json(info, document, tags, with_text=text))
    else:
        print_document(info, document, tags, with_text=text)


@app.command("move")
def move(
    names: Annotated[
        list[str], typer.Argument(metavar="DOCUMENT…", help="Ids, paths, file names, or parts of titles.")
    ],
    to: Annotated[str, typer.Option("--to", help="The collection to put them in; it is made if there is none.")],
    collection: Collection = None,
    as_json: Json = False,
) -> None:
    """Move documents into another collection.

    [bold]Examples[/bold]

    [cyan]studyhall docs move week3.pdf --to algebra[/cyan]

    [cyan]studyhall docs move week3.pdf week4.pdf -c main --to algebra[/cyan]
    """
    with open_hall() as hall:
        follow(hall.move_events(names, to, collection=collection), as_json=as_json)


@app.command("remove")
def remove(name: Name, collection: Collection = None, yes: Yes = False) -> None:
    """Remove a document from the library, from every collection or from one. The file itself stays where it is.

    [bold]Examples[/bold]

    [cyan]studyhall docs remove script.pdf[/cyan]

    [cyan]studyhall docs remove 3fa4c1 -c algebra --yes[/cyan]
    """
    with open_hall() as hall:
        info = hall.find(name, collection)
        same = [other for other in hall.documents(collection) if other.document_id == info.document_id]
        named = [other for other in same if is_named(other, name)] or same
        places = collection or ", ".join(sorted({other.collection for other in named}))
        if not yes:
            typer.confirm(one_line(f"Remove {info.title} ({named[0].source}) from {places}?"), abort=True)
        hall.remove(name, collection=collection)
    stays = f" {same[0].title} stays: other files have the same content." if len(named) < len(same) else ""
    console().print(f"Removed {named[0].source if stays else info.title} from {places}.{stays}", markup=False)


@app.command("tag")
def tag(
    name: Name,
    tags: Annotated[list[str] | None, typer.Argument(metavar="TAG…", help="None shows those it has.")] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Take these tags away.")] = False,
    as_json: Json = False,
) -> None:
    """Give a document tags to search within. Weeks and lectures are read from its path; a tag corrects them.

    [bold]Examples[/bold]

    [cyan]studyhall docs tag script.pdf exam-relevant[/cyan]

    [cyan]studyhall docs tag graphs.pdf "week 5"[/cyan]

    [cyan]studyhall docs tag graphs.pdf "week 5" --remove[/cyan]
    """
    with open_hall() as hall:
        held = hall.tag(name, tags, remove=remove) if tags else hall.tags(name)
    if as_json:
        print_json({"document": name, "tags": held})
    else:
        console().print(", ".join(held) or "It has no tags.", markup=False)


@app.command("refresh")
def refresh(
    name: Annotated[
        str, typer.Argument(metavar="DOCUMENT", help="Its id, path, file name, or part of its title.")
    ] = "",
    outdated: Annotated[
        bool, typer.Option("--outdated", help="All that an older version has read, from their kept originals.")
    ] = False,
    collection: Collection = None,
    as_json: Json = False,
) -> None:
    """Read a document again from where it came from, also when it has not changed.

    [bold]Examples[/bold]

    [cyan]studyhall docs refresh https://example.org/chapter-3.html[/cyan]

    [cyan]studyhall docs refresh --outdated[/cyan]
    """
    if outdated == bool(name):
        message = "Name one document, or give --outdated."
        raise InputError(message, remedy="`studyhall docs list` names them.")
    with open_hall() as hall:
        if outdated:
            follow(hall.read_again_events(collection=collection), as_json=as_json)
            return
        info = hall.find(name, collection)
    ingest([info.source], info.collection, force=True, as_json=as_json)


@app.command("recover")
def recover(
    discard: Annotated[bool, typer.Option("--discard", help="Delete them instead.")] = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Ingest again the files in the home that no document names: what a damaged library or a cut upload has left.

    [bold]Examples[/bold]

    [cyan]studyhall docs recover[/cyan]

    [cyan]studyhall docs recover --discard[/cyan]
    """
    with open_hall() as hall:
        orphans = hall.orphans()
        if not orphans and not (discard and as_json):
            print_json(IngestReport()) if as_json else console().print("Each file in the home belongs to a document.")
        elif discard:
            if not (yes or as_json):
                console().print("\n".join(orphan.uri or orphan.path for orphan in orphans), markup=False)
                typer.confirm(f"Delete {counted(len(orphans), 'file')}?", abort=True)
            count = hall.discard_orphans()
            print_json({"deleted": count}) if as_json else console().print(f"Deleted {counted(count, 'file')}.")
        else:
            follow(hall.recover_events(), as_json=as_json)


@app.command("export")
def export(
    name: Name,
    to: Annotated[Path | None, typer.Option("--to", help="The file to write; the terminal by default.")] = None,
) -> None:
    """Write out a document's text as Studyhall reads it: what citations are offsets into.

    [bold]Example[/bold]

    [cyan]studyhall docs export script.pdf --to script.txt[/cyan]
    """
    with open_hall() as hall:
        text = hall.document(hall.find(name).document_id).text
    if to is None:
        sys.stdout.write(text)
        return
    try:
        # newline: offsets count one character for a line end, on every system.
        to.write_text(text, encoding="utf-8", newline="\n")
    except OSError as exc:
        message = f"{to} can't be written: {exc.strerror or exc}."
        raise InputError(message, remedy="Choose another file with --to.") from exc
    sys.stderr.write(f"Written to {to}.\n")
