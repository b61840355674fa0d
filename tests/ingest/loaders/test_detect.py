"""The format of a file is told by its content, then by its name; what isn't read is named."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile

import docx
import pptx
import pytest

from ingest import loaders, ocr
from ingest.accept.acceptor import source_of
from ingest.loaders import (
    CODE,
    CSV,
    DOCX,
    EML,
    EPUB,
    HTML,
    IPYNB,
    LATEX,
    MARKDOWN,
    ODT,
    PDF,
    PPTX,
    RST,
    RTF,
    TEXT,
    XLSX,
    ZIP,
    detect,
    is_supported,
    load,
    page_word,
)
from rag.errors import Damaged, NoText, PasswordNeeded, SourceError, Unsupported
from tests import pdf_samples

MAIL = b"From: a@example.org\nTo: b@example.org\nSubject: Exam\nDate: Mon, 2 Feb 2026 10:00:00 +0100\n\nHello"


def typed_container(media_type: str) -> bytes:
    """Make the beginning of a container that says its type first, as EPUB and OpenDocument have it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as target:
        target.writestr("mimetype", media_type)
        target.writestr("content.xml", "<content/>")
    return file.getvalue()


def word_file(text: str = "Sorting puts things in order.") -> bytes:
    document = docx.Document()
    document.add_paragraph(text)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def slides(text: str = "Sorting") -> bytes:
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[5])
    slide.shapes.title.text = text
    file = io.BytesIO()
    presentation.save(file)
    return file.getvalue()


def container(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as target:
        for name in names:
            target.writestr(name, "content")
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "notes"),
    [
        ("lecture.pdf", ("the file is HTML, not PDF as its name says",)),
        ("lecture.html", ()),
        ("lecture", ()),
        ("lecture.txt", ()),
        ("https://example.org/lecture.pdf", ()),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_named(name: str, notes: tuple[str, ...]) -> None:
    page = b"<html><body><p>Please log in to see this lecture of the course.</p></body></html>"
    assert load(page, name=name).notes == notes


@pytest.mark.parametrize(
    ("name", "head", "media_type"),
    [
        pytest.param("script.pdf", b"%PDF-1.7\n", PDF, id="pdf"),
        pytest.param("script.txt", b"\n\n%PDF-1.4", PDF, id="pdf named .txt"),
        pytest.param("script.pdf", b"HTTP/1.1 200 OK\r\n\r\n%PDF-1.4", PDF, id="pdf behind something else"),
        pytest.param("formats.md", b"# Formats\n\nA PDF begins with %PDF-1.7.", MARKDOWN, id="text about pdf"),
        pytest.param("script.pdf", word_file(), DOCX, id="docx named .pdf"),
        pytest.param("script.docx", slides(), PPTX, id="pptx named .docx"),
        pytest.param("script.docx", word_file()[:2000], DOCX, id="the beginning of a docx"),
        pytest.param("script.pptx", b"PK\x03\x04 cut", PPTX, id="cut pptx"),
        pytest.param("page", b"<!DOCTYPE html><p>Hi", HTML, id="html without a name"),
        pytest.param("page.txt", b"\xef\xbb\xbf <!-- saved --> <html lang=en>", HTML, id="html named .txt"),
        pytest.param("page.html", b"<p>Only a paragraph", HTML, id="html by name"),
        pytest.param("page.html", "<html><p>Übung".encode("utf-16"), HTML, id="html in utf-16"),
        pytest.param("notes.md", b"# Sorting\n\n<html> is a tag", MARKDOWN, id="markdown about html"),
        pytest.param("NOTES.MD", b"# Sorting", MARKDOWN, id="capital suffix"),
        pytest.param("https://example.org/course/notes.md?raw=1", b"# Sorting", MARKDOWN, id="url"),
        pytest.param("https://example.org/index.php?p=1", b"<p>Hi", TEXT, id="page of a program"),
        pytest.param("index.php", b"<?php echo 1;", CODE, id="the program"),
        pytest.param("README", b"Read me first.", TEXT, id="no suffix"),
        pytest.param("notes.pdf", b"These are only words.", TEXT, id="text named .pdf"),
        pytest.param("notes.txt", "Übung".encode("utf-16"), TEXT, id="text in utf-16"),
        pytest.param("BMW.txt", b"BMW is a maker of cars", TEXT, id="text that begins like a bitmap"),
        pytest.param("photo.txt", b"\x89PNG\r\n\x1a\n\x00", "image/png", id="picture named .txt"),
        pytest.param("photo.png", b"RIFF\x24\x00\x00\x00WEBPVP8 ", "image/webp", id="webp named .png"),
        pytest.param("photo.png", b"These are only words.", TEXT, id="text named .png"),
        pytest.param("photo.jpg", b"\x00\x01\x02", loaders.UNKNOWN, id="rubbish named .jpg"),
        pytest.param("book", container("mimetype", "META-INF/container.xml"), EPUB, id="epub without a name"),
        pytest.param("book.zip", typed_container(EPUB), EPUB, id="epub named .zip"),
        pytest.param("text.zip", typed_container(ODT), ODT, id="odt named .zip"),
        pytest.param("data.docx", container("[Content_Types].xml", "xl/workbook.xml"), XLSX, id="xlsx named .docx"),
        pytest.param("course.zip", container("word/essay.docx", "xl/data.csv"), ZIP, id="archive with a folder word"),
        pytest.param("export", container("a.md", "b.pdf"), ZIP, id="archive without a name"),
        pytest.param("program.jar", container("a.class"), loaders.UNKNOWN, id="a container of another kind"),
        pytest.param("notes.txt", b"{\\rtf1\\ansi Hi}", RTF, id="rich text named .txt"),
        pytest.param("run", b'{\n "cells": [\n  {\n   "cell_type": "code"', IPYNB, id="notebook without a name"),
        pytest.param("words.ipynb", b"Only words.", TEXT, id="text named .ipynb"),
        pytest.param("mail", MAIL, EML, id="message without a name"),
        pytest.param("mail.txt", MAIL.replace(b"\n", b"\r\n"), EML, id="message named .txt"),
        pytest.param("mail.md", b"From: me\n\nSubject: nothing", MARKDOWN, id="text about messages"),
        pytest.param("sort.PY", b"def sort(): ...", CODE, id="source code"),
        pytest.param("paper.tex", b"\\section{One}", LATEX, id="latex"),
        pytest.param("index.rst", b"One\n===", RST, id="restructured text"),
        pytest.param("marks.tsv", b"a\tb", CSV, id="values"),
    ],
)
def test_the_format_is_told(name: str, head: bytes, media_type: str) -> None:
    assert detect(name, head) == media_type


def test_a_file_with_a_wrong_suffix_is_read_as_what_it_is() -> None:
    assert "Merge sort" in load(pdf_samples.prose(), name="script.txt").text
    assert load(word_file(), name="script.pdf").text == "Sorting puts things in order."


@pytest.mark.parametrize(
    ("name", "told", "data", "kind"),
    [
        pytest.param("node/7", "text/markdown", b"# Tides\n\nHigh at six.", MARKDOWN, id="markdown"),
        pytest.param("node/7", "Text/Markdown; charset=UTF-8", b"# Tides", MARKDOWN, id="with a parameter"),
        pytest.param("export?id=3", "text/csv", b"a;b\n1;2\n", CSV, id="values"),
        pytest.param("node/7", "text/tab-separated-values", b"a\tb\n", CSV, id="values between tabs"),
        pytest.param("node/7", "text/html", b"<p>High at <b>six</b>.</p>", HTML, id="a fragment"),
        pytest.param("node/7.2", "application/xhtml+xml", b"<div>High</div>", HTML, id="a point that is no suffix"),
        pytest.param("api/tides", "application/json", b'{"high": 6}', CODE, id="json"),
        pytest.param("feed", "application/atom+xml", b"<feed/>", CODE, id="a feed"),
        pytest.param("run", "text/x-python", b"x = 1", CODE, id="code"),
        pytest.param("node/7", "text/x-tex", b"\\section{A}", LATEX, id="latex"),
        pytest.param("node/7", "text/plain", b"# Tides", TEXT, id="text"),
        pytest.param("node/7", "application/pdf", b"Please log in.", TEXT, id="told wrongly"),
        pytest.param("node/7", "text/markdown", b"<!doctype html><p>Hi", HTML, id="content first"),
        pytest.param("tides.csv", "text/markdown", b"a;b", CSV, id="then the suffix"),
        pytest.param("tides.txt", "text/html", b"a <b", TEXT, id="the suffix of a text"),
    ],
)
def test_what_a_server_tells_counts_after_content_and_suffix(name: str, told: str, data: bytes, kind: str) -> None:
    address = f"https://example.org/{name}"
    source = source_of(address, data, declared=told)
    assert source.media_type == kind
    assert load(data, name=address, media_type=source.media_type).text


def test_a_fragment_told_as_html_is_read_without_its_tags() -> None:
    data = b"<p>High at <b>six</b>.</p><ul><li>Bring a boat</li></ul>"
    document = load(data, name="https://example.org/node/7", media_type=HTML, url="https://example.org/node/7")
    assert document.text == "High at six.\n\n- Bring a boat"


def test_the_servers_word_counts_where_content_and_name_say_nothing() -> None:
    page = b"<p>Sorting puts <b>things</b> in order, from the smallest one to the largest.</p>"
    assert "<b>" not in load(page, name="lecture", media_type="text/html; charset=utf-8").text
    assert "<b>" in load(page, name="lecture").text


@pytest.mark.parametrize(
    ("name", "data", "error", "said"),
    [
        pytest.param("a.pdf", b"", NoText, "is empty", id="empty"),
        pytest.param("a.md", b" \n\n\t ", NoText, "is empty", id="blank"),
        pytest.param("a.txt", b"\xff\xfe", NoText, "is empty", id="only a byte order mark"),
        pytest.param("a.txt", b"\x00" * 50, NoText, "is empty", id="only zeros"),
        pytest.param("a.zip", container("x.txt"), Unsupported, "an archive", id="zip"),
        pytest.param("a.xlsx", container("xl/workbook.xml"), Damaged, "damaged", id="hollow xlsx"),
        pytest.param("a.epub", container("OEBPS/a.xhtml"), Damaged, "damaged", id="hollow epub"),
        pytest.param("a.odt", container("META-INF/manifest.xml"), Damaged, "damaged", id="hollow odt"),
        pytest.param("a.ipynb", b'{"cells": []}', NoText, "no text", id="hollow notebook"),
        pytest.param("a.ipynb", b'{"cells": [{"cell_', Damaged, "damaged", id="cut notebook"),
        pytest.param("a.ipynb", b'{"metadata": 1}', Damaged, "no cells", id="notebook without cells"),
        pytest.param("a.ipynb", b'{"cells": [1, 2]}', Damaged, "damaged", id="notebook of numbers"),
        pytest.param("a.rtf", b"{\\rtf1 }", NoText, "no text", id="hollow rich text"),
        pytest.param("a.xlsx", loaders._OLE + loaders._ENCRYPTED, PasswordNeeded, "password", id="locked xlsx"),
        pytest.param("a.csv", b";;\n;;\n", NoText, "empty cells", id="empty cells"),
        pytest.param("a.tex", b"\\begin{document}\n\\end{document}", NoText, "preamble", id="only a preamble"),
        pytest.param("a.mp3", b"ID3\x04\x00\x00", Unsupported, "a sound recording", id="sound"),
        pytest.param("a.doc", loaders._OLE + b"\x00" * 600, Unsupported, "old Word file", id="old word"),
        pytest.param("a.docx", loaders._OLE + loaders._ENCRYPTED, PasswordNeeded, "password", id="locked docx"),
        pytest.param("a.docx", word_file()[:3000], Damaged, "damaged", id="cut docx"),
        pytest.param("a.pptx", slides()[:3000], Damaged, "damaged", id="cut pptx"),
        pytest.param("a.docx", container("word/document.xml"), Damaged, "damaged", id="hollow docx"),
        pytest.param("a.docx", container("other.xml"), Damaged, "damaged", id="docx without a document"),
        pytest.param("a", loaders._OLE + b"\x00" * 600, Unsupported, "old Office file", id="old office file"),
        pytest.param("a.pdf", b"1 0 obj <</A 1>> endobj", Damaged, "damaged", id="pdf without a head"),
        pytest.param("a.txt", bytes(range(1, 32)) * 50, Unsupported, "binary data", id="binary rubbish"),
    ],
)
def test_files_that_cannot_be_read_say_why(name: str, data: bytes, error: type[SourceError], said: str) -> None:
    with pytest.raises(error, match=said) as raised:
        load(data, name=name)
    assert name in str(raised.value)
    assert raised.value.remedy


def test_unsupported_files_are_told_what_is_read() -> None:
    with pytest.raises(Unsupported) as raised:
        load(b"OggS\x00\x00", name="talk.ogg")
    assert all(label in raised.value.remedy for _, label in loaders.FORMATS.values())


def test_a_container_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loaders, "MOST_UNPACKED", 100)
    with pytest.raises(Unsupported, match="unpacks to"):
        load(word_file(), name="bomb.docx")


def test_folders_are_searched_for_known_suffixes() -> None:
    assert is_supported("a/b/Script.PDF")
    assert not is_supported("a/b/talk.mp3")


def test_folders_are_searched_for_pictures_where_they_can_be_read() -> None:
    assert is_supported("a/b/photo.jpg") is ocr.installed()


def test_pages_are_called_what_they_are() -> None:
    assert [
        page_word(f"a.{suffix}") for suffix in ("PPTX", "xlsx", "ipynb", "epub", "pdf", "")
    ] == "slide sheet cell chapter page page".split()


def test_each_format_has_its_loader() -> None:
    assert set(loaders.SUFFIXES.values()) == set(loaders.FORMATS)


def test_looking_at_formats_loads_no_library() -> None:
    heavy = "pypdfium2 pypdf trafilatura lxml docx pptx openpyxl striprtf markdown_it py3langid numpy PIL"
    code = f"import sys, ingest.loaders, ingest.pages; print(*(m for m in '{heavy}'.split() if m in sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not found.strip()
