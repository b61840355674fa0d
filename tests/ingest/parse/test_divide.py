"""Long files: their pages are shared out among workers, and come back as if one had read them all."""

import pickle
import socket
import sys
import threading
import time
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.parse.divide import Division, PageListener
from ingest.parse.parsing import LONG, FilePart, Parsed, ParseTask, ReadPart, parse
from ingest.parse.worker import command
from ingest.parse.workers import Workers
from ingest.report import PageRead
from rag.errors import Damaged
from rag.models.embedder import SentenceEmbedder
from rag.types import Source
from tests import pdf_samples


def task(path: Path, data: bytes = b"") -> ParseTask:
    path.write_bytes(data)
    return ParseTask(Source(str(path), "application/pdf", len(data), "0"), path, path.stem)


def division(tmp_path: Path, pages: int, workers: int, on_page: PageListener = lambda _: None) -> Division:
    return Division(task(tmp_path / "book.pdf"), pages, workers, time.monotonic() + 60, on_page, time.monotonic())


def read(part: FilePart, _seconds: float, on_page: PageListener) -> ReadPart:
    for number in range(1, len(part.pages) + 1):
        on_page(PageRead(part.source.uri, number, len(part.pages), False, part.source.size))
    return ReadPart(pickle.dumps(list(part.pages)), 1.0)


@pytest.mark.parametrize(("pages", "workers"), [(80, 2), (81, 2), (500, 2), (500, 16), (10_000, 2)])
def test_the_parts_are_all_pages_in_order(tmp_path: Path, pages: int, workers: int) -> None:
    shared = division(tmp_path, pages, workers)
    shared.help(read)
    assert [page for part in shared.whole().parts for page in pickle.loads(part.pages)] == list(range(pages))
    assert len(shared) > 1


def test_whoever_reads_a_part_tells_of_the_whole_file(tmp_path: Path) -> None:
    heard: list[PageRead] = []
    shared = division(tmp_path, 100, 2, heard.append)
    shared.help(read)
    assert [(one.page, one.total) for one in heard] == [(page, 100) for page in range(1, 101)]


def test_each_part_is_read_by_one_of_several_threads(tmp_path: Path) -> None:
    shared = division(tmp_path, 1000, 8)
    taken: list[range] = []
    all_have_one = threading.Barrier(4)
    beginner = threading.local()

    def together(part: FilePart, seconds: float, on_page: PageListener) -> ReadPart:
        taken.append(part.pages)
        if not hasattr(beginner, "waited"):
            beginner.waited = all_have_one.wait()
        return read(part, seconds, on_page)

    threads = [threading.Thread(target=shared.help, args=(together,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert len(shared.whole().parts) == len(shared)
    assert sorted(page for pages in taken for page in pages) == list(range(1000))


def test_an_error_in_one_part_ends_the_file_for_all(tmp_path: Path) -> None:
    shared = division(tmp_path, 1000, 8)
    seen: list[FilePart] = []

    def breaks(part: FilePart, _seconds: float, _on_page: PageListener) -> ReadPart:
        seen.append(part)
        message = "book.pdf is broken."
        raise Damaged(message, remedy="Leave it out.")

    shared.help(breaks)
    shared.help(breaks)
    assert len(seen) == 1
    assert shared.is_taken
    with pytest.raises(Damaged, match=r"book\.pdf is broken"):
        shared.whole()


# Calls every file long, and dies of the second part of it.
DIES_OF_A_PART = """
import os, pickle, sys
from ingest.parse.parsing import LongFile, FilePart, ReadPart
while header := sys.stdin.buffer.read(8):
    work = pickle.loads(sys.stdin.buffer.read(int.from_bytes(header, "big")))
    if isinstance(work, FilePart) and work.pages.start:
        os.abort()
    answer = pickle.dumps(ReadPart(b"", 0.0) if isinstance(work, FilePart) else LongFile(100))
    os.write(1, len(answer).to_bytes(8, "big") + answer)
"""


@pytest.mark.slow
def test_a_crash_in_a_part_costs_the_file_and_the_next_one_is_taken(tmp_path: Path) -> None:
    with closing(Workers(2, [sys.executable, "-c", DIES_OF_A_PART])) as workers:
        for name in ("a.pdf", "b.pdf"):
            with pytest.raises(Damaged, match=rf"{name} crashed the library"):
                workers.submit(task(tmp_path / name)).result()


# Tells that it has begun with the part, and never ends.
HANGS_IN_A_PART = DIES_OF_A_PART.replace(
    "os.abort()",
    """
        begun = pickle.dumps(PageRead(work.source.uri, 1, 100, False, 0))
        os.write(1, len(begun).to_bytes(8, "big") + begun)
        sys.stdin.buffer.read()
""",
).replace("import os, pickle, sys\n", "import os, pickle, sys\nfrom ingest.report import PageRead\n")


@pytest.mark.slow
def test_a_part_that_never_ends_is_given_up(tmp_path: Path) -> None:
    hanging = Workers(2, [sys.executable, "-c", HANGS_IN_A_PART], seconds=2)
    with closing(hanging) as workers, pytest.raises(Damaged, match=r"slow\.pdf was given up"):
        workers.submit(task(tmp_path / "slow.pdf")).result()


@pytest.mark.slow
def test_closing_ends_a_file_that_several_workers_read(tmp_path: Path) -> None:
    begun = threading.Event()
    with closing(Workers(2, [sys.executable, "-c", HANGS_IN_A_PART], on_page=lambda _: begun.set())) as workers:
        parsing = workers.submit(task(tmp_path / "slow.pdf"))
        begun.wait()
    with pytest.raises(Damaged):
        parsing.result()


@pytest.mark.slow
def test_a_damaged_file_that_can_be_read_whole_is_not_refused(embedder: SentenceEmbedder, tmp_path: Path) -> None:
    damaged = pdf_samples.prose().split(b"\n", 1)[1]  # without the line that says what it is
    found = [
        parse(replace(task(tmp_path / "a.pdf", damaged), divisible=divisible), embedder.tokenizer)
        for divisible in (False, True)
    ]
    assert [isinstance(one, Parsed) for one in found] == [True, True]


@pytest.mark.slow
def test_a_long_file_is_the_same_document_however_many_read_it(embedder: SentenceEmbedder, tmp_path: Path) -> None:
    """With headings, running heads, glyphs that only their font names, and a table that goes on over pages."""
    head = pdf_samples.lines("Data structures", y=770, size=9)
    pages = [
        head
        + pdf_samples.lines(f"{number} On diQerent heaps", size=18)
        + pdf_samples.lines(f"A heap of {number} has {number * number} paths.", "They are diQicult.", y=650)
        + pdf_samples.lines(str(number), x=300, y=30, size=9)
        for number in range(1, LONG + 30)
    ]
    book = pdf_samples.pdf(pages, unicode={"Q": "\x00"}, glyphs={"Q": "ff"})
    heard: list[PageRead] = []
    found = []
    for count in (1, 2):
        with closing(Workers(count, command(embedder.tokenizer_file, embedder.room), on_page=heard.append)) as workers:
            found.append(workers.submit(task(tmp_path / "book.pdf", book)).result())
    alone, together = (replace(parsed, seconds=0) for parsed in found)
    assert alone == together
    assert "different heaps" in alone.document.text
    assert "Data structures" not in alone.document.text.split("\n\n", 3)[3]
    assert len(alone.document.pages) == LONG + 29


# Calls every file long, and says whether it was shared out then; it begins each work once it is let in.
TELLS = """
import os, pickle, socket, sys
from ingest.parse.parsing import LongFile, FilePart
from rag.errors import Damaged
while header := sys.stdin.buffer.read(8):
    work = pickle.loads(sys.stdin.buffer.read(int.from_bytes(header, "big")))
    socket.create_connection(("127.0.0.1", int(sys.argv[1]))).recv(1)
    if isinstance(work, FilePart) or not work.divisible:
        answer = Damaged("shared" if isinstance(work, FilePart) else "whole", remedy="")
    else:
        answer = LongFile(100)
    answer = pickle.dumps(answer)
    os.write(1, len(answer).to_bytes(8, "big") + answer)
"""


def shared_out(tmp_path: Path, count: int, files: int) -> list[bool]:
    with socket.create_server(("127.0.0.1", 0)) as door:
        command_ = [sys.executable, "-c", TELLS, str(door.getsockname()[1])]
        with closing(Workers(count, command_)) as workers:
            parsing = [workers.submit(task(tmp_path / f"{number}.pdf")) for number in range(files)]
            threading.Thread(target=let_in, args=(door,), daemon=True).start()  # now that all are there
            return ["shared" in str(future.exception()) for future in parsing]


def let_in(door: socket.socket) -> None:
    """Let in whoever comes, until the door is closed."""
    with suppress(OSError):
        while True:
            door.accept()[0].close()


@pytest.mark.slow
def test_a_file_is_only_shared_out_when_no_other_waits(tmp_path: Path) -> None:
    first, second, _, last = shared_out(tmp_path, 2, 4)
    assert not (first and second)  # whichever comes first: two others wait; the other one may come after all of them
    assert last


@pytest.mark.slow
def test_one_worker_shares_nothing_out(tmp_path: Path) -> None:
    assert shared_out(tmp_path, 1, 1) == [False]
