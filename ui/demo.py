"""The sample course that comes with Studyhall, and the question that `studyhall demo` asks it."""

from __future__ import annotations

from pathlib import Path

from rag.errors import NotFound

QUESTION = "Why is a full table of terms against documents not stored?"
_HERE = Path(__file__).resolve().parent


def sample_course() -> Path:
    """Return the folder of the sample course: inside the installed package, or in the repository."""
    return _data("sample-course")


def gold_questions() -> Path:
    """Return the file with questions about the sample course and where they are answered."""
    return _data("questions.jsonl")


def _data(name: str) -> Path:
    for folder in (_HERE / "_data", _HERE.parent / "data"):
        if (folder / name).exists():
            return folder / name
    message = f"The sample data {name} is missing from this installation."
    raise NotFound(message, remedy="Install Studyhall again.")
