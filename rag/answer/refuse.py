"""The confidence that the documents answer a question. It decides between an answer and a refusal.

A logistic regression on the scores of the best sentences and passages: one for English with the reader, one without,
one for German. Fitted on the held-out articles of SQuAD 2.0, XQuAD and the gold questions, against questions about
other subjects; the numbers are in ``tests/bench/quality.md``. For languages that embedder and reader weren't trained
on, there is too little data to fit a weight for the reader: there words and embeddings decide.
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
class ConfidenceWeights:
    """The weights of the scores, in log odds."""

    bias: float
    words: float  # for the share of the question's words, 0 to 1
    meaning: float  # for the cosine of the best sentence
    relevance: float = 0.0  # for the reader's best logit


_READ = ConfidenceWeights(-2.76, 0.99, 3.09, 0.62)  # English, with the reader
_UNREAD = ConfidenceWeights(-2.60, 0.64, 4.39)  # English, without
_FOREIGN = ConfidenceWeights(-2.64, 4.76, 2.23)  # German


_ASKED_OF = lexicon.words("asked_of")
_SMALL = lexicon.words("stop")
_FEW = 5  # content words; in a longer question an unknown name may be irrelevant
_STATED = 0.9  # least confidence when the numbered item was found
# Log odds of a question with a word that no document has. Of the sample course's and the development questions ten of
# 129 answerable ones have such a word, and 13 of 26 others; of SQuAD 2.0 two of 125 and six of 115.
_UNKNOWN = -1.0
_OFF_SUBJECT = 0.3  # factor on the confidence when no document mentions the question's subject


def is_off_subject(query: Query) -> bool:
    """Say whether no document has a word for the question's subject.

    In languages with capitalised nouns, as German, the subject is the nouns. In others it is all content words, or a
    name in a short question: without the word "quicksort" or the name "Karatsuba" the documents can't answer "How
    does quicksort work?" or "How fast is Karatsuba's multiplication?".
    """
    unknown = query.unknown
    said = [word for word in query.words if word.casefold() not in _SMALL]
    first = next(iter(query.words), "")
    if lexicon.has_capital_nouns(query.answer_language):
        subjects = {word for word in said if word[0].isupper() and (word != first or word in unknown)}
    else:
        subjects = {word for word in said if word.casefold() not in _ASKED_OF}
        if len(subjects) <= _FEW and any(word[0].isupper() and word != first for word in unknown):
            return True  # "Karatsuba's multiplication": the name is essential
    return bool(unknown) and subjects <= unknown


def is_missing(query: Query, passages: Sequence[Passage]) -> bool:
    """Say whether no passage mentions the term or numbered item that a question asks for.

    Terms of several words are never missing, for they have variants ("Satz von Bayes", "Bayes-Regel").
    """
    subject = query.subject
    if subject is None or (isinstance(subject, Term) and not subject.is_one_word):
        return False
    return not any(subject.stands_in("\n".join([one.title, *one.headings, one.text])) for one in passages)


def confidence(query: Query, quoted: Sequence[QuotedSentence], passages: Sequence[Passage], *, across: bool) -> float:
    """Return the confidence in an answer, 0 to 1: its probability, adjusted for numbered items and missing subjects.

    With `across`, retrieval crosses languages, so the passages may have the term in another language.
    """
    sure = answer_probability(quoted, passages, language=query.answer_language, unknown=bool(query.unknown))
    if query.item and any(item.defines for item in quoted):
        sure = max(sure, _STATED)
    missing = not across and is_missing(query, passages)
    return sure * (_OFF_SUBJECT if missing or is_off_subject(query) else 1.0)


def answer_probability(
    quoted: Sequence[QuotedSentence], passages: Sequence[Passage], *, language: str, unknown: bool = False
) -> float:
    """Return the probability that the quotes and passages answer the question; 0 without quotes.

    `unknown` says that no document has some word of the question.
    """
    if not quoted:
        return 0.0
    relevance = max((reading.relevance for passage in passages for reading in passage.readings), default=None)
    mix = _FOREIGN if language != "en" else _UNREAD if relevance is None else _READ
    odds = (
        mix.bias
        + mix.words * max(item.words for item in quoted)
        + mix.meaning * max(item.meaning for item in quoted)
        + mix.relevance * (relevance or 0.0)
        + (_UNKNOWN if unknown else 0.0)
    )
    return 1 / (1 + math.exp(-odds))
