"""Worker processes: a file that crashes, hangs or eats the memory costs that file only."""

import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ingest.parse.parsing import ParseTask
from ingest.parse.worker import Worker, command
from ingest.parse.workers import Workers
from ingest.report import PageRead
from rag.errors import Damaged, NoText
from rag.models.embedder import SentenceEmbedder
from rag.types import Source

pytestmark = pytest.mark.slow

# Reads the length of a task and then does what is behind it.
TAKES_A_TASK = "import os, sys, time; size = int.from_bytes(sys.stdin.buffer.read(8), 'big'); "

Make = Callable[..., Workers]


@pytest.fixture
def made() -> Iterator[Make]:
    """Makes workers that end with the test."""
    every: list[Workers] = []

    def make(count: int, of: list[str], seconds: float = 60) -> Workers:
        every.append(Workers(count, of, seconds=seconds))
        return every[-1]

    yield make
    for workers in every:
        workers.close()


def task(path: Path, text: str) -> ParseTask:
    path.write_text(text, encoding="utf-8")
    return ParseTask(Source(str(path), "text/markdown", len(text), "0"), path, path.stem)


# Refuses the first file, for it has only begun. Of the second it says that it comes to page after page, each well
# within its time, all of them together not, and dies at the end.
RECOGNISES = """
import os, pickle, sys, time
from ingest.report import PageRead
from rag.errors import Damaged

def tell(answer):
    data = pickle.dumps(answer)
    os.write(1, len(data).to_bytes(8, "big") + data)

def take():
    return pickle.loads(sys.stdin.buffer.read(int.from_bytes(sys.stdin.buffer.read(8), "big")))

take()
tell(Damaged("ready", remedy=""))
take()
for page in range(1, 9):
    tell(PageRead("scan.md", page, 8, True, 100))
    time.sleep(0.3)
os.abort()
"""


def test_a_long_scan_says_how_far_it_is_and_is_not_given_up(tmp_path: Path) -> None:
    told: list[PageRead] = []
    scan, worker = task(tmp_path / "scan.md", "text"), Worker([sys.executable, "-c", RECOGNISES])
    with pytest.raises(Damaged, match="ready"):
        worker.do(scan, 60, told.append)
    with pytest.raises(Damaged, match=r"scan\.md crashed the library"):
        worker.do(scan, 2, told.append)
    assert [(read.page, read.total) for read in told] == [(page, 8) for page in range(1, 9)]


def test_documents_are_parsed_side_by_side_and_come_back_whole(
    made: Make, embedder: SentenceEmbedder, tmp_path: Path
) -> None:
    workers = made(2, command(embedder.tokenizer_file, embedder.room))
    parsing = [workers.submit(task(tmp_path / f"{n}.md", f"# Title {n}\n\nThe boxes number {n}.")) for n in range(5)]
    parsed = [future.result() for future in parsing]
    assert [found.document.title for found in parsed] == [f"Title {n}" for n in range(5)]
    assert parsed[0].chunks[0].text == "# Title 0\n\nThe boxes number 0."
    assert "box" in parsed[0].stems[0].split()


def test_an_error_comes_back_as_itself_and_the_worker_goes_on(
    made: Make, embedder: SentenceEmbedder, tmp_path: Path
) -> None:
    workers = made(1, command(embedder.tokenizer_file, embedder.room))
    with pytest.raises(NoText, match=r"empty\.md is empty"):
        workers.submit(task(tmp_path / "empty.md", "")).result()
    assert workers.submit(task(tmp_path / "good.md", "Fine.")).result().document.text == "Fine."


def test_a_crash_costs_the_file_and_a_new_worker_takes_the_next(made: Make, tmp_path: Path) -> None:
    workers = made(1, [sys.executable, "-c", TAKES_A_TASK + "os.abort()"])
    for name in ("a.md", "b.md"):
        with pytest.raises(Damaged, match=rf"{name} crashed the library"):
            workers.submit(task(tmp_path / name, "text")).result()


@pytest.mark.parametrize(
    "end",
    [
        "sys.stderr.write('memory allocation of 4294967296 bytes failed'); sys.stderr.flush(); os.abort()",
        "bytearray(2**50)",
        pytest.param(
            "os.kill(os.getpid(), 9)",
            marks=pytest.mark.skipif(sys.platform == "win32", reason="this system knows no SIGKILL"),
        ),
    ],
)
def test_a_file_that_needs_too_much_memory_says_so(made: Make, tmp_path: Path, end: str) -> None:
    workers = made(1, [sys.executable, "-c", TAKES_A_TASK + end])
    with pytest.raises(Damaged, match=r"large\.md needs more memory than a document may\. .*divide it"):
        workers.submit(task(tmp_path / "large.md", "text")).result()


def test_a_file_that_never_ends_is_given_up(made: Make, tmp_path: Path) -> None:
    workers = made(1, [sys.executable, "-c", TAKES_A_TASK + "sys.stdin.buffer.read()"], seconds=0.3)
    with pytest.raises(Damaged, match=r"slow\.md was given up after 0 seconds"):
        workers.submit(task(tmp_path / "slow.md", "text")).result()


@pytest.mark.skipif(sys.platform != "linux", reason="a limit on memory is a matter of Linux and macOS")
def test_a_file_that_eats_the_memory_is_refused(made: Make, embedder: SentenceEmbedder, tmp_path: Path) -> None:
    workers = made(1, command(embedder.tokenizer_file, embedder.room, memory=700 * 2**20))
    with pytest.raises(Damaged, match=r"large\.md (needs more memory|crashed)"):
        workers.submit(task(tmp_path / "large.md", "word " * 20_000_000)).result()
    assert workers.submit(task(tmp_path / "small.md", "Fine.")).result().document.text == "Fine."


def test_closing_ends_workers_in_the_middle_of_a_file(tmp_path: Path) -> None:
    with closing(Workers(1, [sys.executable, "-c", TAKES_A_TASK + "sys.stdin.buffer.read()"])) as workers:
        parsing = workers.submit(task(tmp_path / "slow.md", "text"))
        while not parsing.running():
            pass
    assert parsing.done()


def test_a_worker_imports_neither_torch_nor_chroma(embedder: SentenceEmbedder) -> None:
    import subprocess

    code = (
        "import sys; from ingest.parse import worker, workers;"
        "from ingest.loaders.pdf import document; from ingest.loaders.office import docx, pptx;"
        "from ingest.loaders.markup import html, markdown; from ingest.loaders.plain import text;"
        "heavy = {'torch', 'chromadb', 'llama_cpp', 'onnxruntime'} & set(sys.modules); sys.exit(str(heavy or 0))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() in {"", "0"}
