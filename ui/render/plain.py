"""An answer as plain text, to be pasted elsewhere: what it says, and where each part of it stands."""

from __future__ import annotations

from rag.texts import say
from rag.types import Answer, AnswerStatus, Citation
from ui.render.words import file_name, in_lines, page_name, section_of, unmarked, without_block


def answer_text(answer: Answer) -> str:
    """Return an answer's words with their markers, and under them the quotes and pages that the markers stand for."""
    if answer.status is AnswerStatus.QUOTED and not answer.about:
        return "\n\n".join(f"“{quote_text(found)}”\n({place_of(found)})" for found in answer.citations)
    sources = [f"[{found.marker}] {place_of(found)}: “{quote_text(found)}”" for found in answer.citations]
    listed = ["\n".join([f"{say('Sources')}:", *sources])] if sources else []
    return "\n\n".join([answer.text.strip(), *listed])


def quote_text(found: Citation) -> str:
    """Return a quote without the marks of Markdown, a list in it line by line."""
    begun = without_block(found.quote, found.source)
    return "\n".join(unmarked(line, found.source) for line in in_lines(begun))


def place_of(found: Citation) -> str:
    """Return where a quote stands: title, file and page."""
    name = f"{found.title} ({file_name(found.source)})"
    if found.page is not None:
        return f"{name}, {page_name(found.source, found.page, found.page_label, found.page_end)}"
    section = section_of(found)
    return say("{name}, “{section}”", name=name, section=section) if section else name
