"""Judges one question: passages, answer and citations against the known evidence and answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from rag.evaluation.measures import bare, exact_match, f1, holds, ndcg_at, normalised, recall_at, reciprocal_rank
from rag.evaluation.questions import EvalQuestion, Evidence
from rag.types import Answer, AnswerStatus, Citation, Passage

DEPTH = 10  # passages judged
RANKING = ("recall@1", "recall@5", "recall@10", "MRR", "nDCG@10")
ANSWERING = ("exact match", "F1", "refusal precision", "refusal recall", "quote on its page", "citation precision")
MEASURES = (*RANKING, *ANSWERING)
_REFUSED = frozenset({AnswerStatus.NOT_IN_DOCUMENTS, AnswerStatus.NO_DOCUMENTS})


@dataclass(frozen=True, slots=True)
class Judged:
    """The marks of one question, as (numerator, denominator) by measure."""

    id: str
    question: str
    language: str
    ranks: tuple[int, ...] = ()  # of each piece of evidence, 0 for not found
    status: str = ""  # of the answer; empty if only the search was measured
    answer: str = ""
    marks: dict[str, tuple[float, float]] = field(default_factory=dict)


def judge(
    question: EvalQuestion,
    passages: Sequence[Passage],
    answer: Answer | None,
    page_text: Callable[[Citation], str],
) -> Judged:
    """Return the marks of a question for the passages found, best first, and for the answer, if there is one.

    `page_text` returns the text of the pages that a citation names.
    """
    ranks = _ranks(question, passages[:DEPTH])
    marks = _ranking(ranks) if ranks else {}
    if answer is None:
        return Judged(question.id, question.text, question.language, ranks, marks=marks)
    marks |= _answering(question, answer) | _refusing(question, answer) | _citing(question, answer, page_text)
    return Judged(question.id, question.text, question.language, ranks, answer.status, answer.text, marks)


# ---- passages


def _ranks(question: EvalQuestion, passages: Sequence[Passage]) -> tuple[int, ...]:
    """Return the rank of each piece of evidence, or of the answer itself if no place is known."""
    if not question.answerable:
        return ()
    if question.evidence:
        return tuple(
            next((rank for rank, passage in enumerate(passages, 1) if is_evidence(passage, one)), 0)
            for one in question.evidence
        )
    return (next((rank for rank, passage in enumerate(passages, 1) if _says(passage.text, question)), 0),)


def is_evidence(passage: Passage, evidence: Evidence) -> bool:
    """Say whether a passage is the evidence: it holds the quote, or, without one, touches the page or the document."""
    if not is_source(passage, evidence.source):
        return False
    if evidence.quote:
        return holds(passage.text, evidence.quote)
    return evidence.page is None or _touches(passage, evidence.page)


def is_source(place: Passage | Citation, name: str) -> bool:
    """Say whether a passage or citation belongs to the document `name`: its title, or the end of its path."""
    wanted, source = name.replace("\\", "/").casefold(), place.source.replace("\\", "/").casefold()
    return not name or source == wanted or source.endswith(f"/{wanted}") or place.title.casefold() == wanted


def _touches(place: Passage | Citation, page: int) -> bool:
    return place.page is not None and place.page <= page <= (place.page_end or place.page)


def _says(text: str, question: EvalQuestion) -> bool:
    """Say whether a text contains one of the answers, verbatim after normalisation."""
    held = f" {normalised(text, question.language)} "
    wanted = (normalised(answer, question.language) for answer in question.answers)
    return any(answer and f" {answer} " in held for answer in wanted)


def _ranking(ranks: Sequence[int]) -> dict[str, tuple[float, float]]:
    # Each piece of evidence counts once, at its rank; the ideal order has all of them first.
    grades = [float(sum(rank == place for rank in ranks)) for place in range(1, DEPTH + 1)]
    marks = {f"recall@{k}": (recall_at(k, ranks), 1.0) for k in (1, 5, 10)}
    marks["MRR"] = (reciprocal_rank(ranks), 1.0)
    marks["nDCG@10"] = (min(ndcg_at(DEPTH, grades, [1.0] * len(ranks)), 1.0), 1.0)
    return marks


# ---- answer


def _answering(question: EvalQuestion, answer: Answer) -> dict[str, tuple[float, float]]:
    if not question.answerable or not question.references:
        return {}
    said = "" if answer.status in _REFUSED else " ".join(sentence.text for sentence in answer.sentences) or answer.text
    return {
        "exact match": (exact_match(said, question.references, question.language), 1.0),
        "F1": (f1(said, question.references, question.language), 1.0),
    }


def _refusing(question: EvalQuestion, answer: Answer) -> dict[str, tuple[float, float]]:
    refused, rightly = answer.status in _REFUSED, not question.answerable
    marks = {"refusal recall": (float(refused), 1.0)} if rightly else {}
    return {**marks, "refusal precision": (float(rightly), 1.0)} if refused else marks


def _citing(
    question: EvalQuestion, answer: Answer, page_text: Callable[[Citation], str]
) -> dict[str, tuple[float, float]]:
    if not question.answerable or not answer.citations:
        return {}
    verbatim = [citation.quote in page_text(citation) for citation in answer.citations]
    right = [on and _holds_answer(question, citation) for on, citation in zip(verbatim, answer.citations, strict=True)]
    count = float(len(answer.citations))
    return {"quote on its page": (float(sum(verbatim)), count), "citation precision": (float(sum(right)), count)}


def _holds_answer(question: EvalQuestion, citation: Citation) -> bool:
    """Say whether a citation's quote holds an answer or a part of the evidence, or else comes from the known place.

    A quote from the middle of the evidence counts: one sentence of three that answer together.
    """
    places = [one for one in question.evidence if is_source(citation, one.source)]
    if question.evidence and not places:
        return False
    if _says(citation.quote, question):
        return True
    quoted = bare(citation.quote)
    if any(one.quote and (holds(citation.quote, one.quote) or quoted in bare(one.quote)) for one in places):
        return True
    bare_places = [one for one in places if not one.quote and not question.answers]
    return any(one.page is None or _touches(citation, one.page) for one in bare_places)
