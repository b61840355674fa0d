"""How sure it is that the documents answer a question: what decides between an answer and "the documents don't say".

A logistic regression on what the best sentences and passages have for them, one per kind of question. Fitted on the
held-out articles of SQuAD 2.0, XQuAD and the gold questions, against questions about other subjects; the numbers are
in ``tests/bench/quality.md``. In languages that the embedder and the reader weren't trained on there is too little
to fit the reader's word on: there words and meaning decide.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rag import lexicon
from rag.answer.quote import QuotedSentence
from rag.question.query import Query
from rag.question.term import Term
from rag.types import Passage


@dataclass(frozen=True, slots=True)
class EvidenceWeights:
    """What each kind of evidence counts, in log odds."""

    bias: float
    words: float  # of the share of the question's words, 0 to 1
    meaning: float  # of the cosine of the best sentence
    relevance: float = 0.0  # of the reader's best logit


_READ = EvidenceWeights(-2.76, 0.99, 3.09, 0.62)  # English, with the reader
_UNREAD = EvidenceWeights(-2.60, 0.64, 4.39)  # English, without
_FOREIGN = EvidenceWeights(-2.64, 4.76, 2.23)  # German


_ASKED_OF = lexicon.words("asked_of")
_SMALL = lexicon.words("stop")
_FEW = 5  # words of content: in a longer question a name may be beside the point
_STATED = 0.9  # confidence where something bears the number that was asked for
_OFF_SUBJECT = 0.3  # of the confidence is left where no document has a word for what is asked about


def is_off_subject(query: Query) -> bool:
    """Say whether no document has a word for what a question is about.

    Where nouns are written large, as in German, that are its nouns; elsewhere all words but small ones and those that
    ask, or a name in a short question: nothing answers "How does quicksort work?" or "How fast is Karatsuba's
    multiplication?" where no document has the word "quicksort" or the name "Karatsuba".
    """
    unknown = query.unknown
    said = [word for word in query.words if word.casefold() not in _SMALL]
    first = next(iter(query.words), "")
    if lexicon.has_capital_nouns(query.answer_language):
        subjects = {word for word in said if word[0].isupper() and (word != first or word in unknown)}
    else:
        subjects = {word for word in said if word.casefold() not in _ASKED_OF}
        if len(subjects) <= _FEW and any(word[0].isupper() and word != first for word in unknown):
            return True  # "Karatsuba's multiplication": whose it is is what is asked about
    return bool(unknown) and subjects <= unknown


def is_missing(query: Query, passages: Sequence[Passage]) -> bool:
    """Say whether what a question wants explained stands nowhere in the passages found for it.

    Of a term of several words each may stand there in another form ("Satz von Bayes", "Bayes-Regel").
    """
    subject = query.subject
    if subject is None or (isinstance(subject, Term) and not subject.is_one_word):
        return False
    return not any(subject.stands_in("\n".join([one.title, *one.headings, one.text])) for one in passages)


def confidence(query: Query, quoted: Sequence[QuotedSentence], passages: Sequence[Passage], *, across: bool) -> float:
    """Return the confidence in an answer, 0 to 1, with what numbers, missing and unknown words say of it.

    `across` languages a term may be called otherwise in the passages than in the question.
    """
    sure = evidence_confidence(quoted, passages, language=query.answer_language)
    if query.item and any(item.defines for item in quoted):
        sure = max(sure, _STATED)
    missing = not across and is_missing(query, passages)
    return sure * (_OFF_SUBJECT if missing or is_off_subject(query) else 1.0)


def evidence_confidence(quoted: Sequence[QuotedSentence], passages: Sequence[Passage], *, language: str) -> float:
    """Return how likely it is that the quotes and passages found answer the question, 0 to 1; 0 without quotes."""
    if not quoted:
        return 0.0
    relevance = max((reading.relevance for passage in passages for reading in passage.readings), default=None)
    mix = _FOREIGN if language != "en" else _UNREAD if relevance is None else _READ
    odds = (
        mix.bias
        + mix.words * max(item.words for item in quoted)
        + mix.meaning * max(item.meaning for item in quoted)
        + mix.relevance * (relevance or 0.0)
    )
    return 1 / (1 + math.exp(-odds))
