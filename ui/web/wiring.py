"""What happens on the page: events to handlers, and what they return to the components."""

from __future__ import annotations

import functools
import inspect
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.errors import StudyhallError
from rag.library.catalog import DEFAULT_COLLECTION
from rag.types import DocumentState
from ui.demo import QUESTION, sample_course
from ui.hall import Studyhall
from ui.web import documents as docs
from ui.web import models
from ui.web.ask import Exchange, Scope, StopSwitch, ask, found
from ui.web.conversation import conversation_html
from ui.web.documents import Shelf
from ui.web.intake import Intake, Run, Upload, address
from ui.web.markup import safe, text
from ui.web.page import ALL, Parts, hello_html
from ui.web.viewer import View, turned, view_of, viewer_html

if TYPE_CHECKING:
    import gradio as gr

SAMPLE = "Sample course"  # the collection that the sample course goes into
_EVERY_S = 0.1  # how often a growing answer is drawn

Updates = dict[Any, Any]


def wire(hall: Studyhall, intake: Intake, parts: Parts, blocks: gr.Blocks) -> None:
    """Connect the components with what they do."""
    handlers = Handlers(hall, intake, parts)
    _wire_asking(handlers, parts, blocks)
    _wire_documents(handlers, parts)
    _wire_viewer(handlers, parts)


def _wire_asking(do: Handlers, parts: Parts, blocks: gr.Blocks) -> None:
    shown = [
        parts.exchanges, parts.conversation, parts.question, parts.ask, parts.stop, parts.fresh,
    ]  # fmt: skip
    _on([parts.question.submit, parts.ask.click], do.ask, _asked(parts), shown, concurrency_limit=None)
    _on([parts.stop.click], do.stop, [parts.switch], [], queue=False)
    _on([parts.fresh.click], do.fresh, [], shown)
    _on([parts.collection.change], do.narrow, [parts.collection], [parts.document])
    _on(
        [parts.act_ask.change], do.about, [parts.act_ask, parts.shelf],
        [parts.tabs, parts.collection, parts.document, parts.question],
    )  # fmt: skip
    _on([blocks.load], do.load, [parts.shelf], _library(parts), concurrency_limit=None)


def _wire_documents(do: Handlers, parts: Parts) -> None:
    library = [*_library(parts), parts.welcome_files, parts.files, parts.url]
    adding: dict[str, Any] = {"concurrency_limit": None, "trigger_mode": "multiple", "preprocess": False}
    for upload in (parts.welcome_files, parts.welcome_folder, parts.files, parts.folder):
        _on([upload.upload], do.add_files, [upload, parts.target, parts.shelf], library, **adding)
    _on([parts.add_url.click, parts.url.submit], do.add_url, [parts.url, parts.target, parts.shelf], library, **adding)
    _on([parts.sample.click], do.add_sample, [parts.shelf], library, concurrency_limit=None)
    _on([parts.listed.change], do.list_collection, [parts.listed], [parts.shelf, parts.documents])
    _on([parts.act_docs.change], do.document, [parts.act_docs, parts.shelf], [*_library(parts)])


def _wire_viewer(do: Handlers, parts: Parts) -> None:
    inputs = [parts.act_view, parts.exchanges, parts.view, parts.shelf]
    _on([parts.act_view.change], do.show, inputs, [parts.view, parts.page, parts.viewer])


def _asked(parts: Parts) -> list[Any]:
    return [parts.question, parts.exchanges, parts.collection, parts.document, parts.model, parts.switch]


def _library(parts: Parts) -> list[Any]:
    """Return what changes when documents come or go."""
    return [
        parts.shelf, parts.documents, parts.progress, parts.welcome_progress, parts.welcome, parts.asking,
        parts.model_status, parts.collection, parts.document, parts.model, parts.target, parts.listed,
        parts.conversation,
    ]  # fmt: skip


def _on(
    triggers: Sequence[Any], handler: Callable[..., Any], inputs: list[Any], outputs: list[Any], **how: Any
) -> None:
    import gradio as gr

    settings = {"show_progress": "hidden", "api_visibility": "private"} | how
    gr.on(list(triggers), told(handler), inputs, outputs, **settings)


def told(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Return the handler with our errors turned into Gradio's, which the page shows: the one place for it."""

    @functools.wraps(handler)
    def returning(*args: Any, **kwargs: Any) -> Any:
        try:
            return handler(*args, **kwargs)
        except StudyhallError as exc:
            raise _shown(exc) from exc

    @functools.wraps(handler)
    def yielding(*args: Any, **kwargs: Any) -> Iterator[Any]:
        try:
            yield from handler(*args, **kwargs)
        except StudyhallError as exc:
            raise _shown(exc) from exc

    return yielding if inspect.isgeneratorfunction(handler) else returning


def _shown(exc: StudyhallError) -> Exception:
    import gradio as gr

    error: Exception = gr.Error(text(exc), title="That didn't work", print_exception=False)
    return error


class Handlers:
    """What the components do: each takes their values and returns (or yields) updates of them."""

    def __init__(self, hall: Studyhall, intake: Intake, parts: Parts) -> None:
        self.hall = hall
        self.intake = intake
        self.parts = parts

    # ---- asking

    def ask(
        self, question: str, exchanges: tuple[Exchange, ...], collection: str, document: str, model: str,
        switch: StopSwitch,
    ) -> Iterator[Updates]:  # fmt: skip
        """Ask, and show the answer as it grows."""
        parts = self.parts
        if not question or not question.strip():
            yield {parts.question: ""}
            return
        stopped = switch.ready()
        scope = Scope(collection or None, document or None, model)
        busy = {
            parts.question: "",
            parts.ask: _visible(False),
            parts.stop: _visible(True),
            parts.fresh: _visible(False),
        }
        drawn = 0.0
        last: Exchange | None = None
        for exchange in ask(self.hall, question, scope, exchanges, stopped=stopped):
            # Words come faster than they can be drawn.
            if last and exchange.stage is last.stage and time.monotonic() - drawn < _EVERY_S:
                continue
            said = (*exchanges, exchange)
            yield {parts.exchanges: said, parts.conversation: conversation_html(said), **busy}
            last, drawn, busy = exchange, time.monotonic(), {}
        yield {parts.ask: _visible(True), parts.stop: _visible(False), parts.fresh: _visible(True)}

    def stop(self, switch: StopSwitch) -> None:
        """Stop the answer that this session is waiting for."""
        switch.press()

    def fresh(self) -> Updates:
        """Begin a new conversation."""
        parts = self.parts
        return {parts.exchanges: (), parts.conversation: hello_html(), parts.fresh: _visible(False)}

    def narrow(self, collection: str) -> Any:
        """Offer the documents of a collection."""
        return _choices(self._documents_of(collection), ALL)

    def about(self, action: str, shelf: Shelf) -> Updates:
        """Go to the question box: about the opened document, or with a question that the sample course answers."""
        parts = self.parts
        if _verb(action) == "try":
            return {parts.question: QUESTION}
        info = docs.chosen(self.hall, shelf.opened)
        if info is None:
            return {parts.tabs: _selected("ask")}
        return {
            parts.tabs: _selected("ask"),
            parts.collection: ALL,
            parts.document: _choices(self._documents_of(ALL), info.document_id),
        }

    # ---- documents

    def load(self, shelf: Shelf) -> Iterator[Updates]:
        """Fill the page when it is opened, and follow what is on its way in."""
        parts = self.parts
        active = self.intake.active()
        quiet = {} if active else {parts.progress: "", parts.welcome_progress: ""}
        yield self._refreshed(Shelf()) | {parts.conversation: self._hello()} | quiet
        for run in active:
            yield from self._followed(run, shelf)

    def add_files(self, files: list[dict[str, Any]] | None, collection: str, shelf: Shelf) -> Iterator[Updates]:
        """Take in what was dropped."""
        uploads = [Upload(Path(file["path"]), file.get("orig_name") or Path(file["path"]).name) for file in files or []]
        if uploads:
            yield from self._added(uploads=uploads, collection=collection, shelf=shelf)

    def add_url(self, url: str, collection: str, shelf: Shelf) -> Iterator[Updates]:
        """Take in a web page."""
        if url.strip():
            yield from self._added(targets=[address(url)], collection=collection, shelf=shelf)

    def add_sample(self, shelf: Shelf) -> Iterator[Updates]:
        """Take in the sample course."""
        yield from self._added(targets=[str(sample_course())], collection=SAMPLE, shelf=shelf)

    def list_collection(self, collection: str) -> Updates:
        """Show the documents of one collection."""
        shelf = Shelf(collection or None)
        return {self.parts.shelf: shelf, self.parts.documents: docs.list_html(self.hall, shelf)}

    def document(self, action: str, shelf: Shelf) -> Updates:
        """Open a document's details, or remove it."""
        after = docs.after(self.hall, shelf, _verb(action))
        if _verb(action) == "remove":
            return self._refreshed(after)
        return {self.parts.shelf: after, self.parts.documents: docs.list_html(self.hall, after)}

    # ---- the page beside the answer

    def show(self, action: str, exchanges: tuple[Exchange, ...], view: View | None, shelf: Shelf) -> Updates:
        """Show the page that was asked for, turn it, or close it."""
        wanted = self._view(_verb(action), exchanges, view, shelf)
        parts = self.parts
        html = viewer_html(self.hall, wanted)
        return {parts.view: wanted, parts.page: html, parts.viewer: _visible(wanted is not None)}

    def _view(self, action: str, exchanges: tuple[Exchange, ...], view: View | None, shelf: Shelf) -> View | None:
        if action.startswith(("cite:", "near:")):
            place = found(exchanges, action)
            return view_of(self.hall, place) if place else view
        if action == "document":
            info = docs.chosen(self.hall, shelf.opened)
            return View(info.document_id) if info else view
        return turned(view, action) if view else None

    # ---- what they share

    def _added(
        self, *, uploads: Sequence[Upload] = (), targets: Sequence[str] = (), collection: str, shelf: Shelf
    ) -> Iterator[Updates]:
        parts = self.parts
        run = self.intake.add(
            uploads=uploads, targets=targets, collection=(collection or "").strip() or DEFAULT_COLLECTION
        )
        emptied = {parts.welcome_files: None, parts.files: None, parts.url: ""}
        for updates in self._followed(run, shelf):
            yield updates | emptied
            emptied = {}

    def _followed(self, run: Run, shelf: Shelf) -> Iterator[Updates]:
        """Show the progress of all batches until this one has ended."""
        parts = self.parts
        for _ in self.intake.follow(run):
            html = docs.progress_html(self.intake.shown())
            yield {parts.progress: html, parts.welcome_progress: html}
        yield self._refreshed(shelf)

    def _refreshed(self, shelf: Shelf) -> Updates:
        """Return what follows from the documents there are."""
        parts, hall = self.parts, self.hall
        names = [info.name for info in hall.collections()]
        some = any(info.state in {DocumentState.PARSED, DocumentState.READY} for info in hall.documents())
        html = docs.progress_html(self.intake.shown())
        who = models.choices(hall)
        everywhere = [("All collections", ALL), *((name, name) for name in names)]
        return {
            parts.shelf: shelf,
            parts.documents: docs.list_html(hall, shelf),
            parts.progress: html,
            parts.welcome_progress: html,
            parts.welcome: _visible(not some),
            parts.asking: _visible(some),
            parts.model_status: models.status_html(hall),
            parts.collection: _choices(everywhere, visible=len(names) > 1),
            parts.document: _choices(self._documents_of(ALL)),
            parts.model: _choices(who, hall.engine.settings.model, visible=len(who) > 1),
            parts.target: _choices([(name, name) for name in names] or [(DEFAULT_COLLECTION, DEFAULT_COLLECTION)]),
            parts.listed: _choices(everywhere),
        }

    def _documents_of(self, collection: str) -> list[tuple[str, str]]:
        listed = self.hall.documents(collection or None)
        readable = {DocumentState.PARSED, DocumentState.READY}
        named = {info.document_id: info.title for info in listed if info.state in readable}
        return [("All documents", ALL), *((title, document_id) for document_id, title in named.items())]

    def _hello(self) -> str:
        """Return the greeting; with the sample course there is a question to try."""
        if not any(info.name == SAMPLE and info.documents for info in self.hall.collections()):
            return hello_html()
        tried = safe(f'<p class="try">Try: <a class="act" href="#ask:try">{text(QUESTION)}</a></p>')
        return f"{hello_html()}\n\n{tried}"


def _verb(action: str) -> str:
    """Return what was clicked; the page adds a number, so that the same click twice is two changes."""
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
