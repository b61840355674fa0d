"""The lexical index: BM25 over stems, and nothing a person types is an operator."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.library.database import Database
from rag.library.home import Home
from rag.library.lexical import FtsIndex, rarest
from rag.library.library import Library
from rag.ports import Embedder
from rag.retrieve.lexical import search_lexical
from rag.text.words import query_stems
from rag.types import ANYWHERE, Scope
from tests.fakes import a_document, asked, put

ENGLISH = "An inverted index lists, for each term, the documents that contain it."
GERMAN = "Bäume und Häuser: ein Suchbaum ordnet Schlüssel, die Straße ist lang."
ODD = [
    '"',
    '""',
    "it's",
    '"a" OR NEAR(',
    "a AND",
    "NOT index",
    "index*",
    "stems:index",
    "^index",
    "index + term",
    "{stems} : index",
    "-index",
    "(",
    "`",
    "\\",
    "%",
    "_",
    "snake_case",
    "\0",
    "a\0b",
    "🎓",
    "ﬁ",
    "É",
    "١٢٣",
    "'; DROP TABLE",
]


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Library]:
    library = Library(Home(tmp_path_factory.mktemp("lexical") / "home"), embedder.fingerprint)
    put(library, embedder, ENGLISH, uri="/en.md", collection="english", embed=False)
    put(library, embedder, a_document(GERMAN, language="de"), uri="/de.md", collection="german", embed=False)
    put(library, embedder, a_document("The boxes", language=""), uri="/xx.md", collection="unknown", embed=False)
    yield library
    library.close()


def found(library: Library, question: str, scope: Scope = ANYWHERE) -> list[str]:
    """Return the sources of what lexical search finds, best first."""
    hits = search_lexical(asked(question, library, scope), library.lexical, limit=10)
    rows = library.catalog.chunks.get(list(hits))
    return [rows[key][1] for key in hits]


@pytest.mark.parametrize(
    ("question", "source"),
    [
        pytest.param("indexes", "/en.md", id="English plural"),
        pytest.param("INVERTED", "/en.md", id="upper case"),
        pytest.param("containing documents", "/en.md", id="English participle"),
        pytest.param("Baum", "/de.md", id="German singular"),
        pytest.param("Haus", "/de.md", id="umlaut and plural"),
        pytest.param("Suchbäume", "/de.md", id="German plural"),
        pytest.param("Strasse", "/de.md", id="sharp s"),
        pytest.param("schlussel", "/de.md", id="without diacritics"),
        pytest.param("Ha\u0308user", "/de.md", id="decomposed umlaut"),
        pytest.param("Notes", "/en.md", id="title"),
        pytest.param("boxes", "/xx.md", id="the very word of a document of unknown language"),
    ],
)
def test_a_form_of_a_word_finds_the_others(question: str, source: str, stocked: Library) -> None:
    assert source in found(stocked, question)


def test_nothing_is_found_by_words_that_are_not_there(stocked: Library) -> None:
    assert found(stocked, "photosynthesis") == []
    assert stocked.lexical.search([], limit=5) == []


@pytest.mark.parametrize("question", ODD)
def test_what_looks_like_an_operator_is_a_word(question: str, stocked: Library) -> None:
    assert set(found(stocked, question)) <= {"/en.md", "/de.md", "/xx.md"}


@given(question=st.one_of(st.text(), st.lists(st.sampled_from([*ODD, " ", "index"])).map("".join)))
def test_no_question_is_a_syntax_error(stocked: Library, question: str) -> None:
    scores = search_lexical(asked(question, stocked), stocked.lexical, limit=10)
    assert all(score > 0 for score in scores.values())
    weights = stocked.lexical.weights([stem for group in query_stems(question, ["en", "de"]) for stem in group])
    assert all(weight > 0 for weight in weights.values())


def test_a_question_of_thousands_of_words_is_searched(stocked: Library) -> None:
    question = " ".join(f"word{number}" for number in range(3000))
    assert found(stocked, f"index {question}") == ["/en.md"]


def test_the_scope_bounds_what_is_found(stocked: Library) -> None:
    english = stocked.catalog.documents.find("/en.md").document_id
    german = stocked.catalog.documents.find("/de.md").document_id
    assert found(stocked, "index Baum", Scope("english")) == ["/en.md"]
    assert found(stocked, "index Baum", Scope(documents=frozenset({german}))) == ["/de.md"]
    assert found(stocked, "index Baum", Scope("german", frozenset({english}))) == []
    assert found(stocked, "index", Scope("nowhere")) == []


def test_more_and_rarer_words_score_higher(library: Library, embedder: Embedder) -> None:
    for number, text in enumerate(["tree", "tree node", "tree node leaf", "other", "others", "another"]):
        put(library, embedder, a_document(text, title=""), uri=f"/{number}.md", embed=False)
    assert found(library, "tree node leaf") == ["/2.md", "/1.md", "/0.md"]


def test_weights_are_inverse_document_frequencies(library: Library, embedder: Embedder) -> None:
    """Of 3 chunks, 2 have "tree" and 1 "größe": ln(1 + (3 - n + 0.5) / (n + 0.5)) with n = 2, 1 and 0."""
    for text in ("tree", "tree größe", "leaf"):
        put(library, embedder, a_document(text, title="", language="pl"), uri=f"/{text}.md", embed=False)
    weights = library.lexical.weights(["tree", "grösse", "nowhere"])
    assert weights == {
        "tree": pytest.approx(math.log(1 + 1.5 / 2.5)),
        "grösse": pytest.approx(math.log(1 + 2.5 / 1.5)),
        "nowhere": pytest.approx(math.log(1 + 3.5 / 0.5)),
    }


def test_a_word_with_an_underscore_is_not_taken_for_a_rare_one(library: Library, embedder: Embedder) -> None:
    for number in range(3):
        put(library, embedder, a_document(f"call sort_keys {number}", language="pl"), uri=f"/{number}.md", embed=False)
    stems = [stem for group in query_stems("sort_keys", ["pl"]) for stem in group]
    weights = library.lexical.weights([*stems, "call", "nowhere"])
    assert all(weights[stem] == weights["call"] < weights["nowhere"] for stem in stems)


def test_weights_of_an_empty_library_are_finite(library: Library) -> None:
    assert library.lexical.weights(["tree"]) == {"tree": pytest.approx(math.log(2))}


# ---- in a large library

WORDS = ["tree", "leaf", "root", "graph", "heap", "queue", "stack", "hash"]


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Library]:
    """A library of 60 documents: "tree" in all, each of the others in fewer, "zipper" in one."""
    library = Library(Home(tmp_path_factory.mktemp("many") / "home"), embedder.fingerprint)
    for number in range(60):
        said = [word for place, word in enumerate(WORDS) if number % (place + 1) == 0]
        text = f"Note {number} says {' and '.join(said)}." + (" A zipper is a cursor of a tree." if number == 7 else "")
        put(library, embedder, text, uri=f"/{number}.md", embed=False)
    yield library
    library.close()


def quick(library: Library, most_ranked: int) -> FtsIndex:
    return FtsIndex(Database(library.home.database), most_ranked=most_ranked)


def stemmed(*words: str) -> list[tuple[str, ...]]:
    return query_stems(" ".join(words), ["en"])


def test_with_fewer_chunks_ranked_the_best_are_the_same(many: Library) -> None:
    question = stemmed("tree", "zipper", "hash")
    exact = many.lexical.search(question, limit=5)
    found = quick(many, 12).search(question, limit=5)
    assert found[0][0] == exact[0][0]
    assert dict(found)[exact[0][0]] == pytest.approx(exact[0][1], rel=0.2)
    assert {key for key, _ in found} <= {key for key, _ in many.lexical.search(question, limit=100)}


def test_a_common_word_alone_is_still_searched_for(many: Library) -> None:
    assert len(quick(many, 12).search(stemmed("tree"), limit=100)) == 60


def test_within_one_document_the_words_are_counted_directly(many: Library) -> None:
    document = many.catalog.documents.find("7.md", None).document_id
    question = stemmed("tree", "zipper", "root")
    ((key, score),) = many.lexical.search(question, limit=5, scope=Scope(documents=frozenset({document})))
    assert many.catalog.chunks.get([key])[key][1] == "/7.md"
    assert score == pytest.approx(dict(many.lexical.search(question, limit=5))[key], rel=0.5)
    assert many.lexical.search(stemmed("hash"), limit=5, scope=Scope(documents=frozenset({document}))) == []


def test_a_word_with_a_sign_in_it_is_found_among_many(many: Library) -> None:
    question = [("tree_leaf",), ("tree",)]
    assert quick(many, 1).search(question, limit=3) == many.lexical.search(question, limit=3)


@pytest.mark.parametrize("most", [0, 10, 800])
def test_the_rarest_words_come_first_and_one_that_is_known_always(most: int) -> None:
    kept = rarest({"tree": 700, "the": 90_000, "trie": 12, "unheard": 0}, most)
    assert kept[:2] == ["unheard", "trie"]
    assert ("tree" in kept, "the" in kept) == (most == 800, False)
