"""The forms of a prompt: how question and evidence are put to a model. They are data, in `forms.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class PromptForm:
    """A form of a prompt; see `forms.toml` for its fields."""

    name: str
    purpose: str
    instructions: str = ""
    example: bool = False
    opening: str = ""


def _read() -> dict[str, PromptForm]:
    tables = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return {name: PromptForm(name=name, **table) for name, table in tables.items()}


FORMS = _read()  # by name
USUAL = next(iter(FORMS.values()))  # for a model that was never tried
