"""Downloads a model in a process of its own, which can be ended at any moment.

The libraries of this process may be offline by then, and huggingface_hub decides that for a whole process when it is
imported. The other process runs `rag.models.receive`: it gets a pickled task and sends pickled events.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO

from rag.errors import Cancelled, DownloadError
from rag.models.catalogue import HubFile
from rag.platform.offline import check_online, downloading_environment

_POLL_S = 0.1  # between looks at `cancelled`


@dataclass(frozen=True, slots=True)
class DownloadProgress:
    """How much of a file is there."""

    received: int  # bytes, with those of earlier downloads
    total: int | None  # bytes; None where the server doesn't say
    checking: bool = False  # what is there already is being read


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A file that is complete and in its place."""

    path: Path
    bytes: int
    sha256: str
    verified: bool  # the sha256 is the catalogue's or the server's; otherwise neither knows one
    was_there: bool = False  # nothing was downloaded


Event = DownloadProgress | Downloaded


@dataclass(frozen=True, slots=True)
class Task:
    """What the other process is to do."""

    wanted: HubFile
    folder: Path
    endpoint: str
    wait_s: float


def download(
    wanted: HubFile,
    folder: Path,
    *,
    endpoint: str,
    cancelled: threading.Event | None = None,
    wait_s: float = 1.0,
) -> Iterator[Event]:
    """Download a file into `folder`, yielding its progress and at the end a Downloaded, with its path.

    A broken connection is taken up again, first after `wait_s` seconds. Whatever stops the download, what has come is
    kept, and the next one goes on from there. Closing the generator stops it. Raises Cancelled soon after `cancelled`
    is set, Offline before any connection if ``STUDYHALL_OFFLINE`` is set, and DownloadError for all that can go wrong.
    """
    check_online(f"a download of {wanted}")
    with _process(Task(wanted, folder.absolute(), endpoint, wait_s)) as events:
        while True:
            event = _next(events, cancelled)
            if isinstance(event, DownloadError):
                raise event
            yield event
            if isinstance(event, Downloaded):
                return


@contextmanager
def _process(task: Task) -> Iterator[SimpleQueue[Event | DownloadError]]:
    """Start a process for a task, pass its events on, and kill it at the end."""
    code = f"import sys; sys.path[:] = {sys.path!r}; from rag.models.receive import main; main()"
    events: SimpleQueue[Event | DownloadError] = SimpleQueue()
    with (
        tempfile.TemporaryFile() as complaints,
        subprocess.Popen(
            [sys.executable, "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            env=downloading_environment(),
            start_new_session=True,  # Ctrl-C is for this process, which then ends the other
        ) as process,
    ):
        assert process.stdin and process.stdout
        reading = threading.Thread(target=_read, args=(process.stdout, complaints, events), daemon=True)
        reading.start()
        try:
            with suppress(BrokenPipeError):  # it has died already, which is told by its last event
                process.stdin.write(pickle.dumps(task))
                process.stdin.flush()
            yield events
        finally:
            process.kill()
            reading.join()


def _read(stream: IO[bytes], complaints: IO[bytes], events: SimpleQueue[Event | DownloadError]) -> None:
    try:
        while True:
            events.put(pickle.load(stream))
    except (EOFError, pickle.UnpicklingError):  # the process has ended, in the midst of an event perhaps
        complaints.seek(0)
        last = complaints.read().decode(errors="replace").strip().rpartition("\n")[2]
        message = f"The process that downloads has died{f': {last}' if last else ''}."
        events.put(DownloadError(message, remedy="Pull again: what has come is kept."))


def _next(events: SimpleQueue[Event | DownloadError], cancelled: threading.Event | None) -> Event | DownloadError:
    while cancelled is None or not cancelled.is_set():
        try:
            return events.get(timeout=_POLL_S)
        except Empty:
            continue
    message = "The download was stopped."
    raise Cancelled(message, remedy="The next one goes on from there.")
