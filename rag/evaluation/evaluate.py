"""Evaluates chains: every question is searched, answered and judged, and the marks are summed up."""

from __future__ import annotations

import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath

from rag.chain import Chain
from rag.errors import Cancelled, SettingsError
from rag.evaluation.judge import DEPTH, Judged, is_source, judge
from rag.evaluation.questions import EvalQuestion
from rag.evaluation.report import ALL, Evaluating, Evaluation, compared, side
from rag.ports import Catalog
from rag.settings import Settings, changed
from rag.types import Citation, Passage, Question

_NAMED = 3  # documents named in a note
# Settings read once, when a home or a model is opened; two chains of one process share them.
_FIXED = frozenset(
    """quantisation context_tokens answer_tokens prompt_seconds temperature seed gpu_layers threads host port
    server_seconds upload_mb language""".split()
)


def evaluate(
    questions: Sequence[EvalQuestion],
    chains: Sequence[tuple[Mapping[str, str], Chain]],
    *,
    collection: str | None = None,
    quote: bool = False,
    search_only: bool = False,
    stopped: threading.Event | None = None,
) -> Iterator[Evaluating | Evaluation]:
    """Ask every question of each (changed settings, chain); yield the progress, and finally the Evaluation.

    Two chains are compared. Raises Cancelled if `stopped` is set meanwhile.
    """
    began = time.perf_counter()
    steps = Steps(len(questions) * len(chains), stopped or threading.Event())
    yield Evaluating(0, steps.total)
    sides = []
    for settings, chain in chains:
        judged: list[Judged] = []
        times: list[float] = []
        for question in questions:
            found = chain.search(Question(question.text, collection), most=DEPTH)
            asked = Question(question.text, collection, quote=quote)
            answer = None if search_only else chain.invoke(asked, cancelled=steps.stopped)
            judged.append(judge(question, found.passages, answer, lambda c: page_text(chain.library.catalog, c)))  # noqa: B023  # used at once
            times.append(1000 * found.retrieve_s)
            yield steps.next()
        sides.append(side(settings, judged, statistics.median(times)))
    first = chains[0][1]
    yield Evaluation(
        questions={**Counter(question.language for question in questions), ALL: len(questions)},
        unanswerable=sum(not question.answerable for question in questions),
        sides=tuple(sides),
        differences=compared(*sides) if len(sides) == 2 else (),
        notes=(*_unconfirmed(questions), *_missing(questions, first.library.catalog, collection)),
        seconds=time.perf_counter() - began,
        model=None if quote or search_only or first.writer is None else first.writer.name,
    )


def comparable(settings: Settings, values: Mapping[str, str]) -> Settings:
    """Return the changed settings; raises SettingsError for a setting that no question reads."""
    for name in values:
        if name in _FIXED:
            message = f"{name} can't be compared: it is read when the home, the model or the page is opened."
            raise SettingsError(message, remedy="Compare what a question reads, such as dense_weight.")
    return changed(settings, values)


class Steps:
    """Counts the steps done, and raises Cancelled after a stop."""

    def __init__(self, total: int, stopped: threading.Event) -> None:
        self.total = total
        self.stopped = stopped
        self._done = 0

    def next(self) -> Evaluating:
        """Return the progress after one more step."""
        if self.stopped.is_set():
            message = "The evaluation was stopped."
            raise Cancelled(message)
        self._done += 1
        return Evaluating(self._done, self.total)


def page_text(catalog: Catalog, citation: Citation) -> str:
    """Return the text of the pages that a citation names, or of the whole document if it has no pages."""
    if citation.page is None:
        return catalog.documents.text(citation.document_id)
    first = catalog.documents.page(citation.document_id, citation.page)
    last = catalog.documents.page(citation.document_id, citation.page_end or citation.page)
    return "" if first is None or last is None else catalog.documents.text(citation.document_id, first.start, last.end)


def _unconfirmed(questions: Sequence[EvalQuestion]) -> tuple[str, ...]:
    count = sum(not question.confirmed for question in questions)
    if not count:
        return ()
    what = "1 question is" if count == 1 else f"{count} questions are"
    return (f'{what} drafted and not confirmed: read them, correct them, and set "confirmed": true.',)


def _missing(questions: Sequence[EvalQuestion], catalog: Catalog, collection: str | None) -> tuple[str, ...]:
    """Return a note on the documents that questions name and the library lacks: such questions measure only this."""
    there = [_place(info.source, info.title) for info in catalog.documents.all(collection)]
    named = Counter(one.source for question in questions for one in question.evidence if one.source)
    gone = {name: count for name, count in named.items() if not any(is_source(place, name) for place in there)}
    if not gone:
        return ()
    names = ", ".join(sorted(PurePath(name).name for name in gone)[:_NAMED]) + (", …" if len(gone) > _NAMED else "")
    return (f"Of {sum(gone.values())} of {len(questions)} questions the documents are not in the library: {names}.",)


def _place(source: str, title: str) -> Passage:
    return Passage(0, "", "", source, title, 0, 0, "", 0.0)
