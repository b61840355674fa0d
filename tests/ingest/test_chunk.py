"""Chunks: spans that cover a document, fit the embedder, and know where they stand."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.chunk import CONTEXT_TOKENS, MAX_TOKENS, chunk, chunk_tokens, context, embedded_text
from rag.models.embedder import SentenceEmbedder
from rag.types import Block, BlockKind, Chunk, Document, Page
from tests.fakes import a_document

PROSE = "An inverted index lists the documents of each term. "
WORDS = st.sampled_from(
    [
        "index",
        "Suchmaschinenoptimierung",
        "e.g.",
        "z. B.",
        "2.5",
        "x_1",
        "(a)",
        "end.",
        "What?",
        "🎓👩‍👩‍👧",
        "索引結構",
        "تجربة",
        "unbelievability" * 8,
        "antidisestablishmentarianism" * 3,
        "x" * 120,
        "a/b-" * 60,
        "Ünï",
        "\u200b",
        "\ufeff",
        "$\\sum_i$",
    ]
)
SENTENCES = st.lists(WORDS, min_size=1, max_size=60).map(" ".join)
LINES = st.lists(st.one_of(SENTENCES, WORDS), min_size=1, max_size=12).map("\n".join)
BLOCKS = st.one_of(
    st.tuples(st.just(BlockKind.HEADING), SENTENCES, st.integers(1, 6)),
    st.tuples(
        st.sampled_from([kind for kind in BlockKind if kind is not BlockKind.HEADING]),
        st.one_of(SENTENCES, LINES, st.text(min_size=1).filter(str.strip)),
        st.just(0),
    ),
)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Documents of blocks, some text between them, and pages of any length."""
    text, blocks = "", []
    for kind, content, level in draw(st.lists(BLOCKS, max_size=10)):
        text += draw(st.sampled_from(["\n", "\n\n", "\nstray text\n"]))
        stripped = content.strip()
        blocks.append(Block(len(text), len(text) + len(stripped), kind, level))
        text += stripped
    text += draw(st.sampled_from(["", "\n", " the end"]))
    cuts = sorted({0, *draw(st.lists(st.integers(0, len(text)), max_size=4)), len(text)})
    pages = tuple(Page(number, a, b, f"p{number}") for number, (a, b) in enumerate(pairwise(cuts), start=1))
    title = draw(st.sampled_from(["", "Notes", "An endless title " * 30, "unbelievability" * 20]))
    return Document(text, title, "en", tuple(blocks), draw(st.sampled_from([(), pages])))


def chunks(document: Document, embedder: SentenceEmbedder) -> list[Chunk]:
    return chunk(document, "d", embedder.tokenizer, most=chunk_tokens(embedder.room))


def check_spans(document: Document, made: list[Chunk]) -> None:
    """Chunks follow each other, are slices of the text, and leave out white space only."""
    at = 0
    for number, part in enumerate(made):
        assert part.ordinal == number
        assert part.text == document.text[part.start : part.end] != ""
        assert at <= part.start
        assert not document.text[at : part.start].strip()
        at = part.end
    assert not document.text[at:].strip()


@given(document=documents())
def test_chunks_cover_any_document_without_overlap(embedder: SentenceEmbedder, document: Document) -> None:
    check_spans(document, chunks(document, embedder))


@given(document=documents())
def test_no_chunk_is_longer_than_the_embedder_reads(embedder: SentenceEmbedder, document: Document) -> None:
    for part in chunks(document, embedder):
        whole = embedded_text(document.title, part.headings, part.text, embedder.tokenizer)
        # Of a word that was cut, the rest can have more tokens than before: then the text goes without its context.
        assert min(embedder.count_tokens(whole), embedder.count_tokens(part.text)) <= embedder.room


@given(document=documents())
def test_chunks_know_their_pages(embedder: SentenceEmbedder, document: Document) -> None:
    for part in chunks(document, embedder):
        if not document.pages:
            assert (part.page, part.page_end, part.page_label) == (None, None, None)
            continue
        first = [page for page in document.pages if page.start <= part.start < page.end]
        last = [page for page in document.pages if page.start < part.end <= page.end]
        assert [(page.number, page.label) for page in first] == [(part.page, part.page_label)]
        assert [page.number for page in last] == [part.page_end]


@given(document=documents())
def test_the_same_document_has_the_same_chunks(embedder: SentenceEmbedder, document: Document) -> None:
    made = chunks(document, embedder)
    assert made == chunks(document, embedder)
    assert len({part.id for part in made}) == len(made)


def test_a_short_document_is_one_chunk(embedder: SentenceEmbedder) -> None:
    (only,) = chunks(a_document(f"# Index\n\n{PROSE}"), embedder)
    assert (only.text, only.headings) == (f"# Index\n\n{PROSE.strip()}", ("Index",))


def test_an_empty_document_has_no_chunks(embedder: SentenceEmbedder) -> None:
    assert chunks(Document("", ""), embedder) == []
    assert chunks(Document(" \n ", ""), embedder) == []


def test_text_without_blocks_is_cut_too(embedder: SentenceEmbedder) -> None:
    document = Document(PROSE * 60, "Notes")
    made = chunks(document, embedder)
    check_spans(document, made)
    assert all(part.text.endswith("term.") for part in made)


def test_a_long_section_is_cut_between_sentences_and_a_new_one_begins_a_chunk(embedder: SentenceEmbedder) -> None:
    document = a_document(f"# One\n\n{PROSE * 40}\n\n# Two\n\n{PROSE * 10}")
    made = chunks(document, embedder)
    check_spans(document, made)
    assert all(part.text.endswith("term.") for part in made)
    assert [part.headings for part in made] == [("One",)] * (len(made) - 1) + [("Two",)]
    assert made[-1].text.startswith("# Two")
    assert min(embedder.count_tokens(part.text) for part in made[:-2]) > MAX_TOKENS / 2


def test_headings_form_a_path_that_siblings_leave(embedder: SentenceEmbedder) -> None:
    long = PROSE * 12
    text = f"# A\n\n{long}\n\n## B\n\n{long}\n\n### C\n\n{long}\n\n## D\n\n{long}\n\n# E\n\n{long}"
    assert [part.headings for part in chunks(a_document(text), embedder)] == [
        ("A",),
        ("A", "B"),
        ("A", "B", "C"),
        ("A", "D"),
        ("E",),
    ]


def test_a_heading_at_the_end_of_a_page_goes_with_its_text(embedder: SentenceEmbedder) -> None:
    document = a_document(f"{PROSE * 12}\n\n# Next\n\n{PROSE * 12}")
    made = chunks(document, embedder)
    assert [part.text.startswith("# Next") for part in made] == [False, True]


def test_two_equal_slides_are_two_chunks(embedder: SentenceEmbedder) -> None:
    slide = f"# Summary\n\n{PROSE * 6}"
    document = a_document(f"{slide}\n\n{slide}", pages=[0, len(slide) + 2])
    one, two = chunks(document, embedder)
    assert one.text == two.text
    assert one.id != two.id
    assert (one.page, two.page) == (1, 2)


def test_the_same_text_in_two_documents_has_two_ids(embedder: SentenceEmbedder) -> None:
    document = a_document(PROSE)
    assert chunk(document, "d1", embedder.tokenizer)[0].id != chunk(document, "d2", embedder.tokenizer)[0].id


@pytest.mark.parametrize("kind", [BlockKind.FORMULA, BlockKind.CODE, BlockKind.TABLE])
def test_what_fits_a_chunk_is_not_cut(embedder: SentenceEmbedder, kind: BlockKind) -> None:
    before = PROSE * 20
    whole = "\n".join(f"x_{number} = y. Then z = {number}" for number in range(6))
    text = f"{before}\n\n{whole}\n\n{before}"
    start = len(before) + 2
    blocks = (
        Block(0, len(before), BlockKind.PARAGRAPH),
        Block(start, start + len(whole), kind),
        Block(start + len(whole) + 2, len(text), BlockKind.PARAGRAPH),
    )
    assert any(whole in part.text for part in chunks(Document(text, "Notes", "en", blocks), embedder))


@pytest.mark.parametrize("kind", [BlockKind.TABLE, BlockKind.CODE, BlockKind.FORMULA, BlockKind.LIST])
def test_tables_code_and_lists_are_cut_between_lines(kind: BlockKind, embedder: SentenceEmbedder) -> None:
    text = "\n".join(f"| row {number} | Dr. Who says. So it goes {number} |" for number in range(80))
    document = Document(text, "Notes", blocks=(Block(0, len(text), kind),))
    made = chunks(document, embedder)
    check_spans(document, made)
    assert len(made) > 1
    assert all(line in text.splitlines() for part in made for line in part.text.splitlines())


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("索引" * 800, id="Chinese"),
        pytest.param("🎓" * 900, id="emoji"),
        pytest.param("x" * 9000, id="one word"),
        pytest.param("ab/" * 2000, id="no white space"),
        pytest.param("antidisestablishmentarianism," * 200, id="long words without white space"),
        pytest.param("unbelievability " * 300, id="words of many pieces"),
        pytest.param("e\u0301" * 900, id="combining marks"),
        pytest.param("\u200b" * 900 + "x", id="zero width"),
    ],
)
@pytest.mark.parametrize("title", ["", "Notes", "endless " * 100])
def test_text_without_sentences_is_embedded_whole(text: str, title: str, embedder: SentenceEmbedder) -> None:
    document = Document(text, title, blocks=(Block(0, len(text), BlockKind.PARAGRAPH),))
    made = chunks(document, embedder)
    check_spans(document, made)
    for part in made:
        whole = embedded_text(title, part.headings, part.text, embedder.tokenizer)
        assert min(embedder.count_tokens(whole), embedder.count_tokens(part.text)) <= embedder.room


def test_a_block_of_white_space_makes_no_chunk(embedder: SentenceEmbedder) -> None:
    long = PROSE * 12
    text = f"{long}   \n   {long}"
    gap = (len(long), len(long) + 7)
    blocks = (
        Block(0, gap[0], BlockKind.PARAGRAPH),
        Block(*gap, BlockKind.HEADING, 1),
        Block(gap[1], len(text), BlockKind.PARAGRAPH),
    )
    document = Document(text, "Notes", blocks=blocks)
    check_spans(document, chunks(document, embedder))


def test_the_context_names_title_and_path_within_its_budget(embedder: SentenceEmbedder) -> None:
    assert (
        context("Algorithms", ("Graphs", "Shortest paths"), embedder.tokenizer)
        == "Algorithms > Graphs > Shortest paths"
    )
    assert context("", (), embedder.tokenizer) == ""
    assert context("Same", ("Same",), embedder.tokenizer) == "Same"
    assert context("two\n lines", (), embedder.tokenizer) == "two lines"
    long = context("Title", ("outer " * 60, "inner"), embedder.tokenizer)
    assert long.endswith("inner")
    assert embedder.count_tokens(long) <= CONTEXT_TOKENS


def test_the_embedded_text_begins_with_its_context(embedder: SentenceEmbedder) -> None:
    assert embedded_text("Notes", ("One",), "text", embedder.tokenizer) == "Notes > One\ntext"
    assert embedded_text("", (), "text", embedder.tokenizer) == "text"
