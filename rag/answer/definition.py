"""Definitions of a term: the plainness of a sentence as a definition, and the extent of the definition.

A passing mention also has all words of "What is broadcasting?", so neither words nor embedding distinguish it from the
definition. The wording does: these are patterns as in question answering for the definition questions of TREC
(Hildebrandt, Katz and Lin 2004), for English and German.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rag.answer.wording import is_exercise
from rag.lexicon import any_of, either, one_of
from rag.question.numbered import KINDS, OVER, NumberedItem, statement_end
from rag.question.term import ARTICLE, Term
from rag.text.sentences import list_end, sentence_spans
from rag.types import Hit

WIDER = 4  # factor on the candidates: of the many chunks of a book that have the term, one defines it
_MENTION = 0.5  # share of its fused score that a mere mention loses to a full definition
_LONGEST = 450  # characters of a definition of several sentences
_LABELLED = 2200  # characters of one that begins with "Definition 3.2 (Trie)" and ends at the next theorem
_HEADING = 60  # most characters of a heading
_UNDER_HEADING = 0.6  # plainness of the sentence under the term as a heading

_Q = r"[*_\"'“”„‚‘’«»`)\]]*"  # marks around a term
_ASIDE = r"(?:\s+\([^)]{1,60}\))?"
_OPENING = re.compile(
    rf"(?:\W|\d+[.)]|{either('opens_definition')}(?=\W))*"
    rf"(?:(?:[\w-]+\s){{1,5}}{either('or')}\s(?:{either('a')}\s)?)?",  # "a directed acyclic graph or dag"
    re.IGNORECASE,
)
_CLAUSE = re.compile(rf"(?:[,;:(—–]|\b{either('begins_clause')})\s*{ARTICLE}{_Q}$", re.IGNORECASE)
_THEOREM = one_of(*(word for kind in ("lemma", "theorem", "proposition", "corollary") for word in KINDS[kind]))
_LABEL = re.compile(
    rf"\W*(?:{either('labels_definition')}\b[^()]{{0,24}}(?:[:„“\"*]\s*|\((?:[^)]{{0,60}},\s)?)"
    rf"|{_THEOREM}\b[^()\w]{{0,3}}[\d.]*\s*\((?:[^)]{{0,60}},\s)?)",
    re.IGNORECASE,
)
_UP_TO_FOUR = rf"(?:\s(?!{any_of('articles')}\s)\S+){{0,4}}?"  # words, as in "we call these numbers"
_CALLED = re.compile(rf"\b{either('calls', few=_UP_TO_FOUR)}\s*(?:[:,]\s*)?{ARTICLE}{_Q}$", re.IGNORECASE)
_CALLED_AFTER = re.compile(rf"{_Q}\s{either('calls_behind')}\b", re.IGNORECASE)
_AS = re.compile(rf"\b{either('as')}\s{ARTICLE}{_Q}$", re.IGNORECASE)
_BY = re.compile(rf"\b{either('by')}\s{ARTICLE}{_Q}$", re.IGNORECASE)
_MEANT = re.compile(rf".{{0,60}}?\b{either('is_meant')}\b", re.IGNORECASE)
_EXPLAINED = re.compile(rf"{_Q}{_ASIDE}{_Q}\s*(?::|–|—|-(?=\s)){_Q}\s+(?:\S+\s+){{2}}\S+")
_SHORT_FOR = re.compile(rf"{_Q}\s*\({either('short_for')}", re.IGNORECASE)
_IS = re.compile(
    rf"{_Q}{_ASIDE}(?:,[^,.;]{{1,80}},)?(?P<of>\s{either('preposition')}\s[^.,;:]{{1,60}}?)??"
    rf"\s(?:(?P<says>{either('defines')})|{either('is')})\s(?P<then>\S+(?:\s\S+)?)",
    re.IGNORECASE,
)
_A_KIND = re.compile(rf"\W*(?:{either('just')}\s+)?{either('one_kind')}\b", re.IGNORECASE)
_A_REMARK = re.compile(rf"\W*{either('remarks')}\b", re.IGNORECASE)
_IN_SHORT = re.compile(rf"\W*{either('in_short')}\b", re.IGNORECASE)
_ANOTHER = re.compile(rf"[^.]{{0,60}}?\s{either('if')}\b", re.IGNORECASE)  # "A ring is a field if" defines the field
_THIS_ONE = re.compile(rf"\b{either('this_one')}\b", re.IGNORECASE)
_ANY_ONE = re.compile(rf"(?:^|.*\W){either('a')}\W+$", re.IGNORECASE)
_IS_ONE = re.compile(rf"\b{either('is_one')}\s{ARTICLE}{_Q}$", re.IGNORECASE)
_CONDITION = re.compile(rf"{_Q}[^.:]{{0,40}}?,?\s{either('if')}\b", re.IGNORECASE)
_RELATIVE = re.compile(rf"{_Q},\s{either('relative')}\s{either('is')}\s", re.IGNORECASE)
_IN = re.compile(rf"\W*{either('in_it')}\s{ARTICLE}{_Q}", re.IGNORECASE)  # "Bei der **Rekombination** tauscht man"
_ONE_DOES = re.compile(rf"{_Q},?\s{either('one_does')}\b", re.IGNORECASE)
_APPOSED = re.compile(rf"{_Q}{_ASIDE},\s{either('a')}\s", re.IGNORECASE)

# ---- the extent of a definition

# "This is called": the sentence before belongs to the definition.
_LEANS = re.compile(rf"\W*{any_of('pronouns', 'pointing_alone')} {either('be')}\b", re.IGNORECASE)
_DANGLING = re.compile(r",?\s+(?:\d+|\(?\w)[.)]$")  # the number of a following item that was cut off
_GOES_ON = re.compile(rf"\W*{either('tells')}\b", re.IGNORECASE)  # a narrative sentence, no definition
_NAMED_SO = re.compile(rf"{either('names_definition')}\b", re.IGNORECASE)


def plainness(text: str, term: Term) -> float:
    """Return the plainness of a sentence as a definition of a term: from 0, a mention, to 1, a definition.

    >>> plainness("A trie is a tree of letters.", Term("trie")), plainness("We built a trie.", Term("trie"))
    (1.0, 0.0)
    """
    said = " ".join(text.split())
    found = max((_said(said[:start], said[end:]) for start, end in term.places(said)), default=0.0)
    cut_off = said[-1:] not in {*'.!?)”"“'}  # by the end of a page or a footnote
    return max(found, 0.9 if term.conditional and term.conditional.search(said) and not cut_off else 0.0)


def _said(before: str, after: str) -> float:
    """Return the plainness of a sentence with the term between `before` and `after`."""
    if _LABEL.fullmatch(before):  # "Definition 3.2 (Trie)"
        return 1.0
    if before.endswith("(") and after.startswith(")") and len(before.split()) <= 6:  # "A constraint problem (CSP) is"
        before, after = "", after[1:]
    opening = _OPENING.fullmatch(before) is not None
    if _MEANT.match(after) and (opening or _BY.search(before)):
        return 1.0
    if (
        (opening and (_EXPLAINED.match(after) or _SHORT_FOR.match(after)))
        or _CALLED.search(before)
        or (_AS.search(before) and _CALLED_AFTER.match(after))
        or (_IS_ONE.search(before) and _CONDITION.match(after))
        or _RELATIVE.match(after)
    ):
        return 0.9
    if before[-1:] in {*'*_"“„'} and _EXPLAINED.match(after):
        return 0.8
    if _IN.fullmatch(before) and _ONE_DOES.match(after):
        return 0.7
    if opening or _CLAUSE.search(before):
        kind = _kind(after) or (0.4 if opening and _ANY_ONE.match(before) else 0.0)  # "A greedy algorithm builds"
        if opening and kind >= 0.5 and _IN_SHORT.match(before):
            return 0.9
        return (1.0 if opening else 0.7) * kind
    return 0.5 if _APPOSED.match(after) else 0.0


def _kind(after: str) -> float:
    found = _IS.match(after)
    if found is None:
        return 0.0
    about_another = not found["says"] and _ANOTHER.match(after, found.end())
    if about_another or _A_REMARK.match(found["then"]) or _THIS_ONE.search(found["of"] or ""):
        return 0.2
    if found["says"]:
        return 0.9
    return 1.0 if _A_KIND.match(found["then"]) else 0.5


def plainest(text: str, spans: Sequence[tuple[int, int]], term: Term | NumberedItem) -> list[float]:
    """Return the plainness of each sentence of a text; a sentence under the term as a heading counts as well."""
    if isinstance(term, NumberedItem):
        return term.stated(text, spans)
    found = [plainness(text[start:end], term) for start, end in spans]
    for at, (start, end) in enumerate(spans[:-1]):
        label = text[start:end].strip("#*_: \n0123456789.")
        if len(label) <= _HEADING and (found_in := term.places(label)):
            by_name = 0.8 if _NAMED_SO.match(label) else _UNDER_HEADING if (0, len(label)) in found_in else 0.0
            following = " ".join(text[slice(*spans[at + 1])].split())
            by_name = 0.0 if _GOES_ON.match(following) or is_exercise(following) else by_name
            found[at + 1] = max(found[at + 1], by_name)
    return found


def whole(text: str, start: int, end: int, term: Term | NumberedItem) -> tuple[int, int]:
    """Return the span of the whole definition, given its sentence with the term, ``text[start:end]``.

    The span includes the sentence before "This is called", the text from "Definition 3.2 (Trie)" up to the end sign
    or the next theorem, and the list after a colon.
    """
    spans = sentence_spans(text)
    at = next((number for number, (first, _) in enumerate(spans) if first == start), None)
    if at is None:
        return start, end
    if isinstance(term, NumberedItem):
        return term.span(text, start, end, min(start + _LABELLED, len(text)))
    sentence = text[start:end]
    labelled = any(_LABEL.fullmatch(sentence[:place]) for place, _ in term.places(sentence))
    most = min(start + _LABELLED, len(text))
    over = statement_end(text, start, end, most, proved=term.proved) if labelled else None
    if over:
        return start, over
    if at and _LEANS.match(text, start) and end - spans[at - 1][0] <= _LONGEST:
        start = spans[at - 1][0]
    said = not labelled or len(term.places(sentence)) > 1  # once more besides the label
    for first, last in spans[at + 1 :]:
        if said or text[:end].endswith(":") or last - start > _LONGEST or OVER.search(text, end, first + 1):
            break
        said, end = bool(term.places(text[first:last])), last
    if text[:end].rstrip("*_ ").endswith(":"):
        end = list_end(text, [span for span in spans if span[0] >= end], start + _LABELLED) or end
    return start, start + len(_DANGLING.sub("", text[start:end]))


def defining_first(hits: Sequence[Hit], term: Term | NumberedItem) -> list[Hit]:
    """Return the hits, best first, after lowering those with a less plain definition than the plainest."""
    judged = [replace(hit, defines=_of_passage(hit.chunk.text, term)) for hit in hits]
    best = max((hit.defines or 0.0 for hit in judged), default=0.0)
    lowered = [replace(hit, fused=hit.fused * (1 - _MENTION * (best - (hit.defines or 0.0)))) for hit in judged]
    return sorted(lowered, key=lambda hit: -hit.fused)


def _of_passage(text: str, term: Term | NumberedItem) -> float:
    return max(plainest(text, sentence_spans(text), term), default=0.0)
