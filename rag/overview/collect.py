"""The definitions, theorems, examples, exercises and formulas of a document, as they stand in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from rag.overview.salience import LEANS, Item, Told, sentences
from rag.question.numbered import OVER
from rag.question.overview_phrases import Thing
from rag.text.outline import Outline, Section
from rag.text.sentences import sentence_spans
from rag.text.words import stems
from rag.types import BlockKind

_ENVIRONMENTS = {
    Thing.DEFINITION: "Definitions?|Def\\.|Begriffsdefinition",
    Thing.THEOREM: "Theorem|Lemma|Proposition|Corollary|Satz|Hilfssatz|Korollar|Folgerung",
    Thing.EXAMPLE: "(?:Worked )?[Ee]xamples?|Beispiele?",
    Thing.EXERCISE: "(?:Bonus )?[Ee]xercise|Problem|Task|Aufgabe|Übung|Übungsaufgabe|Bonusaufgabe",
    Thing.ALGORITHM: "Algorithm|Algorithmus",
    Thing.FORMULA: "(?!)",
}
_LONGEST = 450  # characters of an item
_LEAST = 20  # characters behind a label that make it more than a label


def items(outline: Outline, start: int, end: int, things: Sequence[Thing], language: str) -> list[Item]:
    """Return the definitions, theorems … of a span, in reading order, each once."""
    found: list[Item] = []
    for thing in things:
        found += _headed(outline, start, end, thing)
        found += _labelled(outline, start, end, thing)
        found += _GATHERERS.get(thing, lambda *_: [])(outline, start, end, language)
    once: dict[str, Item] = {}
    last_end = -1
    for item in sorted(found, key=lambda item: (item.start, -item.end)):
        said = " ".join(outline.document.text[item.start : item.end].split())
        if item.start >= last_end and said not in once:
            once[said] = item
            last_end = item.end
    return list(once.values())


def _labelled(outline: Outline, start: int, end: int, thing: Thing) -> Iterator[Item]:
    """Yield what begins with "Definition 3.2 (Name)." or "**Beispiel**:", to the end of its first sentence."""
    text = outline.document.text
    pattern = _label_pattern(_ENVIRONMENTS[thing])
    for block in outline.blocks(start, end):
        if block.kind not in {BlockKind.PARAGRAPH, BlockKind.LIST, BlockKind.CAPTION}:
            continue
        for match in pattern.finditer(text, block.start, block.end):
            at = match.start("label")
            yield Item(at, _end(outline, at, match.end(), min(end, at + 2 * _LONGEST)))


def _label_pattern(names: str) -> re.Pattern[str]:
    number = r"\d+(?:\.\d+)*[a-z]?"
    return re.compile(
        rf"^[\s*_>•-]{{0,6}}(?P<label>(?:{names})[*_]{{0,2}}"
        rf"(?:\s+(?:{number})[*_.:]{{0,3}}(?=\s|$)(?:\s*\([^()\n]{{1,90}}\))?|\s*\([^()\n]{{1,90}}\)\s?[.:*_]|[*_]{{0,2}}[.:](?=[\s*_])))",
        re.MULTILINE,
    )


def _end(outline: Outline, start: int, label_end: int, limit: int) -> int:
    """Return where the first whole sentence behind a label ends; a formula in it belongs to it.

    "Let G be a graph." is no theorem yet: the next sentence belongs to it too.
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


_PREMISE = re.compile(r"\W*(?:Es seien?|Seien?|Let|Suppose|Given|Gegeben|Angenommen|Assume)\b")


def _headed(outline: Outline, start: int, end: int, thing: Thing) -> Iterator[Item]:
    """Yield the headings that begin with "Definition", "Exercise 3.1", with the first sentence under each."""
    pattern = re.compile(rf"(?:\d+(?:\.\d+)*\.?\s+)?(?:{_ENVIRONMENTS[thing]})\b")
    if thing is Thing.ALGORITHM:
        pattern = re.compile(r".*\b\w*(?:[Aa]lgorithm|[Aa]lgorithmus)\b")
    text = outline.document.text
    for section in outline.sections:
        if start <= section.start < end and pattern.match(section.title) and not _COLLECTION.fullmatch(section.title):
            at = outline.heading_start(section)
            after = next(iter(outline.blocks(section.heading_end, section.end)), None)
            until = section.heading_end
            if after is not None and after.kind in {BlockKind.PARAGRAPH, BlockKind.LIST}:
                until = _end(outline, at, section.heading_end, min(section.own, at + 2 * _LONGEST))
            # Under a heading may stand pictures and signs of a slide: then the heading stands alone.
            yield Item(at, section.heading_end if _SIGNS.search(text, section.heading_end, until) else until)


_SIGNS = re.compile(r":::|!\[|\$\$|```|\\(?:big|small|med)skip|\\pause|\{=tex\}")
_COLLECTION = re.compile(
    r"(?:\d\S* )?(?:exercises|problems|tasks|examples|definitions|aufgaben|übungen|übungsaufgaben|beispiele)",
    re.IGNORECASE,
)

_SAYS = re.compile(
    r"\b(?:is|are) (?:called(?! (?:by|on|with|in|when|for|from|at|again|exactly|directly|once|twice)\b)(?= [\w“\"'*])"
    r"|defined (?:as|to be|by)|known as|termed)\b|\bwe (?:call(?! (?:on|it|this))|define)\b|\bby an? .{2,60} we mean\b"
    r"|(?<!das )(?<!was )\bhei(?:ß|ss)(?:t|en)\b|\b(?:nennen|definieren) wir\b|\bnennt man\b|\bversteht man\b"
    r"|\bbezeichnet man\b"
    r"|\bbezeichnen wir .+ als\b|\bw(?:ird|erden) .+ (?:genannt|bezeichnet)\b|\b(?:ist|sind) definiert (?:als|durch)\b"
    r"|\bist wie folgt definiert\b|\bdefinieren wir\b",
    re.IGNORECASE,
)
_IS_A = re.compile(
    r"(?:An?|The|Eine?|Der|Die|Das|Unter)?\s?(?P<term>(?:\S+\s){0,4}?\S+?)\s(?:is|are|ist|sind)\s(?:an?|the|eine?|der|die|das)\s"
    r"(?!(?:good|bad|little|bit|lot|same|only|first|last|most|case|following|similar|simple|key|best|main|gute?|gleiche|einzige)\b)"
)
_NO_TERM = re.compile(
    r"\b(?:it|this|that|there|he|she|they|which|here|what|one|these|those|we|you|i|if|when|because|since|for|in|as|our|problem"
    r"|es|dies|diese|dieser|dieses|das|hier|dabei|was|man|wir|sie|er|wenn|weil|da|für|problem|beispiel|example)\b",
    re.IGNORECASE,
)
_EMPHASIS = re.compile(r"(?:\*\*|__|\*|_)[^*_\n]{2,60}(?:\*\*|__|\*|_)")
_TERM_AND_TEXT = re.compile(
    r"(?:\*\*[^*\n]{2,60}\*\*\s?[:–-]|\*\*[^*\n]{2,60}:\*\*)\s+(?=\S+\s\S+\s\S+)"
    r"|[A-ZÄÖÜ][\w/ -]{3,40}:\s+(?:an?|the|one|each|[Ee]ine?|[Dd]er|[Dd]ie|[Dd]as|Maß|Menge)\s(?=\S+\s\S+\s\S+)"
)
_NO_TERMS = re.compile(
    r"\*{0,2}(?:hinweis|ergebnis|resultat|result|beispiel|note|example|schritt|step|idee|idea|vorteile?|nachteile?|problem|ziel|frage|question|remark"
    r"|bemerkung|achtung|warning|lösung|solution|proof|beweis|aufgabe|exercise|tipp?|hint|input|output|eingabe|ausgabe|antwort"
    r"|anmerkung|anwendung|also|oder|fall|case|kriterium|nebenbedingung|beobachtung|offline|online|falls|if)\b",
    re.IGNORECASE,
)


_FORMAL = 8  # numbered definitions of a document that makes no others


def _defining(outline: Outline, start: int, end: int, language: str) -> Iterator[Item]:
    """Yield the sentences that say what something is."""
    formal = sum(1 for _ in _labelled(outline, 0, len(outline.document.text), Thing.DEFINITION))
    if formal >= _FORMAL:
        return
    glossary = bool(re.search(r"glossar", outline.document.title, re.IGNORECASE))
    drill = [section for section in outline.sections if _DRILL.match(section.title)]
    for section in _own_parts(outline, start, end):
        heading = set(stems(section.title, language))
        if section.apart or any(around.start <= section.start < around.end for around in drill):
            continue
        for at, told in enumerate(sentences(outline, max(section.body, start), min(section.own, end))):
            if (glossary and at == 0 and section.title) or _is_definition(told, at, heading, language):
                named = heading & set(stems(told.text, language))
                yield Item(told.start, told.end, section.title if glossary and not named else "")


_DRILL = re.compile(r"(?:\d\S* )?(?:wrap-?up|exercise|aufgabe|übung|problems|quiz|self-?test)", re.IGNORECASE)


def _own_parts(outline: Outline, start: int, end: int) -> Iterator[Section]:
    before = outline.opening
    for section in (*((before,) if before else ()), *outline.sections):
        if section.start < end and section.own > start:
            yield section


_OTHER = re.compile(
    r"(?:\W{0,3})(?:Theorem|Lemma|Satz|Proof|Beweis|Corollary|Korollar|Proposition|Claim|Example|Beispiel|\([a-z]\)) "
)


def _is_definition(told: Told, at: int, heading: set[str], language: str) -> bool:
    said = told.text
    if _OTHER.match(said):
        return False
    if told.block.kind is BlockKind.LIST and (match := _TERM_AND_TEXT.match(said)):
        return not _NO_TERMS.match(said) and len(match.group().split()) <= 6
    if said.startswith("**") and _TERM_AND_TEXT.match(said):
        return not _NO_TERMS.match(said)
    if told.block.kind is BlockKind.LIST and not said.endswith("."):
        return False
    if _SAYS.search(said):
        return not LEANS.match(said) or bool(re.match(r"(?:dann|then) (?:heißt|nennen|is)", said, re.IGNORECASE))
    match = _IS_A.match(said)
    if match is None or _NO_TERM.search(match["term"]) or len(said.split()) < 6:
        return False
    named = heading & set(stems(match["term"], language))
    return bool(named or _EMPHASIS.search(match["term"]) or (at == 0 and told.first))


def _numbered_exercises(outline: Outline, start: int, end: int, language: str) -> Iterator[Item]:
    """Yield the numbered items of sections that are called exercises."""
    text = outline.document.text
    for section in outline.sections:
        if not (_COLLECTION.fullmatch(section.title) and start <= section.start < end):
            continue
        last = 0
        for block in outline.blocks(section.body, min(section.end, end)):
            match = _NUMBERED.match(text, block.start, block.end)
            # Numbers go up by one; others are of footnotes, or of a list within an exercise.
            if (
                block.kind in {BlockKind.LIST, BlockKind.PARAGRAPH}
                and match
                and last < int(match[1]) <= last + _SKIPPED
            ):
                last = int(match[1])
                yield Item(block.start, _end(outline, block.start, match.end(), min(end, block.start + 2 * _LONGEST)))


_NUMBERED = re.compile(r"(\d{1,3})[.)]\s")
_SKIPPED = 3  # numbers: an exercise may stand in a block of another kind

_RELATES = re.compile(r"[=≤≥<>≈∈∝]")


def _formulas(outline: Outline, start: int, end: int, language: str) -> Iterator[Item]:
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
            yield Item(block.start, block.end, above[-1] if above else "")


_GATHERERS: dict[Thing, Callable[[Outline, int, int, str], Iterator[Item]]] = {
    Thing.DEFINITION: _defining,
    Thing.EXERCISE: _numbered_exercises,
    Thing.FORMULA: _formulas,
}
