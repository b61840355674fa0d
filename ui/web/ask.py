"""Asking: a question becomes an exchange that grows, from the passages to the answer with its citations."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from rag.errors import Cancelled, StudyhallError
from rag.events import Condensed, Draft, Progress, Queued, Retrieved, Text
from rag.types import EVERYWHERE, REMEMBERED, Answer, Citation, Filter, Passage, Question, Turn
from ui.hall import Studyhall


class Stage(StrEnum):
    """How far an exchange has come."""

    SEARCHING = "searching"
    READING = "reading"  # the model reads the passages; the quoted answer is shown
    WRITING = "writing"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question with its answer, as far as it has come."""

    question: str
    stage: Stage = Stage.SEARCHING
    answer: Answer | None = None  # the quoted one while a model reads and writes, then the one that counts
    passages: tuple[Passage, ...] = ()
    written: str = ""  # by the model, so far
    read: float | None = None  # share of the passages that the model has read, 0 to 1
    before: int = 0  # answers that the model writes first
    understood: str = ""  # what is searched for, when the question leans on the conversation or is misspelt
    error: str = ""
    remedy: str = ""

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self.stage in {Stage.DONE, Stage.STOPPED, Stage.FAILED}


@dataclass(frozen=True, slots=True)
class Selection:
    """The documents that a question is asked of, and the model that answers it."""

    collection: str | None = None  # None: all of them
    document: str | None = None  # an id
    model: str | None = None  # None: the one in the settings; empty: none, it quotes
    within: Filter = EVERYWHERE


class StopSwitch:
    """Stops the answer that one session waits for.

    Gradio copies what a session starts with, and a copy is a switch of its own.
    """

    def __init__(self) -> None:
        self._event = threading.Event()

    def __deepcopy__(self, memo: object) -> StopSwitch:
        return StopSwitch()

    def ready(self) -> threading.Event:
        """Return a new event, which is set when the next answer is to stop."""
        self._event = threading.Event()
        return self._event

    def press(self) -> None:
        """Stop the answer."""
        self._event.set()


def ask(
    hall: Studyhall, question: str, selection: Selection, history: Sequence[Exchange] = (), *, stopped: threading.Event
) -> Iterator[Exchange]:
    """Answer a question, yielding the exchange as it grows; errors and a stop end it, nothing is raised."""
    exchange = Exchange(question.strip())
    yield exchange
    asked = Question(
        exchange.question,
        selection.collection,
        selection.document,
        quote=selection.model == "",
        history=turns(history),
        filter=selection.within,
    )
    try:
        for event in hall.ask_events(asked, model=selection.model, cancelled=stopped):
            exchange = _after(exchange, event)
            yield exchange
    except Cancelled:
        yield replace(exchange, stage=Stage.STOPPED)
    except StudyhallError as exc:
        yield replace(exchange, stage=Stage.FAILED, error=exc.what, remedy=exc.remedy)


def turns(history: Sequence[Exchange]) -> tuple[Turn, ...]:
    """Return the turns of a conversation that were answered."""
    said = [
        Turn(exchange.question, exchange.answer.text)
        for exchange in history
        if exchange.answer and exchange.stage is Stage.DONE and exchange.answer.answers
    ]
    return tuple(said[-REMEMBERED:])


def chip_target(exchanges: Sequence[Exchange], action: str) -> Citation | Passage | None:
    """Return the source that a chip leads to: ``cite:2:1`` is citation 1 of exchange 2, ``near:2:1`` a passage."""
    kind, _, place = action.partition(":")
    turn, _, number = place.partition(":")
    if not (turn.isdecimal() and number.isdecimal()) or int(turn) >= len(exchanges):
        return None
    exchange = exchanges[int(turn)]
    if kind == "near":
        return next((passage for passage in exchange.passages if passage.number == int(number)), None)
    citations = exchange.answer.citations if exchange.answer else ()
    return next((citation for citation in citations if citation.marker == int(number)), None)


def _after(exchange: Exchange, event: object) -> Exchange:
    """Return the exchange after an event of the chain."""
    match event:
        case Condensed(question):
            return replace(exchange, understood=question)
        case Retrieved(passages):
            return replace(exchange, passages=passages)
        case Draft(answer):
            return replace(exchange, stage=Stage.READING, answer=answer, written="")  # it may begin anew
        case Queued(before):
            return replace(exchange, before=before)
        case Progress(read):
            return replace(exchange, read=read, before=0)
        case Text(piece):
            return replace(exchange, stage=Stage.WRITING, written=exchange.written + piece)
        case Answer():
            return replace(exchange, stage=Stage.DONE, answer=event, passages=event.passages or exchange.passages)
    return exchange
