"""A follow-up becomes a standalone question: its references to earlier turns are resolved.

A language model rewrites it. Without a model, or if its rewrite is rejected, the term of the conversation replaces the
pronoun, or the earlier question is put in front.
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

_TURNS = 6  # latest turns in which a standalone question is looked for
_REMEMBERED = 1000  # most characters of earlier questions
_LONGEST = 300  # characters of a model's rewrite
_FOREIGN = 0.34  # most content words of a rewrite, as a share, that are new to the conversation
_MARKER = re.compile(r"\[\d+\]")
_POINTING = lexicon.words("pronouns") | lexicon.words("pointing")
_SMALL = lexicon.words("stop")
# "Which heuristics are there", "Welche gibt es": these words are no references.
_EMPTY = re.compile(rf"\b{either('points_nowhere')}\b", re.IGNORECASE)
_POLITE = re.compile(rf"(?<=\w ){either('polite')}\b")  # forms of address
_GOES_ON = re.compile(rf"{either('goes_on')}\b", re.IGNORECASE)
_TALK = lexicon.words("talk")  # "Give me an example", "In more detail": no topic
_PRONOUN = re.compile(rf"\b{either('stands_for_term')}\b")
# "And a cross edge?", "What about Dijkstra?", "Und ein Körper?": the same question about another term.
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
_BEFORE = re.compile(
    rf"\b{any_of('articles')}\s+$", re.IGNORECASE
)  # an article before the replaced term; a proper name has none
_PROPER = re.compile(r"[A-Z]")
_MOST_NAMED = 4  # words of the other term
_SHORT = re.compile(rf"\W*{any_of('asks_circumstance')}\W+\w+\W*", re.IGNORECASE)  # "How fast?"
# A comparison with the previous topic: "the difference to a tree", not that between two.
_COMPARED = re.compile(rf"\b{either('compared_with')}\b", re.IGNORECASE)
_POSSESSIVE = re.compile(rf"\b{either('possessive')}\s")


def accepted(said: str, question: str, history: Sequence[Turn]) -> str | None:
    """Return a model's rewrite of a follow-up if it is a valid question, otherwise None.

    A valid rewrite is one short line without citation markers. Its words are mostly the conversation's, and some are
    from earlier turns: an answer, a refusal or a remark fails this test.

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
    """Return the content words of a text, each stemmed for all languages: "trees" and "tree" are one."""
    return {reduce(stem, lexicon.LANGUAGES, word) for word in words(text) if word not in _SMALL}


def condense(question: str, history: Sequence[Turn]) -> str:
    """Return the text to search for: the question itself, or with its references to earlier turns resolved.

    If the previous question asked for a term, the term replaces the pronoun. Otherwise the question is appended to
    the questions since the last standalone one.

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
    since = since[:1] + [said for said in since[1:] if _names_another(said)][-1:]  # the topic, and the last other term
    term = asked_term(since[0])
    named = _with_term(question, term.text) if term and len(since) == 1 else None
    return named or f"{' '.join(since)[-_REMEMBERED:]} {question}"


def _resolved(asked: Sequence[str]) -> list[str]:
    """Return the questions of a conversation; one that only names another term repeats the question before about it.

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
    """Return `base` with its term replaced by the one that `said` names; None if `said` is more than a term."""
    match, term = _ANOTHER.fullmatch(" ".join(said.split())), asked_term(base)
    if not match or term is None or term.text not in base:
        return None
    thing = match["thing"] or match["other"]
    # "And the running time?", "Und die Laufzeit?" ask about the same term; "a cross edge" and "Dijkstra" are others.
    proper = not lexicon.has_capital_nouns(question_language(base)) and _PROPER.match(thing) is not None
    if not (_ONE.match(thing) or proper):
        return None
    if len(thing.split()) > _MOST_NAMED or not _own_words(thing) or not _POINTING.isdisjoint(words(thing)):
        return None
    before, _, behind = base.rpartition(term.text)
    article = _ONE.match(thing)
    return f"{before}{thing[article.end() :]}{behind}" if article else f"{_BEFORE.sub('', before)}{thing}{behind}"


def _compared(said: str, before: Sequence[str]) -> str | None:
    """Return a bare question for the difference, completed with the terms of the last two questions."""
    asked = _asks_difference(said)
    terms = list(dict.fromkeys(term.text for question in before if (term := asked_term(question))))[-2:]
    if asked is None or len(terms) < 2:
        return None
    language, said = asked
    return lexicon.text("difference_between", language).format(asked=said, one=terms[0], other=terms[1])


def _asks_difference(question: str) -> tuple[str, str] | None:
    """Return language and wording of a question for a difference that names no terms; None for any other."""
    matches = ((language, pattern.fullmatch(question.strip())) for language, pattern in _DIFFERENCE.items())
    return next(((language, match["asked"]) for language, match in matches if match), None)


def _with_term(question: str, term: str) -> str | None:
    """Return a question with its first pronoun replaced by a term; None when it has none."""
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
    """Say whether a follow-up has content words and no pronoun: "And HITS?"."""
    return bool(_own_words(question)) and not (_PRONOUN.search(question) or _POSSESSIVE.search(question))


def is_follow_up(question: str) -> bool:
    """Say whether a question is a follow-up: "And …", a pronoun, or no content words."""
    bare = _bare(question)
    if _PRONOUN.search(bare) or _SHORT.fullmatch(bare) or _COMPARED.search(bare):
        return True
    if _GOES_ON.match(question.strip()):
        return asked_term(question) is None  # "And what is a tree?" stands alone
    return not _own_words(question) or not _POINTING.isdisjoint(words(bare))


def _own_words(question: str) -> list[str]:
    """Return the content words of a question."""
    said = words(_bare(question))
    return [word for word in said if word not in _TALK and word not in _SMALL]


def _bare(question: str) -> str:
    """Return a question without the words that only look like references."""
    return _POLITE.sub(" ", _EMPTY.sub(" ", question))
