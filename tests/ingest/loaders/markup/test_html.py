"""HTML: the main content with its structure, and without what surrounds it."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from lxml import html as lxml_html

from ingest.loaders import load
from ingest.loaders.building import TextBuilder
from ingest.loaders.markup.html_beside import with_beside
from ingest.loaders.markup.html_runs import runs_of
from ingest.loaders.markup.html_text import add_text
from rag.errors import NoText
from rag.types import BlockKind, Document
from tests.ingest.loaders.covering import assert_sound

MATERIAL = Path(__file__).parents[5] / "shared" / "data" / "fixtures" / "html"

LECTURE = """<!doctype html>
<html lang="de-AT">
<head><title>Sortieren – Kurs</title><script>var tracking = 1</script><style>p { color: red }</style></head>
<body>
<nav><a href="/">Start</a> <a href="/about">Über uns</a></nav>
<main>
<h1>Sortieren</h1>
<p>Merge Sort ist <b>stabil</b> und <a href="x">schnell</a>. Er teilt
die Liste, sortiert beide Hälften und fügt sie zusammen.<br>Das kostet O(n log n).</p>
<h2>Schritte</h2>
<ul><li>Teile die Liste<ul><li>in zwei Hälften</li></ul></li><li>Füge zusammen</li></ul>
<ol><li>zuerst</li><li>danach</li></ol>
<table><tr><th>Name</th><th>Zeit</th></tr><tr><td>Merge</td><td>n log n</td></tr></table>
<pre><code>def sort(x):
    return sorted(x)
</code></pre>
<blockquote><p>Ein Zitat über das Sortieren, das lang genug ist, um zu zählen.</p></blockquote>
</main>
<footer>Copyright und Impressum</footer>
</body></html>"""


def read(source: str | bytes, name: str = "page.html") -> Document:
    return load(source if isinstance(source, bytes) else source.encode(), name=name)


def test_structure_is_kept() -> None:
    document = read(LECTURE)
    found = [(block.kind.value, block.level, document.text[block.start : block.end]) for block in document.blocks]
    assert found == [
        ("heading", 1, "Sortieren"),
        (
            "paragraph",
            0,
            "Merge Sort ist stabil und schnell. Er teilt die Liste, sortiert beide Hälften und fügt sie zusammen.\n"
            "Das kostet O(n log n).",
        ),
        ("heading", 2, "Schritte"),
        ("list", 0, "- Teile die Liste\n  - in zwei Hälften\n- Füge zusammen"),
        ("list", 0, "1. zuerst\n2. danach"),
        ("table", 0, "Name | Zeit\nMerge | n log n"),
        ("code", 0, "def sort(x):\n    return sorted(x)"),
        ("paragraph", 0, "Ein Zitat über das Sortieren, das lang genug ist, um zu zählen."),
    ]
    assert_sound(document)


def test_scripts_styles_and_menus_are_left_out() -> None:
    text = read(LECTURE).text
    assert not any(word in text for word in ("tracking", "color", "Über uns", "Impressum"))


def test_title_and_language_are_the_pages_own() -> None:
    document = read(LECTURE)
    assert document.language == "de"
    assert document.title.startswith("Sortieren")


def test_a_page_without_a_language_is_asked_by_its_words() -> None:
    assert read(LECTURE.replace(' lang="de-AT"', "")).language == "de"


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8", ""),
        ("utf-8", '<meta charset="utf-8">'),
        ("iso-8859-1", '<meta charset="iso-8859-1">'),
        ("utf-16", ""),
    ],
)
def test_encodings_are_found_out(encoding: str, declared: str) -> None:
    page = f"<html><head>{declared}</head><body><p>Größe, Maß und Übung sind Wörter mit Umlauten.</p></body></html>"
    assert "Größe, Maß und Übung" in read(page.encode(encoding)).text


def test_where_no_main_content_is_found_the_page_is_read_whole() -> None:
    document = read("<html><body><div>one</div><script>x</script>two<ul><li>three</li></ul><h3>four</h3></body></html>")
    assert document.text.split() == ["one", "two", "-", "three", "four"]
    assert_sound(document)


def test_old_pages_laid_out_in_tables_are_no_tables() -> None:
    prose = "<p>" + "Sorting is putting things in their order. " * 25 + "</p>"
    page = f"<html><body><table><tr><td>{prose}</td><td>{prose.replace('Sorting', 'Merging')}</td></tr></table>"
    kinds = [block.kind.value for block in read(page).blocks]
    assert "table" not in kinds


@pytest.mark.parametrize(
    "page", ["<html><body></body></html>", "<html><script>run()</script></html>", "<!doctype html>"]
)
def test_a_page_without_text_says_so(page: str) -> None:
    with pytest.raises(NoText, match=r"page\.html has no text"):
        read(page)


@pytest.mark.parametrize(
    "page", ["<p>open <b>never closed", "<html><<<>>>text &amp; &bogus; \x00 end", "<p>" * 300 + "deep"]
)
def test_broken_pages_are_read(page: str) -> None:
    assert_sound(read(page))


def saved_pages() -> list[Path]:
    return sorted(MATERIAL.glob("*/source.html"))


@pytest.mark.slow
def test_saved_pages_give_their_main_content() -> None:
    """On average nine of ten expected words are found, and nine of ten found words are expected."""
    if not saved_pages():
        pytest.skip("the saved pages aren't beside this checkout")
    recall, precision = [], []
    for path in saved_pages():
        document = read(path.read_bytes(), path.name)
        assert_sound(document)
        expected = lxml_html.fromstring(path.with_name("expected.html").read_text("utf-8")).text_content()
        wanted, found = (Counter(re.findall(r"\w+", text.lower())) for text in (expected, document.text))
        shared = (wanted & found).total()
        recall.append(shared / wanted.total())
        precision.append(shared / found.total())
    assert sum(recall) / len(recall) > 0.9
    assert sum(precision) / len(precision) > 0.9


def test_saved_pages_have_their_titles() -> None:
    if not saved_pages():
        pytest.skip("the saved pages aren't beside this checkout")
    right = 0
    for path in saved_pages():
        expected = json.loads(path.with_name("expected-metadata.json").read_text("utf-8")).get("title") or ""
        title = read(path.read_bytes(), path.name).title
        right += bool(expected) and (expected in title or title in expected)
    assert right >= 0.7 * len(saved_pages())


ARTICLE = "<p>{0} The index lists, for each term, the documents that it occurs in, and where in each of them.</p>"
BOX = "<div><h3>More to read</h3><p><a href='/a'>Ten facts about cats</a> <a href='/b'>and about dogs</a></p></div>"


def test_a_paragraph_said_twice_is_kept_twice() -> None:
    again = ARTICLE.format("Once more.")
    page = (
        f"<html><body><article><h1>Indexes</h1>{again}{ARTICLE.format('Between.')}{again}{BOX}</article></body></html>"
    )
    text = load(page.encode(), name="page.html").text
    assert text.count("Once more.") == 2
    assert text.rindex("Once more.") > text.index("Between.")
    assert text.count("Between.") == 1


@pytest.mark.parametrize(
    ("lost", "wanted", "kind"),
    [
        pytest.param("<h2>Compression</h2>", "Compression", BlockKind.HEADING, id="heading"),
        pytest.param("<pre>gaps = encode(ids)</pre>", "gaps = encode(ids)", BlockKind.CODE, id="code"),
        pytest.param(
            "<table><tr><th>code</th><th>bits</th></tr><tr><td>gamma</td><td>7</td></tr></table>",
            "code | bits\ngamma | 7",
            BlockKind.TABLE,
            id="table",
        ),
        pytest.param("<ol><li>sort</li><li>merge</li></ol>", "1. sort\n2. merge", BlockKind.LIST, id="list"),
    ],
)
def test_what_was_lost_beside_kept_text_is_put_back_in_its_place(lost: str, wanted: str, kind: BlockKind) -> None:
    builder = completed(f"<div><p>Before.</p>{lost}<p>After.</p></div>", "Before.", "After.")
    assert builder.text == f"Before.\n\n{wanted}\n\nAfter."
    assert builder.blocks[1].kind is kind


def completed(body: str, *kept: str) -> TextBuilder:
    """Read a page of which only the texts `kept` are known to be content."""
    page = lxml_html.document_fromstring(f"<body>{body}</body>")
    runs = list(runs_of(page))
    content = with_beside(runs, {run for run in runs if run.text in kept})
    for run in runs:
        if run not in content:
            run.drop()
    builder = TextBuilder()
    add_text(builder, page)
    return builder


def test_what_stands_in_a_box_of_its_own_or_leads_elsewhere_stays_out() -> None:
    links = "<p><a href='/a'>Ten facts about cats</a></p>"
    builder = completed(f"<div><p>Before.</p>{links}<p>After.</p>{BOX}</div>", "Before.", "After.")
    assert builder.text == "Before.\n\nAfter."


def test_a_heading_that_a_table_of_contents_names_is_a_heading_too() -> None:
    contents = "<ul><li>Gaps</li><li>Codes</li></ul>"
    builder = completed(
        f"<div>{contents}<p>Before.</p><h2>Gaps</h2><h2>Codes</h2><p>After.</p></div>", "Before.", "After."
    )
    assert builder.text == "- Gaps\n- Codes\n\nBefore.\n\nGaps\n\nCodes\n\nAfter."


def test_a_page_without_main_keeps_its_headings_and_lists_once() -> None:
    page = """<html><head><title>Week 3</title></head><body><nav><a href="/">Home</a> <a href="/x">Timetable</a></nav>
    <h1>The Calvin cycle</h1>
    <p>The Calvin cycle fixes carbon dioxide in the stroma of the chloroplast. It needs three molecules of ATP.</p>
    <h2>Rubisco</h2>
    <p>Rubisco is the enzyme that binds carbon dioxide. It is probably the most abundant protein on Earth.</p>
    <h2>Photorespiration</h2>
    <p>Photorespiration occurs when Rubisco binds oxygen instead of carbon dioxide. Plants such as maize avoid it.</p>
    <h3>Tasks</h3><ul><li>Draw the cycle.</li><li>Explain why some plants open their stomata at night.</li></ul>
    </body></html>"""
    document = load(page.encode(), name="calvin.html")
    headings = [document.text[block.start : block.end] for block in document.blocks if block.kind is BlockKind.HEADING]
    assert headings == ["The Calvin cycle", "Rubisco", "Photorespiration", "Tasks"]
    assert [block.kind for block in document.blocks][-1] is BlockKind.LIST
    assert document.text.count("Draw the cycle.") == document.text.count("Rubisco is the enzyme") == 1
    assert "Timetable" not in document.text


SENTENCE = "The index lists for each term the documents that it occurs in, and where in each of them it stands."


def parts(body: str, name: str = "page.html") -> list[tuple[str, int, str]]:
    document = read(f"<html><body>{body}</body></html>", name)
    assert_sound(document)
    return [(block.kind.value, block.level, document.text[block.start : block.end]) for block in document.blocks]


def test_headings_stay_whose_words_are_in_the_text_and_those_before_it() -> None:
    found = parts(f"<h1>Index</h1><h2>Term</h2><p>{SENTENCE}</p><h2>Documents</h2><p>{SENTENCE}</p><h3>End</h3>")
    assert [(level, text) for kind, level, text in found if kind == "heading"] == [
        (1, "Index"),
        (2, "Term"),
        (2, "Documents"),
        (3, "End"),
    ]
    assert [kind for kind, _, _ in found] == ["heading", "heading", "paragraph", "heading", "paragraph", "heading"]


def test_headings_in_boxes_of_their_own_stand_before_what_they_head() -> None:
    sections = "".join(
        f"<section><div class='title'><h2>{title}</h2></div><div>{f'<p>{SENTENCE}</p>' * 3}</div></section>"
        for title in ("Terms", "Documents")
    )
    found = parts(
        f"<header><h1>Indexes</h1></header><main>{sections}</main><div><h3>News</h3><a href='/'>All</a></div>"
    )
    assert [text for kind, _, text in found if kind == "heading"] == ["Indexes", "Terms", "Documents"]
    assert [kind for kind, _, _ in found[:3]] == ["heading", "heading", "paragraph"]


def test_a_heading_that_is_a_button_is_a_heading() -> None:
    found = parts(f"<p>{SENTENCE}</p><h3><button>What is a term?</button></h3><p>{SENTENCE}</p><button>Send</button>")
    assert found[1] == ("heading", 3, "What is a term?")
    assert len(found) == 3


def test_loose_text_stands_in_its_place() -> None:
    found = parts(f"Loose before.<h1>Index</h1><p>{SENTENCE}</p>Loose between.<p>{SENTENCE}</p>Loose after.")
    assert [text for _, _, text in found] == [
        "Loose before.",
        "Index",
        SENTENCE,
        "Loose between.",
        SENTENCE,
        "Loose after.",
    ]


def test_a_box_between_paragraphs_is_read() -> None:
    box = "<div class='theorem'><b>Theorem 1.</b> Each term has a list.</div>"
    found = parts(f"<p>{SENTENCE}</p>{box}<p>{SENTENCE}</p>")
    assert found[1] == ("paragraph", 0, "Theorem 1. Each term has a list.")


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        pytest.param(
            "<ul><li>Allowed</li><ul><li>lamp</li><li>stove</li></ul><li>Forbidden</li><ul><li>candles</li></ul></ul>",
            "- Allowed\n  - lamp\n  - stove\n- Forbidden\n  - candles",
            id="beside the points",
        ),
        pytest.param(
            "<ol><li>one<ol type='a'><li>in one</li></ol>after it</li><li><p>two</p><p>more</p></li></ol>",
            "1. one\n  a. in one\n  after it\n2. two\n  more",
            id="within a point",
        ),
        pytest.param(
            "<dl><dt>Key</dt><dd>A word.<dl><dt>Inner</dt><dd>Part of it.</dd></dl></dd><dt>Only</dt></dl>",
            "- Key: A word.\n  - Inner: Part of it.\n- Only",
            id="terms within terms",
        ),
        pytest.param("<ol style='list-style-type: upper-roman'><li>one<li>two</ol>", "I. one\nII. two", id="styled"),
    ],
)
def test_inner_lists_stand_once_in_order_at_their_level(written: str, wanted: str) -> None:
    found = parts(f"<h1>House</h1><p>{SENTENCE}</p>{written}<p>{SENTENCE}</p>")
    assert [text for _, _, text in found] == ["House", SENTENCE, wanted, SENTENCE]


def test_details_are_read_with_their_summary() -> None:
    details = "<details><summary>Hint</summary><p>Use the lemma.</p></details>"
    found = parts(f"<p>{SENTENCE}</p>{details}<p>{SENTENCE}</p>")
    assert [text for _, _, text in found[1:3]] == ["Hint", "Use the lemma."]


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("H<sub>2</sub>O", "H₂O"),
        ("10<sup>6</sup> m", "10⁶ m"),
        ("un<b>super</b>vised <i>rank</i>ing", "unsupervised ranking"),
        ("<p>one</p><p>two</p>", "one two"),
        ("one<br>two", "one two"),
        ("<ul><li>one</li><li>two</li></ul>", "one two"),
    ],
)
def test_parts_of_a_word_stay_together_in_a_cell_and_blocks_apart(cell: str, wanted: str) -> None:
    table = f"<table><tr><th>name</th><th>value</th></tr><tr><td>x</td><td>{cell}</td></tr></table>"
    found = parts(f"<p>{SENTENCE}</p>{table}<p>{SENTENCE}</p>")
    assert found[1] == ("table", 0, f"name | value\nx | {wanted}")


def test_the_rows_of_a_table_in_a_cell_follow_its_row() -> None:
    inner = "<table><tr><td>colour</td><td>red</td></tr><tr><td>size</td><td>9</td></tr></table>"
    rows = f"<tr><td>Lamp</td><td>{inner}</td></tr><tr><td>Bed</td><td>none</td></tr>"
    found = parts(f"<p>{SENTENCE}</p><table><caption>Rooms</caption>{rows}</table><p>{SENTENCE}</p>")
    assert found[1:3] == [
        ("paragraph", 0, "Rooms"),
        ("table", 0, "Lamp | \ncolour | red\nsize | 9\nBed | none"),
    ]


def test_a_table_in_a_table_of_layout_keeps_its_rows() -> None:
    data = "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>"
    found = parts(f"<table><tr><td><h2>Here</h2><p>{SENTENCE}</p>{data}</td><td><p>{SENTENCE}</p></td></tr></table>")
    assert found == [
        ("heading", 2, "Here"),
        ("paragraph", 0, SENTENCE),
        ("table", 0, "a | b\n1 | 2"),
        ("paragraph", 0, SENTENCE),
    ]
