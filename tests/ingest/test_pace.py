"""How fast an ingestion goes and what is left, from its events and a clock that the test turns."""

from __future__ import annotations

from ingest.pace import Pacer, paced
from ingest.report import (
    Begun,
    DocumentReport,
    Done,
    Embedding,
    Event,
    FileRead,
    IngestReport,
    Pace,
    PageRead,
    Queued,
    Status,
)


class Watch:
    """A clock that stands still until it is turned."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def pace_after(*steps: tuple[float, Event]) -> Pace:
    """Return the pace after events, each so many seconds after the one before."""
    watch = Watch()
    pacer = Pacer(watch)
    for seconds, event in steps:
        watch.now += seconds
        pacer.note(event)
    return pacer.pace()


def test_what_is_unread_counts_by_the_chunks_that_came_of_what_is_read() -> None:
    """Half of the bytes gave 100 chunks in 10 s, 50 of them embedded: 150 more at 5 a second."""
    pace = pace_after(
        (0, Begun(2)),
        (0, Queued(2, 2000)),
        (10, FileRead("a", 1, 2, 1000)),
        (0, Embedding(50, 100)),
    )
    assert (pace.chunks, pace.chunks_known, pace.chunks_per_s) == (50, 100, 5)
    assert pace.seconds_left == 30


def test_a_long_scan_tells_its_time_by_its_pages() -> None:
    """A quarter of the only file in 40 s, and nothing to embed yet."""
    pace = pace_after(
        (0, Queued(1, 8000)), (1, PageRead("a", 1, 40, True, 8000)), (39, PageRead("a", 11, 40, True, 8000))
    )
    assert pace.seconds_left == 117  # a second went by before the first page


def test_nobody_guesses_at_first_or_without_a_speed() -> None:
    assert pace_after((0, Queued(1, 1000)), (1, FileRead("a", 1, 1, 1000)), (0, Embedding(5, 10))).seconds_left is None
    assert pace_after((0, Queued(2, 1000)), (9, FileRead("a", 1, 2, 500)), (0, Embedding(0, 10))).seconds_left is None
    assert pace_after((9, Begun(1))).seconds_left is None


def test_the_speed_is_that_of_the_last_while() -> None:
    slow = [(1.0, Embedding(number, 10_000)) for number in range(60)]
    fast = [(1.0, Embedding(60 + 50 * number, 10_000)) for number in range(1, 40)]
    pace = pace_after((0, Queued(1, 1000)), *slow, *fast)
    assert 45 < pace.chunks_per_s <= 50


def test_files_and_pages_are_counted_when_they_are_done() -> None:
    done = [DocumentReport("a", Status.ADDED, pages=7), DocumentReport("b", Status.UNCHANGED, pages=9)]
    pace = pace_after((0, Begun(3)), *((1, Done(report)) for report in done))
    assert (pace.files, pace.total, pace.pages) == (2, 3, 7)


def test_the_events_pass_and_every_half_second_the_pace_is_among_them() -> None:
    watch = Watch()

    def events() -> list[Event]:
        return [Begun(1), Queued(1, 10), *(Embedding(number, 9) for number in range(9)), IngestReport()]

    def slowly():  # type: ignore[no-untyped-def]
        for event in events():
            watch.now += 0.2
            yield event

    seen = list(paced(slowly(), watch))
    assert [event for event in seen if not isinstance(event, Pace)] == events()
    assert sum(isinstance(event, Pace) for event in seen) == 3
    assert isinstance(seen[-1], IngestReport)
