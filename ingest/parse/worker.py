"""Runs parsing in a process: a file that crashes, hangs or exhausts the memory costs that file only.

Work goes in and results come out as `rag/platform/child.py` sends them.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any

from ingest.accept.passwords import Unlock, unlock
from ingest.chunk import Tokenizer, chunk_tokens
from ingest.parse.parsing import FilePart, LongFile, Parsed, ParseTask, ReadPart, parse, read_part
from ingest.parse.progress import listening
from ingest.report import PageRead
from rag.errors import Damaged, StudyhallError
from rag.models.tokenizer import load_tokenizer
from rag.platform import child
from rag.types import Source

PAGE_SECONDS = 20.0  # added per page under OCR: a scanned book makes steady progress
MEMORY_BYTES = 4 * 2**30  # address space of a worker; Linux and macOS only

REPORTED_EVERY_S = 0.25
_ENDED_S = 10.0  # for a process to end that has closed its output
_MOST_SAID = 100_000  # bytes of a process's complaints
# What Rust, C++ and Python say last when there is no more memory.
_NO_MEMORY = (b"memory allocation of", b"bad_alloc", b"MemoryError", b"annot allocate memory", b"out of memory")
# New objects between two garbage collections. A long file makes a million lasting objects: at Python's default rate,
# scanning them costs a tenth of the time.
_COLLECTED_EVERY = 50_000

Work = ParseTask | FilePart | Unlock
Outcome = Parsed | LongFile | ReadPart | bytes | None


class Worker:
    """One process that does one task at a time."""

    def __init__(self, command: Sequence[str]) -> None:
        self._until = 0.0
        self._late = False
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115  # closed by `kill`
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._complaints
        )

    @property
    def alive(self) -> bool:
        """Whether the process can take more tasks."""
        return self._process.poll() is None

    def do(self, work: Work, seconds: float, on_page: Callable[[PageRead], None]) -> Any:
        """Return the process's result for a task within `seconds`; kills the process if the task takes longer.

        Its page reports go to `on_page`; each page under OCR extends the time.
        """
        assert self._process.stdin and self._process.stdout
        now = time.monotonic()
        began = work.began or now if isinstance(work, FilePart) else now
        self._until = now + seconds
        answered = threading.Event()
        threading.Thread(target=self._watch, args=(answered,), daemon=True, name="patience").start()
        try:
            child.send(self._process.stdin, work)
            while isinstance(answer := child.receive(self._process.stdout), PageRead):
                self._until += PAGE_SECONDS if answer.by_ocr else 0
                on_page(answer)
        except (OSError, EOFError, ValueError) as exc:  # ValueError: another thread has closed the pipes
            memory = not self._late and self._wanted_memory()
            self.kill()
            raise died(work, time.monotonic() - began if self._late else None, memory=memory) from exc
        finally:
            answered.set()
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def _watch(self, answered: threading.Event) -> None:
        while not answered.wait(max(self._until - time.monotonic(), 0)):
            if time.monotonic() >= self._until:
                self._late = True
                self.kill()
                return

    def _wanted_memory(self) -> bool:
        """Say whether the process ended for want of memory: by the words of its libraries, or by the system."""
        try:
            ended = self._process.wait(_ENDED_S)
            self._complaints.seek(0)
            said = self._complaints.read(_MOST_SAID)
        except (subprocess.TimeoutExpired, OSError, ValueError):  # ValueError: `kill` was called meanwhile
            return False
        by_system = ended == -signal.SIGKILL if hasattr(signal, "SIGKILL") else False
        return by_system or any(words in said for words in _NO_MEMORY)

    def kill(self) -> None:
        """Kill the process."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._complaints):
            if stream:
                with contextlib.suppress(OSError):
                    stream.close()


def died(work: Work, seconds: float | None, *, memory: bool = False) -> Damaged:
    """Return the error of a file that ended its worker: after `seconds`, or, if None, by a crash or for `memory`."""
    if seconds is not None:
        message = f"{work.source.uri} was given up after {seconds:.0f} seconds."
    elif memory:
        message = f"{work.source.uri} needs more memory than a document may."
    else:
        message = f"{work.source.uri} crashed the library that reads its format."
    return Damaged(message, remedy="Open it in its program and save it anew, or divide it.")


def command(tokenizer_file: Path, room: int, *, memory: int = MEMORY_BYTES) -> list[str]:
    """Return the command line of a worker.

    It counts tokens with `tokenizer_file`, cuts chunks for an embedder with `room`, and may use `memory` bytes.
    """
    return child.command("ingest.parse.worker", f"main({str(tokenizer_file)!r}, {room}, {memory})")


def main(tokenizer_file: str, room: int, memory: int) -> None:
    """Do the tasks from standard input until its end; the main function of a worker."""
    results = child.own_output()
    _limit_memory(memory)
    if hasattr(os, "nice"):
        os.nice(10)  # questions, answered in another process, go first
    gc.set_threshold(_COLLECTED_EVERY)
    tokenizer, most = load_tokenizer(Path(tokenizer_file)), chunk_tokens(room)
    while (work := _next(sys.stdin.buffer)) is not None:
        with listening(_PageReporter(results, work.source).report):
            answer = _answer(work, tokenizer, most)
        child.send(results, answer)


class _PageReporter:
    """Reports pages to the parent: every page under OCR, the others now and then."""

    def __init__(self, results: IO[bytes], source: Source) -> None:
        self._results = results
        self._source = source
        self._last = time.monotonic()

    def report(self, page: int, total: int, by_ocr: bool) -> None:
        if by_ocr or time.monotonic() - self._last > REPORTED_EVERY_S:
            self._last = time.monotonic()
            child.send(self._results, PageRead(self._source.uri, page, total, by_ocr, self._source.size))


def _answer(work: Work, tokenizer: Tokenizer, most: int) -> Outcome | StudyhallError:
    try:
        match work:
            case Unlock():
                return unlock(work)
            case FilePart():
                return read_part(work)
            case ParseTask():
                return parse(work, tokenizer, most)
    except StudyhallError as exc:
        # The cause may be of a class that can't be pickled.
        return type(exc)(exc.what, remedy=exc.remedy)
    except MemoryError:
        message = f"{work.source.uri} needs more memory than a document may."
        return Damaged(message, remedy="Divide it.")


def _next(stream: IO[bytes]) -> Work | None:
    try:
        work = child.receive(stream)
    except EOFError:
        return None
    assert isinstance(work, Work)
    return work


def _limit_memory(most: int) -> None:
    try:
        import resource
    except ImportError:
        return  # Windows
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
