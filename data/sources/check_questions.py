"""Check the gold questions of the sample course.

Every quote must stand in the named document, and on the named page or slide, once white space and
line-end hyphens are removed and the text is NFKC-normalised. Ids must be unique, and the agreed numbers must
be reached.

Usage: python check_questions.py
Needs: pypdfium2, python-pptx, python-docx
"""

import json
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import docx
import pptx
import pypdfium2

DATA = Path(__file__).resolve().parent.parent
COURSE = DATA / "sample-course"
FIELDS = {"id", "language", "question", "answerable", "source", "page", "quote", "answer"}
LINE_END_HYPHEN = re.compile("(?:[\x02\ufffe\u00ad]|(?<=\\w)[-\u2010](?=\\r?\\n))")

Question = dict[str, Any]


def squeeze(text: str) -> str:
    """Remove line-end hyphens and white space, and normalise the characters."""
    joined = LINE_END_HYPHEN.sub("", text)
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", joined))


class _Text(HTMLParser):
    """Collects the text of a web page without scripts and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


def _pdf_pages(path: Path) -> Iterator[str]:
    with pypdfium2.PdfDocument(path) as document:
        for page in document:
            yield page.get_textpage().get_text_range()


def _slides(path: Path) -> Iterator[str]:
    for slide in pptx.Presentation(str(path)).slides:
        parts = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
        tables = [shape.table for shape in slide.shapes if shape.has_table]
        parts += [cell.text for table in tables for row in table.rows for cell in row.cells]
        if slide.has_notes_slide:
            parts.append(slide.notes_slide.notes_text_frame.text)
        yield "\n".join(parts)


def _word(path: Path) -> str:
    document = docx.Document(str(path))
    parts = [paragraph.text for paragraph in document.paragraphs]
    parts += [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join(parts)


def _web(path: Path) -> str:
    parser = _Text()
    parser.feed(path.read_text(encoding="utf-8"))
    return "".join(parser.parts)


@cache
def places(name: str) -> dict[int | None, str]:
    """The squeezed text of a document by page or slide number, or under None if it has no pages."""
    path = COURSE / name
    if path.suffix in (".pdf", ".pptx"):
        parts = _pdf_pages(path) if path.suffix == ".pdf" else _slides(path)
        return {number: squeeze(text) for number, text in enumerate(parts, start=1)}
    readers = {".docx": _word, ".html": _web}
    reader = readers.get(path.suffix)
    return {None: squeeze(reader(path) if reader else path.read_text(encoding="utf-8"))}


def check_question(question: Question) -> Iterator[str]:
    """Yield what is wrong with one question."""
    if set(question) != FIELDS:
        yield f"fields are {sorted(question)}"
        return
    if question["language"] not in ("en", "de"):
        yield f"unknown language {question['language']!r}"
    if not question["answerable"]:
        if any(question[field] is not None for field in ("source", "page", "quote", "answer")):
            yield "unanswerable, but has a source, page, quote or answer"
        return
    if not (question["answer"] and question["quote"]):
        yield "answer or quote is missing"
        return
    if not (COURSE / question["source"]).is_file():
        yield f"no such document: {question['source']}"
        return
    texts, quote = places(question["source"]), squeeze(question["quote"])
    found = [page for page, text in texts.items() if quote in text]
    if question["page"] not in found:
        yield f"quote is not on page {question['page']} of {question['source']} (found on {found})"
    elif len(found) > 1 or texts[question["page"]].count(quote) > 1:
        yield "quote stands in more than one place"


def check_counts(questions: list[Question]) -> Iterator[str]:
    """Yield which of the agreed numbers are missed."""
    repeated = [key for key, count in Counter(q["id"] for q in questions).items() if count > 1]
    if repeated:
        yield f"repeated ids: {repeated}"
    answerable = [q for q in questions if q["answerable"]]
    rest = Counter(q["language"] for q in questions if not q["answerable"])
    german = sum(q["language"] == "de" for q in answerable)
    if len(answerable) < 64 or german < 16:
        yield f"{len(answerable)} answerable questions, {german} of them German; want 64 and 16"
    if (rest["en"], rest["de"]) != (12, 4):
        yield f"unanswerable questions: {dict(rest)}; want 12 English and 4 German"
    missing = {path.name for path in COURSE.iterdir()} - {q["source"] for q in answerable}
    if missing:
        yield f"documents without a question: {sorted(missing)}"


def main() -> int:
    """Print all failures and return the exit status."""
    lines = (DATA / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    questions: list[Question] = [json.loads(line) for line in lines]
    failures = [f"{q.get('id')}: {message}" for q in questions for message in check_question(q)]
    failures += check_counts(questions)
    sys.stdout.write("\n".join(failures) + "\n" if failures else f"{len(questions)} questions are fine\n")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
