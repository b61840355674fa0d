"""What a large run will take, told before it begins: from the sizes of its files and what was measured here before."""

from __future__ import annotations

import json
import os
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

MANY_FILES = 50
MANY_BYTES = 100_000_000
_KEY = "ingest_rates"
LEAST_MEASURED = 1.0  # second of reading or embedding that must have been measured: less says nothing
_REMEMBERED = 1800.0  # seconds of measuring that count: a new disk or a new version shows soon
_BYTES_OF_TEXT, _BYTES = 700, 6_000  # of a file that make a chunk: of text, and of formats with pictures, or packed
_CHUNK_BYTES = 6_500  # of the home for a chunk: its vector, its words, its text; measured once there are enough
_ENOUGH_CHUNKS = 2_000


@dataclass(slots=True)
class Rate:
    """What was read of a format: bytes, the seconds that took in one process, the chunks that came of it."""

    size: float = 0.0
    seconds: float = 0.0
    chunks: float = 0.0

    def add(self, size: float, seconds: float, chunks: float) -> None:
        """Count more; what lies long back counts for less and less."""
        fade = min(1.0, _REMEMBERED / self.seconds) if self.seconds else 1.0
        self.size = self.size * fade + size
        self.seconds = self.seconds * fade + seconds
        self.chunks = self.chunks * fade + chunks


@dataclass(slots=True)
class Rates:
    """How fast this machine reads each format, and how fast it embeds."""

    reading: dict[str, Rate] = field(default_factory=lambda: defaultdict(Rate))
    embedding: Rate = field(default_factory=Rate)  # its size is not used

    def add(self, media_type: str, size: int, seconds: float, chunks: int) -> None:
        """Count a file that was read."""
        self.reading[media_type].add(size, seconds, chunks)

    def with_embedding(self, chunks: int, seconds: float) -> Rates:
        """Count what was embedded."""
        self.embedding.add(0, seconds, chunks)
        return self

    def expected(self, sizes: Iterable[tuple[str, int]]) -> tuple[float, float]:
        """Return the seconds of reading, in one process, and the chunks that files of these formats will take.

        A format that was never read is taken to be as dense as it usually is, and as slow as all the others together.
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
        """Whether enough was measured to say anything."""
        return self.embedding.seconds >= LEAST_MEASURED and self.embedding.chunks > 0


def estimate(wanted: Sequence[Found | Missing], collection_id: int, plan: Ingestion) -> Estimate | None:
    """Return what a run will take; None for one that is over before that is read, or where nothing is known."""
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
        seconds = max(reading / processes(plan), chunks * rates.embedding.seconds / rates.embedding.chunks)
    folder = plan.library.home.folder
    disk = size + round(chunks * _bytes_per_chunk(plan))
    return Estimate(len(files), size, disk, shutil.disk_usage(folder).free, seconds)


def processes(plan: Ingestion) -> int:
    """Return how many processes parse."""
    return plan.processes or os.cpu_count() or 1


def recall(meta: Metadata) -> Rates:
    """Return what was measured by earlier runs."""
    rates = Rates()
    for media_type, counted in json.loads(meta.recall(_KEY) or "{}").items():
        if media_type == "":
            rates.embedding = Rate(*counted)
        else:
            rates.reading[media_type] = Rate(*counted)
    return rates


def remember(meta: Metadata, rates: Rates) -> None:
    """Keep what was measured; a run that a full disk has ended does without."""
    counted = {"": rates.embedding} | rates.reading
    packed = json.dumps({name: [rate.size, rate.seconds, rate.chunks] for name, rate in counted.items()})
    with suppress(StudyhallError):
        meta.remember(_KEY, packed)


def _is_there(item: Found, collection_id: int, memberships: Memberships) -> bool:
    held = memberships.get(collection_id, item.uri)
    return held is not None and is_same_file(item, held)


def _bytes_per_chunk(plan: Ingestion) -> float:
    """Return what the home holds for a chunk, without the originals: as it is, or as it usually is."""
    chunks = sum(collection.chunks for collection in plan.library.catalog.collections.all())
    if chunks < _ENOUGH_CHUNKS:
        return _CHUNK_BYTES
    home = plan.library.home
    files = [home.database, *(path for path in home.vectors.rglob("*") if path.is_file())]
    return sum(_size(path) for path in files) / chunks


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # Chroma removes files while we look
        return 0
