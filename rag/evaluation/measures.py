"""The measures: plain arithmetic on ranks, words and counts, independent of library and models.

Ranks count from 1; 0 means not found.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from rag import lexicon

_MARKS = re.compile(r"\[\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*\]")  # citation markers, no words of an answer

# ---- ranking


def recall_at(k: int, ranks: Sequence[int]) -> float:
    """Return the share of the wanted items that are among the first `k`.

    >>> recall_at(5, [1, 7, 0, 4])
    0.5
    """
    return sum(0 < rank <= k for rank in ranks) / len(ranks) if ranks else 0.0


def reciprocal_rank(ranks: Sequence[int]) -> float:
    """Return 1 / the best rank, or 0 if nothing was found; its mean over questions is the MRR.

    >>> reciprocal_rank([0, 4, 2])
    0.5
    """
    found = [rank for rank in ranks if rank > 0]
    return 1 / min(found) if found else 0.0


def ndcg_at(k: int, found: Sequence[float], wanted: Iterable[float]) -> float:
    """Return the discounted cumulative gain of the grades found, in order, relative to the ideal order.

    >>> ndcg_at(10, [0, 1], [1])  # the one relevant thing stands second: 1 / log2(3)
    0.6309...
    >>> ndcg_at(10, [3, 2, 1], [1, 2, 3])
    1.0
    """
    best = _gain(sorted(wanted, reverse=True)[:k])
    return _gain(found[:k]) / best if best > 0 else 0.0


def _gain(grades: Sequence[float]) -> float:
    return sum(grade / math.log2(rank + 1) for rank, grade in enumerate(grades, start=1))


# ---- answers


def normalised(text: str, language: str = "en") -> str:
    """Return a text normalised as in SQuAD: lower case, no punctuation, no articles, single blanks.

    >>> normalised("The  Lempel–Ziv code [2].")
    'lempelziv code'
    >>> normalised("Der Satz des Pythagoras", "de")
    'satz pythagoras'
    """
    plain = unicodedata.normalize("NFKC", _MARKS.sub(" ", text)).lower()
    kept = "".join(letter for letter in plain if not unicodedata.category(letter).startswith(("P", "S")))
    articles = lexicon.words("articles", language if language in lexicon.LANGUAGES else "en")
    return " ".join(word for word in kept.split() if word not in articles)


def exact_match(answer: str, references: Sequence[str], language: str = "en") -> float:
    """Return 1 if the answer equals one of the references after normalisation, else 0.

    >>> exact_match("the Normans", ["Normans", "Norse"])
    1.0
    """
    given = normalised(answer, language)
    return float(any(given == normalised(reference, language) for reference in references))


def f1(answer: str, references: Sequence[str], language: str = "en") -> float:
    """Return the F1 of the answer's words (harmonic mean of precision and recall) for the best matching reference.

    >>> f1("in the year 1950", ["1950"])  # 1 of 3 words right, 1 of 1 found: 2 * (1/3) / (4/3)
    0.5
    """
    return max((_f1(normalised(answer, language), normalised(ref, language)) for ref in references), default=0.0)


def _f1(answer: str, reference: str) -> float:
    given, wanted = answer.split(), reference.split()
    if not given or not wanted:
        return float(given == wanted)
    same = sum((Counter(given) & Counter(wanted)).values())
    return 2 * same / (len(given) + len(wanted))


# ---- quotes


def bare(text: str) -> str:
    r"""Return a text reduced for verbatim comparison: no white space, hyphens or case, compatibility letters replaced.

    >>> bare("eﬃ-\ncient  Index")
    'efficientindex'
    """
    folded = unicodedata.normalize("NFKC", text).replace("\u00ad", "")
    return "".join(folded.split()).replace("-", "").casefold()


def holds(text: str, quote: str) -> bool:
    """Say whether a text contains a quote, or one half of it, if the text is cut within the quote.

    >>> holds("…index is a map.", "An inverted index is a map"), holds("a tree", "An inverted index is a map")
    (True, False)
    """
    wanted, held = bare(quote), bare(text)
    half = len(wanted) // 2
    return bool(wanted) and (wanted in held or wanted[: half + 1] in held or wanted[half:] in held)


# ---- refusals


def auc(right: Sequence[float], wrong: Sequence[float]) -> float:
    """Return the probability that a score of `right` is above one of `wrong`; ties count half.

    >>> auc([0.9, 0.4], [0.4, 0.1])
    0.875
    """
    if not right or not wrong:
        return 0.0
    order = sorted([(score, 0) for score in right] + [(score, 1) for score in wrong])
    wins, below, at = 0.0, 0, 0
    while at < len(order):  # one run of equal scores at a time
        end = at
        while end < len(order) and order[end][0] == order[at][0]:
            end += 1
        ties = sum(kind for _, kind in order[at:end])
        wins += (end - at - ties) * (below + ties / 2)
        below += ties
        at = end
    return wins / (len(right) * len(wrong))


# ---- two settings side by side

Marks = Mapping[str, tuple[float, float]]
"""What one question adds to each measure: (numerator, denominator). A measure is sum over sum."""


def ratio(marks: Iterable[Marks], measure: str) -> float | None:
    """Return a measure over questions, or None if no question has it.

    >>> ratio([{"recall": (1, 1)}, {"recall": (0, 1)}, {}], "recall")
    0.5
    """
    pairs = [mark[measure] for mark in marks if measure in mark]
    below = sum(pair[1] for pair in pairs)
    return sum(pair[0] for pair in pairs) / below if below else None


def bootstrap(
    first: Sequence[Marks], second: Sequence[Marks], measure: str, *, resamples: int = 2000, seed: int = 7
) -> tuple[float, float] | None:
    """Return the 95 % interval of `second` minus `first`, resampling the same questions for both (paired bootstrap).

    None if either side lacks the measure. An interval without 0 is a difference that other
    questions of this kind would show too.

    >>> bootstrap([{"f1": (0, 1)}] * 9, [{"f1": (1, 1)}] * 9, "f1")
    (1.0, 1.0)
    """
    import numpy as np

    sides = [
        np.array([mark.get(measure, (0.0, 0.0)) for mark in marks], dtype=float).reshape(-1, 2)
        for marks in (first, second)
    ]
    if any(side[:, 1].sum() == 0 for side in sides):
        return None
    random = np.random.default_rng(seed)
    differences = []
    for _ in range(resamples):
        drawn = random.integers(0, len(first), len(first))
        sums = [side[drawn].sum(axis=0) for side in sides]
        if all(below > 0 for _, below in sums):
            differences.append(sums[1][0] / sums[1][1] - sums[0][0] / sums[0][1])
    if not differences:
        return None
    low, high = np.percentile(differences, [2.5, 97.5])
    return float(low), float(high)
