"""Broken files and broken calls, as many as a time allows: nothing of them may end the program.

python -m tests.fuzz [--minutes 30] [--seed 1]

Files: small documents of every format, with bytes flipped, cut out, doubled or spliced from another, also within the
parts of a container. Each must be parsed or refused with a reason; a worker that dies is printed, since it cost its
file only, and is worth a look. Calls: bodies for the local API, of which none may be answered with an error of the
server's own. What was found is written into a folder.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import sys
import tempfile
import time
import zipfile
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, wait
from pathlib import Path

from fastapi.testclient import TestClient

from ingest.accept import archives
from ingest.accept.acceptor import document_id_of, source_of
from ingest.loaders import ZIP
from ingest.parse.parsing import Parsed, ParseTask
from ingest.parse.worker import command
from ingest.parse.workers import Workers
from rag.errors import Damaged, StudyhallError
from tests.conftest import SAMPLE_COURSE
from tests.ingest.loaders.test_readings import files
from tests.locked_zip import locked_zip
from ui.hall import Studyhall
from ui.server import build_app
from ui.service.operations import OPERATIONS

TOKEN = "fuzz"
_AT_ONCE = 4  # files being parsed
_CALLS = 40  # between two looks at the files


def main() -> int:
    """Fuzz for some minutes; return 1 if anything ended that shouldn't have."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    moments, until = random.Random(asked.seed), time.monotonic() + 60 * asked.minutes
    found = Path(tempfile.mkdtemp(prefix="studyhall-fuzz-"))
    with tempfile.TemporaryDirectory() as scratch, Studyhall.open(Path(scratch) / "home") as hall:
        hall.ingest([next(SAMPLE_COURSE.glob("*.md"))])
        embedder = hall.engine.embedder
        workers = Workers(2, command(embedder.tokenizer_file, embedder.room))
        app = build_app(hall, token=TOKEN, host="127.0.0.1", port=80)
        try:
            with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
                wrong = _fuzz(moments, until, workers, client, found, Path(scratch))
        finally:
            workers.close()
    _say(f"what was found: {found}" if any(found.iterdir()) else "nothing was found")
    return 1 if wrong else 0


def _fuzz(
    moments: random.Random, until: float, workers: Workers, client: TestClient, found: Path, scratch: Path
) -> int:
    originals = [*files().items(), ("locked.zip", locked_zip("notes.md", b"# Notes\n\nAbout heaps.", b"secret"))]
    running: dict[Future[Parsed], Path] = {}
    ends, replies = Counter[str](), Counter[int]()
    number = wrong = 0
    while time.monotonic() < until:
        while len(running) < _AT_ONCE:
            number += 1
            name, data = moments.choice(originals)
            path = scratch / f"{number}-{name}"
            path.write_bytes(_broken(data, moments, moments.choice(originals)[1]))
            wrong += _unpacked(path, found, ends)
            source = source_of(str(path), path.read_bytes())
            if source.media_type == ZIP:
                path.unlink()
            else:
                running[workers.submit(ParseTask(source, path, document_id_of(source)))] = path
        for _ in range(_CALLS):
            wrong += _call(client, moments, replies, found)
        done, _ = wait(running, timeout=0.05, return_when=FIRST_COMPLETED)
        for future in done:
            wrong += _judge(future, running.pop(future), ends, found)
    for future, path in running.items():
        wrong += _judge(future, path, ends, found)
    _say(f"{number} files: {dict(ends.most_common())}\ncalls by status: {dict(sorted(replies.items()))}")
    return wrong


def _broken(data: bytes, moments: random.Random, other: bytes) -> bytes:
    """Return a file with something wrong in it; of a container, now and then in one of its parts."""
    if data.startswith(b"PK") and moments.random() < 0.7:
        packed = io.BytesIO()
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(packed, "w") as target:
                names = archive.namelist()
                spoilt = set(moments.sample(names, min(len(names), moments.randint(1, 3))))
                for name in names:
                    part = archive.read(name)
                    target.writestr(name, _changed(part, moments, other) if name in spoilt else part)
        except (RuntimeError, zipfile.BadZipFile):  # locked
            return _changed(data, moments, other)
        return packed.getvalue()
    return _changed(data, moments, other)


def _changed(data: bytes, moments: random.Random, other: bytes) -> bytes:
    spoilt = bytearray(data)
    for _ in range(moments.choice((1, 1, 2, 5, 30))):
        at, size = moments.randrange(len(spoilt) + 1), moments.choice((1, 2, 8, 100, 5000))
        match moments.randrange(6):
            case 0:
                spoilt[at : at + size] = moments.randbytes(min(size, 200))
            case 1:
                del spoilt[at : at + size]
            case 2:
                spoilt[at:at] = spoilt[at : at + size] * moments.choice((1, 3, 50))
            case 3:
                begin = moments.randrange(len(other) + 1)
                spoilt[at:at] = other[begin : begin + size]
            case 4:
                spoilt[at : at + 1] = moments.choice((b"\x00", b"\xff", b"<", b"&", b"(", b"%", b"9" * 20, b"-1"))
            case 5:
                del spoilt[at:]
    return bytes(spoilt)


def _unpacked(path: Path, found: Path, ends: Counter[str]) -> int:
    """Open archives as the acceptor does, in this process."""
    data = path.read_bytes()
    if source_of(str(path), data).media_type != ZIP:
        return 0
    try:
        for member in archives.members(data, path.name):
            del member
        ends["opened"] += 1
    except StudyhallError:
        ends["refused"] += 1
    except Exception as exc:  # noqa: BLE001  # that is what is looked for
        return _keep(path, found, f"the archive raised {exc!r}")
    return 0


def _judge(future: Future[Parsed], path: Path, ends: Counter[str], found: Path) -> int:
    wrong = 0
    try:
        parsed = future.result()
        covered = "".join("".join(chunk.text.split()) for chunk in parsed.chunks)
        whole = covered == "".join(parsed.document.text.split())
        ends["parsed"] += 1
        wrong = 0 if whole else _keep(path, found, "its chunks don't cover its text")
    except Damaged as exc:
        died = any(words in exc.what for words in ("crashed the library", "given up", "more memory"))
        ends["a worker died" if died else "refused"] += 1
        if died:
            _keep(path, found, exc.what)
    except StudyhallError:
        ends["refused"] += 1
    except Exception as exc:  # noqa: BLE001  # that is what is looked for
        wrong = _keep(path, found, f"raised {exc!r}")
    path.unlink(missing_ok=True)
    return wrong


def _call(client: TestClient, moments: random.Random, replies: Counter[int], found: Path) -> int:
    """Send a call with a wrong body; an error of ours comes as a line, one of the server's own as 500."""
    operation = moments.choice(
        [name for name in OPERATIONS if name not in {"ingest", "recover", "read_again", "back_up"}]
    )
    arguments = {name: _value(moments, 3) for name in moments.sample(_NAMES, moments.randint(0, 4))}
    body = json.dumps({"call": moments.choice((operation, operation, "nothing", "")), "arguments": arguments})
    if moments.random() < 0.2:
        body = _changed(body.encode(), moments, b'{"call"').decode(errors="replace")
    token = moments.choice((TOKEN, TOKEN, TOKEN, "", "wrong", "\u00e4"))
    headers = {b"Authorization": f"Bearer {token}".encode(), b"Content-Type": b"application/json"}
    reply = client.post("/api/v1/run", content=body.encode(), headers=headers)
    replies[reply.status_code] += 1
    if reply.status_code >= 500:
        name = found / f"call-{time.time_ns()}.json"
        name.write_text(body, encoding="utf-8")
        _say(f"{reply.status_code} for {body[:200]}")
        return 1
    return 0


# Not those that would write files where the body says, or read for minutes.
_CALLED = sorted(OPERATIONS.keys() - {"ingest", "recover", "read_again", "back_up", "export_collection", "evaluate"})
_NAMES = sorted({name for operation in OPERATIONS.values() for name in operation.parameters} | {"more"})


def _value(moments: random.Random, depth: int) -> object:
    plain = (None, True, 0, -1, 10**30, 1e308, "", "x" * 10_000, "../../etc/passwd", "\x00", "\ud800", "2026", "main")
    if depth and moments.random() < 0.3:
        inner = [_value(moments, depth - 1) for _ in range(moments.randint(0, 3))]
        return inner if moments.random() < 0.5 else {str(item)[:20]: item for item in inner}
    return moments.choice(plain)


def _keep(path: Path, found: Path, why: str) -> int:
    (found / path.name).write_bytes(path.read_bytes())
    _say(f"{path.name}: {why}")
    return 1


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
