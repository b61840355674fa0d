"""The table of operations: all that another process, or the page, can ask of an open home.

Parameters and results are those of the methods of `Studyhall`. From the table derive the call in the server's process
and the HTTP routes (`http.py`), the client of a second command (`remote.py`) and the JSON between them (`wire.py`).
A new operation is a method of `Studyhall` and a row here; another interface, such as a REST API or tools for other
programs, is a further column.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from pathlib import Path
from types import GenericAlias
from typing import Any, get_args, get_origin, get_type_hints

from ingest.accept.sources import absolute, is_url
from ui.hall import Studyhall


class Caller(IntEnum):
    """Who calls; each may do all that those before it may."""

    ANYONE = 0  # whoever reaches the server
    PAGE = 1  # the browser page, inside the server's process
    OWNER = 2  # a command on this computer, with the token of ``owner.json``


@dataclass(frozen=True)
class Operation:
    """A row of the table."""

    name: str  # in a call over HTTP
    method: Callable[..., Any]  # of `Studyhall`
    who: Caller = Caller.OWNER
    get: str = ""  # the path of a GET route of its own; empty when it has none
    sent: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)  # makes arguments fit to travel

    @cached_property
    def parameters(self) -> dict[str, Any]:
        """The parameters that travel, with their types; an iterable travels as a list."""
        hints = {name: hint for name, hint in self._hints.items() if name not in {"return", self.stop}}
        return {
            name: GenericAlias(list, get_args(hint)) if get_origin(hint) is Iterable else hint
            for name, hint in hints.items()
        }

    @cached_property
    def stop(self) -> str:
        """The parameter that stops the work; it never travels: the server sets its own when the client has gone."""
        return next((name for name, hint in self._hints.items() if hint == threading.Event | None), "")

    @property
    def result(self) -> Any:
        """The type of the result."""
        return self._hints["return"]

    @property
    def streams(self) -> bool:
        """Whether records come while the work goes on."""
        return get_origin(self.result) is Iterator

    @property
    def lists(self) -> bool:
        """Whether a list of records comes, whole."""
        return get_origin(self.result) is list

    @cached_property
    def _hints(self) -> dict[str, Any]:
        return get_type_hints(self.method)


def table(*rows: Operation) -> dict[str, Operation]:
    """Return operations by name."""
    return {row.name: row for row in rows}


def _absolute(targets: Iterable[str | Path]) -> list[str]:
    """Return paths from the root on: the server has another working folder."""
    return [str(target if is_url(target) or not str(target) else absolute(target)) for target in targets]


def _absolute_file(file: str | Path) -> str:
    return str(absolute(file))


OPERATIONS = table(
    Operation("health", Studyhall.health, Caller.ANYONE, get="/health"),
    Operation("examine", Studyhall.examine),
    Operation("ingest", Studyhall.ingest_events, Caller.PAGE, sent={"targets": _absolute}),
    Operation("ask", Studyhall.ask_events, Caller.PAGE),
    Operation("back_up", Studyhall.back_up, sent={"file": _absolute_file}),
    Operation("export_collection", Studyhall.export_collection, sent={"file": _absolute_file}),
    Operation("import_collection", Studyhall.import_events, sent={"file": _absolute_file}),
    Operation("outdated", Studyhall.outdated, Caller.PAGE),
    Operation("read_again", Studyhall.read_again_events, Caller.PAGE),
    Operation("orphans", Studyhall.orphans),
    Operation("recover", Studyhall.recover_events),
    Operation("discard_orphans", Studyhall.discard_orphans),
    Operation("search", Studyhall.search),
    Operation("evaluate", Studyhall.evaluate_events),
    Operation("draft", Studyhall.draft_questions),
    Operation("documents", Studyhall.documents, Caller.PAGE),
    Operation("find", Studyhall.find),
    Operation("document", Studyhall.document, Caller.PAGE),
    Operation("remove", Studyhall.remove, Caller.PAGE),
    Operation("move", Studyhall.move_events, Caller.PAGE),
    Operation("tags", Studyhall.tags),
    Operation("tag", Studyhall.tag),
    Operation("collections", Studyhall.collections, Caller.PAGE),
    Operation("create_collection", Studyhall.create_collection),
    Operation("rename_collection", Studyhall.rename_collection, Caller.PAGE),
    Operation("remove_collection", Studyhall.remove_collection),
)
