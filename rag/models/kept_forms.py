"""Which form of a prompt a model file was found to answer best from, kept beside the models."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

_KEPT = "forms.json"
_SAMPLES, _SAMPLE = 16, 1 << 16  # pieces of a file that tell it from others, and the bytes of each


class KeptForms:
    """The names of forms by model file, in the folder of models."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _KEPT

    def get(self, model: Path) -> str:
        """Return the name of the form that was kept for a model file, under any name of the file; "" without one."""
        kept = self._read()
        return kept.get(fingerprint(model), "") if kept else ""

    def keep(self, model: Path, form: str) -> None:
        """Keep the name of a form for a model file."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        kept = self._read() | {fingerprint(model): form}
        temporary = self._path.with_suffix(".new")
        temporary.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
        temporary.replace(self._path)

    def _read(self) -> dict[str, str]:
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}  # what can be found out again is no reason to fail
        return {str(key): str(form) for key, form in kept.items()} if isinstance(kept, dict) else {}


def fingerprint(path: Path) -> str:
    """Return a hash of a file's size and of pieces spread over it: the whole file would take seconds."""
    digest, size = hashlib.sha256(), path.stat().st_size
    digest.update(str(size).encode())
    with path.open("rb") as file:
        for at in range(_SAMPLES):
            file.seek(max(size - _SAMPLE, 0) * at // (_SAMPLES - 1), os.SEEK_SET)
            digest.update(file.read(_SAMPLE))
    return digest.hexdigest()
