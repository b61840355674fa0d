"""The report on a document: its chunks hold all of its text, and what was not read is named."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.chunk import Encoding, chunk
from ingest.loaders import load
from ingest.loaders.markup.markdown import blocks_of
from ingest.loaders.pdf import document as pdf
from ingest.quality import coverage, coverage_says, facts, measured
from rag.errors import SourceError
from rag.types import Chunk, Document, Quality
from tests import pdf_samples
from tests.conftest import SAMPLE_COURSE
from tests.ingest.loaders.test_every_format import MATERIAL, SAMPLES, Sample


class Letters:
    """A tokenizer that needs no model: each word is as many tokens as it has groups of four letters."""

    class _Encoded:
        def __init__(self, text: str) -> None:
            self.offsets = [match.span() for match in re.finditer(r"\w{1,4}|[^\w\s]", text)]

    def encode(self, sequence: str, *, add_special_tokens: bool = True) -> Encoding:
        return self._Encoded(sequence)


def report(document: Document) -> Quality:
    return measured(document, chunk(document, "d", Letters()))


@pytest.mark.parametrize("sample", [pytest.param(sample, id=sample.name) for sample in SAMPLES])
def test_all_text_of_every_format_lies_in_some_chunk(sample: Sample) -> None:
    assert report(load(sample.data, name=sample.name)).coverage == 1


@pytest.mark.parametrize("sample", [pytest.param(sample, id=sample.name) for sample in SAMPLES])
def test_all_text_of_a_damaged_file_that_is_read_lies_in_some_chunk(sample: Sample) -> None:
    for at in range(50, len(sample.data), max(len(sample.data) // 6, 1)):
        data = sample.data[:at] + bytes(255 - byte for byte in sample.data[at : at + 7]) + sample.data[at + 7 :]
        try:
            document = load(data, name=sample.name)
        except SourceError:
            continue
        assert report(document).coverage == 1


@pytest.mark.parametrize("path", sorted(SAMPLE_COURSE.iterdir()), ids=lambda path: path.name)
def test_all_text_of_the_sample_course_lies_in_some_chunk(path: Path) -> None:
    assert report(load(path.read_bytes(), name=path.name)).coverage == 1


def test_a_long_table_in_several_blocks_is_one() -> None:
    rows = "".join(f"student {number},remark {'x' * 60}\n" for number in range(50))
    long, short = f"name,remark\n{rows}", "name,place\nAda,London\n"
    assert report(load(long.encode(), name="a.csv")).tables == 1
    assert report(load(f"{short}\n{long}".encode(), name="a.csv")).tables == 2


@given(st.text(st.sampled_from("ab. \n#-|`$>1\t\u2003ß\N{GRINNING FACE}"), max_size=400))
def test_all_of_any_text_lies_in_some_chunk(text: str) -> None:
    document = Document(text, "Any", blocks=tuple(blocks_of(text)))
    assert report(document).coverage == 1


@given(st.text(max_size=300), st.text(max_size=2000))
def test_a_text_without_blocks_is_covered_too(before: str, after: str) -> None:
    assert report(Document(f"{before}\n\n{after}", "Any")).coverage == 1


def test_real_files_of_all_formats_are_covered() -> None:
    if not (files := sorted(path for path in MATERIAL.rglob("*") if path.is_file())):
        pytest.skip("the Office files of other projects aren't beside this checkout")
    for path in files:
        try:
            document = load(path.read_bytes(), name=path.name)
        except SourceError:
            continue
        assert report(document).coverage == 1, path.name


def part(start: int, end: int) -> Chunk:
    return Chunk(f"{start}", "d", 0, start, end, "")


def test_what_no_chunk_holds_is_missed() -> None:
    text = "abcd efgh  ijkl mn"
    assert coverage(text, [part(0, 9), part(11, 18)]) == 1
    assert coverage(text, [part(5, 9), part(0, 4)]) == pytest.approx(8 / 14)
    assert coverage(text, []) == 0
    assert coverage(" \n", []) == 1
    assert coverage_says(coverage("x" * 10_000, [part(0, 9_999)])) == "99.9 %"


def test_pages_without_text_and_pictures_are_named() -> None:
    document = pdf.load(pdf_samples.partly_scanned(), name="a.pdf", recogniser=lambda: None)
    quality = report(document)
    assert quality.images == (2, 3, 5)
    assert set(quality.images) <= set(quality.without_text)
    assert not quality.by_ocr


def test_the_report_names_what_needs_a_look() -> None:
    quality = Quality((2, 12, 13), (12, 13), (5, 6), (9,), 4, 0.9996)
    assert facts(quality) == [
        ("read by OCR", "pages 5-6"),
        ("images", "pages 12-13, without text"),
        ("empty", "page 2"),
        ("can't be read", "page 9"),
        ("tables", "4"),
        ("coverage", "99.9 %"),
    ]
    assert facts(replace(quality, by_ocr=(1,)), page="slide")[0] == ("read by OCR", "slide 1")
    assert facts(Quality()) == [("coverage", "100 %")]
