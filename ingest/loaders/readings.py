"""The number of each format's reading. It rises when files of the format are read differently from then on.

A document knows the reading that it comes from, so that those of an older one can be found and read again.
``tests/ingest/loaders/test_readings.py`` notices a change that was forgotten here.
"""

from __future__ import annotations

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
)

_FIRST = 1
_NUMBERS = {
    CODE: 2,  # as all texts: encodings other than UTF-8 and Windows-1252
    CSV: 3,  # 2: headers of wide tables are no longer repeated; texts have a limit
    DOCX: 2,  # numbers of headings, imported parts, comments, diagrams; nothing hidden
    EML: 2,  # all texts that are shown
    EPUB: 2,  # a bad chapter costs itself; encodings
    HTML: 2,  # headings, inner lists and cells as they are shown
    IPYNB: 2,  # tables that are stored as HTML alone
    LATEX: 2,
    MARKDOWN: 2,  # no comments
    ODT: 2,  # comments, charts; nothing hidden
    PDF: 2,  # values of forms; a bad page costs itself
    PPTX: 2,  # diagrams, comments; a bad part costs itself
    RST: 2,  # no comments
    RTF: 2,  # tables in tables
    TEXT: 2,
    XLSX: 2,  # values as their formats show them, comments, text boxes, charts
}


def reading_of(media_type: str) -> int:
    """Return the number of the present reading of a format."""
    return _NUMBERS.get(media_type, _FIRST)
