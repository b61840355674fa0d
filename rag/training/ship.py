"""Writes the shipped embedder: ``python -m rag.training.ship STUDENT FOLDER``.

STUDENT is the sentence-transformers folder that `rag.training.student` writes, FOLDER usually ``data/models/embedder``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
from pathlib import Path

from rag.models.bert import write_bert
from rag.models.embedder_spec import DEFAULT_MODEL, GRAPH, PROPERTIES, read_spec
from rag.training.distil_texts import MAX_TOKENS


def ship(student: Path, folder: Path) -> None:
    """Write graph, tokenizer and properties of the student in `student`."""
    folder.mkdir(parents=True, exist_ok=True)
    write_bert(student, folder / GRAPH, "int8")
    shutil.copyfile(student / "tokenizer.json", folder / "tokenizer.json")
    spec = read_spec(str(student))
    with (folder / GRAPH).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    properties = {
        "name": DEFAULT_MODEL,
        "sha256": digest,
        "languages": ["en", "de"],
        "max_tokens": min(spec.max_tokens, MAX_TOKENS),
        "dimensions": spec.dimensions,
        "query_prefix": spec.query_prefix,
        "document_prefix": spec.document_prefix,
    }
    (folder / PROPERTIES).write_text(json.dumps(properties, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("student", type=Path)
    parser.add_argument("folder", type=Path)
    asked = parser.parse_args()
    ship(asked.student, asked.folder)


if __name__ == "__main__":
    main()
