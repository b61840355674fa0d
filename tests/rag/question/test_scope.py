"""Bounds of a search: tags, pages, up to a week; and what is said when nothing is within them."""

from __future__ import annotations

import doctest
from collections.abc import Iterator
from pathlib import Path

import pytest

import rag.question.scope
from rag.chain import Chain
from rag.errors import InputError, NotFound
from rag.library.library import Library
from rag.ports import Embedder
from rag.question.scope import parse_pages, scope_of
from rag.settings import Settings
from rag.types import AnswerStatus, Filter, Question
from tests.fake_parts import a_library
from tests.fakes import a_document, put
from ui.cli import main
from ui.hall import Studyhall

PAGES = "\n\n".join(f"Page {number} says that heaps are trees, for the {number}th time." for number in range(1, 5))


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Library]:
    library = a_library(tmp_path_factory.mktemp("narrow") / "home", embedder)
    for week in (1, 2, 3):
        document = a_document(f"In week {week} a heap is a tree, {'very ' * week}full.", title=f"Heaps {week}")
        put(library, embedder, document, uri=f"/course/week{week}/notes.md")
    starts = [PAGES.index(f"Page {number}") for number in range(1, 5)]
    put(library, embedder, a_document(PAGES, title="Script", pages=starts), uri="/course/script.pdf")
    library.profiles.tag(library.catalog.documents.find("script.pdf").document_id, ["exam"])
    yield library
    library.close()


@pytest.fixture
def chain(stocked: Library, embedder: Embedder) -> Chain:
    return Chain(stocked, embedder, Settings())


def found(chain: Chain, **bounds: object) -> tuple[list[str], str]:
    """Return the sources that are found within bounds, and what is said."""
    result = chain.search(Question("heap tree", filter=Filter(**bounds)), most=20)  # type: ignore[arg-type]
    return sorted({passage.source for passage in result.passages}), " ".join(result.notes)


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(rag.question.scope).failed == 0


def test_up_to_a_week_leaves_out_later_ones_and_says_what_carries_no_number(chain: Chain) -> None:
    sources, said = found(chain, until=2)
    assert sources == ["/course/week1/notes.md", "/course/week2/notes.md"]
    assert "Left out for want of a number: 1 document." in said


@pytest.mark.parametrize(
    ("tags", "sources"),
    [
        (("exam",), ["/course/script.pdf"]),
        (("Week 3",), ["/course/week3/notes.md"]),
        (("EXAM ",), ["/course/script.pdf"]),
    ],
)
def test_tags_are_a_persons_or_the_paths(tags: tuple[str, ...], sources: list[str], chain: Chain) -> None:
    assert found(chain, tags=tags)[0] == sources


def test_an_unknown_collection_is_named_with_those_there_are(chain: Chain) -> None:
    with pytest.raises(NotFound, match="main"):
        scope_of(Question("heaps", "nowhere"), chain.library)


def test_pages_bound_what_is_found(chain: Chain) -> None:
    result = chain.search(Question("heaps", document="script.pdf", filter=Filter(pages=(2, 3))), most=20)
    assert result.passages
    assert all(
        passage.page <= 3 and passage.page_end >= 2 for passage in result.passages if passage.page and passage.page_end
    )


@pytest.mark.parametrize(
    ("bounds", "says"),
    [
        ({"tags": ("nowhere",)}, "the tag 'nowhere'"),
        ({"until": 0}, "up to 0"),
        ({"tags": ("exam",), "until": 2}, "up to 2"),
        ({"tags": ("exam", "week 1")}, "the tag 'week 1'"),
    ],
)
def test_the_bound_that_leaves_nothing_is_named(bounds: dict[str, object], says: str, chain: Chain) -> None:
    sources, said = found(chain, **bounds)
    assert sources == []
    assert says in said


def test_an_answer_within_nothing_says_so(chain: Chain) -> None:
    answer = chain.invoke(Question("What is a heap?", filter=Filter(tags=("nowhere",))))
    assert answer.status is AnswerStatus.NOT_IN_DOCUMENTS
    assert "nowhere" in " ".join(answer.notes)
    answer = chain.invoke(Question("What is a heap?", filter=Filter(pages=(90, 99))))
    assert "pages 90 to 99" in " ".join(answer.notes)


@pytest.mark.parametrize("text", ["x", "5-", "3-1", "0", "1-2-3", "-4", "a-b"])
def test_pages_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="no range of pages"):
        parse_pages(text if text != "5-" else "5-x")


def test_a_persons_week_counts_more_than_the_paths(library: Library, embedder: Embedder) -> None:
    document = put(library, embedder, "A heap is a tree.", uri="/week9/heap.md")
    question = Question("What is a heap?", filter=Filter(until=5))
    assert scope_of(question, library)[0].is_empty
    library.profiles.tag(document, ["week 2"])
    assert scope_of(question, library)[0].documents == {document}
    library.profiles.tag(document, ["week 2"], remove=True)
    assert scope_of(question, library)[0].is_empty


@pytest.mark.slow
def test_tags_are_given_shown_and_taken_in_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    notes = tmp_path / "week 4" / "heap.md"
    notes.parent.mkdir()
    notes.write_text("# Heaps\n\nA heap is a complete tree that keeps the smallest key on top.\n")
    assert main(["ingest", str(tmp_path / "week 4")]) == 0
    capsys.readouterr()
    assert main(["docs", "tag", "heap.md", "exam", "week 2"]) == 0
    assert capsys.readouterr().out.strip() == "exam, week 2"
    assert main(["docs", "show", "heap.md"]) == 0
    assert "tags  exam, week 2" in capsys.readouterr().out
    assert main(["ask", "What is a heap?", "--until", "1", "--json"]) == 0
    assert "up to 1" in capsys.readouterr().out
    assert main(["search", "heap", "--until", "2", "--tag", "exam", "--explain"]) == 0
    shown = capsys.readouterr().out
    assert "heap.md" in shown
    assert "meaning 0." in shown
    assert main(["search", "heap", "--pages", "x"]) == 1
    assert "no range of pages" in capsys.readouterr().err


@pytest.mark.slow
def test_a_document_that_failed_has_no_tags(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "week 1.pdf").write_bytes(b"%PDF-1.4 and nothing more")
    assert main(["ingest", str(tmp_path / "week 1.pdf")]) == 3
    assert main(["docs", "show", "week 1.pdf"]) == 0
    assert main(["docs", "tag", "week 1.pdf"]) == 0
    assert "It has no tags." in capsys.readouterr().out


@pytest.mark.slow
def test_a_search_in_python_takes_bounds(tmp_path: Path) -> None:
    (tmp_path / "lecture3.md").write_text("A heap is a tree.")
    with Studyhall.open(tmp_path / "home") as hall:
        hall.ingest([tmp_path / "lecture3.md"])
        assert hall.search("heap", within=Filter(until=3)).passages
        assert not hall.search("heap", within=Filter(until=2)).passages
        assert hall.tags("lecture3.md") == ["lecture 3"]
        assert hall.ask("What is a heap?", within=Filter(tags=("lecture 4",))).notes
        with pytest.raises(InputError, match="no tag"):
            hall.tag("lecture3.md", [" "])
