"""Which language model answers, and how to get one."""

from __future__ import annotations

from pathlib import PurePath

from ui.hall import Studyhall
from ui.web.markup import safe, text

QUOTES = ""  # the model that is none: it quotes
_ADVICE = "Qwen3-4B-Instruct-2507, Q4_K_M: 2.5 GB"


def choices(hall: Studyhall) -> list[tuple[str, str]]:
    """Return what can answer, as (label, name): the model of the settings, those in the models folder, or none."""
    used = hall.engine.settings.model
    there = sorted(path.name for path in hall.engine.home.models.glob("*.gguf"))
    names = ([used] if used else []) + [name for name in there if name != PurePath(used).name]
    return [(PurePath(name).name if name.endswith(".gguf") else name, name) for name in names] + [
        ("Quotes, no model", QUOTES)
    ]


def status_html(hall: Studyhall) -> str:
    """Return the line that says who answers; without a model, with a hint how to get one."""
    used = hall.engine.settings.model
    if used:
        name = PurePath(used).name
        return safe(
            f'<p class="model"><span class="dot on"></span>{text(name)} writes the answers, on this computer</p>'
        )
    there = [label for label, name in choices(hall) if name]
    hint = (
        f"Choose {text(there[0])} under the question box, or make it the usual one:"
        if there
        else f"Download a GGUF file (for instance {text(_ADVICE)}), then tell Studyhall to use it and start it again:"
    )
    return safe(
        '<details class="model"><summary><span class="dot"></span>No language model: answers are quotes</summary>'
        f"<div><p>Studyhall finds the passages and quotes them word for word. With a language model it also writes "
        f"an answer in its own words, with the same citations.</p><p>{hint}</p>"
        f"<p><code>studyhall models use {text(there[0] if there else 'FILE.gguf')}</code></p>"
        f"<p>GGUF files in <code>{text(hall.engine.home.models)}</code> are offered here by themselves.</p>"
        "</div></details>"
    )
