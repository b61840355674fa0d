"""The written answer: a model answers from the evidence; the program cites, and keeps the quotes where that fails."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from rag.answer.cite import Cited, cite
from rag.answer.evidence import evidence
from rag.answer.generate import Writer, WrittenText, declines
from rag.answer.prompt import evidence_messages, refusal
from rag.answer.quote import QuotedSentence
from rag.answer.support import Judge
from rag.errors import Cancelled, ModelError
from rag.events import Event
from rag.ports import LexicalIndex
from rag.question.query import Query
from rag.settings import Settings
from rag.texts import say, sayable
from rag.types import Answer, AnswerStatus, Passage, Timings, Tokens

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

_WORDS = re.compile(r"[^\W\d_]")
_EVIDENCE = 540  # most tokens of evidence in a prompt: with more, small models lose the point, and the reader waits
_UNSUPPORTED = sayable(
    "Most of what the language model wrote is not in the documents: their own sentences are shown instead."
)
_TRANSLATED = sayable("The answer is in another language than the pages it stands on: compare it with the quotes.")
_SILENT = sayable("The language model wrote nothing: the documents' own sentences are shown instead.")
# More support that a sentence needs where the confidence was too low for quotes. Of eight such answers on the
# development set the five right ones had more than 0.65, and two of the three others less.
_DOUBTED = 0.15
_SUPPORTED = 0.5  # least share of an answer's sentences that the documents support


def written_answer(
    query: Query,
    draft: Answer,
    quoted: Sequence[QuotedSentence],
    writer: Writer,
    lexical: LexicalIndex,
    likeness: Callable[[str, str], float] | None,
    settings: Settings,
    cancelled: threading.Event | None,
) -> Generator[Event, None, Answer]:
    """Yield the text as the model generates it from the evidence; return the answer with its citations.

    The quoted `draft` is returned where the documents don't support what the model writes. Where it is a refusal, the
    model must be supported better to be believed. The answer's
    `first_token_s` is a reading of time.perf_counter, not yet a duration. Raises Cancelled and ModelError.
    """
    language = query.answer_language
    manner = writer.manner(language)

    def prompt(excerpts: Sequence[Passage]) -> list[BaseMessage]:
        return evidence_messages(query.text, excerpts, language=language, form=writer.form, manner=manner)

    room = writer.passage_budget(prompt([]))
    shown = evidence(quoted, writer.count, budget=min(room, _EVIDENCE))
    written = yield from writer.write(prompt(shown), cancelled)
    cited = cite(
        written.text,
        shown,
        Judge(lexical.weights, sorted({*query.languages, language}), query.stems, language, likeness),
        supported_from=settings.supported_from + (0.0 if draft.answers else _DOUBTED),
        others=draft.passages,
    )
    if is_supported(cited):
        answer = Answer(query.asked, cited.text, AnswerStatus.ANSWERED, cited.citations, cited.sentences)
        notes = _translated(cited, draft.passages, query) + draft.notes + written.notes
        answer = replace(answer, passages=draft.passages, notes=notes)
    elif declines(written.text):
        answer = Answer(query.asked, refusal(language), AnswerStatus.NOT_IN_DOCUMENTS)
        answer = replace(answer, passages=draft.passages, notes=draft.notes)
    else:
        answer = instead(draft, written.text)
    return made_with(answer, writer, [written])


def _translated(cited: Cited, passages: Sequence[Passage], query: Query) -> tuple[str, ...]:
    """Return a note if the answer cites passages in another language: there its support is less certain."""
    foreign = {passage.document_id for passage in passages if query.is_foreign(passage.language)}
    return (say(_TRANSLATED),) if any(one.document_id in foreign for one in cited.citations) else ()


def is_supported(cited: Cited) -> bool:
    """Say whether the documents support a text: enough of its sentences."""
    supported = sum(sentence.supported for sentence in cited.sentences)
    return bool(supported) and supported >= _SUPPORTED * len(cited.sentences)


def made_with(answer: Answer, writer: Writer, texts: Sequence[WrittenText]) -> Answer:
    """Return an answer with the model's name, its time to the first token and its token counts."""
    first = next((each.first_token_at for each in texts if each.first_token_at), None)
    tokens = Tokens(_sum(each.prompt_tokens for each in texts), _sum(each.answer_tokens for each in texts))
    return replace(answer, model=writer.name, timings=Timings(first_token_s=first), tokens=tokens)


def _sum(counts: Iterable[int | None]) -> int | None:
    """Return a sum, or None where a part of it isn't known."""
    total = 0
    for count in counts:
        if count is None:
            return None
        total += count
    return total


def instead(draft: Answer, text: str) -> Answer:
    """Return the draft, with a note why it stands where the model's `text` was expected."""
    if draft.status is not AnswerStatus.QUOTED:
        return draft
    return _with_note(draft, say(_UNSUPPORTED if _WORDS.search(text) else _SILENT))


def or_draft(writing: Generator[Event, None, Answer], draft: Answer) -> Generator[Event, None, Answer]:
    """Pass on the events of a written answer; return the draft where the model fails, for that is ready."""
    try:
        return (yield from writing)
    except Cancelled:
        raise
    except ModelError as exc:
        return _with_note(draft, say("The language model gave no answer: {reason}", reason=exc))


def _with_note(answer: Answer, note: str) -> Answer:
    return replace(answer, notes=(note, *answer.notes))
