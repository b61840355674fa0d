"""A follow-up question becomes one that can be searched for alone.

A language model says it in a sentence; without one, or when what it says is no such question, what the conversation
is about takes the pronoun's place or is put in front.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.question.language import question_language
from rag.question.term import asked_term
from rag.text.words import STOP_WORDS, stem, words
from rag.types import Turn

_TURNS = 6  # that are looked back for a question that stands alone
_REMEMBERED = 1000  # most characters of the questions before
_LONGEST = 300  # characters of a question that a model made
_FOREIGN = 0.34  # share of its words that nobody has said
_MARKER = re.compile(r"\[\d+\]")
_POINTING = frozenset(
    """it its they them their this that these those he she one ones former latter
    er sie es ihn ihm ihr ihre ihren sein seine dies diese dieser dieses davon dafür damit darin dazu daran
    dort jene jener jenes erstere letztere""".split()
)
# "Which heuristics are there", "Welche gibt es": these words point nowhere.
_EMPTY = re.compile(r"\b(?:gibt es|es gibt|is it true|there (?:is|are)|(?:is|are) there)\b", re.IGNORECASE)
_POLITE = re.compile(r"(?<=\w )(?:Sie|Ihnen|Ihr(?:e[mnrs]?)?)\b")  # whom one speaks to
_GOES_ON = re.compile(r"(?:and|but|so|or|also|what about|how about|und|aber|oder|auch)\b", re.IGNORECASE)
# "Give me an example", "In more detail": of what?
_TALK = frozenset(
    """example examples instance detail details detailed simple simpler simply words else again show list further
    beispiel beispiele beispielen detail genau genauer ausführlich ausführlicher einfach einfacher nochmal nochmals
    worten anders weiter gib geben nenne zeig zeige kannst könntest bitte erklären erläutern erläutere
    beschreiben""".split()
)
_PRONOUN = re.compile(
    r"\b(?:(?:[Ii]t|[Tt]hey|them|er|es|ihn|sie)\b"
    r"|(?:this|that)\b(?=\s+(?:works?|means?|helps?|differs?|needed|used|useful|called|defined|computed)\b|\W*$)"
    r"|(?:das|dies)\b(?=(?:\s(?:genau|denn|eigentlich|jetzt))*\W*$))"
)
# "And a cross edge?", "What about Dijkstra?", "Und ein Körper?": another thing, of which the same is asked.
_ABOUT = r"(?:(?:and|but|und|aber)\s+)?(?:(?:what|how) about|was ist mit|wie (?:ist|steht) es mit)"
_NO_THING = (
    r"how|why|when|where|who|which|what|is|are|does|do|can|wie|warum|wann|wo|wer|welche\w*|was|ist|sind|hat|kann|gibt"
    r"|in|im|bei|for|with|mit|für"
)
_ANOTHER = re.compile(
    rf"{_ABOUT}\s+(?P<thing>[^?.!]+?)\s*[?.!]*|(?:and|und)\s+(?P<other>(?!(?:{_NO_THING})\b)[^?.!]+?)\s*\?",
    re.IGNORECASE,
)
_DIFFERENCE = re.compile(
    r"(?P<asked>(?:(?:and|und)\s+)?"
    r"(?:what(?:'s|’s| is) the difference|(?P<de>(?:was ist|worin besteht) der unterschied)))\W*",
    re.IGNORECASE,
)
_ONE = re.compile(r"(?:an?|eine?[mnrs]?)\s+", re.IGNORECASE)
_BEFORE = re.compile(r"\b(?:an?|the)\s+$", re.IGNORECASE)  # of the old thing, which a name doesn't have
_PROPER = re.compile(r"[A-Z]")
_MOST_NAMED = 4  # words of a thing
_SHORT = re.compile(r"\W*(?:how|why|when|where|wie|warum|wann|wo|wozu)\W+\w+\W*", re.IGNORECASE)  # "How fast?"
# To what was spoken of: "the difference to a tree", not that between two.
_COMPARED = re.compile(r"\b(?:unterschied (?:zum?|zur)|difference (?:to|from))\b", re.IGNORECASE)
_POSSESSIVE = re.compile(r"\b(?:its|their|seine?[mnrs]?|ihre?[mnrs]?)\s")


def accepted(said: str, question: str, history: Sequence[Turn]) -> str | None:
    """Return the question that a model made of a follow-up; None when it is no such question.

    It is one line, no longer than a question, without citation marks, of the conversation's own words, and it has
    some that the question lacked: an answer, a refusal or a remark has others.

    >>> turn = Turn("What is PageRank?", "A score of pages [1].")
    >>> accepted("How is PageRank computed?", "How is it computed?", [turn])
    'How is PageRank computed?'
    >>> accepted("It is computed by power iteration.", "How is it computed?", [turn]) is None
    True
    """
    line = " ".join(next(iter(said.strip().splitlines()), "").strip("\"'“”„ *").split())
    if not line or len(line) > _LONGEST or _MARKER.search(line):
        return None
    own, before = _content(question), _content(" ".join(f"{turn.question} {turn.answer}" for turn in history))
    content = _content(line)
    foreign = content - own - before
    if not (content & before) - own or len(foreign) > _FOREIGN * len(content):
        return None
    return line


def _content(text: str) -> set[str]:
    """Return the words of a text that carry it, each stemmed for both languages: "trees" and "tree" are one."""
    return {
        stem(stem(word, "en"), "de") for word in words(text) if not any(word in stop for stop in STOP_WORDS.values())
    }


def condense(question: str, history: Sequence[Turn]) -> str:
    """Return what to search for: the question alone, or what it leans on put in.

    Where the question before asked for a term, its pronoun is that term; otherwise it stands behind what was asked
    since the last question that stands alone.

    >>> turns = [Turn("What is PageRank?", "A score …")]
    >>> condense("And how is it computed?", turns), condense("Why?", turns)
    ('How is PageRank computed?', 'What is PageRank? Why?')
    """
    if not history or not (is_follow_up(question) or _DIFFERENCE.fullmatch(question.strip())):
        return question
    *asked, question = _resolved([*(turn.question for turn in history[-_TURNS:]), question])
    if not is_follow_up(question):
        return question
    alone = [number for number, said in enumerate(asked) if not is_follow_up(said)]
    since = asked[alone[-1] :] if alone else asked
    since = since[:1] + [said for said in since[1:] if _names_another(said)][-1:]  # what it is about, and what else
    term = asked_term(since[0])
    named = _with_term(question, term.text) if term and len(since) == 1 else None
    return named or f"{' '.join(since)[-_REMEMBERED:]} {question}"


def _resolved(asked: Sequence[str]) -> list[str]:
    """Return questions in a row, those that only name another thing put as what was asked of the one before.

    >>> _resolved(["What is a back edge?", "And a cross edge?", "What about Dijkstra?"])
    ['What is a back edge?', 'What is a cross edge?', 'What is Dijkstra?']
    >>> _resolved(["Was ist ein Ring?", "Und ein Körper?", "Was ist der Unterschied?"])[-1]
    'Was ist der Unterschied zwischen Ring und Körper?'
    """
    found: list[str] = []
    base = ""
    for said in asked:
        found.append((_instead(said, base) if base else None) or _compared(said, found) or said)
        base = found[-1] if not is_follow_up(found[-1]) else base
    return found


def _instead(said: str, base: str) -> str | None:
    """Return a question with another thing in the place of its term; None where somebody says more than a thing."""
    match, term = _ANOTHER.fullmatch(" ".join(said.split())), asked_term(base)
    if not match or term is None or term.text not in base:
        return None
    thing = match["thing"] or match["other"]
    # "And the running time?", "Und die Laufzeit?" are of what was asked for; "a cross edge" and "Dijkstra" are others.
    proper = question_language(base) in {"en", ""} and _PROPER.match(thing) is not None
    if not (_ONE.match(thing) or proper):
        return None
    if len(thing.split()) > _MOST_NAMED or not _own_words(thing) or not _POINTING.isdisjoint(words(thing)):
        return None
    before, _, behind = base.rpartition(term.text)
    article = _ONE.match(thing)
    return f"{before}{thing[article.end() :]}{behind}" if article else f"{_BEFORE.sub('', before)}{thing}{behind}"


def _compared(said: str, before: Sequence[str]) -> str | None:
    """Return a question for the difference, of what the last two questions asked for where it says nothing itself."""
    match = _DIFFERENCE.fullmatch(said.strip())
    terms = list(dict.fromkeys(term.text for question in before if (term := asked_term(question))))[-2:]
    if not match or len(terms) < 2:
        return None
    between, and_ = ("zwischen", "und") if match["de"] else ("between", "and")
    return f"{match['asked']} {between} {terms[0]} {and_} {terms[1]}?"


def _with_term(question: str, term: str) -> str | None:
    """Return a question with a term for its first pronoun; None when it has none."""
    named, found = _PRONOUN.subn(lambda _: term, question, count=1)
    if not found:
        joint = "-" if question_language(question) == "de" else " "  # "Entropie-Werte", "entropy values"
        named, found = _POSSESSIVE.subn(lambda _: term + joint, question, count=1)
    if not found:
        return None
    named = _GOES_ON.sub("", named.strip(), count=1).lstrip(", ")
    return named[:1].upper() + named[1:]


def _names_another(question: str) -> bool:
    """Say whether a question that goes on from another brings something of its own: "And HITS?"."""
    return bool(_own_words(question)) and not (_PRONOUN.search(question) or _POSSESSIVE.search(question))


def is_follow_up(question: str) -> bool:
    """Say whether a question goes on from the one before: "And …", a pronoun, or no content."""
    bare = _bare(question)
    if _PRONOUN.search(bare) or _SHORT.fullmatch(bare) or _COMPARED.search(bare):
        return True
    if _GOES_ON.match(question.strip()):
        return asked_term(question) is None  # "And what is a tree?" stands alone
    return not _own_words(question) or not _POINTING.isdisjoint(words(bare))


def _own_words(question: str) -> list[str]:
    """Return the words that say what a question is about."""
    said = words(_bare(question))
    return [word for word in said if word not in _TALK and not any(word in stop for stop in STOP_WORDS.values())]


def _bare(question: str) -> str:
    """Return a question without the words that only seem to point back."""
    return _POLITE.sub(" ", _EMPTY.sub(" ", question))
