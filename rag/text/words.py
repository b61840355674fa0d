"""Words as lexical search sees them: folded, without stop words, stemmed per language.

Stemmers are Snowball's (Porter's algorithms), through PyStemmer.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import Stemmer

_WORD = re.compile(r"[^\W_]+")  # FTS5 parts words at "_" too
_SPELT = re.compile(r"[^\W\d_]{2,}")
_NOTE = re.compile(
    r"(?<=[^\W\d_]{3})(?<!sin)(?<!cos)(?<!tan)(?<!log)(?<!exp)(?<!det)[⁰¹²³⁴⁵⁶⁷⁸⁹]+"
)  # the number of a footnote is no part of its word
_POWER = re.compile(r"(?<=\w)\^[({]?(?=\w)|(?<=\b[^\W\d_])_[({]?(?=[^\W_]{1,2}\b)")

# How text is stemmed whose language can't be told.
UNTOLD = "en"

# The function words of a language say nothing about a subject, and searching for them costs ten times
# the time of the search.
STOP_WORDS: dict[str, frozenset[str]] = {
    "en": frozenset(
        """a about above after again against all also am an and any are as at be because been before being
        below between both but by can cannot could did do does doing don down during each few for from further
        had has have having he her here hers herself him himself his how i if in into is it its itself just let
        me more most my myself no nor not now of off on once only or other our ours ourselves out over own same
        shall she should so some such than that the their theirs them themselves then there these they this
        those through to too under until up upon us very was we were what when where which while who whom whose
        why will with would you your yours yourself yourselves s t re ve ll d m does explain describe tell
        please give meant mean means""".split()
    ),
    "de": frozenset(
        """aber alle allem allen aller alles als also am an ander andere anderem anderen anderer anderes auch
        auf aus bei beim bin bis bist da dabei dadurch damit dann das dass dazu dein deine deinem deinen
        deiner dem den denen denn der deren des dessen die dies diese diesem diesen dieser dieses doch dort du
        durch ein eine einem einen einer eines er es etwas euch euer eure für gegen gibt hat hatte hatten habe
        haben hier hin hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im in indem ins ist ja jede jedem
        jeden jeder jedes jene jenem jenen jener jenes kann kein keine keinem keinen keiner können könnte man
        manche mehr mein meine meinem meinen meiner mich mir mit muss müssen nach nicht nichts noch nun nur ob
        oder ohne sehr sein seine seinem seinen seiner seit sich sie sind so solche soll sollen sollte sondern
        über um und uns unser unsere unter viel vom von vor während war waren warum was weil welche welchem
        welchen welcher welches wenn wer werde werden wem wen weshalb wie wieder wieso will wir wird wo wodurch
        wofür womit wozu wurde wurden würde würden zu zum zur zwar zwischen erkläre beschreibe bedeutet nennt lautet
        heisst versteht""".split()
    ),
}

# What a person tells a program to do with what, where no small word is needed.
COMMANDS: dict[str, frozenset[str]] = {
    "en": frozenset(
        """summarise summarize summary list compare show lecture lectures chapter chapters section week exercise
        exercises example examples definitions theorems difference""".split()
    ),
    "de": frozenset(
        """fasse fass zusammen zusammenfassung nenne liste vergleiche zeige zeig gib vorlesung vorlesungen kapitel
        abschnitt woche aufgabe aufgaben beispiel beispiele definitionen satz sätze unterschied besagt lautet zeigt
        abbildung tabelle gleichung beweis beweise bewiesen folgt""".split()
    ),
}

_SNOWBALL = {
    "en": "english", "de": "german", "fr": "french", "es": "spanish", "it": "italian", "nl": "dutch",
    "pt": "portuguese", "sv": "swedish", "da": "danish", "no": "norwegian", "fi": "finnish", "ru": "russian",
}  # fmt: skip


def words(text: str) -> list[str]:
    """Return the words of `text`, folded: compatibility letters replaced, lower case.

    Powers and indices are part of their letter, however they are written; numbers of footnotes are left out.

    >>> words("The 𝑛-gram ﬁle"), words("n², n^2 and n^{2}"), words("an index¹²")
    (['the', 'n', 'gram', 'file'], ['n2', 'n2', 'and', 'n2'], ['an', 'index'])
    """
    plain = unicodedata.normalize("NFKC", _NOTE.sub(" ", text))
    return _WORD.findall(_POWER.sub("", plain).casefold())


def stems(text: str, language: str) -> list[str]:
    """Return the stems of the words of `text` that are not stop words of its language.

    >>> stems("the indexes were compressed", "en")
    ['index', 'compress']
    """
    stop = STOP_WORDS.get(language, frozenset())
    return [stem(word, language) for word in words(text) if word not in stop]


def query_stems(question: str, languages: Iterable[str]) -> list[tuple[str, ...]]:
    """Return, for each word of a question, its stems in each of the `languages`; stop words of any are left out.

    A question made of nothing but stop words keeps them all: "who is who" is a question too.

    >>> query_stems("Kompression of indexes", ["de", "en"])
    [('kompression', 'kompress'), ('index',)]
    """
    wanted = sorted(set(languages) or {"en"})
    found = list(dict.fromkeys(words(question)))
    stop = frozenset().union(*(STOP_WORDS.get(language, frozenset()) for language in wanted))
    content = [word for word in found if word not in stop] or found
    groups = [tuple(dict.fromkeys(stem(word, language) for language in wanted)) for word in content]
    return list(dict.fromkeys(groups))


def stem(word: str, language: str) -> str:
    """Return the stem of a folded word; the word itself in a language without a stemmer.

    The German stemmer takes ae, oe and ue for the umlauts they stand for.

    >>> stem("schlüssel", "de"), stem("schluessel", "de")
    ('schlussel', 'schlussel')
    """
    stemmer = _stemmer(language)
    return word if stemmer is None else str(stemmer.stemWord(word))


@cache
def _stemmer(language: str) -> Stemmer.Stemmer | None:
    if language not in _SNOWBALL:
        return None
    import Stemmer

    return Stemmer.Stemmer(_SNOWBALL[language])


def fold(word: str) -> str:
    """Return a word as the tokenizer of the lexical index stores it: without diacritics."""
    if word.isascii():
        return word
    decomposed = unicodedata.normalize("NFD", word)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def words_as_written(text: str) -> list[str]:
    """Return the words of a text as they are written, of two letters at least.

    >>> words_as_written("Was ist der A*-Algorithmus?")
    ['Was', 'ist', 'der', 'Algorithmus']
    """
    return _SPELT.findall(text)
