"""`studyhall`, the command line: one place that turns our errors into a line on stderr and an exit code.

0  all well
1  could not run: the reason and the remedy are on stderr
2  wrong usage
3  done, but some documents failed: the report names them
130  stopped with Ctrl-C; what was finished is kept
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Annotated

import typer

from rag.errors import StudyhallError
from rag.library.home import default_home
from rag.settings import load_settings
from rag.texts import speaking, wanted
from ui.commands import (
    ask,
    backup,
    chat,
    collections,
    demo,
    docs,
    doctor,
    evaluate,
    ingest,
    models,
    password,
    search,
    serve,
)
from ui.render.console import one_line
from ui.version import VERSION

app = typer.Typer(
    name="studyhall",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)

EXIT_ERROR, EXIT_USAGE, EXIT_STOPPED = 1, 2, 130
_KEPT = {  # of a command that was stopped
    "ingest": "What was finished is kept, and the next ingestion takes up the rest",
    "pull": "What has come is kept, and the next pull goes on from there",
}


@app.callback()
def studyhall(
    home: Annotated[
        str, typer.Option(help="The folder where everything is kept; may stand anywhere in the line.")
    ] = "",
    version: Annotated[bool, typer.Option("--version", help="Show the version and stop.")] = False,
) -> None:
    """Ask your course material. Answers come from your own documents, on this computer, with their pages.

    [bold]First steps[/bold]

    [cyan]studyhall demo[/cyan]                         a sample course, one question

    [cyan]studyhall ingest lectures/[/cyan]             your own files

    [cyan]studyhall ask "What is a B-tree?"[/cyan]      an answer with its pages

    [cyan]studyhall ui[/cyan]                           the same in the browser
    """


app.command("demo")(demo.demo)
app.command("ingest")(ingest.ingest)
app.command("ask")(ask.ask)
app.command("search")(search.search)
app.command("chat")(chat.chat)
app.command("ui")(serve.serve)
app.add_typer(docs.app, name="docs")
app.add_typer(collections.app, name="collections")
app.add_typer(models.app, name="models")
app.command("eval")(evaluate.evaluate)
app.command("doctor")(doctor.doctor)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.command("password")(password.password)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if "--version" in arguments[:3]:
        sys.stdout.write(f"studyhall {VERSION}\n")
        return 0
    try:
        with _home_of(arguments), speaking(_language()):
            app(arguments, prog_name="studyhall")
    except SystemExit as exc:
        # Wrong usage and --help have been written by then; commands set their exit code with typer.Exit.
        if exc.code == EXIT_STOPPED:
            kept = next((kept for command, kept in _KEPT.items() if command in arguments), "What was finished is kept")
            sys.stderr.write(f"Stopped. {kept}.\n")
        return exc.code if isinstance(exc.code, int) else 0
    except StudyhallError as exc:
        sys.stderr.write(f"studyhall: {one_line(str(exc))}\n")
        return EXIT_ERROR
    except MemoryError:
        sys.stderr.write("studyhall: There is not enough memory. Close other programs, or choose a smaller model.\n")
        return EXIT_ERROR
    return 0


@contextmanager
def _home_of(arguments: list[str]) -> Iterator[None]:
    """Take `--home DIR` out of a command line, wherever it stands, and make it the home meanwhile."""
    before, named = os.environ.get("STUDYHALL_HOME"), _take_home(arguments)
    if named is not None:
        os.environ["STUDYHALL_HOME"] = named
    try:
        yield
    finally:
        if named is not None:
            os.environ.pop("STUDYHALL_HOME")
            os.environ.update({} if before is None else {"STUDYHALL_HOME": before})


def _language() -> str:
    """Return the language that is set, or that of the terminal."""
    with suppress(StudyhallError):  # the command itself tells what is wrong with the settings
        if chosen := load_settings(default_home()).language:
            return chosen
    named = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return wanted(next(filter(None, named), "").partition(".")[0])


def _take_home(arguments: list[str]) -> str | None:
    end = arguments.index("--") if "--" in arguments else len(arguments)
    for at, argument in enumerate(arguments[:end]):
        if argument == "--home":
            if at + 1 == end:
                sys.stderr.write("studyhall: --home needs a folder behind it.\n")
                sys.exit(EXIT_USAGE)
            named = arguments[at + 1]
            del arguments[at : at + 2]
            return named
        if argument.startswith("--home="):
            del arguments[at]
            return argument.partition("=")[2]
    return None


def run() -> None:
    """Run the command line of this process: the installed `studyhall`."""
    sys.exit(main())
