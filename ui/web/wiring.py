"""Which event calls which handler, with which inputs and outputs; our errors become the page's here."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rag.errors import StudyhallError
from rag.texts import in_language, say, speaking
from ui.web.handlers import Handlers
from ui.web.language import language_of
from ui.web.markup import text
from ui.web.parts import Parts

if TYPE_CHECKING:
    import gradio as gr

# What changes when documents come or go.
_LIBRARY = """listing documents progress welcome_progress welcome asking model_status collection document model target
listed hello locked which past_list"""


def wire(do: Handlers, parts: Parts, blocks: gr.Blocks) -> None:
    """Connect the components with their handlers."""
    _wire_asking(do, parts, blocks)
    _wire_past(do, parts)
    _wire_documents(do, parts)
    _wire_viewer(do, parts)


def _wire_asking(do: Handlers, parts: Parts, blocks: gr.Blocks) -> None:
    asked = _of(parts, "question exchanges collection document model switch kept tags pages until")
    shown = _of(parts, "exchanges conversation question ask stop fresh kept past_list hello")
    _on(do, [parts.question.submit, parts.ask.click], do.ask, asked, shown, concurrency_limit=None)
    _on(do, [parts.stop.click], do.stop, [parts.switch], [])
    _on(do, [parts.fresh.click], do.fresh, [], shown)
    _on(do, [parts.collection.change], do.narrow, [parts.collection], [parts.document])
    about = _of(parts, "tabs collection document question")
    _on(do, [parts.act_ask.change], do.about, [parts.act_ask, parts.listing], about)
    _on(do, [blocks.load], do.load, _of(parts, "listing choice"), _of(parts, _LIBRARY), concurrency_limit=None)
    choosing = _of(parts, "collection model"), _of(parts, "choice model_status")
    _on(do, [parts.collection.input, parts.model.input], do.choose, *choosing)


def _wire_past(do: Handlers, parts: Parts) -> None:
    listed = _of(parts, "past past_list renaming")
    opened = _of(parts, "exchanges conversation kept fresh tabs renamed")
    _on(do, [parts.act_past.change], do.past, _of(parts, "act_past past"), listed + opened)
    _on(do, [parts.rename.click, parts.renamed.submit], do.rename, _of(parts, "renamed past"), listed)
    _on(do, [parts.past_words.change], do.find_past, [parts.past_words], listed)


def _wire_documents(do: Handlers, parts: Parts) -> None:
    library = _of(parts, f"{_LIBRARY} welcome_files files url")
    adding: dict[str, Any] = {"concurrency_limit": None, "trigger_mode": "multiple", "preprocess": False}
    for files in (parts.welcome_files, parts.files):
        _on(do, [files.upload], do.add_files, [files, parts.target, parts.listing], library, **adding)
    for folder in (parts.welcome_folder, parts.folder):
        _on(do, [folder.upload], do.add_folder, [folder, parts.target, parts.listing], library, **adding)
    url = _of(parts, "url target listing")
    _on(do, [parts.add_url.click, parts.url.submit], do.add_url, url, library, **adding)
    _on(do, [parts.sample.click], do.add_sample, [parts.listing], library, concurrency_limit=None)
    unlocking = _of(parts, "password which listing")
    _on(do, [parts.unlock.click, parts.password.submit], do.unlock, unlocking, [*library, parts.password], **adding)
    named = _of(parts, "listed listed_words")
    _on(
        do,
        [parts.listed.change, parts.listed_words.change],
        do.list_collection,
        named,
        [parts.listing, parts.documents],
    )
    picking = _of(parts, "picked picked_row picked_says move_to")
    everything = _of(parts, _LIBRARY) + picking
    _on(do, [parts.act_pick.change], do.pick, _of(parts, "act_pick picked listing"), everything)
    _on(do, [parts.remove_picked.click], do.ask_to_remove, [parts.picked], [parts.picked_says])
    moving = _of(parts, "move_to picked listing")
    _on(do, [parts.move.click], do.move, moving, everything, concurrency_limit=None)
    _on(
        do,
        [parts.act_docs.change],
        do.document,
        [parts.act_docs, parts.listing],
        _of(parts, _LIBRARY),
        concurrency_limit=None,
    )


def _wire_viewer(do: Handlers, parts: Parts) -> None:
    inputs, shown = _of(parts, "act_view exchanges view listing"), _of(parts, "view page viewer")
    _on(do, [parts.act_view.change], do.show, inputs, shown)


def _of(parts: Parts, names: str) -> list[Any]:
    return [getattr(parts, name) for name in names.split()]


def _on(
    do: Handlers,
    triggers: Sequence[Any],
    handler: Callable[..., Any],
    inputs: list[Any],
    outputs: list[Any],
    **how: Any,
) -> None:
    import gradio as gr

    settings = {"show_progress": "hidden", "api_visibility": "private"} | how
    gr.on(list(triggers), for_gradio(handler, do.hall.settings.language), inputs, outputs, **settings)


def for_gradio(handler: Callable[..., Any], setting: str = "") -> Callable[..., Any]:
    """Return the handler as Gradio calls it: it speaks the page's language, and our errors become Gradio's."""
    import gradio as gr

    def returning(request: Any, *args: Any) -> Any:
        with speaking(language_of(request.headers, setting)), _errors_shown():
            return handler(*args)

    def yielding(request: Any, *args: Any) -> Iterator[Any]:
        with _errors_shown():
            yield from in_language(language_of(request.headers, setting), handler(*args))

    made = yielding if inspect.isgeneratorfunction(handler) else returning
    made.__annotations__ = {"request": gr.Request}  # by which Gradio knows what to hand over
    return made


@contextmanager
def _errors_shown() -> Iterator[None]:
    """Turn our errors into Gradio's, which the page shows: the one place for it."""
    import gradio as gr

    try:
        yield
    except StudyhallError as exc:
        raise gr.Error(text(exc), title=say("That didn't work"), print_exception=False) from exc
