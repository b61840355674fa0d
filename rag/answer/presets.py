"""Presets: the manner in which a language model writes. Ours are in the lexicon, a person's own in the home."""

from __future__ import annotations

import tomllib
from pathlib import Path

from rag import lexicon
from rag.errors import SettingsError

PRESETS_FILE = "presets.toml"  # in the home: name = "what is added to the instructions of the model"
_OURS = {"tutor": "preset_tutor", "examiner": "preset_examiner", "simple": "preset_simple"}  # name: text of the lexicon


class Presets:
    """The presets of a home."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / PRESETS_FILE

    def text(self, name: str, language: str) -> str:
        """Return what a preset adds to a model's instructions; "" for the name "".

        Raises SettingsError for a name that doesn't exist, or a file that can't be read.
        """
        if not name:
            return ""
        own = self._own()
        if name in own:
            return own[name]
        if name in _OURS:
            return lexicon.text(_OURS[name], language)
        message = f"There is no preset {name!r}."
        raise SettingsError(message, remedy=f"There are: {', '.join([*_OURS, *own])}. Add your own in {self._path}.")

    def _own(self) -> dict[str, str]:
        if not self._path.is_file():
            return {}
        try:
            told = tomllib.loads(self._path.read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
            message = f"{self._path} can't be read: {exc}."
            raise SettingsError(message, remedy='Each line is: name = "what the model is told".') from exc
        wrong = next((name for name, text in told.items() if not isinstance(text, str)), None)
        if wrong is not None:
            message = f"The preset {wrong!r} in {self._path} is no text."
            raise SettingsError(message, remedy='Each line is: name = "what the model is told".')
        return told
