"""Receives a file from the hub: resumed, checked, and only then put in its place. Runs in a process of its own."""

from __future__ import annotations

import errno
import hashlib
import os
import pickle
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING

from filelock import FileLock, Timeout

from rag.errors import DownloadError, HubUnavailable, NoSpace, NotAModel, WrongFile
from rag.models.catalogue import HubFile
from rag.models.download import Downloaded, DownloadProgress, Event, Task
from rag.models.gguf import read_header
from rag.models.hub import AGAIN, Hub, Remote

if TYPE_CHECKING:
    from hashlib import _Hash

INCOMING = ".incoming"  # the folder of unfinished files, in the models folder
TRIES = 4  # in a row that bring nothing new
SPARE = 1.05  # of the bytes to come, free on the disk
LOCK_S = 10.0  # a process that was killed a moment ago lets go of its file within this time
REPORTED_EVERY_S = 0.25
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}  # the last: a disk whose file system knows no files of that size


def main() -> None:
    """Do the task from standard input; the main function of the process."""
    events = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library's prints must not mix with the events
    task = pickle.load(sys.stdin.buffer)
    assert isinstance(task, Task)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        for event in receive(task):
            _send(events, event)
    except DownloadError as exc:
        _send(events, type(exc)(exc.what, remedy=exc.remedy))  # its cause may be of a class that can't be pickled


def receive(task: Task) -> Iterator[Event]:
    """Do a download, yielding its progress and in the end where the file is; raises DownloadError."""
    wanted, final = task.wanted, task.folder / task.wanted.name
    hub, patience = Hub(wanted, task.endpoint), _Patience(task.wait_s)
    with _errors_told(final):
        if wanted.sha256 and final.exists():
            yield from _there(final, wanted, wanted.bytes, wanted.sha256)
            return
        remote = _look(hub, patience)
        done = None
        with _part(task.folder, wanted, remote) as part:
            if not final.exists():
                yield from _begun(part, remote.size)
                _check_space(part, remote.size)
                yield from _rest(hub, remote, part, patience)
                sha256 = _checked(part, wanted, remote, hub)
                part.path.replace(final)
                done = Downloaded(final, part.size, sha256, verified=remote.sha256 is not None)
        # With the last event this process may be ended, so all is in order by then.
        yield from [done] if done else _there(final, wanted, remote.size, remote.sha256)


def _end_with_parent() -> None:
    """End this process with the one that started it, however that ends."""
    while os.read(0, 1):
        pass
    os._exit(1)


def _send(stream: IO[bytes], event: Event | DownloadError) -> None:
    pickle.dump(event, stream)
    stream.flush()


@contextmanager
def _errors_told(final: Path) -> Iterator[None]:
    """Translate the errors of the disk."""
    try:
        yield
    except OSError as exc:
        reason = exc.strerror or str(exc)
        if exc.errno in _FULL:
            message = f"{final.name} doesn't fit on the disk of {final.parent}: {reason}."
            raise NoSpace(message, remedy=f"Free some space, {AGAIN}") from exc
        message = f"{final.name} can't be written into {final.parent}: {reason}."
        raise DownloadError(message, remedy="Check its permissions, or choose another home with --home.") from exc


def _there(final: Path, wanted: HubFile, size: int | None, sha256: str | None) -> Iterator[Event]:
    """Yield that the file is there already; raises WrongFile if it is another one."""
    there = final.stat().st_size
    if size in {None, there}:
        yield DownloadProgress(0, there, checking=True)
        with final.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if sha256 in {None, found}:
            yield Downloaded(final, there, found, verified=sha256 is not None, was_there=True)
            return
    message = f"{final} is there, and is another file than {wanted}."
    raise WrongFile(message, remedy=f"Rename it, or delete it with: studyhall models remove {final.name}")


# ---- the bytes


@dataclass(slots=True)
class _Patience:
    """Counts the tries in a row that bring nothing new, and waits twice as long after each: 1, 2, 4 seconds."""

    wait_s: float
    tries: int = 0

    def after(self, failure: HubUnavailable) -> None:
        """Wait for the next try; raises the failure if there has been the last one."""
        self.tries += 1
        if self.tries >= TRIES:
            raise failure
        time.sleep(self.wait_s * 2 ** (self.tries - 1))


@dataclass(slots=True)
class _Part:
    """The beginning of a file, and the hash of what is there of it."""

    path: Path
    file: IO[bytes]
    size: int = 0
    digest: _Hash = field(default_factory=hashlib.sha256)

    def append(self, data: bytes) -> None:
        self.file.write(data)
        self.count(data)

    def count(self, data: bytes) -> None:
        self.digest.update(data)
        self.size += len(data)

    def restart(self) -> None:
        self.file.truncate(0)
        self.digest, self.size = hashlib.sha256(), 0


@contextmanager
def _part(folder: Path, wanted: HubFile, remote: Remote) -> Iterator[_Part]:
    """Open what there is of a file; raises DownloadError while another process writes to it.

    It lies in a folder of its own, under its later name; one that turns out to be wrong is deleted.
    """
    incoming, key = folder / INCOMING, hashlib.sha256(f"{wanted} {remote.identity}".encode()).hexdigest()[:12]
    path, lock = incoming / key / wanted.name, incoming / f"{key}.lock"
    incoming.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(lock, timeout=LOCK_S):
            path.parent.mkdir(exist_ok=True)
            try:
                with path.open("ab", buffering=0) as file:
                    yield _Part(path, file)
            except WrongFile:
                path.unlink()
                raise
            finally:
                _tidy(path, lock)
    except Timeout as exc:
        message = f"Another process is downloading {wanted.name} into {folder}."
        raise DownloadError(message, remedy="Wait until it has finished, or stop it.") from exc


def _tidy(path: Path, lock: Path) -> None:
    """Delete what lies around a file if there is nothing in it to go on with; the lock is held meanwhile."""
    if not path.exists() or not path.stat().st_size:
        path.unlink(missing_ok=True)
        path.parent.rmdir()
        with suppress(PermissionError):  # Windows deletes no file that is open
            lock.unlink()


def _look(hub: Hub, patience: _Patience) -> Remote:
    while True:
        try:
            return hub.look()
        except HubUnavailable as exc:
            patience.after(exc)


def _begun(part: _Part, total: int | None) -> Iterator[Event]:
    """Read what an earlier download has left."""
    with part.path.open("rb") as file:
        if os.fstat(file.fileno()).st_size:
            yield DownloadProgress(0, total, checking=True)
        while data := file.read(1 << 20):
            part.count(data)
    if total is not None and part.size > total:
        part.restart()


def _check_space(part: _Part, total: int | None) -> None:
    if total is None:
        return
    needed, free = (total - part.size) * SPARE, shutil.disk_usage(part.path.parent).free
    if needed > free:
        message = f"{part.path.name} needs {needed / 1e9:.1f} GB more on the disk, and {free / 1e9:.1f} GB are free."
        raise NoSpace(message, remedy="Free some space, or choose another home with --home.")


def _rest(hub: Hub, remote: Remote, part: _Part, patience: _Patience) -> Iterator[Event]:
    """Receive what is missing, in as many tries as it takes."""
    most, complete = part.size, part.size == remote.size
    patience.tries = 0
    while not complete:
        try:
            yield from _try(hub, remote, part)
            complete = True
        except HubUnavailable as exc:
            # A server that begins anew each time, and breaks off each time, brings nothing new.
            if part.size > most:
                most, patience.tries = part.size, 0
            patience.after(exc)


def _try(hub: Hub, remote: Remote, part: _Part) -> Iterator[Event]:
    """Receive the rest in one request; raises HubUnavailable if it breaks off."""
    with hub.send(remote, part.size) as sending:
        if sending.start != part.size:
            part.restart()
        yield DownloadProgress(part.size, sending.total)
        reported = time.monotonic()
        for data in sending.pieces:
            part.append(data)
            if sending.total is not None and part.size > sending.total:
                message = f"{hub.host} sends more than {sending.total:,} bytes; {hub.wanted.name} was deleted."
                raise WrongFile(message, remedy="Pull it again, or check the setting hub.")
            if time.monotonic() - reported >= REPORTED_EVERY_S:
                reported = time.monotonic()
                yield DownloadProgress(part.size, sending.total)
        if sending.total is not None and part.size < sending.total:
            message = f"{hub.host} sent only {part.size:,} of {sending.total:,} bytes."
            raise HubUnavailable(message, remedy=f"Check the connection, {AGAIN}")
        yield DownloadProgress(part.size, sending.total)


# ---- the finished file


def _checked(part: _Part, wanted: HubFile, remote: Remote, hub: Hub) -> str:
    """Return the sha256 of a whole file; raises WrongFile if it should be another, or if it is no model."""
    os.fsync(part.file.fileno())
    part.file.close()
    sha256 = part.digest.hexdigest()
    if remote.sha256 not in {None, sha256}:
        message = f"What came as {wanted} was deleted: its sha256 is {sha256}, not {remote.sha256}."
        raise WrongFile(message, remedy=f"Pull it again; if that doesn't help, {hub.host} has another file.")
    try:
        read_header(part.path)
    except NotAModel as exc:
        message = f"What came as {wanted} was deleted: {exc.what}"
        raise WrongFile(message, remedy="Name another file, or see whether the connection asks for a login.") from exc
    return sha256
