"""Which event calls which handler, with what, and what comes of it; our errors become the page's here."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rag.errors import StudyhallError
from ui.web.handlers import Handlers
from ui.web.markup import text
from ui.web.parts import Parts

if TYPE_CHECKING:
    import gradio as gr


def wire(do: Handlers, parts: Parts, blocks: gr.Blocks) -> None:
    """Connect the components with what they do."""
    _wire_asking(do, parts, blocks)
    _wire_documents(do, parts)
    _wire_viewer(do, parts)


def _wire_asking(do: Handlers, parts: Parts, blocks: gr.Blocks) -> None:
    shown = [
        parts.exchanges, parts.conversation, parts.question, parts.ask, parts.stop, parts.fresh,
    ]  # fmt: skip
    _on([parts.question.submit, parts.ask.click], do.ask, _asked(parts), shown, concurrency_limit=None)
    _on([parts.stop.click], do.stop, [parts.switch], [])
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
    for files in (parts.welcome_files, parts.files):
        _on([files.upload], do.add_files, [files, parts.target, parts.shelf], library, **adding)
    for folder in (parts.welcome_folder, parts.folder):
        _on([folder.upload], do.add_folder, [folder, parts.target, parts.shelf], library, **adding)
    _on([parts.add_url.click, parts.url.submit], do.add_url, [parts.url, parts.target, parts.shelf], library, **adding)
    _on([parts.sample.click], do.add_sample, [parts.shelf], library, concurrency_limit=None)
    unlocking = [parts.password, parts.which, parts.shelf]
    _on([parts.unlock.click, parts.password.submit], do.unlock, unlocking, [*library, parts.password], **adding)
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
        parts.hello, parts.locked, parts.which,
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
