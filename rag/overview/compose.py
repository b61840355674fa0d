"""The overview by a model: it reads the sections in turn, each as far as time allows.

Sections that exceed one prompt are spread over a few, in reading order, and so are the texts generated from them. So
nothing is condensed twice, and every marker leads to the section it came from.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from rag.answer.cite import cite
from rag.answer.generate import Writer, WrittenText, is_refusal
from rag.answer.prompt import whole_messages
from rag.answer.support import Judge
from rag.answer.written import instead, made_with, or_draft
from rag.events import Draft, Event, Progress, Retrieved, Step, Text
from rag.overview.survey import span_passage
from rag.ports import LexicalIndex
from rag.question.documents import Corpus, DocumentPart, title_of
from rag.question.overview_phrases import OverviewKind
from rag.question.query import Overview, Query
from rag.retrieve.passages import FENCE_TOKENS
from rag.settings import Settings
from rag.text.outline import Outline, Section
from rag.text.sentences import sentence_spans
from rag.texts import say
from rag.types import Answer, AnswerStatus, Passage

_PROMPTS = 3  # at most; each takes as long as an ordinary answer
_PATIENCE = 4.0  # times prompt_seconds; no further prompt is started after that
_SPREAD = 3  # most parts that are read section by section
_LEAST = 60  # tokens of a section for a passage
_MOST_PLACES = 40  # parts that are read; the quoted answer covers no more either
_COUNTED = 4000  # characters whose tokens are counted; longer sections are extrapolated
_FILLED = 0.9  # share of the budget that is planned: passages end at sentence ends
_WORTH_READING = 80  # characters of a section

Task = Literal["summary", "about", "listing"]


def answer_overview(
    query: Query,
    overview: Overview,
    draft: Answer,
    lexical: LexicalIndex,
    settings: Settings,
    writer: Writer | None,
    cancelled: threading.Event | None,
) -> Generator[Event, None, Answer]:
    """Yield the passages and, with a writer, the quoted `draft` and the text as it is generated; return the answer.

    Its `first_token_s` is a reading of time.perf_counter, not yet a duration.
    """
    task = _task(overview, draft)
    if writer is None or task is None:
        yield Retrieved(draft.passages)
        return draft
    writing = _written(query, overview, draft, _Given(lexical, settings, writer), task, cancelled)
    return (yield from or_draft(writing, draft))


def _task(overview: Overview, draft: Answer) -> Task | None:
    """Return the task for a model, or None where quotes are better: headings and definitions are best verbatim."""
    if not overview.parts:
        return None
    tasks: dict[OverviewKind, Task] = {OverviewKind.SUMMARY: "summary", OverviewKind.ABOUT: "about"}
    if not draft.citations:
        tasks[OverviewKind.LISTING] = "listing"
    return tasks.get(overview.request.kind)


@dataclass(frozen=True, slots=True)
class _Given:
    lexical: LexicalIndex
    settings: Settings
    writer: Writer


def _written(
    query: Query, overview: Overview, draft: Answer, given: _Given, task: Task, cancelled: threading.Event | None
) -> Generator[Event, None, Answer]:
    """Yield the passages, the draft and the generated text; return the answer with its citations."""
    writer, deadline = given.writer, time.perf_counter() + _PATIENCE * given.settings.prompt_seconds
    bare = whole_messages(query.asked, [], language=query.answer_language, task=task)
    reading = read_in_turn(overview, writer.count, writer.passage_budget(bare), 1 if task == "about" else _PROMPTS)
    batches = reading.batches
    yield Retrieved(tuple(passage for batch in batches for passage in batch))  # the markers will be their numbers
    yield Draft(draft)
    notes = list(draft.notes)
    if reading.left_out:
        notes.append(say("{number} short sections were not read: there was no time for all.", number=reading.left_out))
    done: list[WrittenText] = []
    passages: list[Passage] = []
    for at, batch in enumerate(batches):
        if at and time.perf_counter() > deadline:
            unread = sum(map(len, batches[at:]))
            notes.append(say("{number} sections were not read: they would have taken too long.", number=unread))
            break
        if done:
            yield Text("\n\n")
        prompt = whole_messages(query.asked, batch, language=query.answer_language, task=task)
        done.append((yield from _share(writer.write(prompt, cancelled), at, len(batches))))
        passages += batch
    text = "\n\n".join(each.text for each in done if not is_refusal(each.text))
    languages = sorted({*query.languages, query.answer_language})
    judge = Judge(given.lexical.weights, languages)
    cited = cite(text, passages, judge, supported_from=given.settings.supported_from)
    if not any(sentence.supported for sentence in cited.sentences):
        return made_with(instead(draft, text), writer, done)
    if any(passage.end < _end_of(passage, overview.corpus) for passage in passages):
        notes.append(say("Long sections were read from their beginning, as far as there was time."))
    answer = Answer(query.asked, cited.text, AnswerStatus.ANSWERED, cited.citations, cited.sentences)
    told = tuple(dict.fromkeys([*notes, *(note for each in done for note in each.notes)]))
    return made_with(replace(answer, passages=tuple(passages), notes=told, about=draft.about), writer, done)


def _share(writing: Generator[Step, None, WrittenText], at: int, of: int) -> Generator[Step, None, WrittenText]:
    """Pass on the events of prompt `at` of `of` prompts, with its progress as a share of all."""
    while True:
        try:
            step = next(writing)
        except StopIteration as stop:
            written: WrittenText = stop.value
            return written
        try:
            yield Progress((at + step.read) / of) if isinstance(step, Progress) else step
        except GeneratorExit:
            writing.close()  # a closed generator stops the model
            raise


# ---- the reading plan


@dataclass(frozen=True, slots=True)
class _Unit:
    """A section to be read: a span of a document, with its title."""

    part: DocumentPart
    outline: Outline
    start: int
    end: int
    title: str


@dataclass(frozen=True, slots=True)
class ReadingPlan:
    """The passages of each prompt, and the number of sections left out."""

    batches: list[list[Passage]]
    left_out: int


def read_in_turn(overview: Overview, count: Callable[[str], int], budget: int, prompts: int) -> ReadingPlan:
    """Return the reading plan: the sections in reading order, each as far as its share of the `budget` goes.

    `budget` is the tokens per prompt, `prompts` the most prompts; `count` returns the tokens of a text.
    """
    parts, spread = overview.parts[:_MOST_PLACES], len(overview.parts) <= _SPREAD
    units = [unit for part in parts for unit in _units(part, overview.corpus, spread=spread)]
    sizes = [_size(unit, count) for unit in units]
    heads = [count(f"{unit.part.info.title}\n{unit.title}") + FENCE_TOKENS for unit in units]
    # First the sections that can be read at all, then their fair shares of no more prompts than they need.
    kept = _affordable(sizes, heads, int(_FILLED * budget * prompts))
    left_out = len(units) - len(kept)
    units, sizes, heads = ([each[at] for at in kept] for each in (units, sizes, heads))  # type: ignore[assignment]
    needed = math.ceil((sum(sizes) + sum(heads)) / max(_FILLED * budget, 1))
    room = int(_FILLED * budget * min(needed, prompts)) - sum(heads)
    shares = fair_shares(sizes, max(room, 0))
    spans = [
        (unit, start, end, head)
        for unit, size, head, share in zip(units, sizes, heads, shares, strict=True)
        for start, end in _pieces(unit, size, share, int(_FILLED * budget) - head)
    ]
    return ReadingPlan(_packed(spans, count, budget, prompts), len(overview.parts) - len(parts) + left_out)


def _packed(
    spans: Sequence[tuple[_Unit, int, int, int]], count: Callable[[str], int], budget: int, prompts: int
) -> list[list[Passage]]:
    """Return the spans as numbered passages, prompt by prompt; spans beyond the last prompt are left out."""
    batches: list[list[Passage]] = []
    left = 0
    for number, (unit, start, end, head) in enumerate(spans, 1):
        taken = count(unit.outline.document.text[start:end]) + head
        if taken > left:
            if len(batches) == prompts or taken > budget:
                break
            batches.append([])
            left = budget
        batches[-1].append(span_passage(number, unit.part, unit.outline, start, end, (unit.title,)))
        left -= taken
    return batches


def _size(unit: _Unit, count: Callable[[str], int]) -> int:
    """Return the tokens of a section; for a long one an estimate from its beginning: a book takes seconds to count."""
    text = unit.outline.document.text[unit.start : min(unit.end, unit.start + _COUNTED)]
    return math.ceil(count(text) * (unit.end - unit.start) / len(text))


def _affordable(sizes: Sequence[int], heads: Sequence[int], room: int) -> list[int]:
    """Return the indices of the sections that can be read at least in part: if too many, the longest."""
    kept: list[int] = []
    for at in sorted(range(len(sizes)), key=lambda at: -sizes[at]):
        room -= heads[at] + min(sizes[at], _LEAST)
        if room < 0:
            break
        kept.append(at)
    return sorted(kept)


def fair_shares(sizes: Sequence[int], room: int) -> list[int]:
    """Return a max-min fair allocation of the room: small sizes in full, equal shares for the others.

    >>> fair_shares([10, 100, 400], 210)
    [10, 100, 100]
    """
    shares = list(sizes)
    left, waiting = room, sorted(range(len(sizes)), key=lambda at: sizes[at])
    while waiting:
        at = waiting.pop(0)
        shares[at] = min(sizes[at], left // (len(waiting) + 1))
        left -= shares[at]
    return shares


def _units(part: DocumentPart, corpus: Corpus, *, spread: bool) -> list[_Unit]:
    """Return the sections of a part; without `spread` the part is read as one."""
    outline = corpus.outline(part.info.document_id)
    around = part.section or outline.between(0, len(outline.document.text))
    inner = outline.top if part.section is None else outline.parts(part.section)
    found: list[_Unit] = []
    if spread and inner:
        found.append(_unit(part, outline, around.body, inner[0].start, title_of(around) if part.section else ""))
        found += [_unit(part, outline, one.body, one.end, title_of(one)) for one in inner]
    else:
        start = inner[0].body if inner and part.section is None else around.body
        found.append(_unit(part, outline, start, around.end, title_of(around) if part.section else ""))
    return [unit for unit in found if unit.end - unit.start >= _WORTH_READING]


def _unit(part: DocumentPart, outline: Outline, start: int, end: int, title: str) -> _Unit:
    text = outline.document.text
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return _Unit(part, outline, start, end, title)


def _pieces(unit: _Unit, size: int, share: int, most: int) -> Iterator[tuple[int, int]]:
    """Yield the spans to be read: the section's first `share` tokens, in pieces of at most `most`, cut at sentences."""
    a_token = (unit.end - unit.start) / max(size, 1)
    start, stop = unit.start, min(unit.end, unit.start + int(share * a_token))
    while start < stop and most > 0:
        end = _sentence_end(unit, start, min(stop, start + int(most * a_token)))
        if end <= start:
            return
        yield start, end
        start = end
        while start < stop and unit.outline.document.text[start].isspace():
            start += 1


def _sentence_end(unit: _Unit, start: int, limit: int) -> int:
    """Return the end of the last sentence before `limit`; `start` if there is none."""
    if limit >= unit.end:
        return unit.end
    spans = sentence_spans(unit.outline.document.text, start, min(limit + 400, unit.end))
    return max((end for _, end in spans if end <= limit), default=start)


def _end_of(passage: Passage, corpus: Corpus) -> int:
    """Return the end of the section that a passage is the beginning of."""
    outline = corpus.outline(passage.document_id)
    around: Section | None = next((s for s in reversed(outline.sections) if s.body <= passage.start < s.end), None)
    end = around.end if around else len(outline.document.text)
    return len(outline.document.text[:end].rstrip())
