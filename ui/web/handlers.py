"""What the page does: handlers that take the values of components and return, or yield, updates of them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rag.errors import InputError
from rag.library.collections import DEFAULT_COLLECTION
from rag.question.scope import parse_pages
from rag.texts import say
from rag.types import DocumentState, Filter
from ui.demo import QUESTION, sample_course
from ui.hall import Studyhall
from ui.web import documents as docs
from ui.web import locked, models
from ui.web.ask import Exchange, Selection, StopSwitch, ask, chip_target
from ui.web.batches import Batch, Upload
from ui.web.conversation import conversation_html
from ui.web.documents import Listing
from ui.web.intake import Intake, web_address
from ui.web.markup import safe, text
from ui.web.parts import ALL, Parts, hello_html
from ui.web.past import Keeper, Past, past_html, recent_html, unpacked
from ui.web.picked import Picked, parse_picked, picked_documents, picked_html
from ui.web.viewer import View, after_button, view_of, viewer_html

SAMPLE = "Sample course"  # the collection that the sample course goes into
_EVERY_S = 0.1  # how often a growing answer is drawn

Updates = dict[Any, Any]


class Handlers:
    """What the components do: each takes their values and returns (or yields) updates of them."""

    def __init__(self, hall: Studyhall, intake: Intake, parts: Parts) -> None:
        self.hall = hall
        self.intake = intake
        self.parts = parts

    # ---- asking

    def ask(
        self,
        question: str,
        exchanges: tuple[Exchange, ...],
        collection: str,
        document: str,
        model: str | None,
        switch: StopSwitch,
        kept: str,
        *bounds: str,
    ) -> Iterator[Updates]:
        """Ask, and show the answer as it grows; `bounds` are the tags, the pages and the last week, as typed.

        `kept` is the id of the conversation; empty for a new one.
        """
        parts = self.parts
        if not question or not question.strip():
            yield {parts.question: ""}
            return
        within = parse_filter(*bounds)
        stopped = switch.ready()
        selection = Selection(collection or None, document or None, model, within)
        busy = {
            parts.question: "",
            parts.ask: _visible(False),
            parts.stop: _visible(True),
            parts.fresh: _visible(False),
        }
        drawn = 0.0
        shown: Exchange | None = None
        exchange = Exchange(question.strip())
        keeper = Keeper(self.hall.conversations, kept)
        keeper.begin(exchange)
        key = keeper.conversation_id
        try:
            for exchange in ask(self.hall, question, selection, exchanges, stopped=stopped):
                # Words come faster than they can be drawn.
                if shown and exchange.stage is shown.stage and time.monotonic() - drawn < _EVERY_S:
                    continue
                said = (*exchanges, exchange)
                yield {parts.exchanges: said, parts.conversation: conversation_html(said, key), parts.kept: key, **busy}
                shown, drawn, busy = exchange, time.monotonic(), {}
        finally:  # also when the tab was closed
            keeper.end(exchange)
        yield {
            parts.ask: _visible(True),
            parts.stop: _visible(False),
            parts.fresh: _visible(True),
            parts.past_list: past_html(self.hall.conversations, Past()),
        }

    def stop(self, switch: StopSwitch) -> None:
        """Stop the answer that this session is waiting for."""
        switch.press()

    def fresh(self) -> Updates:
        """Begin a new conversation."""
        parts = self.parts
        return {
            parts.exchanges: (),
            parts.conversation: "",
            parts.kept: "",
            parts.fresh: _visible(False),
            parts.hello: self._hello(),
        }

    # ---- conversations

    def past(self, action: str, past: Past) -> Updates:
        """Open a kept conversation, or change it: ``open:ID``, ``rename:ID``, ``remove:ID`` or ``undo``."""
        parts, conversations = self.parts, self.hall.conversations
        verb, _, key = _action(action).partition(":")
        if verb == "open":
            said = unpacked(conversations.exchanges(key))
            return {
                parts.exchanges: said,
                parts.conversation: conversation_html(said, key),
                parts.kept: key,
                parts.fresh: _visible(True),
                parts.tabs: _selected("ask"),
            }
        after = Past(past.words)
        if verb == "rename":
            after = replace(after, renaming=key)
        elif verb == "remove":
            conversations.remove(key)
            after = replace(after, removed=key)
        elif verb == "undo" and past.removed:
            conversations.restore(past.removed)
        title = next((one.title for one in conversations.all() if one.conversation_id == key), "")
        return self._past(after) | {parts.renamed: title}

    def rename(self, title: str, past: Past) -> Updates:
        """Give the conversation that is being renamed its new name."""
        if past.renaming:
            self.hall.conversations.rename(past.renaming, title)
        return self._past(Past(past.words))

    def find_past(self, words: str) -> Updates:
        """Show the conversations that hold some words."""
        return self._past(Past(words))

    def _past(self, past: Past) -> Updates:
        parts = self.parts
        return {
            parts.past: past,
            parts.past_list: past_html(self.hall.conversations, past),
            parts.renaming: _visible(bool(past.renaming)),
        }

    def narrow(self, collection: str) -> Any:
        """Offer the documents of a collection."""
        return _choices(self._documents_of(collection), ALL)

    def about(self, action: str, listing: Listing) -> Updates:
        """Go to the question box: about the opened document, or with a question that the sample course answers."""
        parts = self.parts
        if _action(action) == "try":
            return {parts.question: QUESTION}
        info = docs.document_of(self.hall, listing.opened)
        if info is None:
            return {parts.tabs: _selected("ask")}
        return {
            parts.tabs: _selected("ask"),
            parts.collection: ALL,
            parts.document: _choices(self._documents_of(ALL), info.document_id),
        }

    # ---- documents

    def load(self, listing: Listing, kept: Sequence[str | None] | None = None) -> Iterator[Updates]:
        """Fill the page when it is opened, and follow the batches in progress.

        `kept` are the collection and the model that were chosen last in this browser.
        """
        parts = self.parts
        collection, model = kept or (ALL, None)
        active = self.intake.active()
        quiet = {} if active else {parts.progress: "", parts.welcome_progress: ""}
        greeting = {parts.hello: self._hello(), parts.past_list: past_html(self.hall.conversations, Past())}
        yield self._refreshed(Listing()) | greeting | quiet | self._chosen(collection or ALL, model)
        for batch in active:
            yield from self._progress(batch, listing)

    def choose(self, collection: str, model: str | None) -> Updates:
        """Keep what was chosen for the next visit, and say who answers now."""
        parts = self.parts
        return {parts.choice: [collection, model], parts.model_status: models.status_html(self.hall, model)}

    def _chosen(self, collection: str, model: str | None) -> Updates:
        """Return the choice of the last visit, as far as it is still there."""
        parts, hall = self.parts, self.hall
        names = [info.name for info in hall.collections()]
        who = models.choices(hall)
        there = model if model in {name for _, name in who} else hall.settings.model
        everywhere = [(say("All collections"), ALL), *((name, name) for name in names)]
        return {
            parts.collection: _choices(everywhere, collection if collection in names else ALL, visible=len(names) > 1),
            parts.model: _choices(who, there, visible=len(who) > 1),
            parts.model_status: models.status_html(hall, there),
        }

    def add_files(self, files: list[dict[str, Any]] | None, collection: str, listing: Listing) -> Iterator[Updates]:
        """Ingest dropped files."""
        if files:
            batch = self.intake.add(uploads=_uploads(files), collection=_or_main(collection))
            yield from self._followed(batch, listing)

    def add_folder(self, files: list[dict[str, Any]] | None, collection: str, listing: Listing) -> Iterator[Updates]:
        """Ingest the files of a folder that are of a format Studyhall reads."""
        if files:
            batch = self.intake.add_folder(_uploads(files), collection=_or_main(collection))
            yield from self._followed(batch, listing)

    def add_url(self, url: str, collection: str, listing: Listing) -> Iterator[Updates]:
        """Ingest a web page."""
        if url.strip():
            batch = self.intake.add(targets=[web_address(url)], collection=_or_main(collection))
            yield from self._followed(batch, listing)

    def unlock(self, password: str, which: str | None, listing: Listing) -> Iterator[Updates]:
        """Ingest the files that waited for their password; the password is taken off the page at once."""
        yield {self.parts.password: ""}
        if not password:
            return
        wanted = locked.selected(locked.locked_files(self.hall), which or locked.EACH)
        batches = [self.intake.unlock(kept, password, collection=name) for name, kept in wanted.items()]
        for batch in batches:
            yield from self._progress(batch, listing)

    def add_sample(self, listing: Listing) -> Iterator[Updates]:
        """Ingest the sample course."""
        yield from self._followed(self.intake.add(targets=[str(sample_course())], collection=SAMPLE), listing)

    def list_collection(self, collection: str, words: str) -> Updates:
        """Show the documents of one collection, or those with some words in their names."""
        listing = Listing(collection or None, words=words or "")
        return {self.parts.listing: listing, self.parts.documents: docs.list_html(self.hall, listing)}

    def pick(self, action: str, picked: Picked, listing: Listing) -> Updates:
        """Tell what is picked (``set:KEY KEY``), or remove it once that was asked (``remove``, ``keep``)."""
        verb, _, keys = _action(action).partition(":")
        if verb == "remove":
            for info in picked_documents(self.hall, picked):
                self.hall.remove(info.source, collection=info.collection)
            return self._refreshed(listing) | self._picked(())
        return self._picked(parse_picked(keys) if verb == "set" else picked)

    def ask_to_remove(self, picked: Picked) -> Updates:
        """Ask whether to remove what is picked."""
        return {self.parts.picked_says: picked_html(picked, removing=True)}

    def move(self, to: str | None, picked: Picked, listing: Listing) -> Iterator[Updates]:
        """Move what is picked into another collection."""
        found = picked_documents(self.hall, picked)
        for name in dict.fromkeys(info.collection for info in found):
            sources = [info.source for info in found if info.collection == name]
            for _ in self.hall.move_events(sources, _or_main(to or ""), collection=name):
                pass
        yield self._refreshed(listing) | self._picked(())

    def _picked(self, picked: Picked) -> Updates:
        parts = self.parts
        names = [(info.name, info.name) for info in self.hall.collections()]
        return {
            parts.picked: picked,
            parts.picked_row: _visible(bool(picked)),
            parts.picked_says: picked_html(picked),
            parts.move_to: _choices(names),
        }

    def document(self, action: str, listing: Listing) -> Iterator[Updates]:
        """Open a document's details, remove it, or read again what an older version has read."""
        if _action(action) == "read-again":
            for batch in self.intake.read_again():
                yield from self._progress(batch, listing)
            return
        after = docs.after_click(self.hall, listing, _action(action))
        if _action(action) == "remove":
            yield self._refreshed(after)
        else:
            yield {self.parts.listing: after, self.parts.documents: docs.list_html(self.hall, after)}

    # ---- the page beside the answer

    def show(self, action: str, exchanges: tuple[Exchange, ...], view: View | None, listing: Listing) -> Updates:
        """Show the page that was asked for, turn it, or close it."""
        wanted = self._view(_action(action), exchanges, view, listing)
        parts = self.parts
        html = viewer_html(self.hall, wanted)
        return {parts.view: wanted, parts.page: html, parts.viewer: _visible(wanted is not None)}

    def _view(self, action: str, exchanges: tuple[Exchange, ...], view: View | None, listing: Listing) -> View | None:
        if action.startswith(("cite:", "near:")):
            place = chip_target(exchanges, action)
            return view_of(self.hall, place) if place else view
        if action == "document":
            info = docs.document_of(self.hall, listing.opened)
            return View(info.document_id) if info else view
        return after_button(view, action) if view else None

    # ---- shared

    def _followed(self, batch: Batch, listing: Listing) -> Iterator[Updates]:
        """Empty the boxes that things were dropped into, and show the progress until this batch has ended."""
        parts = self.parts
        yield {parts.welcome_files: None, parts.files: None, parts.url: ""}
        yield from self._progress(batch, listing)

    def _progress(self, batch: Batch, listing: Listing) -> Iterator[Updates]:
        """Show the progress of all batches until this one has ended."""
        parts = self.parts
        for _ in self.intake.follow(batch):
            html = docs.progress_html(self.intake.shown())
            yield {parts.progress: html, parts.welcome_progress: html}
        yield self._refreshed(listing)

    def _refreshed(self, listing: Listing) -> Updates:
        """Return updates of all components that depend on the library."""
        parts, hall = self.parts, self.hall
        names = [info.name for info in hall.collections()]
        some = any(info.state in {DocumentState.PARSED, DocumentState.READY} for info in hall.documents())
        html = docs.progress_html(self.intake.shown())
        who = models.choices(hall)
        waiting = locked.locked_files(hall)
        choices = locked.choices(waiting)
        everywhere = [(say("All collections"), ALL), *((name, name) for name in names)]
        return {
            parts.listing: listing,
            parts.documents: docs.list_html(hall, listing),
            parts.progress: html,
            parts.welcome_progress: html,
            parts.welcome: _visible(not some),
            parts.asking: _visible(some),
            parts.collection: _choices(everywhere, visible=len(names) > 1),
            parts.document: _choices(self._documents_of(ALL)),
            parts.model: _choices(who, visible=len(who) > 1),
            parts.target: _choices([(name, name) for name in names] or [(DEFAULT_COLLECTION, DEFAULT_COLLECTION)]),
            parts.listed: _choices(everywhere),
            parts.locked: _visible(bool(waiting)),
            parts.which: _choices(choices, choices[0][1] if choices else None),
        }

    def _documents_of(self, collection: str) -> list[tuple[str, str]]:
        listed = self.hall.documents(collection or None)
        readable = {DocumentState.PARSED, DocumentState.READY}
        named = {info.document_id: info.title for info in listed if info.state in readable}
        return [(say("All documents"), ALL), *((title, document_id) for document_id, title in named.items())]

    def _hello(self) -> str:
        """Return the greeting; with the sample course there is a question to try."""
        parts = [hello_html()]
        if any(info.name == SAMPLE and info.documents for info in self.hall.collections()):
            parts.append(safe(f'<p class="try">{say("Try:")} <a class="act" href="#ask:try">{text(QUESTION)}</a></p>'))
        parts.append(recent_html(self.hall.conversations))
        return "\n\n".join(filter(None, parts))


def parse_filter(tags: str = "", pages: str = "", until: str = "") -> Filter:
    """Return the filter of a search from its text fields; raises InputError for text that is none."""
    named = tuple(tag.strip() for tag in (tags or "").split(",") if tag.strip())
    last = (until or "").strip()
    if last and not last.isdecimal():
        message = say("{told} is no number.", told=repr(last))
        raise InputError(message, remedy=say("Give the number of a week or lecture, for instance 5."))
    return Filter(named, parse_pages(pages or ""), int(last) if last else None)


def _uploads(files: list[dict[str, Any]]) -> list[Upload]:
    """Return uploads from Gradio's records of them; a file's own name goes before that of its copy."""
    return [Upload(Path(file["path"]), file.get("orig_name") or Path(file["path"]).name) for file in files]


def _or_main(collection: str) -> str:
    return (collection or "").strip() or DEFAULT_COLLECTION


def _action(action: str) -> str:
    """Return the action of a click; the page adds a number, so that the same click twice is two changes."""
    return action.partition("#")[0]


def _visible(yes: bool) -> Any:
    import gradio as gr

    return gr.update(visible=yes)


def _choices(choices: Sequence[tuple[str, str]], value: str | None = None, *, visible: bool = True) -> Any:
    import gradio as gr

    chosen = {} if value is None else {"value": value}
    return gr.update(choices=list(choices), visible=visible, **chosen)


def _selected(tab: str) -> Any:
    import gradio as gr

    return gr.Tabs(selected=tab)
