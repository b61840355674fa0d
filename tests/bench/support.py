"""How well support tells right answers from others: `make bench-support`.

The right answers of the questions are measured against the passages that are found for them. Beside them stand the
same answers against the passages of another question, answers to other questions against these passages, and the
right answers with a number, a name or their negation changed. The AUC is the chance that a right one has more support.
"""

from __future__ import annotations

import random
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from rag.answer.cite import best_quote
from rag.answer.support import Judge, Meanings
from rag.chain import Chain
from rag.evaluation.measures import auc
from rag.question.query import Query
from rag.types import Passage, Question
from tests.bench.libraries import library_of
from tests.bench.measuring import table
from tests.bench.sets import Absent
from tests.bench.sets.gold import gold
from tests.bench.sets.written import SETS, Wanted, courses, load_written
from tests.fakes import asked

KINDS = ("other passages", "other answers", "number", "name", "negation")
_PASSAGES = 6
_VERB = {
    "en": r"\b(is|are|was|were|can|does|do|will|must|has|have|needs|takes|gives|runs|contains)\b",
    "de": r"\b(ist|sind|wird|werden|kann|hat|haben|war|muss|braucht|sollte|geht|lässt|gibt)\b",
}
_NEGATED = re.compile(r"\b(not|never|no|nicht|nie|kein\w*)\b ?", re.IGNORECASE)
_NAME = re.compile(r"(?<=\s)[A-ZÄÖÜ][\wäöüß-]{3,}")


@dataclass(frozen=True)
class Case:
    """A question whose answer stands in its passages."""

    wanted: Wanted
    query: Query
    passages: Sequence[Passage]


def _cases(chain: Chain, wanted: Sequence[Wanted]) -> Iterator[Case]:
    for one in wanted:
        query = asked(one.question, chain.library)
        passages = list(chain.invoke(Question(one.question, quote=True)).passages)[:_PASSAGES]
        if any(one.source in passage.source and _on(passage, one.page) for passage in passages):
            yield Case(one, query, passages)


def _on(passage: Passage, page: int | None) -> bool:
    return page is None or passage.page is None or passage.page <= page <= (passage.page_end or passage.page)


def _support(chain: Chain, case: Case, answer: str, passages: Sequence[Passage]) -> float:
    languages = sorted({*case.query.languages, case.query.answer_language})
    weights = chain.library.lexical.weights
    judge = Judge(weights, languages, case.query.stems, case.query.answer_language, Meanings(chain.embedder))
    return max(best_quote(answer, one, judge).score for one in passages)


def scores(chain: Chain, wanted: Sequence[Wanted]) -> dict[str, list[float]]:
    """Return the supports of right answers, under "right", and of the others by kind."""
    chance = random.Random(1)  # not for secrets
    cases = list(_cases(chain, [one for one in wanted if one.answer]))
    names = sorted({name for case in cases for name in _NAME.findall(case.wanted.answer)})
    found: defaultdict[str, list[float]] = defaultdict(list)
    for case in cases:
        right = case.wanted.answer
        found["right"].append(_support(chain, case, right, case.passages))
        others = [other for other in cases if other.wanted.source != case.wanted.source] or cases
        for other in chance.sample(others, min(2, len(others))):
            found["other passages"].append(_support(chain, case, right, other.passages))
            found["other answers"].append(_support(chain, case, other.wanted.answer, case.passages))
        changed = {
            "number": _renumbered(right, chance),
            "name": _renamed(right, names, chance),
            "negation": _negated(right, case.wanted.language),
        }
        for kind, answer in changed.items():
            if answer:
                found[kind].append(_support(chain, case, answer, case.passages))
    return dict(found)


def _renumbered(answer: str, chance: random.Random) -> str:
    numbers = list(re.finditer(r"\d+", answer))
    if not numbers:
        return ""
    one = chance.choice(numbers)
    return f"{answer[: one.start()]}{int(one[0]) + chance.choice([1, 2, 3, 7, 10])}{answer[one.end() :]}"


def _renamed(answer: str, names: Sequence[str], chance: random.Random) -> str:
    own = _NAME.findall(answer)
    return answer.replace(chance.choice(own), chance.choice([name for name in names if name not in own])) if own else ""


def _negated(answer: str, language: str) -> str:
    if _NEGATED.search(answer):
        return _NEGATED.sub("", answer, count=1)
    verb = re.search(_VERB[language], answer)
    return f"{answer[: verb.end()]} {'not' if language == 'en' else 'nicht'}{answer[verb.end() :]}" if verb else ""


@contextmanager
def chain_for(name: str) -> Iterator[Chain]:
    """Open the library that a set of questions is about; raises Absent."""
    with library_of(gold("en") if name == "sample" else courses()) as hall:
        yield hall.engine.chain("")


def main() -> None:
    """Print the table."""
    rows = []
    for name in SETS:
        try:
            with chain_for(name) as chain:
                found = scores(chain, load_written(name))
        except Absent as absent:
            sys.stderr.write(f"{absent}\n")
            continue
        right = found.pop("right")
        each = [f"{auc(right, found.get(kind, [])):.3f} ({len(found.get(kind, []))})" for kind in KINDS]
        rows.append((name, str(len(right)), *each, f"{auc(right, [one for kind in KINDS for one in found[kind]]):.3f}"))
    sys.stdout.write(table(("set", "right answers", *KINDS, "all"), rows))


if __name__ == "__main__":
    main()
