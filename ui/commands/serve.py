"""`studyhall ui`: the page in the browser, and the local API, on one port."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from rag.errors import InputError
from ui.commands.options import Model
from ui.commands.session import chosen_model
from ui.guard import is_loopback
from ui.hall import Studyhall
from ui.password import PagePassword


def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on; this computer only by default.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")] = None,
    model: Model = None,
    open_browser: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in a browser.")] = True,
) -> None:
    """Open the page: drop files, ask, click a citation and see the page it comes from.

    While it runs, the other commands hand their work to it. Ctrl-C stops it.

    [bold]Examples[/bold]

    [cyan]studyhall ui[/cyan]

    [cyan]studyhall ui --port 9000 --no-open --model qwen.gguf[/cyan]
    """
    from ui.server import serve as run_server

    name = chosen_model(model)
    with Studyhall.open() as hall:
        if name:
            hall.use_model(name)
        address = host or hall.settings.host
        if not is_loopback(address) and not PagePassword(hall.folder).mark:
            message = (
                f"On {address} others on the network could read and change your documents: the page has no password."
            )
            raise InputError(message, remedy="Set one with `studyhall password`, or leave --host out.")
        run_server(
            hall,
            host=address,
            port=hall.settings.port if port is None else port,
            open_browser=open_browser,
            announce=print_line,
        )


def print_line(line: str) -> None:
    """Print a line at once, also into a pipe."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
