"""Measures an ingestion's pace and remaining time from its events."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator

from ingest.report import Begun, Done, Embedding, Event, FileRead, IngestReport, Pace, PageRead, Queued, Status

_EVERY_S = 0.5  # between two reports of the pace
_WINDOW_S = 20.0  # window of a speed, since the kind of files changes
_LEAST_S = 3.0  # before the first estimate: the models are loaded at first

Clock = Callable[[], float]


def paced(events: Iterable[Event], clock: Clock = time.perf_counter) -> Iterator[Event]:
    """Pass on an ingestion's events, with a `Pace` after an event every half second."""
    pacer = Pacer(clock)
    last = clock()
    for event in events:
        pacer.note(event)
        yield event
        if clock() - last >= _EVERY_S and not isinstance(event, IngestReport):
            last = clock()
            yield pacer.pace()


class Pacer:
    """Keeps the counts of an ingestion."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began = clock()
        self._files = self._files_done = self._pages = 0
        self._bytes = self._bytes_read = 0
        self._under_way: dict[str, float] = {}  # by source: bytes read so far of files in progress
        self._reading = _Speed(clock)
        self._embedding = _Speed(clock)
        self._chunks = self._chunks_known = 0

    def note(self, event: Event) -> None:
        """Count an event."""
        match event:
            case Begun(total):
                self._files = total
            case Queued(total, size):
                self._files, self._bytes = total, size
                self._reading.note(0)
                self._embedding.note(0)
            case PageRead(source, page, total, _, size):
                self._under_way[source] = size * (page - 1) / max(total, 1)
                self._reading.note(self._read())
            case FileRead(source, _, _, size):
                self._under_way.pop(source, None)
                self._bytes_read += size
                self._reading.note(self._read())
            case Embedding(done, total):
                self._chunks, self._chunks_known = done, total
                self._embedding.note(done)
            case Done(report):
                self._files_done += 1
                self._pages += report.pages if report.status is not Status.UNCHANGED else 0

    def pace(self) -> Pace:
        """Return the present pace."""
        return Pace(
            files=self._files_done,
            total=self._files,
            pages=self._pages,
            chunks=self._chunks,
            chunks_known=self._chunks_known,
            chunks_per_s=self._embedding.per_second(),
            seconds=self._clock() - self._began,
            seconds_left=self._left(),
        )

    def _read(self) -> float:
        return self._bytes_read + sum(self._under_way.values())

    def _left(self) -> float | None:
        """Return the seconds left, or None if unknown; the slower of reading and embedding decides."""
        if self._clock() - self._began < _LEAST_S or not self._bytes:
            return None
        unread = max(self._bytes - self._read(), 0)
        chunks = self._chunks_known - self._chunks
        if self._bytes_read:
            chunks += round(unread * self._chunks_known / self._bytes_read)
        parts = ((unread, self._reading.per_second()), (chunks, self._embedding.per_second()))
        if any(left and not speed for left, speed in parts):
            return None
        return max(left / speed if left else 0.0 for left, speed in parts)


class _Speed:
    """The recent speed of a growing count."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen: deque[tuple[float, float]] = deque()

    def note(self, count: float) -> None:
        """Record the present count."""
        self._seen.append((self._clock(), count))
        while len(self._seen) > 2 and self._seen[1][0] < self._clock() - _WINDOW_S:
            self._seen.popleft()

    def per_second(self) -> float:
        """Return the speed per second; 0 if there is none yet."""
        if len(self._seen) < 2:
            return 0.0
        (began, before), (_, now) = self._seen[0], self._seen[-1]
        return max(now - before, 0.0) / max(self._clock() - began, 0.001)
