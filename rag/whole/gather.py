"""What is quoted of a document: the sentences that tell what a section is about, its definitions, theorems, exercises."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rag.sentences import sentence_spans
from rag.types import BlockKind
from rag.whole.outline import Outline, Section, Told, sentences
from rag.whole.recognise import Thing
from rag.words import stems


@dataclass(frozen=True, slots=True)
class Item:
    """What is quoted: ``text[start:end]``, under a label where the words themselves don't have it."""

    start: int
    end: int
    label: str = ""


# ---- what a section is about

_LOOKED_AT = 10  # sentences from the start of a section
_ANNOUNCES = re.compile(
    r"\b(?:in this (?:chapter|section|lecture|notebook|course|part)|this (?:chapter|section|lecture|course|notebook|script|paper)"
    r"|in diesem (?:kapitel|abschnitt|skript)|in dieser (?:vorlesung|lektion)|(?:dieses|das vorliegende) (?:kapitel|skript|begleitblatt)"
    r"|the (?:goal|idea|aim|problem|basic) |ziel (?:ist|der|dieser)|die idee|grundlage|we (?:introduce|study|consider|describe)"
    r"|wir (?:betrachten|führen|behandeln|untersuchen))",
    re.IGNORECASE,
)
_DEFINES = re.compile(r"\b(?:is|are|ist|sind) (?:an?|the|eine?r?|der|die|das)\b|\bheißt\b|\bis called\b", re.IGNORECASE)
_LEANS = re.compile(
    r"(?:this|that|these|those|it|they|he|she|thus|hence|however|therefore|but|and|so|for example|for instance|here|then|again"
    r"|unfortunately|fortunately|moreover|furthermore|equivalently|surprisingly|in fact|in particular|similarly|now|finally|also"
    r"|dies|diese[rsmn]?|er|sie|es|dann|daher|somit|also|jedoch|aber|und|hier|dabei|dazu|damit|außerdem|ferner|zum beispiel"
    r"|beispielsweise|analog|nun|bisher|allerdings|deshalb|insbesondere|schließlich)\b",
    re.IGNORECASE,
)
_ADMIN = re.compile(
    r"\b(?:deadline|hand in|submit|due (?:on|by)|points|room|tutorial|abgabe|abzugeben|punkte|raum|klausur|sprechstunde|github"
    r"|verfügbar|abgespeichert|markiert)\b",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"\]\(|\{[.=]|\\\w+|\$|`")


def leading(outline: Outline, section: Section, *, most: int, language: str) -> list[Item]:
    """Return the sentences that tell best what a section is about, in reading order; from its parts if need be."""
    told = _first(sentences(outline, section.body, section.own), _LOOKED_AT)
    if not told and section.end > section.own:
        told = _first(sentences(outline, section.own, section.end), _LOOKED_AT)
    return _best(told, section, outline, most=most, language=language, lateness=0.22)


def gist(outline: Outline, section: Section, *, most: int, language: str) -> list[Item]:
    """Return the sentences that tell most of a section from its beginning to its end, in reading order."""
    told = _first(sentences(outline, section.body, section.end), _LOOKED_AT * 6)
    leads = [(at, sentence) for at, sentence in told if sentence.first]
    chosen = leads if len(leads) >= most else told
    return _best(chosen, section, outline, most=most, language=language, lateness=0.02)


def _first(found: Iterator[Told], most: int) -> list[tuple[int, Told]]:
    """Return the first sentences, numbered, without waiting for the others: a chapter is long."""
    return [(at, sentence) for at, sentence in zip(range(most), found, strict=False)]


def _best(
    told: Sequence[tuple[int, Told]], section: Section, outline: Outline, *, most: int, language: str, lateness: float
) -> list[Item]:
    heading = set(stems(section.title or outline.document.title, language))
    ranked = sorted(told, key=lambda pair: lateness * pair[0] - _worth(pair[1], heading, language))
    return [Item(sentence.start, sentence.end) for _, sentence in sorted(ranked[:most], key=lambda pair: pair[0])]


def _worth(sentence: Told, heading: set[str], language: str) -> float:
    """Return how well a sentence would stand for its section."""
    said = sentence.text
    count = len(said.split())
    known = heading & set(stems(said, language))
    worth = 0.6 * len(known) / len(heading) if heading else 0.0
    worth += 0.6 * bool(_ANNOUNCES.search(said)) + 0.4 * bool(_DEFINES.search(said))
    worth -= 0.7 * bool(_ADMIN.search(said))
    worth -= 0.8 * bool(_LEANS.match(said)) + 0.35 * len(_MARKUP.findall(said))
    return worth - 0.3 * (count < 8) - 0.02 * max(count - 35, 0)


def abstract(outline: Outline, *, most: int, language: str) -> list[Item]:
    """Return the sentences that tell best what a whole document is about: of its abstract, if it has one."""
    # The first page of a book tells of its printing, that of a handout of its subject.
    opening = outline.opening if len(outline.document.text) < _BOOK else None
    for part in filter(None, (_abstract(outline), opening, *outline.top[:3], *outline.sections[:3])):
        found = leading(outline, part, most=most, language=language)
        if found and (part is not opening or _is_prose(outline, found[0])):
            return found
    whole = outline.between(0, len(outline.document.text))
    return leading(outline, whole, most=most, language=language)


def _is_prose(outline: Outline, item: Item) -> bool:
    return outline.document.text[item.start : item.end].rstrip('*_"”)').endswith((".", "!"))


_BOOK = 60_000  # characters
_ABSTRACT = re.compile(
    r"(?:abstract|summary|tl;?dr|zusammenfassung|überblick|overview|kurzfassung|about .+)", re.IGNORECASE
)
_FENCE = re.compile(r":{3,}\s*\{?\.?(?:tldr|abstract|summary)", re.IGNORECASE)


def _abstract(outline: Outline) -> Section | None:
    for block in outline.blocks(0, 2000):
        if _FENCE.match(outline.document.text, block.start):
            return outline.between(block.start, block.end)
    heads = [*outline.sections[:4], *outline.sections[-3:]]
    return next((section for section in heads if _ABSTRACT.fullmatch(section.title)), None)


# ---- definitions, theorems, examples, exercises

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
    over = _OVER.search(text, label_end, min(limit, heading))
    best = label_end
    for begun, end in sentence_spans(text, start, over.start() if over else min(limit, heading)):
        if end - start > _LONGEST and best > label_end + _LEAST:
            break
        best = end
        whole = text[:end].rstrip('*_)”"⋄□')[-1:] in {".", "!", "?"}
        if end > label_end + _LEAST and whole and not _PREMISE.match(text, max(begun, label_end), end):
            break
    return min(best, max(start + _LONGEST, label_end))


# What stands after an environment: the sign that it ends, its proof, the next one.
_OVER = re.compile(
    r"[⋄□∎■◊]|\n\W{0,4}(?:Beweis|Proof|Bemerkung|Remark|Satz|Lemma|Theorem|Korollar|Corollary|Proposition|Definition|Beispiel"
    r"|Example|Aufgabe|Exercise)\b(?=[ \d.:]*[\d.:(])"
)
_PREMISE = re.compile(r"\W*(?:Es seien?|Seien?|Let|Suppose|Given|Gegeben|Angenommen|Assume)\b")


def _headed(outline: Outline, start: int, end: int, thing: Thing) -> Iterator[Item]:
    """Yield the headings that begin with "Definition", "Exercise 3.1", with the first sentence under each."""
    pattern = re.compile(rf"(?:\d+(?:\.\d+)*\.?\s+)?(?:{_ENVIRONMENTS[thing]})\b")
    if thing is Thing.ALGORITHM:
        pattern = re.compile(r".*\b\w*(?:[Aa]lgorithm|[Aa]lgorithmus)\b")
    text = outline.document.text
    for section in outline.sections:
        if start <= section.start < end and pattern.match(section.title) and not _COLLECTION.fullmatch(section.title):
            at = (
                section.start
                + len(text[section.start : section.heading_end])
                - len(text[section.start : section.heading_end].lstrip("# "))
            )
            after = next(iter(outline.blocks(section.heading_end, section.end)), None)
            until = section.heading_end
            if after is not None and after.kind in {BlockKind.PARAGRAPH, BlockKind.LIST}:
                until = _end(outline, at, section.heading_end, min(section.own, at + 2 * _LONGEST))
            # Under a heading may stand pictures and signs of a slide: then the heading stands alone.
            yield Item(at, section.heading_end if _SIGNS.search(text, section.heading_end, until) else until)


_SIGNS = re.compile(r":::|!\[|\$\$|```|\\(?:big|small|med)skip|\\pause|\{=tex\}")
_COLLECTION = re.compile(r"(?:\d\S* )?(?:exercises|problems|tasks|examples|definitions|aufgaben|übungen|übungsaufgaben|beispiele)",
                         re.IGNORECASE)  # fmt: skip

_SAYS = re.compile(
    r"\b(?:is|are) (?:called(?! (?:by|on|with|in|when|for|from|at|again|exactly|directly|once|twice)\b)(?= [\w“\"'*])"
    r"|defined (?:as|to be|by)|known as|termed)\b|\bwe (?:call(?! (?:on|it|this))|define)\b|\bby an? .{2,60} we mean\b"
    r"|(?<!das )(?<!was )\bhei(?:ß|ss)(?:t|en)\b|\b(?:nennen|definieren) wir\b|\bnennt man\b|\bversteht man\b|\bbezeichnet man\b"
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
    r"(?:\*\*)?(?:hinweis|beispiel|note|example|schritt|step|idee|idea|vorteile?|nachteile?|problem|ziel|frage|question|remark"
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
        return not _LEANS.match(said) or bool(re.match(r"(?:dann|then) (?:heißt|nennen|is)", said, re.IGNORECASE))
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
        for block in outline.blocks(section.body, min(section.end, end)):
            if block.kind in {BlockKind.LIST, BlockKind.PARAGRAPH} and re.match(
                r"\d{1,3}[.)]\s", text[block.start : block.end]
            ):
                yield Item(
                    block.start, _end(outline, block.start, block.start + 3, min(end, block.start + 2 * _LONGEST))
                )


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
