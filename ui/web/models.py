"""Which language model answers, and how to get one."""

from __future__ import annotations

from pathlib import PurePath

from rag.texts import say
from ui.hall import Studyhall
from ui.web.markup import safe, text

QUOTES = ""  # the model that is none: it quotes
_ADVICE = "Qwen3-4B-Instruct-2507, Q4_K_M: 2.5 GB"


def choices(hall: Studyhall) -> list[tuple[str, str]]:
    """Return the choices, as (label, name): the model of the settings, those in the models folder, or none."""
    used = hall.settings.model
    names = ([used] if used else []) + [name for name in hall.models() if name != PurePath(used).name]
    return [(_label(hall, name), name) for name in names] + [(say("Quotes, no model"), QUOTES)]


def status_html(hall: Studyhall, chosen: str | None = None) -> str:
    """Return the line that says who answers; without a model, with a hint how to get one.

    `chosen` is the model that was chosen on the page, instead of that of the settings.
    """
    used = hall.settings.model if chosen is None else chosen
    if used:
        says = f'{text(_label(hall, used))}<span class="wide"> {say("writes the answers")}</span>'
        return safe(f'<p class="model"><span class="dot on"></span>{says}</p>')
    there = next((label for label, name in choices(hall) if name), "")
    says = f'<span class="dot"></span><span class="wide">{say("No language model:")} </span>{say("answers are quotes")}'
    return safe(f'<details class="model"><summary>{says}</summary><div>{_hint(hall, there)}</div></details>')


def _label(hall: Studyhall, name: str) -> str:
    """Return what the page calls a model: a file's name, or a name with the other computer where it writes."""
    where = hall.written_on(name)
    called = PurePath(name).name if name.endswith(".gguf") else name
    return say("{model} on {computer}", model=called, computer=where) if where else called


def _hint(hall: Studyhall, there: str) -> str:
    what = say(
        "Studyhall finds the passages and quotes them word for word. With a language model it also writes an answer in "
        "its own words, with the same citations."
    )
    how = (
        say("Choose {model} under the question box, or make it the usual one and start Studyhall again:", model=there)
        if there
        else say("Download a GGUF file (for instance {model}), name it to Studyhall and start it again:", model=_ADVICE)
    )
    where = say("GGUF files in {folder} are offered on this page by themselves.", folder=hall.models_folder)
    return (
        f"<p>{text(what)}</p><p>{text(how)}</p>"
        f"<p><code>studyhall models use {text(there or 'FILE.gguf')}</code></p><p>{text(where)}</p>"
    )
