"""`studyhall password`: what others on the network have to know to use the page."""

from __future__ import annotations

import getpass
import sys
from typing import Annotated

import typer

from rag.errors import InputError
from rag.library.home import default_home
from ui.commands.secret import ask_password
from ui.password import PagePassword
from ui.render.console import console


def password(
    remove: Annotated[
        bool, typer.Option("--remove", help="Forget it: the page is for this computer only then.")
    ] = False,
) -> None:
    """Set the password of the page, for a server that others on the network can reach.

    On this computer nobody is asked for it. It is typed, or taken from STUDYHALL_PASSWORD or a line from a pipe; its
    hash is kept in the home. Whoever is logged in has to log in again.

    [bold]Examples[/bold]

    [cyan]studyhall password[/cyan]

    [cyan]studyhall ui --host 0.0.0.0[/cyan]
    """
    kept = PagePassword(default_home().absolute())
    if remove:
        kept.remove()
        console().print("The page has no password now: `studyhall ui` serves it to this computer only.")
        return
    given = ask_password("New password of the page: ")
    if sys.stdin is not None and sys.stdin.isatty() and getpass.getpass("The same once more: ") != given:
        message = "The two are not the same."
        raise InputError(message, remedy="Run the command again.")
    kept.set(given)
    console().print("The password is set. `studyhall ui --host 0.0.0.0` serves the page to this network.")
