"""The quoted answer: the sentences of the passages that answer best, with their scores.

The score of a sentence combines the words shared with the question, weighted by rarity; the similarity of the
embeddings; the reader's probability that the answer begins in it; the score of its passage; and a wording that suits
the answer type.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.answer.definition import plainest, whole
from rag.answer.support import coverage, stem_set
from rag.answer.wording import answers_so, is_aim, is_exercise
from rag.lexicon import either
from rag.ports import Embedder, LexicalIndex
from rag.question.answer_type import AnswerType
from rag.question.numbered import NumberedItem
from rag.question.query import Query
from rag.question.term import Term
from rag.text.sentences import is_point, list_end, sentence_spans
from rag.texts import say
from rag.types import Passage, Reading

_PASSAGES = 8  # passages whose sentences are scored
_SENTENCES = 40  # sentences that are embedded: 2 ms each
_MOST = 3  # sentences in an answer
_NEARLY = 0.87  # share of the best score from which a sentence is quoted as well
_READ = 200  # tokens of a very long sentence that are embedded
_SHORTEST = 4  # words in a sentence that can answer: labels have fewer
# A sentence continues over a page break: the last letter before and the first two after, "the|ma…", "students|(and…".
_GOES_ON = re.compile(r"(?:[^\W\d_]|,)(?:[a-zäöüß]\w|\([^\W\d_])")
_SPOKEN = re.compile(r"[^\W\d_]{2,}")  # a natural word; in code few tokens are: "array([[1., 2.]])" has one of six
_FORMULA = re.compile(r"\$\S.*\S\$|\bO ?\(")  # "Zeitkomplexität $O(b^m)$" answers in two words
_EQUATION = re.compile(r"[=≤≥≈∈⊆⇔]|\$\$")
_IN_FORMULA = 8  # most words of a paragraph that is a formula
_LISTED = 1200  # most characters of a list with its introduction
# "### Worked example", "11.1 Reciprocal rank fusion": a number, few words and no full stop, or as in a table of
# contents a full stop standing alone.
_HEADING = re.compile(r"#{1,6} |(?:\d+ )?\d+(?:\.\d+)*\.? (?:\S+ ){0,9}(?:\S*[^.!?:;\s]|\.)$")

# The weights of the evidence, measured on the gold questions with `make bench-gold`.
_OWN_WORDS, _NEAR_WORDS, _PASSAGE_WORDS, _SIMILARITY = 0.2, 0.2, 0.2, 0.4
# Share of the reader, if there is one, beside that evidence. The one for German names the passage better than the words
# in it: a larger share made quotes worse.
_READER, _READER_FOREIGN = 0.2, 0.05
_PLAIN = 0.6  # plainness from which a sentence is a definition
_PLACE = 0.1  # weight of the passage's score relative to the best passage's
_WORDING = 0.1  # weight of a wording that suits the answer type
_COST = 0.3  # the same for questions about a running time
_LIST = 0.3  # the same for questions that expect a list
_EXERCISE = 0.8  # factor on the score of a sentence that is an exercise
_DEFINES = 0.3  # share of the plainness as a definition, for questions about a term


@dataclass(frozen=True, slots=True)
class QuotedSentence:
    """A sentence of a passage: ``document.text[start:end]``, with its score, 0 to 1.

    `answer` is the answer span in it, if the reader found one.
    """

    passage: Passage
    start: int
    end: int
    score: float
    answer: tuple[int, int] | None = None
    words: float = 0.0  # share of the question's words in it, around it and in its passage, 0 to 1
    meaning: float = 0.0  # cosine of its embedding with the question's, 0 to 1
    defines: float = 0.0  # plainness as a definition of the question's term, 0 to 1

    @property
    def text(self) -> str:
        """The sentence, verbatim."""
        return self.passage.text[self.start - self.passage.start : self.end - self.passage.start]


_HEADINGS = re.compile(r"^#+ (.+)$", re.MULTILINE)
_LINK = re.compile(r"\[[^\]]*\]\([^)\s]*\)")
_BESIDE_LINKS = 6  # words beside its links; a sentence with fewer only refers elsewhere
# A comment with its line of code: no heading, though it begins like one.
_CODE = re.compile(r"#+ [^\n]+\n[^\n#]*(?:\w[(\[]|=)[^\n]*")
# A caption, a line of a table of contents, the mark of a box in Markdown, a bibliography key, a reading hint.
_ELSEWHERE = re.compile(
    rf":::|(?:\. ?){{4}}|^{either('captions')} ?\d|^\W*@\w+\d{{4}}|^{either('see')} .*\b{either('parts')}s? \d",
    re.IGNORECASE,
)


def quote(query: Query, passages: Sequence[Passage], lexical: LexicalIndex, embedder: Embedder) -> list[QuotedSentence]:
    """Return the sentences that can answer the query, best first; empty when the passages have none."""
    measure, term, listing = Measure(query, lexical), query.subject, query.asks(AnswerType.LIST)
    found = [one for passage in passages[:_PASSAGES] for one in _candidates(passage, measure, term, listing=listing)]
    if not query.asks(AnswerType.AIMS):
        found = [one for one in found if not is_aim(" ".join(one.found.text.split()))]
    # Words, reader and definition decide which sentences are worth embedding.
    found = sorted(found, key=lambda one: -one.words - (one.read or 0.0) - (one.defines or 0.0))[:_SENTENCES]
    if not found:
        return []
    asked = embedder.embed_question(query.text)
    similar = embedder.embed([_in_context(item.found, embedder) for item in found]) @ asked
    top = max((passage.score for passage in passages), default=0.0) or 1.0
    loud = _COST if query.asks(AnswerType.COST) else _LIST if listing else _WORDING
    scored = [
        _scored(
            item,
            max(float(cosine), 0.0),
            _READER_FOREIGN if {query.read_as, item.found.passage.language or "en"} - {"en"} else _READER,
            item.found.passage.score / top,
            query.answer_types,
            loud,
        )
        for item, cosine in zip(found, similar, strict=True)
    ]
    if term:
        scored = [_whole(item, term) if item.defines >= _PLAIN else item for item in scored]
    return sorted(scored, key=lambda item: (-item.score, item.passage.number, item.start))


class Measure:
    """The share of a question's words, weighted by rarity, that a text covers."""

    def __init__(self, query: Query, lexical: LexicalIndex) -> None:
        self._languages = query.languages or ("en",)
        self._groups = query.stems
        self._weights = lexical.weights([stem for group in self._groups for stem in group])

    def __call__(self, text: str) -> float:
        """Return the share for a text, 0 to 1."""
        return coverage(self._groups, stem_set(text, self._languages), self._weights)


def _whole(found: QuotedSentence, term: Term | NumberedItem) -> QuotedSentence:
    """Return a defining sentence extended to the whole definition.

    An extended definition has no answer span: all of it is the answer.
    """
    by = found.passage.start
    start, end = whole(found.passage.text, found.start - by, found.end - by, term)
    if (start + by, end + by) == (found.start, found.end):
        return found
    return replace(found, start=start + by, end=end + by, answer=None)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A candidate sentence with its evidence, each from 0 to 1.

    Shared words; the reader's probability, if there is a reader; plainness, if the question asks for a term.
    """

    found: QuotedSentence
    words: float
    read: float | None
    defines: float | None


def _scored(
    item: Candidate, cosine: float, share: float, place: float, types: Sequence[AnswerType], loud: float
) -> QuotedSentence:
    said, sentence = item.words + _SIMILARITY * cosine, " ".join(item.found.text.split())
    score = said if item.read is None else share * item.read + (1 - share) * said
    score *= _EXERCISE if is_exercise(sentence) else 1.0
    score = (score + _PLACE * place + loud * answers_so(sentence, types)) / (1 + _PLACE + loud)
    if item.defines is not None:
        score = _DEFINES * item.defines + (1 - _DEFINES) * score
    return replace(
        item.found, score=score, words=item.words / (1 - _SIMILARITY), meaning=cosine, defines=item.defines or 0.0
    )


def _candidates(
    passage: Passage, measure: Measure, term: Term | NumberedItem | None, *, listing: bool
) -> list[Candidate]:
    """Return the candidates of a passage; words of neighbouring sentences count too, for pronouns refer to them."""
    sentences, plain = _sentences(passage, term, listing=listing)
    whole = measure("\n".join([passage.title, *passage.headings, passage.text]))
    texts = [sentence.text for sentence in sentences]
    found = []
    for at, sentence in enumerate(sentences):
        own, near = measure(sentence.text), measure(" ".join(texts[max(at - 1, 0) : at + 2]))
        if listing and is_point(sentence.text, 0):  # the heading above a list is its topic
            own = measure(f"{_heading_over(passage, sentence)}\n{sentence.text}")
        defines = plain[sentence.start] if term else None
        if defines and term and term.stands_in(sentence.text):  # also as "Vektor-Raum" for "Vektorraum"
            own = near = 1.0
        words = _OWN_WORDS * own + _NEAR_WORDS * near + _PASSAGE_WORDS * whole
        found.append(Candidate(replace(sentence, answer=_answer(sentence)), words, _read(sentence), defines))
    return found


def _heading_over(passage: Passage, sentence: QuotedSentence) -> str:
    """Return the nearest heading above a sentence."""
    above = _HEADINGS.findall(passage.text, 0, sentence.start - passage.start)
    return str(above[-1]) if above else (passage.headings or (passage.title,))[-1]


def _read(sentence: QuotedSentence) -> float | None:
    """Return the reader's probability that the answer begins in a sentence; None without a reader."""
    # A cross-encoder gives no answer spans.
    knowing = [reading for reading in sentence.passage.readings if reading.peaks]
    return max((_begins(reading, sentence) for reading in knowing), default=None)


def _begins(reading: Reading, sentence: QuotedSentence) -> float:
    within = sum(likely for at, likely in reading.peaks if sentence.start <= at < sentence.end)
    return within / (1 + math.exp(-reading.answers))


def _answer(sentence: QuotedSentence) -> tuple[int, int] | None:
    """Return the best answer span that begins in a sentence, cut at its end; None for improbable ones."""
    likely = [reading for reading in sentence.passage.readings if reading.answers > 0]
    here = [reading for reading in likely if sentence.start <= reading.start < sentence.end]
    best = max(here, key=lambda reading: reading.answers, default=None)
    return (best.start, min(best.end, sentence.end)) if best and best.end > best.start else None


def choose(quoted: Sequence[QuotedSentence], *, every: bool = False) -> list[QuotedSentence]:
    """Return the sentences to show: the best, then up to two nearly as good, in reading order.

    With `every` all definitions count as good as the best: several documents may have a "Lemma 8.6".
    """
    if not quoted:
        return []
    best = quoted[0]
    least = 0.0 if every and best.defines >= _PLAIN else _NEARLY * best.score
    near = [other for other in quoted if other.score >= least]
    if best.defines >= _PLAIN:  # no mere mention beside a definition
        near = [other for other in near if other.defines >= _PLAIN]
    once = {other.text: other for other in reversed(near)}  # a repeated slide has it twice
    chosen = [other for other in near if once[other.text] is other and not _within_another(other, near)]
    chosen = chosen[: 2 * _MOST if every else _MOST]
    return sorted(chosen, key=lambda item: (item is not best, item.passage.number, item.start))


def undefined(query: Query, quoted: Sequence[QuotedSentence]) -> tuple[str, ...]:
    """Return a note if no sentence defines the question's term, or on the numbered items that were not found."""
    if query.item:
        stated = [item.text for item in quoted if item.defines]
        missing = [item for item in query.item.items if not any(map(item.is_in, stated))]
        return (say("Not found: {items}.", items=", ".join(map(str, missing))),) if missing else ()
    shown = quoted[:_MOST]
    # Whether a sentence in another language defines the term can't be told by its words.
    if query.term is None or any(item.defines or query.is_foreign(item.passage.language) for item in shown):
        return ()
    note = say("No sentence was found that defines “{term}”: what is quoted mentions it.", term=query.term.text)
    return (note,)


def _within_another(item: QuotedSentence, others: Sequence[QuotedSentence]) -> bool:
    """Say whether a longer quote, a definition of several sentences, contains this one."""
    return any(
        other.passage is item.passage
        and other.start <= item.start
        and item.end <= other.end
        and other.end - other.start > item.end - item.start
        for other in others
    )


def _sentences(
    passage: Passage, term: Term | NumberedItem | None, *, listing: bool
) -> tuple[list[QuotedSentence], dict[int, float]]:
    """Return the sentences that can answer, and the plainness of every sentence by its start offset."""
    headings = {" ".join(heading.split()) for heading in passage.headings}
    spans = _over_pages(passage, sentence_spans(passage.text))
    plain = plainest(passage.text, spans, term) if term else [0.0] * len(spans)
    sentences = [
        QuotedSentence(passage, passage.start + start, passage.start + end, 0.0)
        for (start, end), defines in zip(_complete(passage.text, spans, listing=listing), plain, strict=True)
        if (defines >= _PLAIN and isinstance(term, NumberedItem))
        or _can_answer(" ".join(passage.text[start:end].split()), headings, whole=defines < _PLAIN)
        or _CODE.fullmatch(passage.text, start, end)
    ]
    return sentences, {passage.start + start: defines for (start, _), defines in zip(spans, plain, strict=True)}


def _over_pages(passage: Passage, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the sentence spans, with those joined that continue over a page break."""
    breaks = [start - passage.start for start, _, _ in passage.pages]
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        last = joined[-1] if joined else (0, 0)
        over = any(last[1] <= at <= start for at in breaks)
        if joined and over and _GOES_ON.fullmatch(passage.text[last[1] - 1] + passage.text[start : start + 2]):
            joined[-1] = (last[0], end)
        else:
            joined.append((start, end))
    return joined


def _complete(text: str, spans: Sequence[tuple[int, int]], *, listing: bool) -> list[tuple[int, int]]:
    """Return the sentence spans with the list or formula that they introduce: "The steps are:" alone is no answer.

    With `listing` the span of a list's first item covers the whole list.
    """
    found = [(start, _end(text, start, end, spans[at + 1 :])) for at, (start, end) in enumerate(spans)]
    if listing:
        points = [is_point(text, start) for start, _ in spans]
        for at, (start, end) in enumerate(spans):
            if points[at] and not (at and points[at - 1]):
                found[at] = (start, list_end(text, spans[at:], start + _LISTED) or end)
    return found


def _end(text: str, start: int, end: int, behind: Sequence[tuple[int, int]]) -> int:
    """Return the end of a sentence with the list or formula that it introduces, from the sentences `behind` it."""
    last = text[end - 1]
    if last == ":" and (listed := list_end(text, behind, start + _LISTED)):
        return listed
    if behind and (last == ":" or last.isalpha()) and len(text[start:end].split()) > _SHORTEST:
        formula = text[slice(*behind[0])]
        if _EQUATION.search(formula) and len(_SPOKEN.findall(formula)) <= _IN_FORMULA:
            return behind[0][1]
    return end


def _can_answer(sentence: str, headings: set[str], *, whole: bool) -> bool:
    """Say whether a sentence can answer a question: headings can't, for they repeat it.

    A `whole` answer doesn't end with a question mark or colon; a definition may, for it continues.
    """
    said = len(_SPOKEN.findall(sentence))
    long_enough = (len(sentence.split()) >= _SHORTEST and said > 1) or (
        said > 0 and _FORMULA.search(sentence) is not None
    )
    beside = _LINK.sub(" ", sentence)
    leads = beside != sentence and len(_SPOKEN.findall(beside)) < _BESIDE_LINKS
    points_elsewhere = (whole and sentence.endswith(("?", ":"))) or leads or _ELSEWHERE.search(sentence)
    return long_enough and not points_elsewhere and sentence not in headings and not _HEADING.match(sentence)


def _in_context(found: QuotedSentence, embedder: Embedder) -> str:
    """Return a sentence with its heading, cut to the embedder's limit: a table can be one sentence."""
    text = f"{(found.passage.headings or (found.passage.title,))[-1]}. {found.text}"
    offsets = embedder.tokenizer.encode(text, add_special_tokens=False).offsets
    return text if len(offsets) <= embedder.room else text[: offsets[min(_READ, embedder.room * 3 // 4)][0]]
