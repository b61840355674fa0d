"""The definitions, theorems, examples, exercises, algorithms and formulas of a document, verbatim."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from rag import lexicon
from rag.lexicon import either
from rag.overview.salience import LEANS, Extract, Statement, sentences
from rag.question.numbered import KINDS, OVER
from rag.question.overview_phrases import ItemKind
from rag.text.outline import Outline, Section
from rag.text.sentences import sentence_spans
from rag.text.words import stems
from rag.types import BlockKind

# The numbered kinds of each kind of item.
_NUMBERED_AS = {
    ItemKind.DEFINITION: ("definition",),
    ItemKind.THEOREM: ("theorem", "lemma", "proposition", "corollary"),
    ItemKind.EXAMPLE: ("example",),
    ItemKind.EXERCISE: ("exercise",),
    ItemKind.ALGORITHM: ("algorithm",),
}
_PREMISE = re.compile(rf"\W*{either('premises')}\b")
_SIGNS = re.compile(r":::|!\[|\$\$|```|\\(?:big|small|med)skip|\\pause|\{=tex\}")
_COLLECTION = re.compile(rf"(?:\d\S* )?{either('collections')}", re.IGNORECASE)
_DRILL = re.compile(rf"(?:\d\S* )?{either('drills')}", re.IGNORECASE)
_NUMBERED = re.compile(r"(\d{1,3})[.)]\s")
_SKIPPED = 3  # largest step between numbers: an exercise may be in a block of another kind


def _labels(*kinds: str) -> list[str]:
    """Return the labels of numbered kinds."""
    return [word.capitalize() for kind in kinds for word in KINDS[kind]]


def _environment(thing: ItemKind) -> str:
    """Return a pattern for the labels of a kind of item."""
    return "|".join([*lexicon.table("labels").get(thing, ()), *_labels(*_NUMBERED_AS.get(thing, ()))]) or "(?!)"


_ENVIRONMENTS = {thing: _environment(thing) for thing in ItemKind}
_LONGEST = 450  # characters of an item
_LEAST = 20  # characters after a label; with fewer it is a bare label


def items(outline: Outline, start: int, end: int, things: Sequence[ItemKind], language: str) -> list[Extract]:
    """Return the items of the given kinds in a span, in reading order, without duplicates or overlaps."""
    found: list[Extract] = []
    for thing in things:
        found += _headed(outline, start, end, thing)
        found += _labelled(outline, start, end, thing)
        found += _GATHERERS.get(thing, lambda *_: [])(outline, start, end, language)
    # Of overlapping items the first and longest is kept: a labelled one may also be found by its wording.
    once: dict[str, Extract] = {}
    last_end = -1
    for item in sorted(found, key=lambda item: (item.start, -item.end)):
        said = " ".join(outline.document.text[item.start : item.end].split())
        if item.start >= last_end and said not in once:
            once[said] = item
            last_end = item.end
    return list(once.values())


def _labelled(outline: Outline, start: int, end: int, thing: ItemKind) -> Iterator[Extract]:
    """Yield the items labelled "Definition 3.2 (Name)." or "**Beispiel**:", to the end of their first full sentence."""
    text = outline.document.text
    pattern = _label_pattern(_ENVIRONMENTS[thing])
    for block in outline.blocks(start, end):
        if block.kind not in {BlockKind.PARAGRAPH, BlockKind.LIST, BlockKind.CAPTION}:
            continue
        for match in pattern.finditer(text, block.start, block.end):
            at = match.start("label")
            yield Extract(at, _end(outline, at, match.end(), min(end, at + 2 * _LONGEST)))


def _label_pattern(names: str) -> re.Pattern[str]:
    number = r"\d+(?:\.\d+)*[a-z]?"
    return re.compile(
        rf"^[\s*_>•-]{{0,6}}(?P<label>(?:{names})[*_]{{0,2}}"
        rf"(?:\s+(?:{number})[*_.:]{{0,3}}(?=\s|$)(?:\s*\([^()\n]{{1,90}}\))?|\s*\([^()\n]{{1,90}}\)\s?[.:*_]|[*_]{{0,2}}[.:](?=[\s*_])))",
        re.MULTILINE,
    )


def _end(outline: Outline, start: int, label_end: int, limit: int) -> int:
    """Return the end of the first complete sentence after a label, with the formulas in it.

    "Let G be a graph." is only a premise: the item continues with the next sentence.
    """
    text = outline.document.text
    heading = next((b.start for b in outline.blocks(label_end, limit) if b.kind is BlockKind.HEADING), limit)
    over = OVER.search(text, label_end, min(limit, heading))
    best = label_end
    for begun, end in sentence_spans(text, start, over.start() if over else min(limit, heading)):
        if end - start > _LONGEST and best > label_end + _LEAST:
            break
        best = end
        whole = text[:end].rstrip('*_)”"⋄□')[-1:] in {".", "!", "?"}
        if end > label_end + _LEAST and whole and not _PREMISE.match(text, max(begun, label_end), end):
            break
    return min(best, max(start + _LONGEST, label_end))


def _headed(outline: Outline, start: int, end: int, thing: ItemKind) -> Iterator[Extract]:
    """Yield the headings that begin with "Definition" or "Exercise 3.1", each with its first sentence."""
    pattern = re.compile(rf"(?:\d+(?:\.\d+)*\.?\s+)?(?:{_ENVIRONMENTS[thing]})\b")
    if thing is ItemKind.ALGORITHM:
        pattern = re.compile(rf".*\b\w*(?i:{_ENVIRONMENTS[thing]})\b")
    text = outline.document.text
    for section in outline.sections:
        if start <= section.start < end and pattern.match(section.title) and not _COLLECTION.fullmatch(section.title):
            at = outline.heading_start(section)
            after = next(iter(outline.blocks(section.heading_end, section.end)), None)
            until = section.heading_end
            if after is not None and after.kind in {BlockKind.PARAGRAPH, BlockKind.LIST}:
                until = _end(outline, at, section.heading_end, min(section.own, at + 2 * _LONGEST))
            # If images or slide markup follow, the heading alone is the item.
            yield Extract(at, section.heading_end if _SIGNS.search(text, section.heading_end, until) else until)


_SAYS = re.compile(either("defines_in_text"), re.IGNORECASE)
_SAYS_THEN = re.compile(either("then_defines"), re.IGNORECASE)
_IS_A = re.compile(
    rf"{either('subjects')}?\s?(?P<term>(?:\S+\s){{0,4}}?\S+?)\s{either('is')}\s{either('ones')}\s(?!{either('no_kinds')}\b)"
)
_NO_TERM = re.compile(rf"\b{either('no_defined_term')}\b", re.IGNORECASE)
_EMPHASIS = re.compile(r"(?:\*\*|__|\*|_)[^*_\n]{2,60}(?:\*\*|__|\*|_)")
_TERM_AND_TEXT = re.compile(
    r"(?:\*\*[^*\n]{2,60}\*\*\s?[:–-]|\*\*[^*\n]{2,60}:\*\*)\s+(?=\S+\s\S+\s\S+)"
    rf"|[A-ZÄÖÜ][\w/ -]{{3,40}}:\s+{either('opens_explanation')}\s(?=\S+\s\S+\s\S+)"
)
_NO_TERMS = re.compile(rf"\*{{0,2}}{either('no_terms_in_lists')}\b", re.IGNORECASE)


_FORMAL = 8  # labelled definitions; a document with so many has no others


def _defining(outline: Outline, start: int, end: int, language: str) -> Iterator[Extract]:
    """Yield the sentences that define something without a label."""
    formal = sum(1 for _ in _labelled(outline, 0, len(outline.document.text), ItemKind.DEFINITION))
    if formal >= _FORMAL:
        return
    glossary = bool(re.search(either("glossaries"), outline.document.title, re.IGNORECASE))
    drill = [section for section in outline.sections if _DRILL.match(section.title)]
    for section in _own_parts(outline, start, end):
        heading = set(stems(section.title, language))
        if section.apart or any(around.start <= section.start < around.end for around in drill):
            continue
        for at, statement in enumerate(sentences(outline, max(section.body, start), min(section.own, end))):
            if (glossary and at == 0 and section.title) or _is_definition(statement, at, heading, language):
                named = heading & set(stems(statement.text, language))
                yield Extract(statement.start, statement.end, section.title if glossary and not named else "")


def _own_parts(outline: Outline, start: int, end: int) -> Iterator[Section]:
    before = outline.opening
    for section in (*((before,) if before else ()), *outline.sections):
        if section.start < end and section.own > start:
            yield section


_OTHER_KINDS = ("theorem", "lemma", "corollary", "proposition", "claim", "example")
_OTHER = re.compile(rf"\W{{0,3}}(?:{'|'.join(_labels(*_OTHER_KINDS))}|{either('begins_proof')}|\([a-z]\)) ")


def _is_definition(statement: Statement, at: int, heading: set[str], language: str) -> bool:
    said = statement.text
    if _OTHER.match(said):
        return False
    if statement.block.kind is BlockKind.LIST and (match := _TERM_AND_TEXT.match(said)):
        return not _NO_TERMS.match(said) and len(match.group().split()) <= 6
    if said.startswith("**") and _TERM_AND_TEXT.match(said):
        return not _NO_TERMS.match(said)
    if statement.block.kind is BlockKind.LIST and not said.endswith("."):
        return False
    if _SAYS.search(said):
        return not LEANS.match(said) or bool(_SAYS_THEN.match(said))
    match = _IS_A.match(said)
    if match is None or _NO_TERM.search(match["term"]) or len(said.split()) < 6:
        return False
    named = heading & set(stems(match["term"], language))
    return bool(named or _EMPHASIS.search(match["term"]) or (at == 0 and statement.first))


def _numbered_exercises(outline: Outline, start: int, end: int, language: str) -> Iterator[Extract]:
    """Yield the numbered items of sections titled as exercises."""
    text = outline.document.text
    for section in outline.sections:
        if not (_COLLECTION.fullmatch(section.title) and start <= section.start < end):
            continue
        last = 0
        for block in outline.blocks(section.body, min(section.end, end)):
            match = _NUMBERED.match(text, block.start, block.end)
            # Numbers go up by about one; others belong to footnotes, or to a list within an exercise.
            if (
                block.kind in {BlockKind.LIST, BlockKind.PARAGRAPH}
                and match
                and last < int(match[1]) <= last + _SKIPPED
            ):
                last = int(match[1])
                yield Extract(
                    block.start, _end(outline, block.start, match.end(), min(end, block.start + 2 * _LONGEST))
                )


_RELATES = re.compile(r"[=≤≥<>≈∈∝]")


def _formulas(outline: Outline, start: int, end: int, language: str) -> Iterator[Extract]:
    sections = outline.sections
    for block in outline.blocks(start, end):
        said = outline.document.text[block.start : block.end]
        if (
            block.kind is BlockKind.FORMULA
            and len(said) <= _LONGEST
            and _RELATES.search(said)
            and not _OTHER.match(said)
        ):
            above = [section.title for section in sections if section.start <= block.start < section.end]
            yield Extract(block.start, block.end, above[-1] if above else "")


_GATHERERS: dict[ItemKind, Callable[[Outline, int, int, str], Iterator[Extract]]] = {
    ItemKind.DEFINITION: _defining,
    ItemKind.EXERCISE: _numbered_exercises,
    ItemKind.FORMULA: _formulas,
}
