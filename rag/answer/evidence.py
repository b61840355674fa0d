"""The evidence: the best sentences of the passages with their neighbours, as the short passages of a prompt.

A small model answers better from 300 to 540 tokens of evidence than from 2,500 of passages, and reads them in a fifth
of the time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from rag.answer.quote import QuotedSentence
from rag.text.sentences import sentence_spans
from rag.types import Passage

_MOST = 6  # sentences
_AROUND = 1  # neighbouring sentences on each side, for pronouns refer to them
_HEAD_TOKENS = 24  # of number, title and page above an excerpt


@dataclass(slots=True)
class _Excerpt:
    """A span of a passage, in the document's offsets."""

    passage: Passage
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.passage.text[self.start - self.passage.start : self.end - self.passage.start]


def evidence(quoted: Sequence[QuotedSentence], count: Callable[[str], int], *, budget: int) -> list[Passage]:
    """Return excerpts with the best sentences, best first, numbered from 1, of at most `budget` tokens together.

    `count` returns the tokens of a text. The best sentence is included even if it exceeds the budget.
    """
    excerpts: list[_Excerpt] = []
    for item in quoted[:_MOST]:
        _add(excerpts, item)
    chosen: list[_Excerpt] = []
    for excerpt in excerpts:
        budget -= count(excerpt.text) + _HEAD_TOKENS
        if budget < 0:
            break
        chosen.append(excerpt)
    if quoted and not chosen:
        chosen = [_Excerpt(quoted[0].passage, quoted[0].start, quoted[0].end)]
    return [_as_passage(excerpt, number) for number, excerpt in enumerate(chosen, start=1)]


def _add(excerpts: list[_Excerpt], item: QuotedSentence) -> None:
    """Add a sentence with its neighbours as an excerpt, joined with the excerpts that touch it."""
    start, end = _with_neighbours(item)
    touching = [one for one in excerpts if one.passage is item.passage and start <= one.end and one.start <= end]
    if not touching:
        excerpts.append(_Excerpt(item.passage, start, end))
        return
    best = touching[0]
    best.start, best.end = min(start, *(one.start for one in touching)), max(end, *(one.end for one in touching))
    excerpts[:] = [one for one in excerpts if one is best or one not in touching]


def _with_neighbours(item: QuotedSentence) -> tuple[int, int]:
    by = item.passage.start
    spans = [(start + by, end + by) for start, end in sentence_spans(item.passage.text)]
    inside = [at for at, (start, end) in enumerate(spans) if start < item.end and item.start < end]
    if not inside:
        return item.start, item.end
    first, last = spans[max(inside[0] - _AROUND, 0)], spans[min(inside[-1] + _AROUND, len(spans) - 1)]
    return min(first[0], item.start), max(last[1], item.end)


def _as_passage(excerpt: _Excerpt, number: int) -> Passage:
    page, label = excerpt.passage.page_of(excerpt.start)
    last, _ = excerpt.passage.page_of(max(excerpt.end - 1, excerpt.start))
    return replace(
        excerpt.passage,
        number=number,
        start=excerpt.start,
        end=excerpt.end,
        text=excerpt.text,
        page=page,
        page_end=last,
        page_label=label,
        readings=(),
    )
