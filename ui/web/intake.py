"""Files and addresses on their way into the library: accepted at once, and read in a thread of their own.

So neither a closed tab nor a kill loses one.
"""

from __future__ import annotations

import queue
import re
import threading
import unicodedata
from collections.abc import Container, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from ingest.accept.acceptor import failed
from ingest.accept.sources import Found
from ingest.loaders import is_supported
from rag.errors import InputError, StudyhallError
from rag.library.uploads import folder_name, incoming
from rag.texts import say
from ui.hall import Studyhall
from ui.web.batches import Batch, BatchFile, Step, Upload, is_web_address, record, shown_name

_LOOK_S = 0.25  # how often a follower looks at least
_RETRY_S = 30.0  # between two looks whether a full disk has room again
_ROOM = 16_000_000  # bytes that must have become free
_LONGEST_NAME = 180  # bytes of a file's name
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')


class Intake:
    """Takes batches in, one after the other. `close` stops after the file at hand; the next start goes on."""

    def __init__(self, hall: Studyhall, *, retry_s: float = _RETRY_S) -> None:
        self._hall = hall
        self._retry_s = retry_s
        self._full: int | None = None  # bytes that were free when a batch was left unfinished
        self._uploads = hall.uploads
        self._waiting: queue.SimpleQueue[Batch | None] = queue.SimpleQueue()
        self._stopped = threading.Event()
        self._changed = threading.Condition()
        self._batches: list[Batch] = []
        self._accepting = threading.Lock()
        self._thread = threading.Thread(target=self._work, name="intake", daemon=True)

    @property
    def incoming(self) -> Path:
        """The folder that the browser's uploads land in."""
        return incoming(self._uploads)

    def add_folder(self, uploads: Sequence[Upload], *, collection: str) -> Batch:
        """Accept the files of a folder; hidden ones and those of no known format are left out, as on a disk."""
        wanted = [upload for upload in uploads if is_wanted(upload.name)]
        for upload in uploads:
            if upload not in wanted:
                _clear_away(upload.path)
        batch = self.add(uploads=wanted, collection=collection)
        batch.left_out = len(uploads) - len(wanted)
        return batch

    def add(self, *, uploads: Sequence[Upload] = (), targets: Sequence[str] = (), collection: str) -> Batch:
        """Accept a batch into the queue, and return once nothing can lose it; it begins when those before have ended.

        A file is known by its name in its collection: only so is one that is dropped again an update of itself.
        Targets are web addresses, and folders that are on this computer anyway.
        """
        batch = Batch(collection, targets=tuple(target for target in targets if not is_web_address(target)))
        with self._accepting:
            for upload in uploads:
                path = _free(self._uploads / folder_name(collection) / file_name(upload.name), batch.items)
                self._accept(batch, upload.name, str(path), upload.path)
            for target in targets:
                if is_web_address(target):
                    self._accept(batch, target, target, target)
        return self._queue(batch)

    def _accept(self, batch: Batch, name: str, uri: str, target: Path | str) -> None:
        """Accept a file or an address; one that can't be is a failed file of the batch."""
        item = batch.items[uri] = BatchFile(name)
        try:
            batch.jobs.append(self._hall.accept(target, uri=uri, collection=batch.collection))
        except StudyhallError as exc:
            item.step, item.report = Step.FAILED, failed(uri, exc)
        if isinstance(target, Path):
            _clear_away(target)

    def unlock(self, kept: Sequence[Found], password: str, *, collection: str) -> Batch:
        """Queue files that waited for their password."""
        names = {item.uri: BatchFile(shown_name(item.uri)) for item in kept}
        return self._queue(Batch(collection, kept=tuple(kept), password=password, items=names))

    def read_again(self) -> list[Batch]:
        """Queue the documents that an older version has read, a batch for each collection."""
        outdated = self._hall.outdated()
        batches = []
        for name in sorted({info.collection for info in outdated}):
            mine = [info for info in outdated if info.collection == name]
            kept = tuple(item for info in mine for item in self._hall.kept(info.document_id, name))
            items = {item.uri: BatchFile(shown_name(item.uri)) for item in kept}
            batches.append(self._queue(Batch(name, kept=kept, items=items, force=True)))
        return batches

    def _queue(self, batch: Batch) -> Batch:
        with self._changed:
            self._batches = [other for other in self._batches if not other.ended] + [batch]
            if not self._thread.is_alive():
                self._thread.start()
        self._waiting.put(batch)
        return batch

    def resume(self) -> Batch:
        """Go on with unfinished documents, and warm the embedder up for the first question on the way."""
        return self._queue(Batch("", resumes=True))

    def shown(self) -> list[Batch]:
        """Return the batches to show: those under way, and those that ended since the last one was added."""
        with self._changed:
            return [batch for batch in self._batches if not batch.resumes or (batch.to_embed and not batch.ended)]

    def active(self) -> list[Batch]:
        """Return the batches under way."""
        with self._changed:
            return [batch for batch in self._batches if not batch.ended]

    def follow(self, batch: Batch) -> Iterator[Batch]:
        """Yield the batch whenever something happened to it, and when it has ended."""
        while not batch.ended:
            yield batch
            with self._changed:
                if not batch.ended:
                    self._changed.wait(_LOOK_S)
        yield batch

    def close(self) -> None:
        """Stop the work and wait for it, and for what is being accepted."""
        self._stopped.set()
        self._waiting.put(None)
        if self._thread.is_alive():
            self._thread.join()
        with self._accepting:
            pass

    # ---- in the thread

    def _work(self) -> None:
        while (batch := self._next()) is not None and not self._stopped.is_set():
            try:
                self._take_in(batch)
            except StudyhallError as exc:
                batch.error = str(exc)
            except Exception as exc:  # noqa: BLE001  # a thread's end: whoever follows must hear of it
                batch.error = f"Something went wrong that Studyhall doesn't know: {exc!r}"
            self._full = self._free_if_unfinished()
            self._end(batch)

    def _next(self) -> Batch | None:
        """Wait for the next batch; go on with one that was left unfinished once the disk has room again."""
        while True:
            try:
                return self._waiting.get(timeout=self._retry_s)
            except queue.Empty:
                free = None if self._full is None else self._free_if_unfinished()
                if free is not None and self._full is not None and free > self._full + _ROOM:
                    self._full = None
                    self.resume()

    def _free_if_unfinished(self) -> int | None:
        """Return the free bytes of the disk while documents wait; None if none do, or if that can't be told."""
        try:
            return self._hall.free_space() if self._hall.is_unfinished() else None
        except (StudyhallError, OSError):  # the next batch tells the reason
            return None

    def _take_in(self, batch: Batch) -> None:
        if batch.resumes:
            there = self._hall.collections()
            if not there:
                return
            batch.collection = there[0].name  # any that is there: none is to be made for this
        events = self._hall.ingest_events(
            [*batch.jobs, *batch.targets, *batch.kept],
            collection=batch.collection,
            password=batch.password,
            force=batch.force,
            stopped=self._stopped,
        )
        try:
            for event in events:
                with self._changed:
                    record(batch, event)
                    self._changed.notify_all()
        finally:
            batch.password = ""

    def _end(self, batch: Batch) -> None:
        with self._changed:
            batch.ended = True
            self._changed.notify_all()


def is_wanted(name: str) -> bool:
    """Say whether a file of a folder is taken in: not hidden, and of a format that is read."""
    return not name.startswith((".", "~$")) and is_supported(name)


def web_address(typed: str) -> str:
    """Return the web address that somebody typed; raises InputError.

    >>> web_address(" en.wikipedia.org/wiki/Okapi_BM25 ")
    'https://en.wikipedia.org/wiki/Okapi_BM25'
    """
    bare = typed.strip()
    target = bare if "://" in bare else f"https://{bare}"
    parts = urlsplit(target)
    if parts.scheme not in {"http", "https"} or not parts.hostname or " " in target or "." not in parts.netloc:
        message = say("{told} is no web address.", told=repr(bare))
        raise InputError(message, remedy=say("Paste one that begins with https://."))
    return target


def file_name(name: str) -> str:
    """Return the name a file gets on this computer: its own, without characters that file systems forbid.

    >>> file_name("../Übung 3: Bäume?.pdf")
    'Übung 3 Bäume.pdf'
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    clean = _FORBIDDEN.sub("", last).strip(" .") or "file"
    stem, dot, suffix = clean.rpartition(".")
    stem, suffix = (stem, dot + suffix) if dot and len(suffix) <= 10 else (clean, "")
    room = _LONGEST_NAME - len(suffix.encode())
    return stem.encode()[:room].decode(errors="ignore") + suffix


def _clear_away(upload: Path) -> None:
    """Delete an upload that was accepted, and the folder that Gradio made for it alone."""
    with suppress(OSError):
        upload.unlink(missing_ok=True)
        upload.parent.rmdir()


def _free(path: Path, taken: Container[str]) -> Path:
    """Return the path, or with a number where the same batch has that name already (from another folder)."""
    number = 1
    free = path
    while str(free) in taken:
        number += 1
        free = path.with_stem(f"{path.stem} ({number})")
    return free
