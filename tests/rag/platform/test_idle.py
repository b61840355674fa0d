"""What happens once nothing has been done for a while."""

from __future__ import annotations

import threading

import pytest

from rag.platform.idle import IdleTimer


@pytest.mark.timeout(60)
def test_the_action_comes_after_the_last_work_and_not_during_any() -> None:
    acted = threading.Event()
    timer = IdleTimer(0.01, acted.set)
    with timer.busy():
        with timer.busy():
            pass
        assert not acted.wait(0.1)  # still busy: the inner work was not the last
    acted.wait()


@pytest.mark.timeout(60)
def test_the_action_comes_again_after_more_work() -> None:
    times: list[str] = []
    acted = threading.Event()

    def act() -> None:
        times.append("acted")
        acted.set()

    timer = IdleTimer(0.01, act)
    for said in (["acted"], ["acted", "acted"]):
        acted.clear()
        with timer.busy():
            pass
        acted.wait()
        assert times == said


def test_nothing_happens_before_the_first_work() -> None:
    acted = threading.Event()
    IdleTimer(0.0, acted.set)
    assert not acted.is_set()
