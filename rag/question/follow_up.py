"""A follow-up question becomes one that can be searched for alone.

A language model says it in a sentence; without one, or when what it says is no such question, what the conversation
is about takes the pronoun's place or is put in front.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import reduce

from rag import lexicon
from rag.lexicon import any_of, either
from rag.question.language import question_language
from rag.question.term import asked_term
from rag.text.words import stem, words
from rag.types import Turn

_TURNS = 6  # that are looked back for a question that stands alone
_REMEMBERED = 1000  # most characters of the questions before
_LONGEST = 300  # characters of a question that a model made
_FOREIGN = 0.34  # share of its words that nobody has said
_MARKER = re.compile(r"\[\d+\]")
_POINTING = lexicon.words("pronouns") | lexicon.words("pointing")
_SMALL = lexicon.words("stop")
# "Which heuristics are there", "Welche gibt es": these words point nowhere.
_EMPTY = re.compile(rf"\b{either('points_nowhere')}\b", re.IGNORECASE)
_POLITE = re.compile(rf"(?<=\w ){either('polite')}\b")  # whom one speaks to
_GOES_ON = re.compile(rf"{either('goes_on')}\b", re.IGNORECASE)
_TALK = lexicon.words("talk")  # "Give me an example", "In more detail": of what?
_PRONOUN = re.compile(rf"\b{either('stands_for_term')}\b")
# "And a cross edge?", "What about Dijkstra?", "Und ein Körper?": another thing, of which the same is asked.
_ABOUT = rf"(?:(?:{either('and')}|{either('but')})\s+)?{either('what_about')}"
_ANOTHER = re.compile(
    rf"{_ABOUT}\s+(?P<thing>[^?.!]+?)\s*[?.!]*"
    rf"|{either('and')}\s+(?P<other>(?!{any_of('asking', 'no_thing')}\b)[^?.!]+?)\s*\?",
    re.IGNORECASE,
)
_DIFFERENCE = {
    language: re.compile(rf"(?P<asked>(?:{either('and')}\s+)?{either('asks_difference', language)})\W*", re.IGNORECASE)
    for language in lexicon.LANGUAGES
}
_ONE = re.compile(rf"{either('a_in_any_case')}\s+", re.IGNORECASE)
_BEFORE = re.compile(rf"\b{any_of('articles')}\s+$", re.IGNORECASE)  # of the old thing, which a name doesn't have
_PROPER = re.compile(r"[A-Z]")
_MOST_NAMED = 4  # words of a thing
_SHORT = re.compile(rf"\W*{any_of('asks_circumstance')}\W+\w+\W*", re.IGNORECASE)  # "How fast?"
# To what was spoken of: "the difference to a tree", not that between two.
_COMPARED = re.compile(rf"\b{either('compared_with')}\b", re.IGNORECASE)
_POSSESSIVE = re.compile(rf"\b{either('possessive')}\s")


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
    """Return the words of a text that carry it, each stemmed for all languages: "trees" and "tree" are one."""
    return {reduce(stem, lexicon.LANGUAGES, word) for word in words(text) if word not in _SMALL}


def condense(question: str, history: Sequence[Turn]) -> str:
    """Return what to search for: the question alone, or what it leans on put in.

    Where the question before asked for a term, its pronoun is that term; otherwise it stands behind what was asked
    since the last question that stands alone.

    >>> turns = [Turn("What is PageRank?", "A score …")]
    >>> condense("And how is it computed?", turns), condense("Why?", turns)
    ('How is PageRank computed?', 'What is PageRank? Why?')
    """
    if not history or not (is_follow_up(question) or _asks_difference(question)):
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
    proper = not lexicon.has_capital_nouns(question_language(base)) and _PROPER.match(thing) is not None
    if not (_ONE.match(thing) or proper):
        return None
    if len(thing.split()) > _MOST_NAMED or not _own_words(thing) or not _POINTING.isdisjoint(words(thing)):
        return None
    before, _, behind = base.rpartition(term.text)
    article = _ONE.match(thing)
    return f"{before}{thing[article.end() :]}{behind}" if article else f"{_BEFORE.sub('', before)}{thing}{behind}"


def _compared(said: str, before: Sequence[str]) -> str | None:
    """Return a question for the difference, of what the last two questions asked for where it says nothing itself."""
    asked = _asks_difference(said)
    terms = list(dict.fromkeys(term.text for question in before if (term := asked_term(question))))[-2:]
    if asked is None or len(terms) < 2:
        return None
    language, said = asked
    return lexicon.text("difference_between", language).format(asked=said, one=terms[0], other=terms[1])


def _asks_difference(question: str) -> tuple[str, str] | None:
    """Return the language and the words of a question for a difference that doesn't say between what."""
    matches = ((language, pattern.fullmatch(question.strip())) for language, pattern in _DIFFERENCE.items())
    return next(((language, match["asked"]) for language, match in matches if match), None)


def _with_term(question: str, term: str) -> str | None:
    """Return a question with a term for its first pronoun; None when it has none."""
    named, found = _PRONOUN.subn(lambda _: term, question, count=1)
    if not found:
        joint = lexicon.text("joins_possessive", question_language(question))
        named, found = _POSSESSIVE.subn(lambda _: term + joint, question, count=1)
    if not found:
        return None
    named = named.strip()
    lead = _GOES_ON.match(named)
    named = named[lead.end() :].lstrip(", ") if lead else named
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
    return [word for word in said if word not in _TALK and word not in _SMALL]


def _bare(question: str) -> str:
    """Return a question without the words that only seem to point back."""
    return _POLITE.sub(" ", _EMPTY.sub(" ", question))
