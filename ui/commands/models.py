"""`studyhall models`: which language model answers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rag.engine import model_path
from rag.errors import InputError
from rag.library.home import default_home
from rag.models.catalogue import catalogue, hub_file
from rag.models.download import Downloaded, download
from rag.models.gguf import check_context, read_header
from rag.settings import load_settings, save_setting
from ui.commands.options import Json, Yes
from ui.render.console import console
from ui.render.downloading import print_catalogue, print_downloaded, watch_download
from ui.render.json import fields_of, print_json
from ui.render.terminal import print_model, print_models

app = typer.Typer(no_args_is_help=True, help="List, download, show, choose and remove language models.")

Name = Annotated[str, typer.Argument(metavar="MODEL", help="A GGUF file, or the name of one in the models folder.")]


@app.command("list")
def list_models(as_json: Json = False) -> None:
    """List the GGUF files in the models folder, and say which one answers.

    [bold]Example[/bold]

    [cyan]studyhall models list[/cyan]
    """
    home = default_home().absolute()
    chosen = load_settings(home).model
    files = sorted((home / "models").glob("*.gguf"))
    if as_json:
        models = [{"name": file.name, "path": str(file), "bytes": file.stat().st_size} for file in files]
        print_json({"models": models, "chosen": chosen})
    else:
        print_models(files, chosen, home / "models")


@app.command("pull")
def pull(
    name: Annotated[
        str, typer.Argument(metavar="[NAME]", help="A name of the catalogue, or REPOSITORY:FILE on the hub.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Download a language model into the models folder; without a name, list those of the catalogue.

    A download that was stopped is gone on with by the next one, and its sha256 is checked. The setting `hub` names a
    mirror.

    [bold]Examples[/bold]

    [cyan]studyhall models pull[/cyan]                lists the names

    [cyan]studyhall models pull qwen3.5-2b[/cyan]

    [cyan]studyhall models pull unsloth/Qwen3.5-2B-GGUF:Qwen3.5-2B-Q4_K_M.gguf[/cyan]
    """
    if not name:
        entries = catalogue()
        print_json({"catalogue": entries}) if as_json else print_catalogue(entries, console())
        return
    home = default_home().absolute()
    wanted, hub = hub_file(name), load_settings(home).hub
    if not as_json:
        console().print(f"{wanted} from {hub}", markup=False, soft_wrap=True)
    events = download(wanted, home / "models", endpoint=hub)
    for event in events if as_json else watch_download(events, console()):
        if isinstance(event, Downloaded):
            told = fields_of(event) | {"path": str(event.path)}
            print_json(told) if as_json else print_downloaded(event, console())


@app.command("show")
def show(name: Name) -> None:
    """Show what a model file says of itself: architecture, context, and how it is spoken to.

    [bold]Example[/bold]

    [cyan]studyhall models show ~/Downloads/qwen.gguf[/cyan]
    """
    from rag.models.chat import LlamaChat

    print_model(LlamaChat(model_path=model_path(name, default_home().absolute() / "models")))


@app.command("use")
def use(name: Annotated[str, typer.Argument(metavar="MODEL", help="A GGUF file, provider:name, or `none`.")]) -> None:
    """Let this model write the answers from now on; `none` goes back to quoting.

    [bold]Examples[/bold]

    [cyan]studyhall models use ~/Downloads/Qwen3-4B-Instruct-2507-Q4_K_M.gguf[/cyan]

    [cyan]studyhall models use ollama:qwen3[/cyan]

    [cyan]studyhall models use none[/cyan]
    """
    from rag.models.remote import is_remote, remote_chat

    home = default_home().absolute()
    if name == "none":
        chosen = ""
    elif is_remote(name):
        remote_chat(name, load_settings(home))  # so that a package that is missing is named now
        chosen = name
    else:
        path = model_path(name, home / "models").absolute()
        check_context(read_header(path))
        chosen = path.name if path.parent == home / "models" else str(path)
    save_setting(home, "model", chosen)
    console().print(f"Answers are written by {chosen} now." if chosen else "Answers are quotes now.", markup=False)


@app.command("remove")
def remove(name: Name, yes: Yes = False) -> None:
    """Delete a model file from the models folder.

    [bold]Example[/bold]

    [cyan]studyhall models remove qwen.gguf[/cyan]
    """
    home = default_home().absolute()
    path = model_path(Path(name).name, home / "models")
    if path.parent != home / "models":
        message = f"{path} isn't in the models folder {home / 'models'}."
        raise InputError(message, remedy="Delete it yourself: Studyhall removes only what lies in its own folder.")
    if not yes:
        typer.confirm(f"Delete {path}?", abort=True)
    path.unlink()
    if load_settings(home).model == path.name:
        save_setting(home, "model", "")
