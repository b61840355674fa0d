"""Several people and one model."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from langchain_core.messages import HumanMessage

from rag.errors import Cancelled
from rag.events import Queued, Text
from rag.models.adapters import LlamaModel
from rag.models.chat import LlamaChat
from tests.tiny_gguf import write_tiny_gguf

CLIENTS = 8


class Client:
    """A thread that asks a model, keeping what it is told."""

    def __init__(self, model: LlamaModel, number: int, served: list[int]) -> None:
        self.places: list[int] = []
        self.text = ""
        self.queued, self.cancelled, self.stopped = threading.Event(), threading.Event(), False

        def ask() -> None:
            try:
                for step in model.stream([HumanMessage(f"Question {number}")], self.cancelled):
                    if isinstance(step, Queued):
                        self.places.append(step.before)
                        self.queued.set()
                    elif isinstance(step, Text):
                        self.text += step.piece
                served.append(number)
            except Cancelled:
                self.stopped = True

        self.thread = threading.Thread(target=ask)
        self.thread.start()


@pytest.fixture
def chat(tmp_path: Path) -> LlamaChat:
    """A tiny model that writes until it is stopped."""
    return LlamaChat(model_path=write_tiny_gguf(tmp_path / "tiny.gguf", context=4096), answer_tokens=24, threads=1)


@pytest.mark.timeout(120)
def test_eight_clients_are_told_their_places_and_none_is_lost(chat: LlamaChat) -> None:
    model, served = LlamaModel(chat, "tiny"), list[int]()
    first = chat.stream([HumanMessage("A question that holds its turn")])
    next(first)
    clients = []
    for number in range(CLIENTS):
        clients.append(Client(model, number, served))
        clients[-1].queued.wait()
    first.close()  # type: ignore[attr-defined]  # a generator, though declared as an iterator
    for client in clients:
        client.thread.join()
    assert sorted(served) == list(range(CLIENTS))  # a thread may read its text after the next one's turn began
    assert all(client.text for client in clients)
    assert [client.places[0] for client in clients] == list(range(1, CLIENTS + 1))
    assert all(client.places == sorted(client.places, reverse=True) for client in clients)


@pytest.mark.timeout(120)
def test_who_stops_while_waiting_frees_the_place(chat: LlamaChat) -> None:
    model, served = LlamaModel(chat, "tiny"), list[int]()
    first = chat.stream([HumanMessage("A question that holds its turn")])
    next(first)
    clients = []
    for number in range(2):
        clients.append(Client(model, number, served))
        clients[-1].queued.wait()
    clients[1].queued.clear()
    clients[0].cancelled.set()
    clients[0].thread.join()
    assert clients[0].stopped
    clients[1].queued.wait()
    assert clients[1].places == [2, 1]
    first.close()  # type: ignore[attr-defined]  # a generator, though declared as an iterator
    clients[1].thread.join()
    assert served == [1]


@pytest.mark.timeout(120)
def test_a_model_is_loaded_ahead_and_unloaded_when_nobody_asks(chat: LlamaChat) -> None:
    model = LlamaModel(chat, "tiny", unload_after_s=0.05)
    assert not chat.loaded
    model.prepare()
    while not chat.loaded:
        threading.Event().wait(0.01)
    assert list(model.stream([HumanMessage("?")], threading.Event()))
    while chat.loaded:
        threading.Event().wait(0.01)
    assert list(model.stream([HumanMessage("?")], threading.Event()))


def test_what_cannot_be_loaded_is_told_by_the_answer_not_by_the_loading_ahead(tmp_path: Path) -> None:
    (tmp_path / "broken.gguf").write_bytes(b"GGUF, but no more than that")
    model = LlamaModel(LlamaChat(model_path=tmp_path / "broken.gguf"), "broken")
    model.prepare()
    with pytest.raises(Exception, match=r"broken\.gguf"):
        list(model.stream([HumanMessage("?")], threading.Event()))
