"""A change of what a file is read as raises the number of its format's reading, so that old documents are found.

`python -m tests.ingest.loaders.test_readings` writes the digests anew, after the numbers were raised.
"""

from __future__ import annotations

import hashlib
import json
import sys
from functools import cache
from importlib.metadata import version
from pathlib import Path

import pytest

from ingest.loaders import detect, load
from ingest.loaders.readings import reading_of
from tests import pdf_samples
from tests.conftest import SAMPLE_COURSE
from tests.ingest.loaders.test_every_format import SAMPLES

# Another version of these may read a file differently.
LIBRARIES = {
    ".pdf": "pypdfium2",
    ".html": "trafilatura",
    ".docx": "python-docx",
    ".pptx": "python-pptx",
    ".xlsx": "openpyxl",
    ".rtf": "striprtf",
}
DIGESTS = Path(__file__).with_name("readings.json")


def files() -> dict[str, bytes]:
    """Return small files of all formats by name."""
    made = {sample.name: sample.data for sample in SAMPLES} | {"prose.pdf": pdf_samples.prose()}
    return made | {path.name: path.read_bytes() for path in sorted(SAMPLE_COURSE.iterdir()) if path.is_file()}


@cache
def measured() -> dict[str, list[object]]:
    """Return by name the number of the reading, a digest of what the file is read as, and the library that reads it."""
    found: dict[str, list[object]] = {}
    for name, data in files().items():
        library = LIBRARIES.get(Path(name).suffix)
        document = load(data, name=name)
        blocks = [[block.start, block.end, block.kind.value, block.level, block.page] for block in document.blocks]
        told = json.dumps([document.text, document.title, blocks], ensure_ascii=False)
        digest = hashlib.sha256(told.encode()).hexdigest()[:16]
        found[name] = [reading_of(detect(name, data)), digest, f"{library} {version(library)}" if library else ""]
    return found


@pytest.mark.parametrize("name", files())
def test_a_file_is_read_as_before_or_its_format_has_a_new_number(name: str) -> None:
    known = json.loads(DIGESTS.read_text(encoding="utf-8")).get(name)
    if known and known[2] != measured()[name][2]:
        pytest.skip(f"{name} was read by {known[2]}.")
    assert measured()[name] == known, (
        f"What {name} is read as has changed. Raise its format's number in ingest/loaders/readings.py, then run "
        "python -m tests.ingest.loaders.test_readings"
    )


if __name__ == "__main__":
    DIGESTS.write_text(json.dumps(measured(), indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(f"Wrote {DIGESTS}.\n")
