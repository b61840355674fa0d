"""Estimates a large run's time and disk space, from its file sizes and the rates of earlier runs on this machine."""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from ingest.accept.acceptor import is_same_file
from ingest.accept.sources import Found, Missing
from ingest.loaders import media_type_of
from ingest.plan import Ingestion
from ingest.report import Estimate
from rag.errors import StudyhallError
from rag.library.memberships import Memberships
from rag.library.meta import Metadata
from rag.platform.threads import cores

MANY_FILES = 50
MANY_BYTES = 100_000_000
_KEY = "ingest_rates"
LEAST_MEASURED = 1.0  # seconds of reading or embedding; a shorter measurement is no basis
_REMEMBERED = 1800.0  # seconds of measurements that count, so that a new disk or version shows soon
_BYTES_OF_TEXT, _BYTES = 700, 6_000  # of a file per chunk: plain text; packed formats or ones with pictures
_CHUNK_BYTES = 6_500  # of the home per chunk (vector, words, text), until there are enough to measure
_ENOUGH_CHUNKS = 2_000


@dataclass(slots=True)
class Rate:
    """The measurements of a format: bytes read, seconds of one process, resulting chunks."""

    size: float = 0.0
    seconds: float = 0.0
    chunks: float = 0.0

    def add(self, size: float, seconds: float, chunks: float) -> None:
        """Add a measurement; older ones fade."""
        fade = min(1.0, _REMEMBERED / self.seconds) if self.seconds else 1.0
        self.size = self.size * fade + size
        self.seconds = self.seconds * fade + seconds
        self.chunks = self.chunks * fade + chunks


@dataclass(slots=True)
class Rates:
    """The rates at which this machine reads each format and embeds."""

    reading: dict[str, Rate] = field(default_factory=lambda: defaultdict(Rate))
    embedding: Rate = field(default_factory=Rate)  # without a size

    def add(self, media_type: str, size: int, seconds: float, chunks: int) -> None:
        """Add the measurement of a file."""
        self.reading[media_type].add(size, seconds, chunks)

    def with_embedding(self, chunks: int, seconds: float) -> Rates:
        """Return these rates with a measurement of embedding added."""
        self.embedding.add(0, seconds, chunks)
        return self

    def expected(self, sizes: Iterable[tuple[str, int]]) -> tuple[float, float]:
        """Return the expected seconds of reading, in one process, and chunks for files of these (media type, bytes).

        A format without measurements is taken to have the usual density, and the speed of all other formats together.
        """
        usual = Rate()
        for rate in self.reading.values():
            usual.add(rate.size, rate.seconds, rate.chunks)
        seconds = chunks = 0.0
        for media_type, size in sizes:
            if (known := self.reading.get(media_type)) is not None and known.size:
                seconds += size / known.size * known.seconds
                chunks += size / known.size * known.chunks
            else:
                guessed = size / (_BYTES_OF_TEXT if media_type.startswith("text/") else _BYTES)
                seconds += guessed * (usual.seconds / usual.chunks if usual.chunks else 0.0)
                chunks += guessed
        return seconds, chunks

    @property
    def are_known(self) -> bool:
        """Whether the measurements suffice for an estimate."""
        return self.embedding.seconds >= LEAST_MEASURED and self.embedding.chunks > 0


def estimate(wanted: Sequence[Found | Missing], collection_id: int, plan: Ingestion) -> Estimate | None:
    """Return the estimate for a run, or None for a run too small to need one."""
    files = [item for item in wanted if isinstance(item, Found) and item.path is not None]
    if len(files) < MANY_FILES and sum(item.size for item in files) < MANY_BYTES:
        return None
    if not plan.force:
        files = [item for item in files if not _is_there(item, collection_id, plan.library.catalog.memberships)]
    size = sum(item.size for item in files)
    if len(files) < MANY_FILES and size < MANY_BYTES:
        return None
    rates = recall(plan.library.meta)
    reading, chunks = rates.expected((media_type_of(item.uri), item.size) for item in files)
    seconds = None
    if rates.are_known:
        # Reading and embedding run in parallel, so the slower one counts.
        seconds = max(reading / processes(plan), chunks * rates.embedding.seconds / rates.embedding.chunks)
    folder = plan.library.home.folder
    disk = size + round(chunks * _bytes_per_chunk(plan))
    return Estimate(len(files), size, disk, shutil.disk_usage(folder).free, seconds)


def processes(plan: Ingestion) -> int:
    """Return the number of parsing processes."""
    return plan.processes or cores()


def recall(meta: Metadata) -> Rates:
    """Return the rates measured by earlier runs."""
    rates = Rates()
    for media_type, counted in json.loads(meta.recall(_KEY) or "{}").items():
        if media_type == "":
            rates.embedding = Rate(*counted)
        else:
            rates.reading[media_type] = Rate(*counted)
    return rates


def remember(meta: Metadata, rates: Rates) -> None:
    """Store the rates; on a full disk they are lost."""
    counted = {"": rates.embedding} | rates.reading
    packed = json.dumps({name: [rate.size, rate.seconds, rate.chunks] for name, rate in counted.items()})
    with suppress(StudyhallError):
        meta.remember(_KEY, packed)


def _is_there(item: Found, collection_id: int, memberships: Memberships) -> bool:
    held = memberships.get(collection_id, item.uri)
    return held is not None and is_same_file(item, held)


def _bytes_per_chunk(plan: Ingestion) -> float:
    """Return the home's bytes per chunk, without the originals: measured, or the usual value for a small library."""
    chunks = sum(collection.chunks for collection in plan.library.catalog.collections.all())
    if chunks < _ENOUGH_CHUNKS:
        return _CHUNK_BYTES
    home = plan.library.home
    files = [home.database, *(path for path in home.vectors.rglob("*") if path.is_file())]
    return sum(_size(path) for path in files) / chunks


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # Chroma deletes files meanwhile
        return 0
