"""How students ask about the whole, in English and German: the table of patterns that `request_of` goes through."""

from __future__ import annotations

import re
from enum import StrEnum


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


class Takes(StrEnum):
    """What a pattern takes for the thing that is asked about."""

    MATERIAL = "material"  # words for material only: "lecture 3", "das Skript"
    ANY = "any"  # any name, which the library must then have as a heading or title: "Huffman codes"
    CERTAIN = "certain"  # material with a number, a file, the course: "explain chapter 3" is one, "explain it" isn't


def _any(listed: str) -> str:
    """Return a pattern for one of the words or phrases, which commas part.

    >>> _any("sum up, recap")
    '(?:sum up|recap)'
    """
    return f"(?:{'|'.join(' '.join(part.split()) for part in listed.split(','))})"


def _some(listed: str) -> str:
    """Return a pattern for any of the words, each with a space behind it, and none as well."""
    return f"(?:{_any(listed)} )*"


def _after(listed: str) -> str:
    """Return a pattern for any of the words, each with a space before it, and none as well."""
    return f"(?: {_any(listed)})*"


# ---- what is said around the question

COURTESY = re.compile(
    r"^(?:(?:hi|hello|hey|hallo|ok|okay|so|now|also|nun|jetzt|moin)\b[,!.]?|please,?|pls|kindly|bitte,?"
    r"|(?:can|could|would|will) (?:you|u)(?: maybe| perhaps)?|help me(?: to)?|i (?:want|need) you to|let's"
    r"|i(?:'d| would) like(?: you)? to(?! know)|i want to(?! know)"
    r"|(?:kannst|könntest|kann|könnt|könnten|würdest|können) (?:du|ihr|sie|man)(?: mir| uns)?"
    r"(?: bitte| mal| einmal| vielleicht)*|hilf mir,?) +"
)
_COUNT = r"(?:about |at most |a )?\w+"
MANNER = re.compile(
    rf",? (?:please|briefly|in short|shortly|quickly|in a nutshell|for me|to me|thanks|thank you|so far|again"
    rf"|at a glance"
    rf"|in {_COUNT} (?:\w+ )?(?:sentences?|words?|bullet ?points|bullets|points|lines|paragraphs?)"
    r"|in (?:english|german|detail|brief|simple (?:words|terms)|my own words)|for (?:the|my) (?:exam|test|finals?)"
    r"|for (?:a )?beginners?|as (?:bullet ?points|bullets|a list|a table)|with (?:page numbers|pages|citations|sources)"
    rf"|bitte|kurz|mal|in {_COUNT} (?:sätzen|worten|wörtern|stichpunkten|absätzen)"
    r"|in (?:kurzform|stichpunkten|stichworten|kürze|eigenen worten)|auf (?:deutsch|englisch)|für mich"
    r"|für (?:die|meine) (?:klausur|prüfung)|mit (?:seitenzahlen?|quellen|seiten)|danke|nochmal|noch einmal)$"
)
NEXT = re.compile(
    r"(?:and|what about|how about|and what about|and for|and in|und|und was ist mit|was ist mit|und für"
    r"|und in) (?P<of>.+)"
)

# ---- words that the patterns are made of

THINGS = {
    Thing.DEFINITION: _any(
        """definitions?, key terms, technical terms, defined terms, important terms, glossary,
        definitionen, begriffsdefinitionen, fachbegriffen?, begriffen?, begriffserklärungen, glossar"""
    ),
    Thing.THEOREM: _any(
        """theorems?, lemmas, lemmata, lemma, propositions?, corollary, corollaries,
        sätzen?, theoremen?, hilfssätze, korollare, propositionen"""
    ),
    Thing.EXAMPLE: _any("(?:worked )?examples?, beispielen?, beispielaufgaben"),
    Thing.EXERCISE: _any(
        "exercises?, problems, homework problems, tasks, practice problems, übungsaufgaben, aufgaben, übungen"
    ),
    Thing.ALGORITHM: _any("algorithms?, algorithmen, verfahren"),
    Thing.FORMULA: _any("formulas, formulae, formula, equations?, formeln, gleichungen"),
}
_A_THING = "|".join(THINGS.values())
_OFTEN = _some(
    "important, main, key, relevant, formal, different, mathematical, new, wichtigen?, zentralen?, relevanten?, neuen?"
)
_AND = "(?:, | and | or |, and | und | oder | sowie )(?:the |alle |die )?"
_T = f"{_OFTEN}(?P<things>(?:{_A_THING})(?:{_AND}(?:{_A_THING}))*)"
_OF = "(?P<of>.+?)"

_ADJ = _some(
    """very, really, short, brief, quick, concise, detailed, complete, full, general, high-level, rough, good, nice,
    comprehensive, one-page, compact, basic, broad, ganz, sehr, kurzen?, kurzer, kurzes, knappen?, schnellen?,
    ausführlichen?, vollständigen?, groben?, allgemeinen?, guten?, detaillierten?, kompletten?, umfassenden?,
    kleinen?"""
)
_SHORT = _any("summary, overview, recap, synopsis, outline, rundown, tl;?dr, gist, short version")
_POINTS = (
    "(?:(?:main|key|central|essential|core|most important|important|major|big|biggest) "
    + _any(
        """points?, ideas?, messages?, takeaways?, take-aways, results?, arguments?, themes?, concepts?, insights?,
        lessons?, content, contents, topics?, subjects?"""
    )
    + "|gist|essence|bottom line|summary|overview|synopsis|takeaways?|topics?|subject matter)"
)
_TOPICS = _some("main, key, important, major, different, central, big, broad") + _any(
    "topics?, subjects?, themes?, chapters, sections, headings, subject areas"
)
_GIVE = _any(
    """give, write, show, make, get, provide, prepare, create, draft, produce, generate, i need, i want, i'd like,
    i would like, have"""
)
_LIST = _any(
    """list, show, give, name, enumerate, find, collect, extract, compile, tell, get, write down, pull out, print,
    gather, state"""
)
_ME = "(?: me| us)?"
_LATELY = _after("all, mainly, mostly, really, roughly, basically, actually, generally")
_COVER = _any(
    "cover, deal with, treat, discuss, talk about, teach, contain, consist of, include, explain,"
    " present, introduce, have"
)
_SEEN = _after(
    """that, which, are, is, was, were, there, appear, appears, appearing, given, used, stated, occurs?, occurring,
    mentioned, found, contained, defined, introduced, covered, discussed, treated, taught, addressed, included,
    presented, come, comes, up, you find, you can find, exist, dealt with, do we have, do we cover, do you cover,
    did we cover, will be, will i learn, have we had"""
)
_LEARNT = _any(
    """said, covered, discussed, taught, treated, presented, explained, introduced, learn, learned, learnt, cover, do,
    done, find"""
)
_WE = _any("is, was, are, were, gets?, did we, do we, have we, will we, can i, can we, will i, did i, do i, does one")
_WITHIN = f"(?: (?:in|of|from|on|for|throughout|across|within) {_OF})?"

_KURZ = _any(
    "zusammenfassung, überblick, übersicht, kurzfassung, inhaltsangabe, abriss, gesamtüberblick, kurzüberblick"
)
_PUNKTE = (
    "(?:(?:(?:aller)?wichtigsten?|zentralen?|wesentlichen?|wichtigen) "
    + _any("punkte, aussagen?, ideen?, themen, thema, inhalte?, ergebnisse?, begriffe, erkenntnisse, konzepte")
    + "|kernaussagen?|hauptaussagen?|themen?|thema|inhalte?|gegenstand|hauptthemen|hauptthema|hauptpunkte|schwerpunkte?"
    "|kern|quintessenz|kernpunkte|kernthemen)"
)
_THEMEN = _some("wichtigen, wichtigsten, großen, zentralen, verschiedenen, einzelnen") + _any(
    """themen?, inhalte, kapitel, abschnitte, themengebiete, themenbereiche, schwerpunkte, überschriften,
    themenfelder, hauptthemen"""
)
_GIB = _any(
    """gib, gebe, geben sie, erstelle?, schreibe?, mache?, zeige?, liefere?, verschaffe?, generiere?, ich brauche,
    ich möchte, ich hätte gerne?, ich will, geben, erstellen"""
)
_NENNE = _any(
    """nenne?, liste?, zeige?, zähle?, gib, gebe, suche?, finde?, sammle?, sammele, schreibe?, stelle?, extrahiere?,
    erstelle?, führe?, trage?, mach"""
)
_MIR = "(?: mir| uns)?" + _after("bitte, mal, doch, kurz, einmal, knapp, eben")
_IN = "(?: (?:in|im|aus|auf|von|vom|bei|beim|des|der|zu|zum|zur|innerhalb))?"
_DA = _any(
    """gibt es, gibt's, kommen, werden, wurden, sind, hat, haben, umfasst, umfassen, enthält, enthalten, behandelt,
    behandeln, deckt, decken, stehen, bespricht, finden sich, lernen wir, lerne ich, haben wir, behandeln wir,
    lernt man, beinhaltet, tauchen"""
) + _after("alles, alle, denn, eigentlich")
_AB = _after(
    """vor, behandelt, besprochen, ab, durchgenommen, enthalten, thematisiert, dran, gelernt, angesprochen, auf,
    definiert, eingeführt, gegeben, bewiesen, genannt, gesagt, erklärt, gemacht, vermittelt, zu finden, abgedeckt,
    alles, drin"""
)
_AN = "(?: auf| heraus| raus| zusammen| an| her)?"
_WORUM = _any("worum, wovon, womit, um was, von was")
_GEHT_ES = _any(
    """geht es, geht's, gehts, ging es, handelt es sich, handelt, handeln, befasst sich, befassen sich,
    beschäftigt sich,
    beschäftigen sich, dreht sich"""
) + _after("denn, eigentlich, genau, hier, so, überhaupt, alles")
_BEHANDELT = _any(
    """behandelt, behandeln, enthält, enthalten, umfasst, bespricht, vermittelt, lehrt, beinhaltet, deckt, erklärt,
    steht, stehen, wird, wurde, kommt, passiert, lerne ich, lernt man, lernen wir, haben wir, machen wir"""
) + _after("denn, eigentlich, alles, so, genau")

_ONLY, _ANY, _CERTAIN = Takes.MATERIAL, Takes.ANY, Takes.CERTAIN
_TABLE = [
    # ---- "summarise lecture 3", "a short overview of the slides on evaluation"
    (Kind.SUMMARY, _ANY, f"(?:summari[sz]e|sum up|recap|condense)(?: the contents? of)? {_OF}"),
    (
        Kind.SUMMARY, _ANY,
        f"(?:{_GIVE}{_ME} )?(?:an? |the |some )?{_ADJ}{_SHORT}(?: (?:of|over|on|about|for|from) {_OF})?",
    ),
    (
        Kind.SUMMARY, _ONLY,
        f"what(?:'s| is| are| were| was) (?:the |all the )?{_POINTS} (?:of|in|from|on|for|covered in) {_OF}",
    ),
    (Kind.SUMMARY, _ONLY, f"(?:{_LIST}|{_GIVE}){_ME} (?:the |all |all the )?{_POINTS} (?:of|in|from|on) {_OF}"),
    (Kind.SUMMARY, _ONLY, f"what {_WE}(?: been| being)? {_LEARNT} (?:in|during|from|on) {_OF}"),
    (
        Kind.SUMMARY, _ONLY,
        "what (?:should|do|must) (?:i|we|you) (?:have to |need to )?(?:know|remember|take away|learn) "
        f"(?:about|from|of|for) {_OF}",
    ),
    (Kind.SUMMARY, _ONLY, f"what (?:happens|happened) (?:in|during) {_OF}"),
    (
        Kind.SUMMARY, _CERTAIN,
        f"(?:tell{_ME} about|explain|walk{_ME} through|go through|review|teach me) {_OF}",
    ),
    # ---- "fasse Kapitel 2 zusammen", "ein Überblick über die Folien"
    (
        Kind.SUMMARY, _ANY,
        rf"(?:fass|fasse|fasst|fassen sie){_MIR} {_OF}"
        r"(?: kurz| knapp| bitte| mal| in \w+ (?:\w+ )?(?:sätzen|worten|stichpunkten))* zusammen",
    ),
    (Kind.SUMMARY, _ONLY, f"{_OF}(?: kurz| knapp| bitte| mal)* (?:zusammenfassen|zusammengefasst)"),
    (
        Kind.SUMMARY, _ANY,
        f"(?:{_GIB}{_MIR} )?(?:eine[nr]? |die |den |das )?{_ADJ}{_KURZ}"
        f"(?: (?:von|vom|über|zu|zum|zur|der|des|für|aus|zu den|dieser|dieses) {_OF})?",
    ),
    (Kind.SUMMARY, _ONLY, f"was (?:ist|sind|war|waren) (?:die |der |das )?{_PUNKTE}{_IN} {_OF}"),
    (Kind.SUMMARY, _ONLY, f"{_NENNE}{_MIR} (?:die )?{_PUNKTE}{_IN} {_OF}"),
    (Kind.SUMMARY, _CERTAIN, f"(?:erkläre?|erzähle?|beschreibe?){_MIR}(?: von)? {_OF}"),
    # ---- "what is this course about", "worum geht es im Skript"
    (
        Kind.ABOUT, _ONLY,
        f"what(?:'s|s| is| are| was| were) {_OF}{_LATELY} (?:about|dealing with|concerned with|covering)",
    ),
    (Kind.ABOUT, _ONLY, f"what (?:do|does|did|will|would) {_OF}{_LATELY} {_COVER}"),
    (Kind.ABOUT, _ONLY, f"{_WORUM} {_GEHT_ES}(?:{_IN} {_OF})?"),
    (Kind.ABOUT, _ONLY, f"was {_BEHANDELT}{_IN} {_OF}{_AB}"),
    # ---- "which topics are covered", "welche Themen kommen vor", "the table of contents"
    (Kind.TOPICS, _ONLY, f"(?:what|which) {_TOPICS} (?:do|does|did|will|would) {_OF} {_COVER}"),
    (
        Kind.TOPICS, _ONLY,
        f"(?:which|what)(?: are)?(?: all)?(?: the)? {_TOPICS}{_SEEN}(?: (?:in|of|by|from|during|for) {_OF})?",
    ),
    (
        Kind.TOPICS, _ONLY,
        f"{_LIST}{_ME} (?:all |every |the |all the |all of the )?"
        f"(?:{_TOPICS}|table of contents|contents|outline|structure){_SEEN}(?: (?:in|of|by|from|for) {_OF})?",
    ),
    (Kind.TOPICS, _ONLY, f"(?:the )?(?:table of contents|toc|outline)(?: (?:of|for) {_OF})?"),
    (Kind.TOPICS, _ONLY, f"(?:welche|was für|was sind die|was sind alle) {_THEMEN}(?: {_DA})?(?:{_IN} {_OF})??{_AB}"),
    (
        Kind.TOPICS, _ONLY,
        f"(?:{_NENNE}|{_GIB}){_MIR} (?:alle |die |das |sämtliche |den )?"
        f"(?:{_THEMEN}|inhaltsverzeichnis|gliederung|aufbau)(?:{_IN} {_OF})??{_AN}",
    ),
    (Kind.TOPICS, _ONLY, f"(?:das |die )?(?:inhaltsverzeichnis|gliederung)(?:{_IN} {_OF})?"),
    # ---- "list all definitions in chapter 2"
    (
        Kind.LISTING, _ANY,
        f"{_LIST}{_ME} (?:an? (?:complete |full )?(?:list|overview) of )?"
        f"(?:all|every|each|all the|all of the|any) {_T}{_SEEN}{_WITHIN}",
    ),
    (
        Kind.LISTING, _ONLY,
        "(?:(?:list|enumerate|collect|extract|compile)(?: the)?"
        f"|{_LIST}{_ME} (?:a list of )?the|(?:{_LIST}|{_GIVE}){_ME} a) {_T}{_SEEN}{_WITHIN}",
    ),
    (Kind.LISTING, _ANY, f"(?:a list of )?all (?:the |of the )?{_T}{_SEEN}(?: (?:in|of|from) {_OF})?"),
    (
        Kind.LISTING, _ONLY,
        f"(?:which|what) {_T} (?:are there|are|do we have|exist|come up|appear|occur)"
        f"{_after('given, stated, introduced, defined, in there, used')}(?: (?:in|of|from) {_OF})?",
    ),
    (Kind.LISTING, _ONLY, f"what are (?:all )?(?:of )?(?:the )?{_T}{_SEEN} (?:in|of|from) {_OF}"),
    (Kind.LISTING, _ONLY, f"what are all (?:of )?(?:the )?{_T}{_SEEN}"),
    (
        Kind.LISTING, _ONLY,
        f"(?:which|what) {_T} (?:do|does) {_OF} (?:contain|give|have|introduce|state|define|prove|include|use)",
    ),
    # ---- "welche Sätze gibt es in Kapitel 3"
    (
        Kind.LISTING, _ANY,
        f"{_NENNE}{_MIR} (?:eine (?:vollständige )?liste (?:aller|mit allen|von allen) |alle |sämtliche |jede "
        f"|alle die )"
        f"{_T}{_AB}(?:{_IN} {_OF})??{_AN}",
    ),
    (Kind.LISTING, _ONLY, f"{_NENNE}{_MIR} (?:die |eine liste der |ein ){_T}{_AB}(?:{_IN} {_OF})??{_AN}"),
    (
        Kind.LISTING, _ONLY,
        f"(?:welche|was für|was sind (?:die|alle)) {_T}(?: {_DA})?(?:{_IN} {_OF})??{_AB}",
    ),
    (
        Kind.LISTING, _ANY,
        f"alle {_T}{_AB}(?:{_IN} {_OF})??(?: auflisten| aufzählen| nennen| zeigen| zusammenstellen)?",
    ),
]  # fmt: skip
PATTERNS = [(kind, takes, re.compile(pattern)) for kind, takes, pattern in _TABLE]
