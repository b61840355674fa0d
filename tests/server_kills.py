"""kill -9 of a server while files are dropped, read, removed and embedded anew, and a model writes.

The server is a process with the page's own intake, a home, and a tiny real model. What it says it has accepted must be
there after the kill; what it has not said may be there or not, but never in pieces.
"""

from __future__ import annotations

import hashlib
import random
import sys
from dataclasses import dataclass, field
from pathlib import Path

from rag.errors import StudyhallError
from rag.types import DocumentState
from tests.kills import killed, left_over
from tests.tiny_gguf import write_tiny_gguf
from ui.hall import Studyhall

FILES = 6  # in a drop
SERVER = """
import sys, threading
from pathlib import Path
from ui.hall import Studyhall
from ui.web.batches import Upload
from ui.web.intake import Intake
home, number, model = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
hall = Studyhall.open(home)
intake = Intake(hall)
intake.resume()
saying = threading.Lock()

def say(*words):
    with saying:
        print(*words, flush=True)

def text(name):
    sentence = f"The document {name} of round {number} is about postings lists and the terms that they belong to. "
    return f"# {name} {number}\\n\\n" + "\\n\\n".join(f"## Section {n}\\n\\n" + sentence * 3 for n in range(2))

def drop(who):
    for batch in range(8):
        uploads = []
        for n in range(6):
            name = f"{who}-{batch}-{n}.md"
            path = intake.incoming / f"{who}{batch}{n}{number}" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text(name), encoding="utf-8")
            uploads.append(Upload(path, name))
        taken = intake.add(uploads=uploads, collection="main")
        for job in taken.jobs:
            say("accepted", job.source.sha256, job.source.uri)

def remove():
    while True:
        for info in hall.documents()[:1]:
            say("removing", info.source)
            hall.remove(info.document_id)
        threading.Event().wait(0.3)

def ask():
    while True:
        hall.ask("What are postings lists about?", model=model)

say("begun")
for work in (lambda: drop("a"), lambda: drop("b"), remove, ask):
    threading.Thread(target=work, daemon=True).start()
threading.Event().wait()
"""


@dataclass(slots=True)
class ServerRound:
    """What one kill left, and what was wrong with it."""

    after: float  # seconds from the moment that the server was there
    accepted: int = 0
    queued: int = 0
    strays: int = 0  # uploads that were cut off before they were accepted
    wrong: list[str] = field(default_factory=list)


def kill_server_round(folder: Path, moments: random.Random, number: int, longest: float) -> ServerRound:
    """Do one round in a folder that holds the home; every third one renews the vectors meanwhile."""
    home, model = folder / "home", folder / "tiny.gguf"
    if not model.exists():
        write_tiny_gguf(model)
    home.mkdir(exist_ok=True)
    # Another prefix makes other vectors, so that all documents are embedded anew.
    (home / "studyhall.toml").write_text(f'document_prefix = "{"passage: " * (number // 3 % 2)}"\n', encoding="utf-8")
    round_ = ServerRound(moments.uniform(0.0, longest))
    accepted, removing = _serve_and_kill(home, model, number, round_.after)
    round_.accepted = len(accepted)
    try:
        _look(home, accepted, removing, round_)
    except StudyhallError as exc:
        round_.wrong.append(str(exc))
    return round_


def _serve_and_kill(home: Path, model: Path, number: int, after: float) -> tuple[dict[str, str], set[str]]:
    """Return what the server said before its end: what it had accepted, sha256 by name, and what it was removing."""
    said = killed([sys.executable, "-c", SERVER, str(home), str(number), str(model)], after)
    accepted: dict[str, str] = {}
    removing: set[str] = set()
    for line in said.split("\n")[:-1]:  # the last one may be cut off
        verb, *rest = line.split()
        if verb == "accepted":
            accepted[rest[1]] = rest[0]
        elif verb == "removing":
            removing.add(rest[0])
    return accepted, removing


def _look(home: Path, accepted: dict[str, str], removing: set[str], round_: ServerRound) -> None:
    with Studyhall.open(home) as hall:
        library = hall.engine.library
        infos = hall.documents()
        round_.queued = sum(info.state is DocumentState.QUEUED for info in infos)
        there = {info.source: info.document_id for info in infos}
        round_.wrong += [f"lost {name}" for name in accepted if name not in there and name not in removing]
        # What is left in the uploads was cut off before it was accepted; a kill between may leave a copy, too.
        strays = [path for path in hall.uploads.rglob("*") if path.is_file()]
        round_.strays = len(strays)
        for path in strays:
            path.unlink()
        list(hall.ingest_events([]))
        infos = hall.documents()
        round_.wrong += [f"{info.source} is {info.state}" for info in infos if info.state is not DocumentState.READY]
        round_.wrong += [
            f"{info.source} is there twice" for info in infos if sum(x.source == info.source for x in infos) > 1
        ]
        for info in infos:
            kept, wanted = library.original(info.document_id), accepted.get(info.source)
            if kept is None or (wanted and hashlib.sha256(kept.read_bytes()).hexdigest() != wanted):
                round_.wrong.append(f"{info.source} is not what was dropped")
        round_.wrong += left_over(library)
