"""One table: what stands in it can be called here, by another process and over HTTP; what doesn't, can't."""

from __future__ import annotations

import ast
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import TypeAdapter

from rag.errors import HomeInUse, InputError
from rag.events import Text
from rag.library.home import Owner
from rag.types import EVERYWHERE, Filter, Turn
from ui.hall import Studyhall
from ui.server import listen, make_server
from ui.service.http import records, router
from ui.service.operations import OPERATIONS, Caller, Operation, table
from ui.service.remote import RemoteHall

UI = Path(__file__).parents[3] / "ui"
TOKEN = "the-token"
CONVENIENT = {"ask", "ingest", "evaluate"}  # methods of Studyhall that are made of operations


class ToyHall(Studyhall):
    """A home with operations that only these tests have."""

    ended = threading.Event()

    def repeat(self, turns: Sequence[Turn], *, within: Filter = EVERYWHERE, times: int = 1) -> list[Text]:
        """Return the questions of some turns, so many times."""
        return [Text(f"{turn.question} {within.tags}") for turn in turns] * times

    def wait(self, *, stopped: threading.Event | None = None) -> Iterator[Text]:
        """Yield a record, then wait to be stopped."""
        try:
            yield Text("waiting")  # whoever is stopped before the next record is asked for ends here
            assert stopped is not None
            stopped.wait(120)
        finally:
            self.ended.set()

    def fail(self) -> None:
        """Do what can't be done."""
        message = "It can't be done."
        raise InputError(message, remedy="Do something else.")


TOYS = table(
    *OPERATIONS.values(),
    Operation("repeat", ToyHall.repeat),
    Operation("wait", ToyHall.wait),
    Operation("fail", ToyHall.fail, Caller.ANYONE),
)


@pytest.fixture
def toys(tmp_path: Path) -> Iterator[ToyHall]:
    with ToyHall.open(tmp_path / "home") as opened:
        assert isinstance(opened, ToyHall)
        yield opened


@contextmanager
def served(hall: Studyhall) -> Iterator[Owner]:
    """Serve a home's operations, without the page, on a free port."""
    app = FastAPI()
    app.include_router(router(hall, TOKEN, TOYS))
    app.state.stop_tabs = lambda: None
    listens = threading.Event()
    with listen("127.0.0.1", 0) as listening:
        server = make_server(app, listens.set)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            assert listens.wait(60)
            yield Owner(1, "0", listening.getsockname()[1], TOKEN)
        finally:
            server.should_exit = True
            thread.join()


def post(owner: Owner, call: str, token: str, **arguments: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    url = f"http://127.0.0.1:{owner.port}/api/v1/run"
    return httpx.post(url, json={"call": call, "arguments": arguments}, headers=headers, trust_env=False)


def test_a_row_makes_a_method_callable_here_by_another_process_and_over_http(toys: ToyHall) -> None:
    turns, within = [Turn("Why?", "So.")], Filter(("exam",))
    wanted = toys.repeat(turns, within=within, times=2)
    sent = {"turns": [{"question": "Why?", "answer": "So."}], "within": {"tags": ["exam"]}, "times": 2}
    assert list(records(toys, TOYS["repeat"], sent, threading.Event())) == wanted
    with served(toys) as owner:
        remote: Any = RemoteHall(owner, TOYS)
        assert remote.repeat(turns, within=within, times=2) == wanted
        line = '{"kind": "Text", "value": {"piece": "Why? (\'exam\',)"}}\n'
        assert post(owner, "repeat", TOKEN, **sent).text == line * 2


def test_what_the_caller_no_longer_reads_is_stopped(toys: ToyHall) -> None:
    toys.ended.clear()
    with served(toys) as owner:
        remote: Any = RemoteHall(owner, TOYS)
        waiting = remote.wait()
        assert next(waiting) == Text("waiting")
        waiting.close()
        assert toys.ended.wait(60)


def test_an_error_there_is_the_same_error_here(toys: ToyHall) -> None:
    with served(toys) as owner:
        remote: Any = RemoteHall(owner, TOYS)
        with pytest.raises(InputError, match=r"It can't be done\. Do something else\."):
            remote.fail()
        with pytest.raises(TypeError, match="unexpected"):
            remote.fail(loudly=True)


def test_the_token_is_needed_for_all_that_not_everybody_may_do(toys: ToyHall) -> None:
    with served(toys) as owner:
        for call in ("documents", "repeat", "unheard"):
            assert [post(owner, call, token).status_code for token in ("", "guessed")] == [401, 401]
        assert post(owner, "fail", "").status_code == 200
        assert httpx.get(f"http://127.0.0.1:{owner.port}/health", trust_env=False).json() == toys.health()
        with pytest.raises(HomeInUse, match="refused"):
            RemoteHall(Owner(1, "0", owner.port, "guessed")).documents()


@pytest.mark.parametrize(
    ("call", "arguments", "says"),
    [
        ("unheard", {}, "can't do 'unheard'"),
        ("search", {"query": "x", "depth": 3}, "search can't be called so: got an unexpected keyword argument 'depth'"),
        ("search", {}, "search can't be called so: missing a required argument: 'query'"),
        ("search", {"query": "x", "k": "many"}, "search can't be called with 'many'"),
        ("create_collection", {"name": ""}, "is no name for a collection"),
    ],
)
def test_what_cannot_be_called_is_told(toys: ToyHall, call: str, arguments: dict[str, Any], says: str) -> None:
    with served(toys) as owner:
        reply = post(owner, call, TOKEN, **arguments)
    assert (reply.status_code, reply.json()["class"]) == (200, "InputError")
    assert says in reply.json()["what"]


def test_the_names_of_calls_stay_for_the_commands_that_know_them() -> None:
    assert set(OPERATIONS) == {
        *(
            "health",
            "examine",
            "ingest",
            "ask",
            "search",
            "evaluate",
            "draft",
            "documents",
            "find",
            "document",
            "remove",
        ),
        *("tags", "tag", "collections", "create_collection", "remove_collection"),
        *(
            "orphans",
            "recover",
            "discard_orphans",
            "outdated",
            "read_again",
            "back_up",
            "export_collection",
            "import_collection",
            "move",
            "rename_collection",
        ),
    }


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=lambda operation: operation.name)
def test_all_that_an_operation_takes_can_travel(operation: Operation) -> None:
    for kind in operation.parameters.values():
        TypeAdapter(kind)
    assert operation.who is not Caller.ANYONE or not operation.parameters


def called(path: Path) -> set[str]:
    """Return the names that a file uses of a hall: `hall.ask`, `self.hall.ask`, `self._hall.ask`."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute):
            of = node.value
            name = of.id if isinstance(of, ast.Name) else of.attr if isinstance(of, ast.Attribute) else ""
            found |= {node.attr} if name.lstrip("_") == "hall" else set()
    return found


def test_the_page_uses_no_operation_that_is_the_owners_alone() -> None:
    methods = {operation.method.__name__: operation.who for operation in OPERATIONS.values()}
    used = set.union(*map(called, (UI / "web").glob("*.py")))
    assert {"ask_events", "documents"} <= used
    assert not {name for name in used if methods.get(name, Caller.PAGE) > Caller.PAGE}


def test_a_command_that_may_be_handed_over_uses_operations_only() -> None:
    methods = {operation.method.__name__ for operation in OPERATIONS.values()}
    for path in (UI / "commands").glob("*.py"):
        if "open_hall()" in path.read_text(encoding="utf-8"):
            assert called(path) <= methods | CONVENIENT, path


def test_nobody_reaches_through_a_hall_to_its_engine() -> None:
    for path in UI.rglob("*.py"):
        assert path.name == "hall.py" or "engine" not in called(path), path
