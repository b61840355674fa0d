"""What holds for every document, whatever it was read from."""

from __future__ import annotations

from rag.types import Document


def assert_sound(document: Document) -> None:
    """Blocks in order, apart, and together all that isn't white space; pages cover the text; no odd letters."""
    at = 0
    for block in document.blocks:
        assert at <= block.start < block.end <= len(document.text)
        assert not document.text[at : block.start].strip()
        assert not document.text[block.start].isspace() or block.kind == "code"
        at = block.end
    assert not document.text[at:].strip()
    assert_pages_cover(document)
    assert "\x00" not in document.text
    document.text.encode("utf-8")  # fails on half surrogate pairs
    assert document.title.strip()


def assert_pages_cover(document: Document) -> None:
    """Each page begins where the one before ends; its alignment's runs do the same within it."""
    at = 0
    for page in document.pages:
        assert page.start == at
        at = page.end
        run_at = page.start
        for run in page.alignment.runs:
            assert run.start == run_at
            assert run.length > 0
            run_at += run.length
        assert not page.alignment.runs or run_at == page.end
    assert not document.pages or at == len(document.text)
    for block in document.blocks:
        if block.page is not None:
            page = document.pages[block.page - 1]
            assert page.start <= block.start
            assert block.end <= page.end
