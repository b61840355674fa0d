"""Answers and lists for people in a terminal."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from rich.live import Live
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from ingest.loaders import page_word
from ingest.loaders.markup.headings import heading_text
from ingest.quality import facts
from rag import events
from rag.texts import counted, decimal, many, say, sayable, speaking, whole
from rag.types import (
    Answer,
    AnswerStatus,
    Citation,
    CollectionInfo,
    Document,
    DocumentInfo,
    DocumentState,
    Passage,
    SearchResult,
)
from ui.render.console import console, one_line
from ui.render.json import NEAREST
from ui.render.words import file_name, in_lines, page_name, section_of, unmarked, without_block

if TYPE_CHECKING:
    from rag.library.repair import Finding

_STATES = {
    DocumentState.QUEUED: sayable("queued"),
    DocumentState.PARSED: sayable("parsed"),
    DocumentState.READY: sayable("ready"),
    DocumentState.FAILED: sayable("failed"),
}
_SHOWN_QUOTE = 300  # characters of a quote in a terminal


# ---- answers


def watch_answer(asking: Iterable[events.Event]) -> Iterator[events.Event]:
    """Show the answer while it grows, passing the events on; the growing answer gives way to the final one."""
    written = quoted = ""
    with Live(console=console(), transient=True, refresh_per_second=12) as live:
        for event in asking:
            match event:
                case events.Condensed(question):
                    live.update(Text(say("Understood as: {question}", question=question), "dim"))
                case events.Retrieved(passages):
                    live.update(Text(say("{passages} found", passages=counted(len(passages), "passage")), "dim"))
                case events.Draft(answer) if answer.citations:  # a refusal may yet give way to an answer
                    quoted = f"{say('Quoted, while the model reads:')}\n{answer.text}\n"
                    live.update(Text(quoted, "dim"))
                case events.Queued(before):
                    waiting = say("Waiting for {answers} …", answers=counted(before, "other answer"))
                    live.update(Text(f"{quoted}{waiting}", "dim"))
                case events.Progress(read) if not written:  # the quotes stay until the written answer begins
                    live.update(Text(f"{quoted}{say('Reading …')} {whole(round(100 * read))} %", "dim"))
                case events.Text(piece):
                    written += piece
                    live.update(Text(written))
            yield event


def print_answer(answer: Answer) -> None:
    """Print an answer, then the quotes it stands on, with their pages; the lines around speak the answer's language."""
    with speaking(answer.language):
        _print_answer(answer)


def _print_answer(answer: Answer) -> None:
    _print_understood(answer.understood)
    surveyed = bool(answer.about) and answer.status is AnswerStatus.QUOTED  # a list: its lines carry their pages
    quoted = answer.status is AnswerStatus.QUOTED
    console().print(Text(_with_pages(answer)) if surveyed else _quotes(answer) if quoted else Text(answer.text))
    if answer.citations and not surveyed:
        console().print()
    for citation in () if surveyed else answer.citations:
        # A quoted answer has said its quotes already.
        console().print(_citation(citation, with_quote=answer.status is not AnswerStatus.QUOTED))
    unsupported = [sentence.text for sentence in answer.sentences if not sentence.supported]
    if unsupported:
        console().print(Text(say("Not found in the passages: {said}", said=" ".join(unsupported)), "yellow"))
    if answer.status is AnswerStatus.NOT_IN_DOCUMENTS and answer.passages:
        console().print(Text(say("The nearest passages:"), "dim"))
        for passage in answer.passages[:NEAREST]:
            console().print(Text(f"  {_where(passage)}", "dim"))
    for note in answer.notes:
        console().print(Text(note, "yellow"))
    console().print(Text(_made_by(answer), "dim"))


def _print_understood(question: str | None) -> None:
    if question:
        console().print(Text(say("Understood as: {question}", question=question), "dim"))


def _quotes(answer: Answer) -> Text:
    """Return the quotes between the sentences around them, which are dim; the words that answer are bold."""
    paragraphs = []
    for citation in answer.citations:
        before, words, after = (
            unmarked(" ".join((said or "").split()), citation.source)
            for said in (citation.before, citation.answer, citation.after)
        )
        begun = without_block(citation.quote, citation.source)
        quote = Text("\n  ".join(unmarked(line, citation.source) for line in in_lines(begun)))
        at = quote.plain.find(words)
        if words and words != quote.plain and at >= 0:
            quote.stylize("bold", at, at + len(words))
        paragraphs.append(
            Text.assemble(
                (f"{before} " if before else "", "dim"),
                "“",
                quote,
                f"” [{citation.marker}]",
                (f" {after}" if after else "", "dim"),
            )
        )
    return Text("\n\n").join(paragraphs)


def _with_pages(answer: Answer) -> str:
    """Return the text with each marker at the end of a line followed by its page."""
    pages = {
        str(found.marker): f", {many(1, page_word(found.source))} {found.page}"
        for found in answer.citations
        if found.page is not None
    }
    return re.sub(r"\[(\d+)\]$", lambda mark: f"[{mark[1]}{pages.get(mark[1], '')}]", answer.text, flags=re.MULTILINE)


def _made_by(answer: Answer) -> str:
    told = {"model": answer.model, "time": f"{decimal(answer.timings.total_s)} s"}
    if answer.status is AnswerStatus.QUOTED:
        if answer.model:
            return say("Quoted from your documents, in place of what {model} wrote, in {time}.", **told)
        return say("Quoted from your documents, without a language model, in {time}.", **told)
    if answer.model is None:
        return say("In {time}.", **told)
    read, written = answer.tokens.prompt, answer.tokens.answer
    if read is None or written is None:
        return say("{model}, in {time}.", **told)
    return say("{model}, {read} tokens read, {written} written, in {time}.", read=read, written=written, **told)


def _citation(citation: Citation, *, with_quote: bool) -> Text:
    line = Text.assemble((f"[{citation.marker}] ", "bold cyan"), (_where(citation), "bold"))
    if with_quote:
        quote = " ".join(citation.quote.split())
        line.append(f"\n    “{quote[:_SHOWN_QUOTE]}{'…' if len(quote) > _SHOWN_QUOTE else ''}”", "dim")
    return line


def _where(place: Citation | Passage) -> str:
    if place.page is None:
        section = section_of(place)
        name = f"{place.title} ({file_name(place.source)})"
        return say("{name}, “{section}”", name=name, section=section) if section else name
    return f"{place.title} ({file_name(place.source)}), {page_name(place.source, place.page, place.page_label)}"


# ---- lists


def explained(passage: Passage) -> str:
    """Return the parts of a passage's score; "–" where a search hasn't found it.

    "meaning 0.52 · words 14.1 · document 0.83 · fused 0.77 · reader –"
    """
    parts = [("meaning", passage.dense, 2), ("words", passage.lexical, 1), ("document", passage.document, 2)]
    parts += [("definition", passage.defines, 2)] if passage.defines is not None else []
    parts += [("fused", passage.fused, 2), ("reader", passage.rerank, 2)]
    return " · ".join(f"{name} {'–' if score is None else f'{score:.{digits}f}'}" for name, score, digits in parts)


def print_search(result: SearchResult, *, explain: bool = False) -> None:
    """Print passages with their places and scores, best first; with `explain`, the parts of each score."""
    _print_understood(result.understood)
    for rank, passage in enumerate(result.passages, start=1):
        scores = [f"{passage.score:.2f}"]
        scores += [f"{say('meaning')} {passage.dense:.2f}"] if passage.dense is not None else []
        scores += [f"{say('words')} {passage.lexical:.1f}"] if passage.lexical is not None else []
        scores = [f"{passage.score:.2f}"] if explain else scores
        heading = f"  {' > '.join(passage.headings)}" if passage.headings else ""
        console().print(
            Text.assemble((f"{rank}. ", "bold cyan"), (_where(passage), "bold"), (f"  {', '.join(scores)}", "dim"))
        )
        if explain:
            console().print(Text(f"   {explained(passage)}", "magenta"))
        console().print(Text(f"   {heading.strip()}", "cyan")) if heading else None
        text = " ".join(passage.text.split())
        console().print(Text(f"   {text[:_SHOWN_QUOTE]}{'…' if len(text) > _SHOWN_QUOTE else ''}"))
        for twin in passage.also:
            page = f", {many(1, page_word(twin.source))} {twin.page}" if twin.page else ""
            console().print(Text(f"   {say('the same in {place}', place=file_name(twin.source) + page)}", "dim"))
        console().print()
    for note in result.notes:
        console().print(Text(note, "yellow"))
    if not result.passages:
        console().print(say("Nothing was found."))


def print_documents(infos: Sequence[DocumentInfo]) -> None:
    """Print the list of documents."""
    if not infos:
        console().print(say("There are no documents yet. Run: {command}", command="studyhall ingest FOLDER"))
        return
    nouns = many(1, "document"), many(1, "collection"), many(2, "page"), many(2, "chunk")
    heads = say("id"), *nouns, say("state")
    table = Table(*heads, box=None, header_style="bold")
    for info in infos:
        state = f"[red]{say(_STATES[info.state])}[/red]" if info.error else say(_STATES[info.state])
        name = f"{info.title}\n{file_name(info.source)}" if info.title else info.source
        numbers = str(info.pages or ""), str(info.chunks)
        table.add_row(info.document_id[:8], escape(name), escape(info.collection), *numbers, state)
    console().print(table)


def print_document(info: DocumentInfo, document: Document, tags: Sequence[str], *, with_text: bool) -> None:
    """Print all facts of one document."""
    rows = {
        "title": info.title,
        "source": info.source,
        "collection": info.collection,
        "state": info.state,
        "id": info.document_id,
        "type": info.media_type,
        "language": info.language,
        "pages": info.pages or "",
        "chunks": info.chunks,
        "characters": info.characters,
        "added": info.added,
        "tags": ", ".join(tags),
        "error": info.error or "",
    }
    quality = facts(info.quality, page=page_word(info.source)) if info.quality and not info.error else []
    for name, value in [*rows.items(), *quality]:
        if value != "":
            console().print(Text.assemble((f"{name:>13}  ", "bold"), one_line(str(value))))
    for note in info.notes:
        console().print(Text(f"{'note':>13}  {note}", "yellow"))
    headings = [block for block in document.blocks if block.kind == "heading"]
    for block in headings[:40]:
        title = heading_text(document.text[block.start : block.end])
        page = f"  p. {block.page}" if block.page else ""
        console().print(Text(f"{'':15}{'  ' * (block.level - 1)}{title}{page}", "cyan"))
    if len(headings) > 40:
        console().print(f"{'':15}[dim]and {len(headings) - 40} more headings[/dim]")
    if with_text:
        sys.stdout.write(f"\n{document.text}\n")


def print_collections(infos: Sequence[CollectionInfo]) -> None:
    """Print the list of collections."""
    if not infos:
        console().print(say("There are no collections yet. Run: {command}", command="studyhall ingest FOLDER -c NAME"))
        return
    table = Table(many(1, "collection"), many(2, "document"), many(2, "chunk"), box=None, header_style="bold")
    for info in infos:
        table.add_row(escape(info.name), str(info.documents), str(info.chunks))
    console().print(table)


def print_findings(findings: Sequence[Finding]) -> None:
    """Print the findings of an examination."""
    for finding in findings:
        mark = ("✓", "green") if finding.well else ("✗", "red")
        console().print(Text.assemble(mark, f" {finding.what}: {finding.seen}"))
