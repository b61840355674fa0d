"""First come, first served."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from rag.errors import Cancelled
from rag.platform.turns import Turns


def go_on() -> None:
    """Don't give up."""


class Client:
    """A thread that takes a turn; it ends its turn when told to."""

    def __init__(self, turns: Turns, number: int, served: list[int], check: Callable[[], None] = go_on) -> None:
        self.places: list[int] = []
        self.placed, self.begun, self.end = threading.Event(), threading.Event(), threading.Event()
        self.gave_up = False

        def on_place(before: int) -> None:
            self.places.append(before)
            self.placed.set()

        def work() -> None:
            try:
                with turns.take(check=check, on_place=on_place):
                    served.append(number)
                    self.begun.set()
                    self.end.wait()
            except Cancelled:
                self.gave_up = True

        self.thread = threading.Thread(target=work)
        self.thread.start()


@pytest.mark.timeout(60)
def test_turns_are_taken_in_order_and_each_is_told_its_place() -> None:
    turns, served = Turns(), list[int]()
    clients = [Client(turns, 0, served)]
    clients[0].begun.wait()
    for number in range(1, 8):
        clients.append(Client(turns, number, served))
        clients[-1].placed.wait()
    for client in clients:
        client.begun.wait()
        client.end.set()
        client.thread.join()
    assert served == list(range(8))
    assert clients[0].places == []
    assert clients[1].places == [1]
    for number, client in enumerate(clients[1:], start=1):
        assert client.places[0] == number
        assert client.places == sorted(client.places, reverse=True)
        assert 0 not in client.places


@pytest.mark.timeout(60)
def test_who_gives_up_frees_its_place_at_once() -> None:
    turns, served, stop = Turns(), list[int](), threading.Event()

    def stopped() -> None:
        if stop.is_set():
            raise Cancelled("stopped")

    first = Client(turns, 0, served)
    first.begun.wait()
    second = Client(turns, 1, served, check=stopped)
    second.placed.wait()
    third = Client(turns, 2, served)
    third.placed.wait()
    stop.set()
    second.thread.join()
    assert second.gave_up
    first.end.set()
    third.begun.wait()
    third.end.set()
    for client in (first, third):
        client.thread.join()
    assert served == [0, 2]


def test_an_error_within_a_turn_ends_it() -> None:
    turns = Turns()
    with pytest.raises(ValueError, match="wrong"), turns.take(check=go_on, on_place=lambda before: None):
        raise ValueError("wrong")
    with turns.take(check=go_on, on_place=lambda before: None):
        pass
