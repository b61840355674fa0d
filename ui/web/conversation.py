"""Exchanges to HTML: the conversation as it stands on the page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePath

from rag.texts import counted, decimal, say, speaking, spoken
from rag.types import Answer, AnswerStatus, Citation, Passage
from ui.render.plain import answer_text
from ui.render.words import in_lines, page_name, section_of
from ui.web.ask import Exchange, Stage
from ui.web.markup import hidden, prose, quoted, safe, text, verbatim

_NEAREST = 3  # passages shown under a refusal
_GLIMPSE = 220  # characters of each
_HEADING_MARK = re.compile(r"^#{1,6} ", re.MULTILINE)  # Markdown keeps its marks in the text
_OPEN, _CLOSE = "\x02", "\x03"  # stand for the tags around an answer while its quote is made HTML


def conversation_html(exchanges: Sequence[Exchange], kept: str = "") -> str:
    """Return the whole conversation, each exchange a block of its own: only those that change are drawn anew.

    `kept` is the id under which it is kept: the page puts it into its address.
    """
    mark = [safe(f'<div class="kept-as" id="kept-{kept}"></div>')] if kept else []
    return "\n\n".join([*mark, *(exchange_html(exchange, turn) for turn, exchange in enumerate(exchanges))])


def exchange_html(exchange: Exchange, turn: int) -> str:
    """Return a question with its answer, sources and status line; they speak the answer's language."""
    with speaking(exchange.answer.language if exchange.answer else spoken()):
        return _exchange_html(exchange, turn)


def _exchange_html(exchange: Exchange, turn: int) -> str:
    # Screen readers are told of the answer once it is there, not of every word on the way.
    role = ' role="status"' if exchange.ended else ""
    return safe(
        f'<article class="exchange {exchange.stage.value}" id="turn-{turn}"><h2 class="question">'
        f'{hidden(say("You asked:"))} <span class="asked">{text(exchange.question)}</span></h2>{_understood(exchange)}'
        f'<div class="answer"{role}>{_answer(exchange, turn)}</div></article>'
    )


def _understood(exchange: Exchange) -> str:
    if not exchange.understood:
        return ""
    return f'<p class="meanwhile understood">{text(say("Understood as: {question}", question=exchange.understood))}</p>'


def _answer(exchange: Exchange, turn: int) -> str:
    match exchange.stage:
        case Stage.SEARCHING:
            return _busy(say("Looking through your documents …"))
        case Stage.READING:
            return _draft(exchange, turn) + _reading(exchange)
        case Stage.WRITING:
            return f'<div class="written">{_growing(exchange, turn)}</div>{_busy(say("Writing …"))}'
        case Stage.STOPPED:
            return _stopped(exchange, turn)
        case Stage.FAILED:
            remedy = f'<p class="remedy">{text(exchange.remedy)}</p>' if exchange.remedy else ""
            return f'<div class="failure"><p>{text(exchange.error)}</p>{remedy}</div>'
        case Stage.DONE:
            assert exchange.answer is not None  # the answer is what ends it
            return _whole(exchange, exchange.answer, turn)


def _whole(exchange: Exchange, answer: Answer, turn: int) -> str:
    if answer.status is AnswerStatus.NOT_IN_DOCUMENTS:
        body = _refusal(exchange, answer, turn)
    elif answer.status is AnswerStatus.QUOTED:
        body = _quotes(answer, turn)
    else:
        body = f'<div class="written">{_text(answer, turn)}</div>{_sources(answer, turn)}'
    return body + _notes(answer.notes) + _status(answer) + _explained(exchange, turn) + _buttons(answer, turn)


# ---- the answer's text


def _text(answer: Answer, turn: int) -> str:
    titles = {citation.marker: _location(citation) for citation in answer.citations}
    return prose(
        answer.text,
        unsupported=[sentence.text for sentence in answer.sentences if not sentence.supported],
        why=say("The cited pages don't clearly say this. Check it before you rely on it."),
        chip=lambda marker: _chip("cite", turn, marker, titles[marker]) if marker in titles else f"[{marker}]",
    )


def _growing(exchange: Exchange, turn: int) -> str:
    """Return the text so far, its markers as chips where they number the passages: in an overview."""
    overview = exchange.answer is not None and bool(exchange.answer.about)
    titles = {passage.number: _location(passage) for passage in exchange.passages if overview}
    return prose(
        exchange.written,
        chip=lambda marker: _chip("near", turn, marker, titles[marker]) if marker in titles else "",
    )


def _quotes(answer: Answer, turn: int) -> str:
    """Return a quoted answer: each quote with the place it comes from; one about the whole as a list."""
    if answer.about:
        return _survey(answer, turn)
    return f'<div class="quotes">{"".join(_quote(citation, turn) for citation in answer.citations)}</div>'


def _quote(citation: Citation, turn: int) -> str:
    place = _location(citation)
    # The last word keeps the chip with it.
    words, _, last = _said(citation).rpartition(" ")
    if "\\)" in last or "</" in last:  # a formula and what is marked stay in one piece
        words, last = f"{words} {last}", ""
    chip = f'<span class="kept">{last}{_chip("cite", turn, citation.marker, place)}</span>'
    link = f'<a class="act" href="#view:cite:{turn}:{citation.marker}">{text(place)}</a>'
    before, after = (_beside(said, citation.source) for said in (citation.before, citation.after))
    return f"<blockquote><p>{before} {words} {chip} {after}</p><footer>{link}</footer></blockquote>"


def _beside(sentence: str, source: str) -> str:
    return f'<span class="beside">{quoted(sentence, source)}</span>' if sentence else ""


def _said(citation: Citation) -> str:
    """Return the quote, with the words in it that answer marked; not where a formula would be cut in two."""
    if citation.answer is None or citation.answer_start is None or citation.answer == citation.quote:
        return _in_lines(citation.quote, citation.source)
    at = citation.answer_start - citation.start
    before, after = citation.quote[:at], citation.quote[at + len(citation.answer) :]
    if any(sign in citation.quote for sign in ("$", "\\")):
        return _in_lines(citation.quote, citation.source)
    marked = _in_lines(f"{before}{_OPEN}{citation.answer}{_CLOSE}{after}", citation.source)
    return marked.replace(_OPEN, "<mark>").replace(_CLOSE, "</mark>")


def _in_lines(quote: str, source: str) -> str:
    """Return a quote, a list in it with a line for each item."""
    intro, *items = in_lines(quote)
    lines = [
        quoted(intro, source),
        *(f"• {quoted(item[2:], source)}" if item[0] in "-*" else quoted(item, source) for item in items),
    ]
    return "<br>".join(lines)


def _survey(answer: Answer, turn: int) -> str:
    """Return an answer about the whole: under each document its headings, with their quotes."""
    html, last = "", ""
    for citation, passage in zip(answer.citations, answer.passages, strict=True):
        if citation.document_id != last:
            name = citation.title or PurePath(citation.source).name
            html += f"{'</ul>' if last else ''}<h3>{text(name)}</h3><ul>"
            last = citation.document_id
        heading, quote = passage.headings[-1] if passage.headings else "", " ".join(citation.quote.split())
        said = f"<strong>{verbatim(heading)}</strong> " if heading else ""
        said += "" if heading == quote else quoted(quote, citation.source)
        html += f"<li>{said.rstrip()} {_chip('cite', turn, citation.marker, _location(citation))}</li>"
    return f'<div class="survey">{html}</ul></div>'


def _draft(exchange: Exchange, turn: int) -> str:
    if exchange.answer is None or not exchange.answer.citations:
        return ""
    meanwhile = say("Found in your documents, while the answer is being written:")
    return f'<p class="meanwhile">{text(meanwhile)}</p>' + _quotes(exchange.answer, turn)


def _refusal(exchange: Exchange, answer: Answer, turn: int) -> str:
    nearest = "".join(
        f'<li><a class="act" href="#view:near:{turn}:{passage.number}"><strong>{text(_location(passage))}</strong>'
        f'<span class="said">{verbatim(_glimpse(passage.text))}</span></a></li>'
        for passage in exchange.passages[:_NEAREST]
    )
    above = say("The nearest passages, in case one of them helps:")
    listed = f'<p class="meanwhile">{text(above)}</p><ul class="nearest">{nearest}</ul>'
    return f'<p class="refusal">{text(answer.text)}</p>{listed if nearest else ""}'


def _stopped(exchange: Exchange, turn: int) -> str:
    so_far = f'<div class="written">{_growing(exchange, turn)}</div>' if exchange.written else _draft(exchange, turn)
    return f'{so_far}<p class="status">{text(say("Stopped."))}</p>'


# ---- around it


def _sources(answer: Answer, turn: int) -> str:
    """Return the list under the answer: the source of each chip, with its quote."""
    listed = "".join(_source(citation, turn) for citation in answer.citations)
    return f'<section class="sources"><h3>{text(say("Sources"))}</h3><ol>{listed}</ol></section>' if listed else ""


def _source(citation: Citation, turn: int) -> str:
    said = quoted(citation.quote, citation.source)
    quote = f'<strong>{text(_location(citation))}</strong><span class="said">{said}</span>'
    return (
        f'<li><a class="act" href="#view:cite:{turn}:{citation.marker}"><span class="number">{citation.marker}</span>'
        f"<span>{quote}</span></a></li>"
    )


def _notes(notes: Sequence[str]) -> str:
    return "".join(f'<p class="note">{text(note)}</p>' for note in notes)


def _status(answer: Answer) -> str:
    model = answer.model
    match answer.status:
        case AnswerStatus.NO_DOCUMENTS:
            return ""
        case AnswerStatus.QUOTED:
            instead = say("Quoted in place of what {model} wrote", model=model)
            how = instead if model else say("Quoted without a language model")
        case AnswerStatus.NOT_IN_DOCUMENTS:
            found = say("{model} found no answer in the passages", model=model)
            how = found if model else say("Nothing close enough was found")
        case AnswerStatus.ANSWERED:
            how = say("Written by {model}", model=model)
    return f'<p class="status">{text(how)} · {_seconds(answer.timings.total_s)}</p>'


def _buttons(answer: Answer, turn: int) -> str:
    """Return what can be done with an answer; the script copies the text that stands there unseen."""
    asking = (
        f'<button type="button" class="act" id="again-{turn}" value="again:{turn}">{say("Ask again")}</button>'
        f'<button type="button" class="act" id="edit-{turn}" value="edit:{turn}">{say("Edit the question")}</button>'
    )
    if not answer.answers:
        return f'<div class="doing">{asking}</div>'
    copied = text(answer_text(answer)).replace("\n", "<br>")
    return (
        f'<div class="doing"><button type="button" class="act" id="copy-{turn}" value="copy:{turn}">{say("Copy")}'
        f'</button>{asking}</div><p class="copied" id="copied-{turn}">{copied}</p>'
    )


def _explained(exchange: Exchange, turn: int) -> str:
    """Return the passages with the parts of their scores, folded away; a part that none has is left out."""
    columns = {
        say("Meaning"): [passage.dense for passage in exchange.passages],
        say("Words"): [passage.lexical for passage in exchange.passages],
        say("Document"): [passage.document for passage in exchange.passages],
        say("Definition"): [passage.defines for passage in exchange.passages],
        say("Fused"): [passage.fused for passage in exchange.passages],
        say("Reader"): [passage.rerank for passage in exchange.passages],
    }
    shown = {name: scores for name, scores in columns.items() if any(score is not None for score in scores)}
    if not shown:
        return ""  # an answer about the whole: nothing was searched for
    rows = "".join(
        f'<tr><td><a class="act" href="#view:near:{turn}:{passage.number}">{text(_location(passage))}</a></td>'
        f"{''.join(f'<td>{_score(score)}</td>' for score in scores)}</tr>"
        for passage, *scores in zip(exchange.passages, *shown.values(), strict=True)
    )
    names = "".join(f'<th scope="col">{text(name)}</th>' for name in (say("Found"), *shown))
    table = f"<table><thead><tr>{names}</tr></thead><tbody>{rows}</tbody></table>"
    why = text(say("Why these passages"))
    return f'<details class="explained"><summary>{why}</summary><div class="table">{table}</div></details>'


def _score(score: float | None) -> str:
    return "–" if score is None else decimal(score, 2)


def _reading(exchange: Exchange) -> str:
    if exchange.before:
        return _busy(say("Waiting for {answers} …", answers=counted(exchange.before, "other answer")))
    if exchange.read is None:
        return _busy(say("Reading the passages …"))
    percent = round(exchange.read * 100)
    return (
        f'<div class="busy"><span>{text(say("Reading the passages …"))} {percent} %</span>'
        f'<progress max="100" value="{percent}">{percent} %</progress></div>'
    )


def _busy(says: str) -> str:
    return f'<p class="busy"><span class="pulse"></span>{text(says)}</p>'


def _chip(kind: str, turn: int, marker: int, place: str) -> str:
    name = hidden(say("Source"))
    return f'<a class="chip act" href="#view:{kind}:{turn}:{marker}" title="{text(place)}">{name}{marker}</a>'


def _location(found: Citation | Passage) -> str:
    """Return where something stands: "Lecture notes, page 5"."""
    name = found.title or PurePath(found.source).name
    if found.page is None:
        section = section_of(found)
        return say("{name}, “{section}”", name=name, section=section) if section else name
    return f"{name}, {page_name(found.source, found.page, found.page_label, found.page_end)}"


def _glimpse(passage: str) -> str:
    words = " ".join(_HEADING_MARK.sub("", passage).split())
    return words if len(words) <= _GLIMPSE else f"{words[:_GLIMPSE].rpartition(' ')[0]} …"


def _seconds(seconds: float) -> str:
    return f"{decimal(seconds)} s" if seconds < 60 else f"{seconds // 60:.0f} min {seconds % 60:.0f} s"
