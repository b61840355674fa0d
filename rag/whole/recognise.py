"""Recognise questions about the whole, in English and German: a question to what it wishes, or to nothing.

Precision before recall: a question that isn't recognised is answered from passages like any other, while an ordinary
one taken for a summary is lost. So most patterns take only words for material ("lecture 3", "das Skript"); the few
that take any name ("summarise Huffman codes") are good only when the library has a document or heading of that name.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from enum import StrEnum

from rag.whole.nouns import EVERYTHING, Target, Unit, target


class Kind(StrEnum):
    """What is wished for."""

    SUMMARY = "summary"
    ABOUT = "about"  # in a sentence or two, and what it consists of
    TOPICS = "topics"  # the headings
    LISTING = "listing"


class Thing(StrEnum):
    """What a list is of."""

    DEFINITION = "definition"
    THEOREM = "theorem"
    EXAMPLE = "example"
    EXERCISE = "exercise"
    ALGORITHM = "algorithm"
    FORMULA = "formula"


@dataclass(frozen=True, slots=True)
class Wish:
    """A question about the whole of something."""

    kind: Kind
    target: Target
    things: tuple[Thing, ...] = ()  # of a listing

    @property
    def sure(self) -> bool:
        """Whether the question's own words show it; otherwise the library must have something of that name."""
        of = self.target
        return of.structural and (not of.name or "." in of.name or bool(of.numbers))


_LONGEST = 300  # characters: what is longer tells or asks more than this


def recognise(question: str) -> Wish | None:
    """Return what a question wishes to know of the whole; None for an ordinary question.

    >>> recognise("Please summarise lecture 3.").target.numbers
    ('3',)
    >>> recognise("What is a summary statistic?")
    """
    text = _plain(question)
    if not text or len(text) > _LONGEST:
        return None
    for kind, loose, pattern in _PATTERNS:
        match = pattern.fullmatch(text)
        if match is None:
            continue
        found = _target(match.groupdict().get("of"))
        if found is None or not (found.structural or loose):
            continue
        if loose is None and not (found.numbers or _is_file_or_course(found)):
            continue
        things = _things(match.groupdict().get("things") or "") if kind is Kind.LISTING else ()
        return Wish(kind, found, things)
    return None


def recognise_next(question: str, before: str) -> Wish | None:
    """Return what a question wishes that goes on from one about the whole.

    >>> recognise_next("And lecture 4?", "summarise lecture 3").target.numbers
    ('4',)
    """
    match = _NEXT.fullmatch(_plain(question))
    last = recognise(before) if match else None
    found = target(match["of"]) if match and last else None
    if last is None or found is None or not found.structural or found.whole:
        return None
    return replace(last, target=found)


_NEXT = re.compile(
    r"(?:and|what about|how about|and what about|und|und was ist mit|was ist mit|und für|and for|and in|und in) (?P<of>.+)"
)


def _is_file_or_course(found: Target) -> bool:
    return found.unit is Unit.WHOLE or "." in found.name


def _target(phrase: str | None) -> Target | None:
    return EVERYTHING if phrase is None else target(phrase)


def _things(text: str) -> tuple[Thing, ...]:
    return tuple(thing for thing, pattern in _THINGS.items() if re.search(rf"\b(?:{pattern})\b", text))


def _plain(question: str) -> str:
    """Return a question in lower case, without courtesies and what only says how to answer.

    >>> _plain("Could you please summarise lecture 3 in three sentences?")
    'summarise lecture 3'
    """
    text = " ".join(unicodedata.normalize("NFC", question).replace("’", "'").lower().split())
    before = ""
    while text != before:
        before = text
        text = _MANNER.sub("", _COURTESY.sub("", text.rstrip(" .?!…:;,")))
    return text


# ---- words

_COURTESY = re.compile(
    r"^(?:(?:hi|hello|hey|hallo|ok|okay|so|now|also|nun|jetzt|moin)\b[,!.]?|please,?|pls|kindly|bitte,?"
    r"|(?:can|could|would|will) (?:you|u)(?: maybe| perhaps)?|help me(?: to)?|i (?:want|need) you to|let's"
    r"|i(?:'d| would) like(?: you)? to(?! know)|i want to(?! know)"
    r"|(?:kannst|könntest|kann|könnt|könnten|würdest|können) (?:du|ihr|sie|man)(?: mir| uns)?"
    r"(?: bitte| mal| einmal| vielleicht)*|hilf mir,?) +"
)
_COUNT = (
    r"(?:an?|one|two|three|four|five|six|ten|a few|some|\d+|about \d+|at most \d+|ein|einem|zwei|drei|vier|fünf|\w+)"
)
_MANNER = re.compile(
    rf",? (?:please|briefly|in short|shortly|quickly|in a nutshell|in {_COUNT} (?:\w+ )?(?:sentences?|words?|bullet ?points"
    r"|bullets|points|lines|paragraphs?)|in (?:english|german|detail|brief|simple (?:words|terms)|my own words)|for me"
    r"|for (?:the|my) (?:exam|test|finals?)|for (?:a )?beginners?|as (?:bullet ?points|bullets|a list|a table)|to me"
    r"|with (?:page numbers|pages|citations|sources)|thanks|thank you|so far|again|at a glance"
    rf"|bitte|kurz|mal|in (?:kurzform|stichpunkten|stichworten|kürze|wenigen sätzen|{_COUNT} (?:sätzen|worten|wörtern"
    r"|stichpunkten|absätzen)|eigenen worten)|auf (?:deutsch|englisch)|für mich|für (?:die|meine) (?:klausur|prüfung)"
    r"|mit (?:seitenzahlen?|quellen|seiten)|danke|nochmal|noch einmal)$"
)

_THINGS = {
    Thing.DEFINITION: r"definitions?|key terms|technical terms|defined terms|important terms|glossary"
    r"|definitionen|begriffsdefinitionen|fachbegriffen?|fachbegriffe|begriffe|begriffen|begriffserklärungen|glossar",
    Thing.THEOREM: r"theorems?|lemmas|lemmata|lemma|propositions?|corollary|corollaries|sätzen?|theoremen?|hilfssätze"
    r"|korollare|propositionen",
    Thing.EXAMPLE: r"(?:worked )?examples?|beispielen?|beispielaufgaben",
    Thing.EXERCISE: r"exercises?|problems|homework problems|tasks|practice problems|übungsaufgaben|aufgaben|übungen",
    Thing.ALGORITHM: r"algorithms?|algorithmen|verfahren",
    Thing.FORMULA: r"formulas|formulae|formula|equations?|formeln|gleichungen",
}
_A_THING = "|".join(_THINGS.values())
_SOME = (
    r"(?:(?:important|main|key|relevant|formal|different|mathematical|new|wichtigen?|zentralen?|relevanten?|neuen?) )*"
)
_T = rf"{_SOME}(?P<things>(?:{_A_THING})(?:(?:, | and | or |, and | und | oder | sowie )(?:the |alle |die )?(?:{_A_THING}))*)"

_ADJ = (
    r"(?:(?:very|really|ganz|sehr|short|brief|quick|concise|detailed|complete|full|general|high-level|rough|good|nice"
    r"|comprehensive|one-page|compact|basic|broad|kurzen?|kurzer|kurzes|knappen?|schnellen?|ausführlichen?|vollständigen?"
    r"|groben?|allgemeinen?|guten?|detaillierten?|kompletten?|umfassenden?|kleinen?) )*"
)
_SHORT = r"(?:summary|overview|recap|synopsis|outline|rundown|tl;?dr|gist|short version)"
_KURZ = r"(?:zusammenfassung|überblick|übersicht|kurzfassung|inhaltsangabe|abriss|gesamtüberblick|kurzüberblick)"
_POINTS = (
    r"(?:(?:main|key|central|essential|core|most important|important|major|big|biggest) (?:points?|ideas?|messages?"
    r"|takeaways?|take-aways|results?|arguments?|themes?|concepts?|insights?|lessons?|content|topics?|subjects?|contents)"
    r"|gist|essence|bottom line|summary|overview|synopsis|takeaways?|topics?|subject matter)"
)
_PUNKTE = (
    r"(?:(?:(?:aller)?wichtigsten?|zentralen?|wesentlichen?|wichtigen) (?:punkte|aussagen?|ideen?|themen|thema|inhalte?"
    r"|ergebnisse?|begriffe|erkenntnisse|konzepte)|kernaussagen?|hauptaussagen?|themen?|thema|inhalte?|gegenstand"
    r"|hauptthemen|hauptthema|hauptpunkte|schwerpunkte?|kern|quintessenz|kernpunkte|kernthemen)"
)
_TOPICS = (
    r"(?:(?:main|key|important|major|different|central|big|broad) )*(?:topics?|subjects?|themes?|chapters|sections"
    r"|headings|subject areas)"
)
_THEMEN = (
    r"(?:(?:wichtigen|wichtigsten|großen|zentralen|verschiedenen|einzelnen) )*(?:themen?|inhalte|kapitel|abschnitte"
    r"|themengebiete|themenbereiche|schwerpunkte|überschriften|themenfelder|hauptthemen)"
)
_GIVE = r"(?:give|write|show|make|get|provide|prepare|create|draft|produce|generate|i need|i want|i'd like|i would like|have)"
_GIB = (
    r"(?:gib|gebe|geben sie|erstelle?|schreibe?|mache?|zeige?|liefere?|verschaffe?|generiere?|ich brauche|ich möchte"
    r"|ich hätte gerne?|ich will|geben|erstellen)"
)
_LIST = (
    r"(?:list|show|give|name|enumerate|find|collect|extract|compile|tell|get|write down|pull out|print|gather|state)"
)
_NENNE = (
    r"(?:nenne?|liste?|zeige?|zähle?|gib|gebe|suche?|finde?|sammle?|sammele|schreibe?|stelle?|extrahiere?|erstelle?"
    r"|führe?|trage?|mach)"
)
_ME = r"(?: me| us)?"
_MIR = r"(?: mir| uns)?(?: bitte| mal| doch| kurz| einmal| knapp| eben)*"
_OF = r"(?P<of>.+?)"
_IN = r"(?: (?:in|im|aus|auf|von|vom|bei|beim|des|der|zu|zum|zur|innerhalb))?"
_COVER = r"(?:cover|deal with|treat|discuss|talk about|teach|contain|consist of|include|explain|present|introduce|have)"
_SEEN = (
    r"(?: (?:that|which|are|is|was|were|there|appear|appears|appearing|given|used|stated|occurs?|occurring|mentioned|found"
    r"|contained|defined|introduced|covered|discussed|treated|taught|addressed|included|presented|come|comes|up|you find"
    r"|you can find|exist|dealt with|do we have|do we cover|do you cover|did we cover|will be|will i learn|have we had))*"
)
_DA = (
    r"(?:gibt es|gibt's|kommen|werden|wurden|sind|hat|haben|umfasst|umfassen|enthält|enthalten|behandelt|behandeln|deckt"
    r"|decken|stehen|bespricht|finden sich|lernen wir|lerne ich|haben wir|behandeln wir|lernt man|beinhaltet|tauchen)"
)
_AB = (
    r"(?: (?:vor|behandelt|besprochen|ab|durchgenommen|enthalten|thematisiert|dran|gelernt|angesprochen|auf|definiert"
    r"|eingeführt|gegeben|bewiesen|genannt|gesagt|erklärt|gemacht|ab|vermittelt|zu finden|abgedeckt|alles|drin))*"
)

# (kind, whether any name will do, the pattern). None: only something with a number, the course, or a file.
_STRICT, _LOOSE, _NUMBERED_ONLY = False, True, None
_TABLE: list[tuple[Kind, bool | None, str]] = [
    # ---- "summarise lecture 3", "a short overview of the slides on evaluation"
    (Kind.SUMMARY, _LOOSE, rf"(?:summari[sz]e|sum up|recap|condense)(?: the contents? of)? {_OF}"),
    (Kind.SUMMARY, _LOOSE, rf"(?:{_GIVE}{_ME} )?(?:an? |the |some )?{_ADJ}{_SHORT}(?: (?:of|over|on|about|for|from) {_OF})?"),
    (Kind.SUMMARY, _STRICT, rf"what(?:'s| is| are| were| was) (?:the |all the )?{_POINTS} (?:of|in|from|on|for|covered in) {_OF}"),
    (Kind.SUMMARY, _STRICT, rf"(?:{_LIST}|{_GIVE}){_ME} (?:the |all |all the )?{_POINTS} (?:of|in|from|on) {_OF}"),
    (
        Kind.SUMMARY,
        _STRICT,
        r"what (?:is|was|are|were|gets?|did we|do we|have we|will we|can i|can we|will i|did i|do i|does one)"
        r"(?: been| being)? (?:said|covered|discussed|taught|treated|presented|explained|introduced|learn|learned|learnt"
        rf"|cover|do|done|find) (?:in|during|from|on) {_OF}",
    ),
    (
        Kind.SUMMARY,
        _STRICT,
        r"what (?:should|do|must) (?:i|we|you) (?:have to |need to )?(?:know|remember|take away|learn) (?:about|from|of|for) "
        rf"{_OF}",
    ),
    (Kind.SUMMARY, _STRICT, rf"what (?:happens|happened) (?:in|during) {_OF}"),
    (Kind.SUMMARY, _NUMBERED_ONLY, rf"(?:tell{_ME} about|explain|walk{_ME} through|go through|review|teach me) {_OF}"),
    (Kind.SUMMARY, _LOOSE, rf"(?:fass|fasse|fasst|fassen sie){_MIR} {_OF}(?: kurz| knapp| bitte| mal| in \w+ (?:\w+ )?(?:sätzen|worten|stichpunkten))* zusammen"),
    (Kind.SUMMARY, _STRICT, rf"{_OF}(?: kurz| knapp| bitte| mal)* (?:zusammenfassen|zusammengefasst)"),
    (
        Kind.SUMMARY,
        _LOOSE,
        rf"(?:{_GIB}{_MIR} )?(?:eine[nr]? |die |den |das )?{_ADJ}{_KURZ}"
        rf"(?: (?:von|vom|über|zu|zum|zur|der|des|für|aus|zu den|dieser|dieses)(?: {_OF}))?",
    ),
    (Kind.SUMMARY, _STRICT, rf"was (?:ist|sind|war|waren) (?:die |der |das )?{_PUNKTE}{_IN} {_OF}"),
    (Kind.SUMMARY, _STRICT, rf"{_NENNE}{_MIR} (?:die )?{_PUNKTE}{_IN} {_OF}"),
    (Kind.SUMMARY, _NUMBERED_ONLY, rf"(?:erkläre?|erzähle?|beschreibe?){_MIR}(?: von)? {_OF}"),
    # ---- "what is this course about", "worum geht es im Skript", "which topics are covered"
    (
        Kind.ABOUT,
        _STRICT,
        rf"what(?:'s|s| is| are| was| were) {_OF}(?: all| mainly| mostly| really| roughly| basically| actually| generally)*"
        r" (?:about|dealing with|concerned with|covering)",
    ),
    (Kind.ABOUT, _STRICT, rf"what (?:do|does|did|will|would) {_OF}(?: all| mainly| actually)? {_COVER}"),
    (Kind.TOPICS, _STRICT, rf"(?:what|which) {_TOPICS} (?:do|does|did|will|would) {_OF} {_COVER}"),
    (Kind.TOPICS, _STRICT, rf"(?:which|what)(?: are)?(?: all)?(?: the)? {_TOPICS}{_SEEN}(?: (?:in|of|by|from|during|for) {_OF})?"),
    (
        Kind.TOPICS,
        _STRICT,
        rf"{_LIST}{_ME} (?:all |every |the |all the |all of the )?(?:{_TOPICS}|table of contents|contents|outline|structure)"
        rf"{_SEEN}(?: (?:in|of|by|from|for) {_OF})?",
    ),
    (Kind.TOPICS, _STRICT, rf"(?:the )?(?:table of contents|toc|outline)(?: (?:of|for) {_OF})?"),
    (
        Kind.ABOUT,
        _STRICT,
        r"(?:worum|wovon|womit|um was|von was) (?:geht es|geht's|gehts|ging es|handelt es sich|handelt|handeln|befasst sich"
        r"|befassen sich|beschäftigt sich|beschäftigen sich|dreht sich)(?: denn| eigentlich| genau| hier| so| überhaupt| alles)*"
        rf"(?:{_IN} {_OF})?",
    ),
    (
        Kind.ABOUT,
        _STRICT,
        r"was (?:behandelt|behandeln|enthält|enthalten|umfasst|bespricht|vermittelt|lehrt|beinhaltet|deckt|erklärt|steht|stehen"
        r"|wird|wurde|kommt|passiert|lerne ich|lernt man|lernen wir|haben wir|machen wir)(?: denn| eigentlich| alles| so| genau)*"
        rf"{_IN} {_OF}{_AB}",
    ),
    (Kind.TOPICS, _STRICT, rf"(?:welche|was für|was sind die|was sind alle) {_THEMEN}(?: {_DA}(?: alles| alle| denn| eigentlich)*)?"
                           rf"(?:{_IN} {_OF})??{_AB}"),
    (Kind.TOPICS, _STRICT, rf"(?:{_NENNE}|{_GIB}){_MIR} (?:alle |die |das |sämtliche |den )?"
                           rf"(?:{_THEMEN}|inhaltsverzeichnis|gliederung|aufbau)(?:{_IN} {_OF})??(?: auf| an| heraus)?"),
    (Kind.TOPICS, _STRICT, rf"(?:das |die )?(?:inhaltsverzeichnis|gliederung)(?:{_IN} {_OF})?"),
    # ---- "list all definitions in chapter 2", "welche Sätze gibt es"
    (
        Kind.LISTING,
        _LOOSE,
        rf"{_LIST}{_ME} (?:an? (?:complete |full )?(?:list|overview) of )?(?:all|every|each|all the|all of the|any) {_T}"
        rf"{_SEEN}(?: (?:in|of|from|on|for|throughout|across|within) {_OF})?",
    ),
    (
        Kind.LISTING,
        _STRICT,
        rf"(?:(?:list|enumerate|collect|extract|compile)(?: the)?|{_LIST}{_ME} (?:a list of )?the|(?:{_LIST}|{_GIVE}){_ME} a) {_T}"
        rf"{_SEEN}(?: (?:in|of|from|on|for|throughout|across|within) {_OF})?",
    ),
    (Kind.LISTING, _LOOSE, rf"(?:a list of )?all (?:the |of the )?{_T}{_SEEN}(?: (?:in|of|from) {_OF})?"),
    (Kind.LISTING, _STRICT, rf"(?:which|what) {_T} (?:are there|are|do we have|exist|come up|appear|occur)(?: given| stated"
                            rf"| introduced| defined| in there| used)*(?: (?:in|of|from) {_OF})?"),
    (Kind.LISTING, _STRICT, rf"what are (?:all )?(?:of )?(?:the )?{_T}{_SEEN} (?:in|of|from) {_OF}"),
    (Kind.LISTING, _STRICT, rf"what are all (?:of )?(?:the )?{_T}{_SEEN}"),
    (Kind.LISTING, _STRICT, rf"(?:which|what) {_T} (?:do|does) {_OF} (?:contain|give|have|introduce|state|define|prove|include|use)"),
    (
        Kind.LISTING,
        _LOOSE,
        rf"{_NENNE}{_MIR} (?:eine (?:vollständige )?liste (?:aller|mit allen|von allen) |alle |sämtliche |jede |alle die ){_T}"
        rf"{_AB}(?:{_IN} {_OF})??(?: auf| heraus| raus| zusammen| an| her)?",
    ),
    (Kind.LISTING, _STRICT, rf"{_NENNE}{_MIR} (?:die |eine liste der |ein ){_T}{_AB}(?:{_IN} {_OF})??"
                            r"(?: auf| heraus| raus| zusammen| an| her)?"),
    (Kind.LISTING, _STRICT, rf"(?:welche|was für|was sind (?:die|alle)) {_T}(?: {_DA}(?: alles| alle)?)?(?:{_IN} {_OF})??{_AB}"),
    (Kind.LISTING, _LOOSE, rf"alle {_T}{_AB}(?:{_IN} {_OF})??(?: auflisten| aufzählen| nennen| zeigen| zusammenstellen)?"),
]  # fmt: skip
_PATTERNS = [(kind, loose, re.compile(pattern)) for kind, loose, pattern in _TABLE]
