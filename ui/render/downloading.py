"""The download of a model in a terminal: a bar while it runs, or lines where nobody watches."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.text import Text

from rag.models.download import Downloaded, DownloadProgress, Event
from ui.render.words import amount, duration


def watch_download(events: Iterable[Event], console: Console) -> Iterator[Event]:
    """Show how a download goes, passing its events on: a bar in a terminal, elsewhere a line for each tenth."""
    return _with_bar(events, console) if console.is_terminal else _with_lines(events, console)


def _with_bar(events: Iterable[Event], console: Console) -> Iterator[Event]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("Asking the hub", total=None)
        resumed = False
        for event in events:
            if isinstance(event, DownloadProgress):
                if not event.checking and not resumed:
                    progress.reset(task, completed=event.received)  # the speed is that of what is received now
                    resumed = True
                doing = "Checking what is there" if event.checking else "Downloading"
                progress.update(task, description=doing, completed=event.received, total=event.total)
            yield event


def _with_lines(events: Iterable[Event], console: Console) -> Iterator[Event]:
    began, begun, said = 0.0, 0, -1  # seconds, bytes, tenths of the file
    for event in events:
        if isinstance(event, DownloadProgress) and not event.checking:
            if said < 0:
                began, begun = time.monotonic(), event.received
            tenths = 10 * event.received // event.total if event.total else 0
            if tenths > said:
                said, seconds = tenths, time.monotonic() - began
                speed = (event.received - begun) / seconds if seconds else 0.0
                console.print(Text(describe_download(event, speed)))
        yield event


def describe_download(progress: DownloadProgress, speed: float) -> str:
    """Describe how much of a file is there, at so many bytes a second.

    >>> describe_download(DownloadProgress(320_000_000, 1_280_000_000), 16_000_000)
    '320 MB of 1.3 GB, 16 MB/s, about 1 minute left'
    """
    if progress.total is None:
        return amount(progress.received)
    said = f"{amount(progress.received)} of {amount(progress.total)}"
    left = progress.total - progress.received
    return f"{said}, {amount(int(speed))}/s, about {duration(left / speed)} left" if speed and left else said


def print_downloaded(done: Downloaded, console: Console) -> None:
    """Print where a model is now, how sure it is that it is the right one, and how to use it."""
    came = "was there already" if done.was_there else "is there now"
    sure = "its sha256 is right" if done.verified else "no sha256 is known to compare with"
    console.print(Text(f"{done.path} {came}: {amount(done.bytes)}, {sure}."), soft_wrap=True)
    console.print(Text(f"Let it answer: studyhall models use {done.path.name}"), soft_wrap=True)
