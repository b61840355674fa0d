"""The support of a sentence by a text: the measure for quotes, citations and answers.

Support is the share of the sentence's words, weighted by rarity, that the text has too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rag.text.words import query_stems, stems


def word_groups(text: str, languages: Iterable[str]) -> list[tuple[str, ...]]:
    """Return the content words of a text as groups of stems, with one stem per language."""
    return query_stems(text, languages)


def stem_set(text: str, languages: Iterable[str]) -> set[str]:
    """Return the stems of a text in all of the languages."""
    return {stem for language in languages for stem in stems(text, language)}


def coverage(
    groups: Iterable[tuple[str, ...]], found: set[str], weights: Mapping[str, float], *, unknown: float = 1.0
) -> float:
    """Return the weighted share, 0 to 1, of the word groups with a stem in `found`.

    The weight of a group is that of its rarest stem; `unknown` is the weight of stems not in `weights`.

    >>> coverage([("index",), ("compress",)], {"index"}, {"index": 1.0, "compress": 3.0})
    0.25
    """
    total = held = 0.0
    for group in groups:
        weight = max((weights.get(stem, unknown) for stem in group), default=unknown)
        total += weight
        if any(stem in found for stem in group):
            held += weight
    return held / total if total else 0.0
