"""Markers become citations: each sentence of a generated answer is linked to verbatim evidence on a page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rag.answer.support import Judge
from rag.ports import Catalog
from rag.text.sentences import around, list_end, sentence_spans
from rag.types import Citation, Passage, Sentence

# [1], [1, 2], [1][2], [1-3]; also the lenticular brackets of some models. [0, 1] is an interval.
_MARKER = re.compile(r"[ \t]*[\[【]\s*+(?!0+\s*[,;])(\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*)\s*[\]】]")
_WORDS = re.compile(r"\w")
_LIST_NUMBER = re.compile(r"\d{1,2}[.)]")
_NUMBER = re.compile(r"(\d+)(?:\s*[–-]\s*(\d+))?")
_MOST_IN_RANGE = 20
_LONGEST_QUOTE = 2  # sentences of a passage that support one sentence of an answer
_LONGEST_LIST = 1200  # characters of a list that supports one, with its introduction
_SEVERAL = 0.15  # support by which several sentences must be better than one


@dataclass(frozen=True, slots=True)
class Cited:
    """An answer whose markers number its citations in order of appearance."""

    text: str
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """The span of a document that supports a sentence, with its support, 0 to 1."""

    passage: Passage
    start: int
    end: int
    score: float


def cite(
    text: str,
    passages: Sequence[Passage],
    judge: Judge,
    *,
    supported_from: float,
    others: Sequence[Passage] = (),
) -> Cited:
    """Return the answer with a citation for every marker, and the support of each sentence, 0 to 1.

    A marker that names no passage is removed. A sentence without a marker gets one if a passage supports it with
    `supported_from` at least: models forget markers. Where no passage that the model read supports it, the `others`
    are searched.
    """
    by_number = {passage.number: passage for passage in passages}
    citations: dict[tuple[str, int, int], Citation] = {}
    sentences: list[Sentence] = []
    parts: list[str] = []
    for lead, plain, numbers in _split(text):
        # A rule, a fence or the number of a list item is kept without citation.
        if not _WORDS.search(plain) or (_LIST_NUMBER.fullmatch(plain) and plain != text.strip()):
            parts.append(lead + plain)
            continue
        named = [by_number[number] for number in numbers if number in by_number]

        def quoted(wanted: Sequence[Passage], sentence: str = plain) -> list[Quote]:
            return [best_quote(sentence, passage, judge) for passage in wanted]

        quotes = quoted(named)
        if others and all(quote.score < supported_from for quote in quotes):
            quotes = []  # without instructions on markers, those of a model are only hints
        if not quotes:
            found = max(quoted(passages), key=_score, default=None)
            if found is None or found.score < supported_from:
                found = max(quoted(others), key=_score, default=None)
            quotes = [found] if found is not None and found.score >= supported_from else []
        markers = tuple(dict.fromkeys(_number(quote, citations) for quote in quotes))
        score = max((quote.score for quote in quotes), default=0.0)
        sentences.append(Sentence(plain, markers, score >= supported_from, round(score, 3)))
        parts.append(lead + _with_markers(plain, markers))
    return Cited("".join(parts), tuple(sentences), tuple(citations.values()))


def citation(number: int, passage: Passage, start: int, end: int, answer: tuple[int, int] | None = None) -> Citation:
    """Return the citation of ``document.text[start:end]``, a span of `passage`; `answer` is a span of the document."""
    page, label = passage.page_of(start)
    last, _ = passage.page_of(max(end - 1, start))
    return Citation(
        marker=number,
        source=passage.source,
        title=passage.title,
        quote=passage.text[start - passage.start : end - passage.start],
        start=start,
        end=end,
        document_id=passage.document_id,
        page=page,
        page_end=last,
        page_label=label,
        answer=passage.text[answer[0] - passage.start : answer[1] - passage.start] if answer else None,
        answer_start=answer[0] if answer else None,
        answer_end=answer[1] if answer else None,
    )


def in_context(citations: Sequence[Citation], passages: Sequence[Passage]) -> tuple[Citation, ...]:
    """Return the citations with the sentences before and after, as far as these aren't quoted already."""
    said = [found.quote for found in citations]

    def unsaid(sentence: str) -> str:
        if any(sentence in other or other in sentence for other in said):
            return ""
        said.append(sentence)
        return sentence

    contexts = [
        around(passage.text, found.start - passage.start, found.end - passage.start)
        for found, passage in zip(citations, passages, strict=True)
    ]
    return tuple(
        replace(found, before=unsaid(before), after=unsaid(after))
        for found, (before, after) in zip(citations, contexts, strict=True)
    )


def in_sections(citations: Sequence[Citation], catalog: Catalog) -> tuple[Citation, ...]:
    """Return the citations with the headings above them."""
    return tuple(
        replace(found, section=catalog.documents.heading_at(found.document_id, found.start)) for found in citations
    )


def _split(text: str) -> list[tuple[str, str, list[int]]]:
    """Return (white space before, sentence without markers, numbers) of each sentence of an answer.

    >>> _split("Tries are trees [1]. They are fast. [2, 3]")
    [('', 'Tries are trees.', [1]), (' ', 'They are fast.', [2, 3])]
    """
    found: list[tuple[str, str, list[int]]] = []
    at = 0
    for start, end in sentence_spans(text):
        lead, sentence = text[at:start], text[start:end]
        at = end
        plain = _MARKER.sub("", sentence).strip()
        # "…fast. [2] They…": markers after a full stop belong to the sentence before it.
        while found and _WORDS.search(found[-1][1]) and (early := _MARKER.match(sentence)):
            found[-1][2].extend(_numbers(early.group()))
            sentence = sentence[early.end() :]
        if plain and (plain.strip(".,;:!?") or plain == text[start:end]):  # skip remnants of removed markers
            found.append((lead, plain, _numbers(sentence)))
    return found


def _numbers(text: str) -> list[int]:
    numbers: list[int] = []
    for marker in _MARKER.finditer(text):
        for first, last in _NUMBER.findall(marker[1]):
            stop = min(int(last or first), int(first) + _MOST_IN_RANGE)
            numbers.extend(range(int(first), stop + 1))
    return list(dict.fromkeys(numbers))


def _score(quote: Quote) -> float:
    return quote.score


def best_quote(sentence: str, passage: Passage, judge: Judge) -> Quote:
    """Return the span of a passage that supports a sentence best: a sentence or two, or a list."""
    claim = judge.claim(sentence, passage.language)
    spans = sentence_spans(passage.text) or [(0, len(passage.text))]
    best = Quote(passage, passage.start + spans[0][0], passage.start + spans[0][1], 0.0)
    for start, end, several in _quotable(passage.text, spans):
        score = claim.support(passage.text[start:end])
        # Several sentences always cover at least as much as one: they must be clearly better.
        if score > best.score + (_SEVERAL if several else 0.0):
            best = Quote(passage, passage.start + start, passage.start + end, score)
    return best


def _quotable(text: str, spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int, bool]]:
    """Yield the spans that can support a sentence, shortest first, and whether each has several sentences.

    They are sentences, neighbouring ones, and lists with what introduces them.
    """
    for length in range(1, _LONGEST_QUOTE + 1):
        for first in range(len(spans) - length + 1):
            yield spans[first][0], spans[first + length - 1][1], length > 1
    for at, (start, end) in enumerate(spans):
        if text[end - 1] == ":" and (listed := list_end(text, spans[at + 1 :], start + _LONGEST_LIST)):
            yield start, listed, True


def _number(quote: Quote, citations: dict[tuple[str, int, int], Citation]) -> int:
    """Return the number of a quote's citation; a new quote gets the next number."""
    key = (quote.passage.document_id, quote.start, quote.end)
    if key not in citations:
        citations[key] = citation(len(citations) + 1, quote.passage, quote.start, quote.end)
    return citations[key].marker


def _with_markers(sentence: str, markers: Sequence[int]) -> str:
    """Return a sentence with its markers: before the full stop or a table row's last bar, or below a block of code.

    >>> _with_markers("They are fast.", (1, 2))
    'They are fast [1][2].'
    """
    if not markers:
        return sentence
    written = " " + "".join(f"[{marker}]" for marker in markers)
    if sentence.endswith(("```", "~~~", "$$")):  # a closing fence must end its line
        return f"{sentence}\n{written.strip()}"
    stop = re.search(r"(?<![.!?:;])[.!?:;]++$|\s*\|$", sentence)
    return sentence + written if stop is None else sentence[: stop.start()] + written + stop.group()
