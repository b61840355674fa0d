"""Conversations that are kept: an exchange is written down while it grows, and comes back as it was."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from rag.errors import NotFound, StudyhallError
from rag.library.conversations import Conversation, Conversations
from rag.texts import MINUTE, counted, say
from ui.web.ask import Exchange, Stage
from ui.web.documents import day
from ui.web.markup import hidden, safe, text

_LISTED = 200  # conversations drawn at once
_RECENT = 3  # offered where a new one begins


@dataclass(frozen=True, slots=True)
class Past:
    """What the list of conversations shows: those with some words, one being renamed, one just removed."""

    words: str = ""
    renaming: str = ""
    removed: str = ""


class Keeper:
    """Writes one exchange of a conversation down: its question at once, its answer when it ends or its tab goes.

    What can't be written, as on a full disk, costs nothing but itself: the answer is shown all the same.
    """

    def __init__(self, conversations: Conversations, conversation_id: str) -> None:
        self.conversation_id = conversation_id
        self._conversations = conversations
        self._number: int | None = None

    def begin(self, exchange: Exchange) -> None:
        """Write the question down, at the end of its conversation or as the first of a new one."""
        with suppress(StudyhallError):
            try:
                if self.conversation_id:
                    self._add(exchange)
            except NotFound:  # removed in another tab
                self.conversation_id = ""
            if not self.conversation_id:
                self.conversation_id = self._conversations.begin(exchange.question)
                self._add(exchange)

    def end(self, exchange: Exchange) -> None:
        """Write the exchange down as it has become."""
        if self._number is not None:
            with suppress(StudyhallError):
                self._conversations.update(self.conversation_id, self._number, _words(exchange), packed(exchange))

    def _add(self, exchange: Exchange) -> None:
        self._number = self._conversations.add(self.conversation_id, _words(exchange), packed(exchange))


def _words(exchange: Exchange) -> str:
    """Return what an exchange is found by: its question and what was answered, and not all passages that were read."""
    return f"{exchange.question}\n{exchange.answer.text if exchange.answer else exchange.written}"


def packed(exchange: Exchange) -> str:
    """Return an exchange as JSON."""
    return _adapter().dump_json(exchange).decode()


def unpacked(kept: Sequence[str]) -> tuple[Exchange, ...]:
    """Return the exchanges of a conversation; one that was cut off, or is of another version, says so."""
    return tuple(_unpacked(told) for told in kept)


def past_html(conversations: Conversations, past: Past) -> str:
    """Return the list of conversations, with the way to undo the last removal."""
    listed = conversations.all(past.words)
    undo = f'<button type="button" class="act" id="past-undo" value="past:undo">{say("Undo")}</button>'
    told = say("The conversation was deleted.")
    removed = f'<div class="outdated"><p>{told}</p><div class="buttons">{undo}</div></div>'
    lines = [_line(one, past) for one in listed[:_LISTED]]
    if not lines and not past.removed:
        nothing = say("No conversation has these words.") if past.words else say("Nothing was asked yet.")
        lines = [safe(f'<p class="nothing">{nothing}</p>')]
    return "\n\n".join([*([safe(removed)] if past.removed else []), *lines])


def recent_html(conversations: Conversations) -> str:
    """Return the latest conversations as links, for the greeting; empty where there is none."""
    links = "".join(
        f'<li><a class="act" href="#past:open:{one.conversation_id}">{text(one.title)}</a></li>'
        for one in conversations.all()[:_RECENT]
    )
    return safe(f'<section class="recent"><h2>{say("Go on with")}</h2><ul>{links}</ul></section>') if links else ""


def _line(one: Conversation, past: Past) -> str:
    key = one.conversation_id
    rename, remove = (
        f'<button type="button" class="act" id="past-{verb}-{key}" value="past:{verb}:{key}">{says}</button>'
        for verb, says in (("rename", say("Rename")), ("remove", say("Delete")))
    )
    save = f'<a class="save" href="/conversation/{key}.md">{say("Save")}</a>'
    measures = f"{counted(one.exchanges, 'question')} · {day(one.changed, MINUTE)}"
    return safe(
        f'<section class="document past{" opened" if key == past.renaming else ""}"><a class="act document-line" '
        f'id="past-{key}" href="#past:open:{key}"><span class="document-name">{hidden(say("Open"))} {text(one.title)}'
        "</span>"
        f'<span class="measures">{text(measures)}</span></a><div class="buttons">{save}{rename}{remove}</div>'
        "</section>"
    )


def _unpacked(told: str) -> Exchange:
    try:
        exchange: Exchange = _adapter().validate_json(told)
    except ValidationError:
        return Exchange(
            "?", Stage.FAILED, error=say("This answer was kept by another version of Studyhall and can't be shown.")
        )
    if exchange.ended:
        return exchange
    if exchange.answer or exchange.written:
        return replace(exchange, stage=Stage.STOPPED)
    return replace(
        exchange, stage=Stage.FAILED, error=say("Studyhall was closed before it answered."), remedy=say("Ask again.")
    )


@cache
def _adapter() -> TypeAdapter[Any]:
    return TypeAdapter(Exchange)
