"""Language models in a terminal: what is there, what fits, how one is spoken to, and how it did in the probe."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from rag.answer.forms import PromptForm
from rag.models import packaged
from rag.models.catalogue import CatalogueEntry
from rag.models.estimate import ModelMemory
from rag.models.gguf import GgufHeader
from rag.models.remote import RemoteModel
from ui.render.console import console
from ui.render.words import amount

_LANGUAGES = 18  # letters

if TYPE_CHECKING:
    from rag.evaluation.probe import Probed
    from rag.models.recommend import Computer, Fit


def print_models(files: Sequence[Path], remote: Sequence[RemoteModel], chosen: str, folder: Path) -> None:
    """Print the model files, the model of a package, the models on other servers, and which one answers."""
    told = {path.name: f"{path.stat().st_size / 1e9:.1f} GB" for path in files}
    told |= {packaged.NAME: "of a package, for trying"} if packaged.is_installed() else {}
    told |= {one.name: f"{one.model} at {one.url}" for one in remote}
    for name, what in told.items():
        console().print(f"{'→' if name == chosen else ' '} {name}  {what}", markup=False)
    if chosen and chosen not in told:
        console().print(f"→ {chosen}", markup=False)
    if not chosen:
        console().print("No model is chosen: answers are quotes. Run: studyhall models use FILE.gguf")
    if not files and not remote:
        console().print(f"There is no model in {folder} yet. Download one: studyhall models pull", markup=False)


def print_model(header: GgufHeader, *, spoken: str, memory: ModelMemory, context: int) -> None:
    """Print what a model file says of itself, and the memory that it would take with a context of some tokens."""
    rows = {
        "name": header.name,
        "file": header.path,
        "size": f"{header.size_bytes / 1e9:.2f} GB",
        "architecture": header.architecture,
        "context": f"{header.context_length:,} tokens",
        "vocabulary": f"{header.vocabulary:,} tokens",
        "tokenizer": header.tokenizer_model,
        "spoken to": spoken,
        "memory": f"about {amount(memory.total)} with a context of {context:,} tokens: weights "
        f"{amount(memory.weights)}, cache {amount(memory.cache)}, computing {amount(memory.compute)}",
    }
    for name, value in rows.items():
        console().print(Text.assemble((f"{name:>13}  ", "bold"), str(value)))


def print_catalogue(entries: Sequence[CatalogueEntry], console: Console) -> None:
    """Print the models that can be pulled by name."""
    table = Table("name", "size", "licence", "languages", box=None, header_style="bold")
    for entry in entries:
        texts = (entry.name, amount(entry.bytes), entry.licence, entry.languages or "not stated")
        table.add_row(*(escape(text) for text in texts))
    console.print(table)
    console.print("Download one: studyhall models pull NAME")


def print_recommendation(
    computer: Computer, found: Sequence[Fit], chosen: Fit | None, instructions: Sequence[str]
) -> None:
    """Print what the computer has, what each model would take of it, and the one that is recommended."""
    told, hardware = console(), computer.hardware
    sets = f" ({', '.join(instructions)})" if instructions else ""
    room = f"{amount(hardware.free_memory)} of it free, {amount(max(computer.room, 0))} for a model"
    told.print(Text(f"{hardware.cores} cores{sets}"), soft_wrap=True)
    told.print(f"Memory: {amount(hardware.memory)}, {room}. Disk: {amount(computer.disk)} free.")
    for card in computer.cards:
        told.print(Text(f"Graphics card: {card.name}, {amount(card.free_memory)} of {amount(card.memory)} free."))
    if not computer.cards:
        told.print("Graphics card: none that this build of llama.cpp can use.")
    table = Table("", box=None, header_style="bold")
    for name in ("name", "file", "memory", "reads", "writes"):
        table.add_column(name, no_wrap=True, min_width=len(name))
    table.add_column("languages", no_wrap=True, max_width=_LANGUAGES)
    table.add_column("")
    for one in found:
        table.add_row(
            "→" if one is chosen else "",
            escape(one.entry.name),
            amount(one.entry.bytes),
            amount(one.memory),
            f"{one.reads_per_s:.0f}/s",
            f"{one.writes_per_s:.0f}/s",
            escape(one.entry.languages or "not stated"),
            _verdict(one),
        )
    told.print(table)
    told.print("[dim]Memory, and tokens a second on the processor, are estimates.[/dim]")
    if chosen is None:
        told.print("None of them fits and is quick enough. Quotes need no model.")
    else:
        told.print(Text(f"Get it: studyhall models pull {chosen.entry.name}"))


def _layers(fit: Fit) -> int:
    return -1 if fit.card_layers == fit.entry.layers else fit.card_layers


def _verdict(fit: Fit) -> str:
    if not fit.fits:
        return "[yellow]too large[/yellow]"
    if not fit.enough_disk:
        return "[yellow]no disk[/yellow]"
    if fit.card_layers:
        return "on the card" if _layers(fit) < 0 else f"{fit.card_layers} layers on the card"
    return "fits" if fit.quick else "[yellow]slow[/yellow]"


def print_prompt(rendered: str, form: PromptForm) -> None:
    """Print a prompt as the model gets it."""
    console().print(Text(f"\nA prompt of the form “{form.name}”, as the model gets it:", "bold"))
    console().print(Text(rendered))


def watch_probe(found: Iterable[Probed], most: int, told: Console) -> Iterator[Probed]:
    """Show how the probe of a model goes, passing its `most` results on."""
    with told.status("Loading …") as status:
        for at, one in enumerate(found, start=1):
            yield one
            status.update(f"{at} of {most}, form {one.form.name} …")


def print_probe(found: Sequence[Probed], chosen: PromptForm, memory: ModelMemory, expected: ModelMemory) -> None:
    """Print the right answers by form and kind of case, and what the model took."""
    kinds_there = dict.fromkeys(one.case.kind for one in found)
    table = Table("", "form", "right", *kinds_there, box=None, header_style="bold")
    for form in dict.fromkeys(one.form for one in found):
        mine = [one for one in found if one.form is form]
        kinds = [[one.right for one in mine if one.case.kind == kind] for kind in kinds_there]
        shares = [f"{sum(rights)}/{len(rights)}" for rights in kinds]
        table.add_row(
            "→" if form is chosen else "", form.name, f"{sum(one.right for one in mine)}/{len(mine)}", *shares
        )
    console().print(table)
    console().print(chosen.purpose)
    read, written = (sum(one.tokens[at] for one in found) for at in (0, 1))
    reading, writing = sum(one.read_s for one in found), sum(one.write_s for one in found)
    speeds = (
        f"It reads {read / max(reading, 1e-9):.0f} and writes {written / max(writing, 1e-9):.0f} tokens a second here"
    )
    console().print(f"{speeds}, and takes {amount(memory.total)} of memory ({amount(expected.total)} were expected).")
