"""The confidence that the documents answer a question. It decides between an answer and a refusal.

A logistic regression on the scores of the best sentences and passages: for English and for German, with the reader and
without, and for passages in another language than the question. Fitted on the six held-out articles of XQuAD and the
gold questions, against questions about other subjects; the numbers are in ``tests/bench/quality.md``. Across languages
its own word tells no better than these: there they decide alone. Passages in the question's language and
those in others are judged apart, and the surer ones count.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
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


# For passages in the question's language, with a reader and without one; German stands for all others.
_ENGLISH = (ConfidenceWeights(-2.2, 0.99, 3.09, 0.62), ConfidenceWeights(-3.2, 3.0, 4.5))
_GERMAN = (ConfidenceWeights(-3.6, 3.3, 3.3, 0.4), ConfidenceWeights(-3.0, 4.6, 4.2))
_ACROSS = ConfidenceWeights(-7.4, 4.0, 19.7)  # for passages in another language


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
    if lexicon.has_capital_nouns(query.read_as):
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


def confidence(
    query: Query, quoted: Sequence[QuotedSentence], passages: Sequence[Passage], known: Collection[str]
) -> float:
    """Return the confidence in an answer, 0 to 1: its probability, adjusted for numbered items and missing subjects.

    `known` are the languages of the embedder, "*" for all. Where it knows those of question and passage, a passage in
    another language than the question can answer it without a word of it: so unknown words say nothing there.
    """
    foreign = {one.number for one in passages if query.is_foreign(one.language) and _crosses(query, one, known)}
    own = [one for one in passages if one.number not in foreign]
    said: list[QuotedSentence] = []
    said_elsewhere: list[QuotedSentence] = []
    for item in quoted:
        (said_elsewhere if item.passage.number in foreign else said).append(item)
    sure = answer_probability(said, own, language=query.read_as, unknown=bool(query.unknown))
    if is_missing(query, own) or is_off_subject(query):
        sure *= _OFF_SUBJECT
    sure = max(sure, _probability(_ACROSS, said_elsewhere, passages))
    # A lemma's number is the same in every language.
    return max(sure, _STATED) if query.item and any(item.defines for item in quoted) else sure


def _crosses(query: Query, passage: Passage, known: Collection[str]) -> bool:
    """Say whether the embedder knows the languages of question and passage."""
    return "*" in known or {query.language, passage.language} <= set(known)


def answer_probability(
    quoted: Sequence[QuotedSentence], passages: Sequence[Passage], *, language: str, unknown: bool = False
) -> float:
    """Return the probability that the quotes and passages answer the question; 0 without quotes.

    `unknown` says that no document has some word of the question.
    """
    unread = not any(passage.readings for passage in passages)
    mix = (_ENGLISH if language == "en" else _GERMAN)[unread]
    return _probability(mix, quoted, passages, unknown=unknown)


def _probability(
    mix: ConfidenceWeights, quoted: Sequence[QuotedSentence], passages: Sequence[Passage], *, unknown: bool = False
) -> float:
    if not quoted:
        return 0.0
    relevance = max((reading.relevance for passage in passages for reading in passage.readings), default=0.0)
    odds = (
        mix.bias
        + mix.words * max(item.words for item in quoted)
        + mix.meaning * max(item.meaning for item in quoted)
        + mix.relevance * relevance
        + (_UNKNOWN if unknown else 0.0)
    )
    return 1 / (1 + math.exp(-odds))
