"""kill -9 in the middle of an ingestion with changes and removals, and what must hold after it.

A round changes the course, starts the work in a process of its own, kills it at some moment, and looks: each
document wholly there or wholly queued, vectors and catalog in agreement, nothing left over, nothing lost. Then a
copy of the home is brought to its end, and must be what the course is.
"""

from __future__ import annotations

import hashlib
import random
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from rag.errors import StudyhallError
from rag.library.library import Library
from rag.library.repair import examine
from rag.types import DocumentState
from ui.hall import Studyhall

FILES = 8
REMOVED = ("00.md", "copy.md")  # from their collection, by the work; they have the same content
PARAGRAPH = "The postings list of a term names the documents that hold it, in ascending order. "
# The work that is killed: changes, a second collection of the same files, prune, and removals of both kinds.
WORK = """
import sys
from pathlib import Path
from ui.hall import Studyhall
from rag.errors import NotFound
course, home = map(Path, sys.argv[1:])
with Studyhall.open(home) as hall:
    print("begun", flush=True)
    list(hall.ingest_events([course / "main"], prune=True))
    hall.ingest([course / "main"], collection="twin")
    for name in ("00.md", "twin"):
        try:
            hall.remove(name, collection="main") if name.endswith(".md") else hall.remove_collection(name)
        except NotFound:
            pass
    hall.ingest([course / "main"], collection="twin")
    list(hall.ingest_events([course / "main"], prune=True))
print("ended", flush=True)
"""


@dataclass(slots=True)
class Round:
    """What one kill left, and what was wrong with it."""

    after: float  # seconds from the moment the home was open
    ended: bool = False  # the work was done before the kill
    queued: int = 0
    parsed: int = 0
    ready: int = 0
    wrong: list[str] = field(default_factory=list)


def change(course: Path, moments: random.Random, number: int) -> None:
    """Write the course of a round: some files new, some changed, some gone, two with the same content."""
    folder = course / "main"
    folder.mkdir(parents=True, exist_ok=True)
    names = [f"{n:02}.md" for n in range(FILES)]
    for name in names:
        path = folder / name
        if not path.exists() or moments.random() < 0.4:
            sections = "\n\n".join(f"## Section {n}\n\n{name} {PARAGRAPH * 6}" for n in range(moments.randint(1, 5)))
            path.write_text(f"# Lecture {name}, version {number}\n\n{sections}\n", encoding="utf-8")
    for name in moments.sample(names[1:], 2):
        (folder / name).unlink()
    (folder / "copy.md").write_bytes((folder / "00.md").read_bytes())


def work_and_kill(course: Path, home: Path, after: float) -> bool:
    """Start the work, and kill it so many seconds after it has opened the home; say whether it had ended."""
    return "ended" in killed([sys.executable, "-c", WORK, str(course), str(home)], after)


def killed(command: list[str], after: float) -> str:
    """Start a process, and kill it so many seconds after it has said that it begins; return what it said."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout and process.stderr
    if process.stdout.readline() != b"begun\n":
        raise AssertionError(process.stderr.read().decode())
    time.sleep(after)
    process.kill()
    said, complaint = process.communicate()
    if b"Traceback" in complaint:
        raise AssertionError(complaint.decode())
    return said.decode()


def took(course: Path, home: Path) -> float:
    """Return how long the whole work takes, from the moment the home is open."""
    command = [sys.executable, "-c", WORK, str(course), str(home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        began = time.perf_counter()
        process.wait()
    return time.perf_counter() - began


def look(home: Path, before: set[tuple[str, str]], round_: Round) -> None:
    """Open a home that a kill has left, and write down what is there and what is wrong."""
    with Studyhall.open(home) as hall:
        library = hall.engine.library
        infos = hall.documents()
        states = [info.state for info in infos]
        round_.queued = states.count(DocumentState.QUEUED)
        round_.parsed = states.count(DocumentState.PARSED)
        round_.ready = states.count(DocumentState.READY)
        round_.wrong += [f"{info.source} failed: {info.error}" for info in infos if info.error]
        round_.wrong += [problem for info in infos for problem in _whole(library, info.document_id, info.state)]
        there = {(info.collection, info.source) for info in infos}
        # What no removal of the round names, and whose file is still there, may not be gone.
        lost = {(c, s) for c, s in before - there if c == "main" and Path(s).name not in REMOVED and Path(s).exists()}
        round_.wrong += [f"lost {item}" for item in sorted(lost)]
        round_.wrong += left_over(library)


def _whole(library: Library, document_id: str, state: DocumentState) -> list[str]:
    """Return what is missing of a document in its state: of a queued one its bytes, of another all of it."""
    if state is DocumentState.QUEUED:
        jobs = [job for job in library.queue.jobs() if job.document_id == document_id]
        return [problem for job in jobs for problem in _bytes(library, job.source.sha256)]
    problems = _bytes(library, library.catalog.documents.sha256(document_id))
    document = library.catalog.documents.get(document_id)
    chunks = library.catalog.chunks.of_document(document_id)
    covered = "".join("".join(chunk.text.split()) for chunk in chunks)
    if not chunks or covered != "".join(document.text.split()):
        problems.append(f"{document_id} is not whole: {len(chunks)} chunks, {len(document.text)} characters")
    return problems


def _bytes(library: Library, sha256: str) -> list[str]:
    path = library.originals.path(sha256)
    if path is None or hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
        return [f"the bytes of {sha256[:8]} are not there"]
    return []


def left_over(library: Library) -> list[str]:
    """Return what disagrees, once what is merely unfinished is left out of it."""
    catalog, state, vectors = library.catalog, library.embedding_state, library.vectors
    ill = [finding for finding in examine(library) if not finding.well]
    problems = [f"{each.what}: {each.seen}" for each in ill if each.what in {"catalog", "lexical index"}]
    held = {
        (catalog.collections.number(info.collection), info.document_id)
        for info in catalog.documents.all()
        if info.chunks
    }
    embedded = {(number, document_id) for number, document_id, _ in state.all()}
    problems += [f"vectors of {item} are recorded, which nobody holds" for item in embedded - held]
    for number, document_id in sorted(embedded):
        keys = [key for key, _ in catalog.chunks.keys(document_id)]
        if not len(vectors.present(number, keys)) == vectors.document_ids(number).get(document_id) == len(keys):
            problems.append(f"the vectors of {document_id} in {number} are not those of its chunks")
    for number in {number for number, _ in held}:
        strays = {document_id for document_id in vectors.document_ids(number) if (number, document_id) not in held}
        problems += [f"vectors of {document_id}, which collection {number} doesn't hold" for document_id in strays]
    problems += [f"the file {orphan.path} is needed by nobody" for orphan in library.orphans()]
    return problems


def complete(course: Path, home: Path) -> list[str]:
    """Bring a home to its end; return how it differs from what the course is."""
    with Studyhall.open(home) as hall:
        list(hall.ingest_events([course / "main"], prune=True))
        infos = [info for info in hall.documents() if info.collection == "main"]
        wrong = [f"{info.source} is {info.state}" for info in hall.documents() if info.state is not DocumentState.READY]
        files = {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in (course / "main").iterdir()}
        held = {info.source: hall.engine.library.catalog.documents.sha256(info.document_id) for info in infos}
        wrong += [f"{name} is not what its file is" for name in sorted(files) if held.get(name) != files[name]]
        wrong += [f"{name} is held, and gone" for name in sorted(held.keys() - files.keys())]
        wrong += [f"{finding.what}: {finding.seen}" for finding in examine(hall.engine.library) if not finding.well]
        return wrong + left_over(hall.engine.library)


def kill_round(folder: Path, moments: random.Random, number: int, longest: float) -> Round:
    """Do one round in a folder that holds the course and the home."""
    course, home, copy = folder / "course", folder / "home", folder / "copy"
    with Studyhall.open(home) as hall:
        before = {(info.collection, info.source) for info in hall.documents()}
    change(course, moments, number)
    round_ = Round(moments.uniform(0.0, longest))
    try:
        round_.ended = work_and_kill(course, home, round_.after)
        look(home, before, round_)
        shutil.copytree(home, copy)
        round_.wrong += [f"after the next run: {problem}" for problem in complete(course, copy)]
    except StudyhallError as exc:
        round_.wrong.append(str(exc))
    shutil.rmtree(copy, ignore_errors=True)
    return round_
