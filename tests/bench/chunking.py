"""Ways of cutting documents into chunks, compared on sets whose answers have a place: `python -m tests.bench.chunking`.

Chunks of different sizes can't be compared by rank: five large ones hold more than five small ones. So what counts is
whether the answer stands within the first 250, 500, 1,000 and 2,500 tokens of the chunks in their order, which is what
a prompt has room for. All ways are searched by the same functions with the same weights. Of SQuAD only the held-out
articles are searched, of the quarterly reports those of one quarter: every way embeds everything anew.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import statistics
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.chunk import MAX_TOKENS, TokenCounts, chunk, chunk_stems, embedded_text
from ingest.loaders.markup.headings import heading_text
from rag.library.home import Home
from rag.library.library import Library
from rag.models.embedder import SentenceEmbedder
from rag.retrieve.dense import search_dense
from rag.retrieve.fuse import fuse
from rag.retrieve.lexical import search_lexical
from rag.settings import Settings
from rag.text.sentences import sentence_spans
from rag.types import BlockKind, Chunk, Document, DocumentInfo, Hit, Source
from tests import fakes
from tests.bench.heldout import HELD_OUT
from tests.bench.libraries import bench_folder, library_of, makers
from tests.bench.quality import Report
from tests.bench.sets import Absent, Asked, QuestionSet, gold, sec, squad

BUDGETS = (250, 500, 1000, 2500)  # tokens
COMPARED = 500  # tokens, for dense and lexical search alone
CANDIDATES = 100  # small chunks need more of them to fill the largest budget
_LEAST = 64  # tokens of a chunk that a break in meaning may end
_BREAK = 0.25  # share of a document's sentence borders that are breaks in meaning

QUARTER = "2023_Q3"
SETS: dict[str, Callable[[], Sequence[QuestionSet]]] = {
    "gold": lambda: [gold.gold("en"), gold.gold("de")],
    "squad": lambda: [squad.squad()],
    "xquad-de": lambda: [squad.xquad_de()],
    "sec-page": lambda: [sec.sec_pages(QUARTER)],
}
KEPT: dict[str, Callable[[str], bool]] = {  # of a set's files, by name
    "squad": lambda name: name in {squad.file_name(title) for title in HELD_OUT},
    "sec-page": lambda name: name.startswith(QUARTER),
}


@dataclass(frozen=True)
class Way:
    """A way of cutting, and whether title and heading path stand before a chunk's text when it is embedded."""

    name: str
    cut: Callable[[Document, str, SentenceEmbedder], list[Chunk]]
    headings: bool = True


def blocks(most: int) -> Callable[[Document, str, SentenceEmbedder], list[Chunk]]:
    """Return the cutting of the program, with other sizes."""
    return lambda document, key, embedder: chunk(document, key, embedder.tokenizer, most=most)


def sentences(most: int, *, overlap: int = 0) -> Callable[[Document, str, SentenceEmbedder], list[Chunk]]:
    """Return a cutting that fills chunks with whole sentences, whatever block they stand in."""

    def cut(document: Document, key: str, embedder: SentenceEmbedder) -> list[Chunk]:
        tokens = TokenCounts(document.text, embedder.tokenizer, most)
        return _chunks(document, key, _filled(document, tokens, overlap, breaks=frozenset()))

    return cut


def semantic(most: int) -> Callable[[Document, str, SentenceEmbedder], list[Chunk]]:
    """Return a cutting that ends a chunk where a sentence is least like the one before."""

    def cut(document: Document, key: str, embedder: SentenceEmbedder) -> list[Chunk]:
        tokens = TokenCounts(document.text, embedder.tokenizer, most)
        spans = list(_sentences(document, tokens))
        vectors = embedder.embed([document.text[start:end] for start, end in spans])
        alike = [float(vectors[at - 1] @ vectors[at]) for at in range(1, len(spans))]
        low = statistics.quantiles(alike, n=round(1 / _BREAK))[0] if len(alike) > 1 else -1.0
        breaks = frozenset(spans[at][0] for at, value in enumerate(alike, start=1) if value <= low)
        return _chunks(document, key, _filled(document, tokens, 0, breaks=breaks))

    return cut


WAYS = (
    Way("blocks, 254 tokens, headings embedded (as it is)", blocks(MAX_TOKENS)),
    Way("the same, headings not embedded", blocks(MAX_TOKENS), headings=False),
    Way("blocks, 160 tokens", blocks(160)),
    Way("blocks, 112 tokens", blocks(112)),
    Way("sentences, 254 tokens", sentences(MAX_TOKENS)),
    Way("sentences, 160 tokens, one overlaps", sentences(160, overlap=1)),
    Way("break in meaning, at most 254 tokens", semantic(MAX_TOKENS)),
)


def _sentences(document: Document, tokens: TokenCounts) -> Iterator[tuple[int, int]]:
    """Yield the sentences, those that are longer than a chunk in parts."""
    for start, end in sentence_spans(document.text):
        room = tokens.room(document.title, headings_at(document, start))
        begun = start
        while tokens.count(begun, end) > room:
            cut = tokens.cut(begun, room)
            yield begun, cut
            begun = cut
        if end > begun:
            yield begun, end


def _filled(
    document: Document, tokens: TokenCounts, overlap: int, *, breaks: frozenset[int]
) -> Iterator[tuple[int, int]]:
    """Yield spans of as many sentences as fit; a span ends before a break once it is long enough."""
    held: list[tuple[int, int]] = []
    for span in _sentences(document, tokens):
        if held:
            room = tokens.room(document.title, headings_at(document, held[0][0]))
            full = tokens.count(held[0][0], span[1]) > room
            if full or (span[0] in breaks and tokens.count(held[0][0], held[-1][1]) >= _LEAST):
                yield held[0][0], held[-1][1]
                held = held[len(held) - overlap :] if overlap and len(held) > overlap else []
                if held and tokens.count(held[0][0], span[1]) > room:
                    held = []
        held.append(span)
    if held:
        yield held[0][0], held[-1][1]


def headings_at(document: Document, offset: int) -> tuple[str, ...]:
    """Return the path of headings over an offset."""
    path: list[tuple[int, str]] = []
    for block in document.blocks:
        if block.start > offset:
            break
        if block.kind is BlockKind.HEADING:
            path = [(level, name) for level, name in path if level < block.level]
            path.append((block.level, heading_text(document.text[block.start : block.end])))
    return tuple(name for _, name in path)


def _chunks(document: Document, key: str, spans: Iterator[tuple[int, int]]) -> list[Chunk]:
    made = []
    for ordinal, (start, end) in enumerate(spans):
        first, last = document.page_at(start), document.page_at(max(end - 1, start))
        made.append(
            Chunk(
                hashlib.sha256(f"{key}{ordinal}{start}{end}".encode()).hexdigest()[:24],
                key,
                ordinal,
                start,
                end,
                document.text[start:end],
                headings_at(document, start),
                first.number if first else None,
                last.number if last else None,
            )
        )
    return made


# ---- libraries


def build(
    way: Way, documents: Sequence[tuple[DocumentInfo, Document]], embedder: SentenceEmbedder, folder: Path
) -> Library:
    """Return a library cut this way; it is made unless it was made whole before."""
    done = folder / "done"
    if not done.is_file():
        shutil.rmtree(folder, ignore_errors=True)
    library = Library(Home(folder / "home"), embedder.fingerprint)
    if done.is_file():
        return library
    number = library.catalog.collections.create("main")
    for info, document in documents:
        chunks = way.cut(document, info.document_id, embedder)
        stems = [chunk_stems(part, document.title, document.language) for part in chunks]
        source = Source(info.source, info.media_type, info.size, info.document_id)
        library.catalog.memberships.store(number, info.document_id, source, document, chunks, stems)
        for start in range(0, len(chunks), 64):
            part = chunks[start : start + 64]
            vectors = embedder.embed([_embedded(way, one, document, embedder) for one in part])
            library.vectors.add(number, info.document_id, [one.id for one in part], vectors)
        library.embedding_state.record(number, info.document_id)
    done.touch()
    return library


def _embedded(way: Way, part: Chunk, document: Document, embedder: SentenceEmbedder) -> str:
    if not way.headings:
        return part.text
    text = embedded_text(document.title, part.headings, part.text, embedder.tokenizer)
    # A word that was cut can have a token more than its part had in the whole.
    return text if embedder.count_tokens(text) <= MAX_TOKENS else part.text


# ---- measuring


def row(name: str, way: Way, questions: Sequence[Asked], library: Library, embedder: SentenceEmbedder) -> str:
    """Return the line of a way on a set."""
    weight = Settings().dense_weight
    lengths: dict[str, int] = {}

    def depths(fused: float) -> list[int]:
        return [_depth(asked, _ranked(asked.text, library, embedder, fused), embedder, lengths) for asked in questions]

    both, dense, lexical = depths(weight), depths(1.0), depths(0.0)
    found = [sum(depth <= budget for depth in both) / len(both) for budget in BUDGETS]
    alone = [sum(depth <= COMPARED for depth in one) / len(one) for one in (dense, lexical)]
    count = sum(info.chunks for info in library.catalog.documents.all())
    shown = " | ".join(f"{value:.3f}" for value in (*alone, *found))
    return f"| {name} | {way.name} | {count} | {shown} |\n"


def _ranked(question: str, library: Library, embedder: SentenceEmbedder, weight: float) -> list[Hit]:
    dense = search_dense(fakes.asked(question, library), library, embedder, limit=CANDIDATES) if weight > 0 else {}
    lexical = search_lexical(fakes.asked(question, library), library.lexical, limit=CANDIDATES) if weight < 1 else {}
    fused = fuse(dense, lexical, weight=weight)
    rows = library.catalog.chunks.get(list(fused))
    hits = [Hit(part, source, title, fused=fused[key]) for key, (part, source, title) in rows.items()]
    return sorted(hits, key=lambda hit: (-hit.fused, hit.source, hit.chunk.ordinal))


def _depth(asked: Asked, hits: Sequence[Hit], embedder: SentenceEmbedder, lengths: dict[str, int]) -> int:
    """Return how many tokens are read until the answer has been."""
    read = 0
    for hit in hits:
        if hit.chunk.id not in lengths:
            lengths[hit.chunk.id] = embedder.count_tokens(hit.chunk.text)
        read += lengths[hit.chunk.id]
        if asked.units(hit):
            return read
    return 2**31


def main() -> None:
    """Build a library for each way and set, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", default=",".join(SETS), help="some of them")
    parser.add_argument("--questions", type=int, default=300, help="most questions of a set; 0: all")
    parser.add_argument("--out", type=Path, default=Path("build/bench-chunking.md"))
    given = parser.parse_args()
    report = Report(given.out)
    report.line(f"`python -m tests.bench.chunking --sets {given.sets} --questions {given.questions}`\n\n")
    budgets = " | ".join(f"fused {budget}" for budget in BUDGETS)
    report.line(f"| set | way | chunks | dense {COMPARED} | BM25 {COMPARED} | {budgets} |\n")
    report.line(f"|---|---|{'--:|' * (3 + len(BUDGETS))}\n")
    for name in given.sets.split(","):
        try:
            sets = SETS[name]()
        except Absent as absent:
            sys.stderr.write(f"{name}: {absent}\n")
            continue
        asked = [one for part in sets for one in part.sample(given.questions).questions if one.wanted]
        with library_of(sets[0]) as hall:
            embedder = hall.engine.embedder
            kept = KEPT.get(name, lambda _: True)
            infos = [info for info in hall.documents() if kept(Path(info.source).name)]
            documents = [(info, hall.document(info.document_id)) for info in infos]
            for number, way in enumerate(WAYS):
                folder = bench_folder() / "chunking" / f"{name}-{number}-{makers()}"
                library = build(way, documents, embedder, folder)
                report.line(row(name, way, asked, library, embedder))
                library.close()


if __name__ == "__main__":
    main()
