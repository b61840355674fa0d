"""The evidence: the best sentences of the passages with their neighbours, as the short passages of a prompt.

A small model answers better from a few hundred tokens of evidence than from 2,500 of passages, and reads them in a
fraction of the time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from rag.answer.quote import QuotedSentence
from rag.text.sentences import sentence_spans
from rag.types import Passage

# Six sentences left a third of the budget empty and, of 42 questions whose answer was in the passages, showed the model
# the answer to 22; twelve, as many as fit, to 26 within 540 tokens (30 within 800).
_MOST = 12  # sentences
# Share of the best sentence's score. From 0.7 on nothing was lost but one answer of 121 (two sets of questions), the
# evidence of the sample course's questions fell from 650 to 280 tokens, and fewer documents were mixed.
_LEAST = 0.7
_AROUND = 1  # neighbouring sentences on each side, for pronouns refer to them
_HEAD_TOKENS = 10  # of number and page above an excerpt, beside the title


@dataclass(frozen=True, slots=True, eq=False)
class _Excerpt:
    """A span of a passage, in the document's offsets."""

    passage: Passage
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.passage.text[self.start - self.passage.start : self.end - self.passage.start]


def evidence(quoted: Sequence[QuotedSentence], count: Callable[[str], int], *, budget: int) -> list[Passage]:
    """Return excerpts with the best sentences, numbered from 1, of at most `budget` tokens together.

    A sentence whose neighbours don't fit comes without them; one that doesn't fit is left out. The best sentence is
    included even if it exceeds the budget. The excerpts of a passage stand together, in reading order, and the passage
    with the best sentence first. `count` returns the tokens of a text.
    """
    excerpts: list[_Excerpt] = []
    best = [item for item in quoted[:_MOST] if item.score >= _LEAST * quoted[0].score]
    for item in best:
        spans = [_with_neighbours(item), (item.start, item.end)]
        grown = [_joined(excerpts, _Excerpt(item.passage, start, end)) for start, end in spans]
        fitting = (these for these in grown if _tokens(these, count) <= budget)
        excerpts = next(fitting, excerpts or grown[-1])
    passages = [item.passage for item in best]
    excerpts.sort(key=lambda one: (passages.index(one.passage), one.start))
    return [_as_passage(excerpt, number) for number, excerpt in enumerate(excerpts, start=1)]


def _tokens(excerpts: Sequence[_Excerpt], count: Callable[[str], int]) -> int:
    pages = {(one.passage.title, one.passage.page_of(one.start)) for one in excerpts}  # each is told once
    return sum(count(title) for title, _ in pages) + sum(count(one.text) + _HEAD_TOKENS for one in excerpts)


def _joined(excerpts: Sequence[_Excerpt], new: _Excerpt) -> list[_Excerpt]:
    """Return the excerpts and a new one, which is joined with those that touch it."""
    touching = [one for one in excerpts if one.passage is new.passage and new.start <= one.end and one.start <= new.end]
    start, end = min(one.start for one in [new, *touching]), max(one.end for one in [new, *touching])
    return [*(one for one in excerpts if one not in touching), _Excerpt(new.passage, start, end)]


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
