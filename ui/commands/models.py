"""`studyhall models`: which language model answers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from rag.answer.forms import FORMS, USUAL, PromptForm
from rag.engine import local_model, model_path
from rag.errors import InputError
from rag.library.home import default_home
from rag.models import packaged
from rag.models.catalogue import catalogue, hub_file
from rag.models.download import Downloaded, download
from rag.models.estimate import estimate_memory, shape_of
from rag.models.gguf import check_context, read_header
from rag.models.kept_forms import KeptForms
from rag.models.remote import RemoteModel, only_model, open_remote
from rag.models.remote_models import RemoteModels, find_remote
from rag.settings import load_settings, save_setting
from ui.commands.options import Json, Yes
from ui.render.console import console
from ui.render.downloading import print_downloaded, watch_download
from ui.render.json import fields_of, print_json
from ui.render.models import (
    print_catalogue,
    print_model,
    print_models,
    print_probe,
    print_prompt,
    print_recommendation,
    watch_probe,
)

_PROBE_TOKENS = 160  # of an answer in a test: its cases are answered in a sentence or two

app = typer.Typer(no_args_is_help=True, help="List, download, add, show, choose and remove language models.")

Name = Annotated[str, typer.Argument(metavar="MODEL", help="A GGUF file, or the name of one in the models folder.")]
OneListed = Annotated[str, typer.Argument(metavar="MODEL", help="A name of `models list`.")]


@app.command("list")
def list_models(as_json: Json = False) -> None:
    """List the GGUF files in the models folder and the models that were added, and say which one answers.

    [bold]Example[/bold]

    [cyan]studyhall models list[/cyan]
    """
    home = default_home().absolute()
    chosen = load_settings(home).model
    files = sorted((home / "models").glob("*.gguf"))
    remote = [*RemoteModels(home / "models").all().values()]
    if as_json:
        models = [{"name": file.name, "path": str(file), "bytes": file.stat().st_size} for file in files]
        added = [{name: getattr(one, name) for name in ("name", "url", "model", "key_from")} for one in remote]
        print_json({"models": models, "remote": added, "chosen": chosen})
    else:
        print_models(files, remote, chosen, home / "models")


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="What you will call it.")],
    url: Annotated[str, typer.Option(help="The base of an OpenAI-compatible API, such as http://127.0.0.1:8080/v1.")],
    model: Annotated[str, typer.Option(help="Its name on the server; default: the only one that the server has.")] = "",
    key_from: Annotated[
        str, typer.Option(metavar="VARIABLE", help="The environment variable that holds the key, if it wants one.")
    ] = "",
    yes: Yes = False,
) -> None:
    """Give a name to a model on another server: llama.cpp's, LM Studio, vLLM, a university's gateway.

    Any server with an OpenAI-compatible API will do. The key is kept nowhere: only the name of its variable is.

    [bold]Examples[/bold]

    [cyan]studyhall models add desk --url http://127.0.0.1:8080/v1[/cyan]

    [cyan]studyhall models add campus --url https://llm.example.edu/v1 --model qwen3-32b --key-from CAMPUS_KEY[/cyan]
    """
    known = RemoteModels(default_home().absolute() / "models")
    added = known.check(RemoteModel(name, model, url, key_from))
    _agree(added, yes=yes)
    if not model:
        added = replace(added, model=only_model(added))
    known.add(added)
    console().print(f"{name} is {added.model} at {added.url}. Choose it: studyhall models use {name}", markup=False)


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


@app.command("recommend")
def recommend(
    context: Annotated[int, typer.Option(help="Tokens of prompt and answer; default: context_tokens.")] = 0,
    as_json: Json = False,
) -> None:
    """Say which models of the catalogue fit this computer, what they would take, and about how fast they are.

    Two seconds are spent on measuring processor and memory.

    [bold]Example[/bold]

    [cyan]studyhall models recommend[/cyan]
    """
    from rag.models.llama import graphics_cards, instruction_sets
    from rag.models.recommend import Computer, best, fits
    from rag.platform.hardware import free_disk, hardware, measure_speed

    home = default_home().absolute()
    computer = Computer(hardware(), measure_speed(), free_disk(home / "models"), graphics_cards())
    found = fits(catalogue(), computer, context or load_settings(home).context_tokens)
    chosen = best(found)
    if as_json:
        name = chosen.entry.name if chosen else None
        print_json({"computer": computer, "instruction_sets": instruction_sets(), "models": found, "recommended": name})
    else:
        print_recommendation(computer, found, chosen, instruction_sets())


@app.command("show")
def show(name: Name) -> None:
    """Show what a model file says of itself: architecture, context, memory, and a prompt as it is spoken to.

    [bold]Example[/bold]

    [cyan]studyhall models show ~/Downloads/qwen.gguf[/cyan]
    """
    home = default_home().absolute()
    from rag.answer.prompt import evidence_messages
    from rag.evaluation.probe import cases, excerpts_of
    from rag.models.chat import LlamaChat

    path = _gguf_file(name, home / "models", "show")
    model = LlamaChat(model_path=path, context_tokens=load_settings(home).context_tokens)
    memory = estimate_memory(shape_of(model.header), model.context_length)
    print_model(model.header, spoken=model.format.name, memory=memory, context=model.context_length)
    form, case = FORMS.get(KeptForms(home / "models").get(path), USUAL), cases()[0]
    prompt = evidence_messages(case.question, excerpts_of(case), language=case.language, form=form)
    print_prompt(model.render(prompt), form)


@app.command("test")
def test(
    name: Annotated[str, typer.Argument(metavar="[MODEL]", help="A GGUF file; default: the one that answers.")] = "",
    form: Annotated[str, typer.Option(help=f"Try only this form: {', '.join(FORMS)}.")] = "",
    as_json: Json = False,
) -> None:
    """Put twenty short cases to a model in each form of a prompt, and keep the best form for it.

    Takes some minutes. [bold]Examples[/bold]

    [cyan]studyhall models test[/cyan]

    [cyan]studyhall models test ~/Downloads/qwen.gguf --form example[/cyan]
    """
    from rag.answer.generate import Writer
    from rag.evaluation.probe import best_form, cases, probe

    home = default_home().absolute()
    settings = replace(load_settings(home), answer_tokens=_PROBE_TOKENS)
    path, forms = _gguf_file(name or settings.model, home / "models", "test"), _forms(form)
    model = local_model(path, settings)
    watched = watch_probe(probe(Writer(model, settings), forms), len(forms) * len(cases()), Console(stderr=True))
    found = list(watched)
    chosen = best_form(found)
    if not form:
        KeptForms(home / "models").keep(path, chosen.name)
    if as_json:
        print_json({"model": str(path), "form": chosen.name, "cases": found})
    else:
        expected = estimate_memory(shape_of(read_header(path)), model.context_tokens)
        print_probe(found, chosen, model.memory, expected)


def _gguf_file(name: str, folder: Path, command: str) -> Path:
    if not name or find_remote(name, folder):
        message = "No GGUF file is chosen." if not name else f"{name} is on another server: this is for files only."
        raise InputError(message, remedy=f"Name a GGUF file: studyhall models {command} FILE.gguf")
    return model_path(name, folder)


def _forms(name: str) -> list[PromptForm]:
    if name and name not in FORMS:
        message = f"There is no form {name!r}."
        raise InputError(message, remedy=f"There are: {', '.join(FORMS)}.")
    return [FORMS[name]] if name else list(FORMS.values())


@app.command("use")
def use(
    name: Annotated[
        str, typer.Argument(metavar="MODEL", help="A GGUF file, a name of `models list`, provider:name, or `none`.")
    ],
    yes: Yes = False,
) -> None:
    """Let this model write the answers from now on; `none` goes back to quoting.

    With a model on another computer, questions and excerpts of your documents go there: you are asked first.

    [bold]Examples[/bold]

    [cyan]studyhall models use ~/Downloads/Qwen3-4B-Instruct-2507-Q4_K_M.gguf[/cyan]

    [cyan]studyhall models use ollama:qwen3[/cyan]

    [cyan]studyhall models use none[/cyan]
    """
    home = default_home().absolute()
    if name == "none":
        chosen = ""
    elif remote := find_remote(name, home / "models"):
        open_remote(remote, load_settings(home))  # so that a package or a key that is missing is named now
        _agree(remote, yes=yes)
        chosen = name
    else:
        path = model_path(name, home / "models").absolute()
        check_context(read_header(path))
        chosen = name if name == packaged.NAME else path.name if path.parent == home / "models" else str(path)
    save_setting(home, "model", chosen)
    console().print(f"Answers are written by {chosen} now." if chosen else "Answers are quotes now.", markup=False)


@app.command("remove")
def remove(name: OneListed, yes: Yes = False) -> None:
    """Delete a model file from the models folder, or forget a model on another server.

    [bold]Examples[/bold]

    [cyan]studyhall models remove qwen.gguf[/cyan]

    [cyan]studyhall models remove campus[/cyan]
    """
    home = default_home().absolute()
    known = RemoteModels(home / "models")
    if name in known.all():
        known.remove(name)
        _forget_choice(home, name)
        return
    path = model_path(Path(name).name, home / "models")
    if path.parent != home / "models":
        message = f"{path} isn't in the models folder {home / 'models'}."
        raise InputError(message, remedy="Delete it yourself: Studyhall removes only what lies in its own folder.")
    if not yes:
        typer.confirm(f"Delete {path}?", abort=True)
    path.unlink()
    _forget_choice(home, path.name)


def _forget_choice(home: Path, name: str) -> None:
    """Go back to quotes if the model that is gone was the chosen one."""
    if load_settings(home).model == name:
        save_setting(home, "model", "")


def _agree(remote: RemoteModel, *, yes: bool) -> None:
    """Say what a model on another computer is sent, and ask whether that is meant; with `yes` only say it."""
    if remote.warning:
        console().print(remote.warning, style="yellow", markup=False)
        if not yes:
            typer.confirm("Is that meant?", abort=True)
