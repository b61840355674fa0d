"""A server for weeks, in minutes: questions, ingestions and removals, reloads; then many clients at once.

python -m tests.bench.soak [--questions 2000] [--cycles 200] [--reloads 100] [--clients 60] [--minutes 10]

After a warm-up of a tenth, memory, descriptors, threads and disk must stay flat. The load must lose no question, and
its last minutes must not be slower than the first. Linux only: the numbers are read from ``/proc``.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from rag.library.home import read_owner
from rag.types import Question
from tests.conftest import SAMPLE_COURSE
from tests.processes import children
from ui.service.remote import RemoteHall

QUESTIONS = (
    "Why does BM25 divide by the length of the document?",
    "What is an inverted index?",
    "How does a crawler know where it may not go?",
    "What is the difference between precision and recall?",
    "Wie misst man die Güte einer Suche?",
    "What is the capital of Peru?",
)
_AT_ONCE = 20  # questions
_ROWS = 10  # of a table


@dataclass(frozen=True)
class Server:
    """A server in a process of its own, and the numbers of it and its children."""

    process: subprocess.Popen[bytes]
    home: Path

    @property
    def hall(self) -> RemoteHall:
        """A new connection to it."""
        owner = read_owner(self.home)
        assert owner
        return RemoteHall(owner)

    def numbers(self) -> tuple[float, float, int, int, float]:
        """Return MB of memory, MB of its children, descriptors, threads, and MB of the home."""
        own = self.process.pid
        status = Path(f"/proc/{own}/status").read_text(encoding="ascii")
        threads = int(re.search(r"Threads:\s+(\d+)", status)[1])  # type: ignore[index]
        size = sum(path.stat().st_size for path in self.home.rglob("*") if path.is_file())
        return (
            _memory(own),
            sum(map(_memory, _descendants(own))),
            len([*Path(f"/proc/{own}/fd").iterdir()]),
            threads,
            size / 1e6,
        )


@contextmanager
def serving(home: Path) -> Iterator[Server]:
    """Start a server on a home and wait until it is there."""
    command = [
        sys.executable,
        "-c",
        "from ui.cli import run; run()",
        "--home",
        str(home),
        "ui",
        "--port",
        "0",
        "--no-open",
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        server = Server(process, home)
        try:
            while process.poll() is None and not ((owner := read_owner(home)) and owner.port):
                time.sleep(0.1)
            yield server
        finally:
            process.terminate()


def main() -> int:
    """Print the tables; return 1 if a question was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, usual in (("questions", 2000), ("cycles", 200), ("reloads", 100), ("clients", 60), ("minutes", 10)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    asked = parser.parse_args()
    lost = 0
    with tempfile.TemporaryDirectory() as scratch, serving(Path(scratch) / "home") as server:
        for event in server.hall.ingest_events([SAMPLE_COURSE]):
            del event
        lost += _soak(server, "questions", asked.questions, _ask_many)
        lost += _soak(server, "ingestions and removals", asked.cycles, lambda s, n: _cycle(s, n, Path(scratch)))
        lost += _soak(server, "reloads", asked.reloads, _reload)
        lost += _load(server, asked.clients, asked.minutes, Path(scratch))
    return 1 if lost else 0


def _soak(server: Server, name: str, count: int, step: Callable[[Server, int], int]) -> int:
    """Do something so many times; print the numbers now and then; return how many times it failed."""
    if not count:
        return 0
    _say(f"\n| {name} | MB | MB of its processes | descriptors | threads | MB of disk |\n|--:|--:|--:|--:|--:|--:|")
    failed = done = 0
    warm: tuple[float, ...] = ()
    while done < count:
        failed += step(server, done)
        done += _AT_ONCE if step is _ask_many else 1
        if not warm and done >= count / _ROWS:
            warm = server.numbers()
            _row(done, warm)
        elif done * _ROWS // count != (done - 1) * _ROWS // count:
            _row(done, server.numbers())
    end = server.numbers()
    growth = ", ".join(f"{after / max(before, 1):.2f}" for before, after in zip(warm, end, strict=True))
    _say(f"\nthe end against the warm-up: {growth}; failed: {failed}")
    return failed


def _ask_many(server: Server, number: int) -> int:
    with ThreadPoolExecutor(_AT_ONCE) as clients:
        return sum(not ok for ok in clients.map(lambda n: _ask(server, n)[0], range(number, number + _AT_ONCE)))


def _ask(server: Server, number: int) -> tuple[bool, float]:
    began = time.perf_counter()
    try:
        *_, answer = server.hall.ask_events(Question(QUESTIONS[number % len(QUESTIONS)], quote=True))
    except Exception as exc:  # noqa: BLE001  # whatever it is, the question was lost
        _say(f"lost: {exc!r}")
        return False, 0.0
    return bool(answer.text), time.perf_counter() - began


def _cycle(server: Server, number: int, scratch: Path) -> int:
    folder = scratch / "course"
    folder.mkdir(exist_ok=True)
    for file in range(3):
        told = "\n\n".join(f"## Part {n}\n\n{f'Course {number}, file {file}, part {n}. ' * 30}" for n in range(8))
        (folder / f"{file}.md").write_text(f"# Lecture {file}\n\n{told}\n", encoding="utf-8")
    *_, report = server.hall.ingest_events([folder], collection="passing")
    failed = sum(document.error is not None for document in report.documents)
    server.hall.remove_collection("passing")
    return failed


def _reload(server: Server, _: int) -> int:
    owner = read_owner(server.home)
    assert owner
    with httpx.Client(base_url=f"http://127.0.0.1:{owner.port}", trust_env=False, timeout=60) as client:
        page = client.get("/")
        session = f"s{time.time_ns()}"
        numbers = json.loads(re.search(r"window\.gradio_config = (\{.*?\});</script>", page.text, re.DOTALL)[1])  # type: ignore[index]
        load = next(one["id"] for one in numbers["dependencies"] if any(t[1] == "load" for t in one["targets"]))
        client.post("/gradio_api/queue/join", json={"data": [None, None], "fn_index": load, "session_hash": session})
        with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as events:
            for line in events.iter_lines():
                if "process_completed" in line or "close_stream" in line:
                    break
    return int(page.status_code != 200)


def _load(server: Server, clients: int, minutes: int, scratch: Path) -> int:
    """Let many ask at once while files are ingested; print the times of each minute."""
    if not clients or not minutes:
        return 0
    until = time.monotonic() + 60 * minutes
    began, lock = time.monotonic(), threading.Lock()
    times, lost = defaultdict[int, list[float]](list), 0

    def client(number: int) -> int:
        missing = 0
        while time.monotonic() < until:
            at = int((time.monotonic() - began) // 60)
            ok, seconds = _ask(server, number)
            missing += not ok
            with lock:
                times[at].append(seconds)
        return missing

    def ingest() -> int:
        failed = number = 0
        while time.monotonic() < until:
            failed += _cycle(server, number, scratch)
            number += 1
        return failed

    with ThreadPoolExecutor(clients + 1) as threads:
        ingesting = threads.submit(ingest)
        lost = sum(threads.map(client, range(clients)))
        lost += ingesting.result()
    _say(f"\n| minute | answers of {clients} clients | median s | 95 % s |\n|--:|--:|--:|--:|")
    for minute, seconds in sorted(times.items()):
        _say(f"| {minute + 1} | {len(seconds)} | {statistics.median(seconds):.1f} | {_p95(seconds):.1f} |")
    first, worst = _p95(times[0]), max(_p95(seconds) for seconds in times.values())
    _say(f"\nthe worst minute's 95 % against the first's: {worst / first:.2f}; lost: {lost}")
    _row(0, server.numbers())
    return lost


def _p95(seconds: list[float]) -> float:
    return sorted(seconds)[int(0.95 * (len(seconds) - 1))]


def _row(done: int, numbers: tuple[float, ...]) -> None:
    own, others, descriptors, threads, disk = numbers
    _say(f"| {done} | {own:.0f} | {others:.0f} | {descriptors:.0f} | {threads:.0f} | {disk:.1f} |")


def _descendants(pid: int) -> list[int]:
    direct = children(pid)
    return direct + [other for child in direct for other in _descendants(child)]


def _memory(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0.0
    match = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(match[1]) / 1e3 if match else 0.0


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
