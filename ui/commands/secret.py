"""A password from whoever runs the command: never an argument, which every process of the computer could read."""

from __future__ import annotations

import getpass
import os
import sys

from rag.errors import InputError

VARIABLE = "STUDYHALL_PASSWORD"


def ask_password(prompt: str = "Password of the documents: ") -> str:
    """Return ``STUDYHALL_PASSWORD``; without it, ask at the terminal without echo, or read a line of standard input."""
    # Taken out of the environment, so that no process that is started from here gets it along.
    given = os.environ.pop(VARIABLE, "")
    if not given and sys.stdin is not None:
        given = getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline()
    given = given.rstrip("\r\n")
    if not given:
        message = "No password was given."
        raise InputError(message, remedy=f"Type it when asked, set {VARIABLE}, or pipe it in as one line.")
    return given
