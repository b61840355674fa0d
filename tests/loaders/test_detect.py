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
from ingest.loaders import DOCX, HTML, MARKDOWN, PDF, PPTX, TEXT, detect, is_supported, load
from rag.errors import Damaged, NoText, PasswordNeeded, SourceError, Unsupported
from tests import pdf_samples


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
        pytest.param("README", b"Read me first.", TEXT, id="no suffix"),
        pytest.param("notes.pdf", b"These are only words.", TEXT, id="text named .pdf"),
        pytest.param("notes.txt", "Übung".encode("utf-16"), TEXT, id="text in utf-16"),
        pytest.param("BMW.txt", b"BMW is a maker of cars", TEXT, id="text that begins like a bitmap"),
        pytest.param("photo.txt", b"\x89PNG\r\n\x1a\n\x00", "image/png", id="picture named .txt"),
        pytest.param("photo.png", b"RIFF\x24\x00\x00\x00WEBPVP8 ", "image/webp", id="webp named .png"),
        pytest.param("photo.png", b"These are only words.", TEXT, id="text named .png"),
        pytest.param("photo.jpg", b"\x00\x01\x02", loaders.UNKNOWN, id="rubbish named .jpg"),
        pytest.param("book.epub", container("mimetype", "OEBPS/a.xhtml"), loaders.UNKNOWN, id="epub"),
    ],
)
def test_the_format_is_told(name: str, head: bytes, media_type: str) -> None:
    assert detect(name, head) == media_type


def test_a_file_with_a_wrong_suffix_is_read_as_what_it_is() -> None:
    assert "Merge sort" in load(pdf_samples.prose(), name="script.txt").text
    assert load(word_file(), name="script.pdf").text == "Sorting puts things in order."


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
        pytest.param("a.mp3", b"ID3\x04\x00\x00", Unsupported, "a sound recording", id="sound"),
        pytest.param("a.zip", container("x.txt"), Unsupported, "format that isn't known", id="zip"),
        pytest.param("a.xlsx", container("xl/workbook.xml"), Unsupported, "Excel", id="excel"),
        pytest.param("a.ipynb", b'{"cells": []}', Unsupported, "Jupyter", id="notebook"),
        pytest.param("a.rtf", b"{\\rtf1 Hi}", Unsupported, "Rich Text", id="rich text"),
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


def test_each_format_has_its_loader() -> None:
    assert set(loaders.SUFFIXES.values()) == set(loaders.FORMATS)


def test_looking_at_formats_loads_no_library() -> None:
    heavy = "pypdfium2 pypdf trafilatura lxml docx pptx markdown_it py3langid numpy PIL"
    code = f"import sys, ingest.loaders, ingest.pages; print(*(m for m in '{heavy}'.split() if m in sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not found.strip()
