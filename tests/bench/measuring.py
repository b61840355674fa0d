"""What benchmarks share: commands that are timed, the memory of a tree of processes, tables, and what to ingest."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ui.demo import sample_course

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
PDFS = SHARED / "data/course/en-algorithms"
STUDYHALL = [sys.executable, "-c", "from ui.cli import run; run()"]
_STEP_S = 0.1  # between two looks at the memory


@dataclass(frozen=True)
class Run:
    """A command that has ended."""

    seconds: float
    out: str
    peak_mb: int  # resident memory of all its processes together, at the worst moment; 0 where that can't be seen


def timed(command: Sequence[str], *, codes: Sequence[int] = (0,)) -> Run:
    """Run a command and say how long it took; stops the benchmark when it fails."""
    began = time.perf_counter()
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as process, peak_memory(process.pid) as peak:
        out, err = process.communicate()
    if process.returncode not in codes:
        sys.exit(f"{' '.join(command)} failed:\n{err}")
    return Run(time.perf_counter() - began, out, peak[0])


@contextmanager
def peak_memory(pid: int) -> Iterator[list[int]]:
    """Watch a process and its children meanwhile; the list's one number is the most they held, in MB.

    Pages that two of them share count twice, so it is never less than what they take. Linux only.
    """
    peak, over = [0], threading.Event()

    def watch() -> None:
        while not over.wait(_STEP_S):
            peak[0] = max(peak[0], sum(map(_resident, _tree(pid))) // 2**20)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peak
    finally:
        over.set()
        watcher.join()


def _tree(pid: int) -> Iterator[int]:
    yield pid
    try:
        children = [
            int(word) for file in Path(f"/proc/{pid}/task").glob("*/children") for word in file.read_text().split()
        ]
    except OSError:  # ended meanwhile
        return
    for child in children:
        yield from _tree(child)


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a table in Markdown: names on the left, numbers on the right."""
    lines = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(head))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    written = [
        "| "
        + " | ".join(
            [line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True))]
        )
        + " |"
        for line in (lines[0], rule, *lines[1:])
    ]
    return "\n".join(written) + "\n"


def folder_of_pdfs() -> Path:
    """Return a folder of course PDFs: the shared one, or the sample course where there is none."""
    return PDFS if PDFS.is_dir() else sample_course()


def long_pdf(pages: int, target: Path) -> Path:
    """Write a PDF of so many pages: those of the course PDFs, again and again."""
    import pypdf

    logging.getLogger("pypdf").setLevel(logging.ERROR)
    files = sorted(folder_of_pdfs().glob("*.pdf"))
    writer = pypdf.PdfWriter()
    while len(writer.pages) < pages:
        for file in files:
            room = pages - len(writer.pages)
            if room > 0:
                reader = pypdf.PdfReader(file)
                writer.append(reader, pages=(0, min(room, len(reader.pages))))
    with target.open("wb") as out:
        writer.write(out)
    return target
