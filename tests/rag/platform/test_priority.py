"""Questions go first."""

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from rag.platform.priority import Priority, go_last


def test_nobody_waits_when_nobody_asks() -> None:
    assert Priority().give_way(longest=threading.TIMEOUT_MAX)


def test_an_ingestion_waits_until_the_last_question_is_answered() -> None:
    priority = Priority()
    with priority.asking():
        with priority.asking():
            assert not priority.give_way(longest=0)
        assert not priority.give_way(longest=0)
    assert priority.give_way(longest=0)


def test_an_ingestion_that_waits_is_woken() -> None:
    priority = Priority()
    with ThreadPoolExecutor(1) as pool:
        with priority.asking():
            waiting = pool.submit(priority.give_way, longest=threading.TIMEOUT_MAX)
        assert waiting.result()


def test_a_conversation_without_a_pause_does_not_stop_an_ingestion() -> None:
    priority = Priority()
    with priority.asking():
        assert not priority.give_way(longest=0.01)


@pytest.mark.skipif(sys.platform != "linux", reason="threads have no priority of their own here")
def test_a_thread_that_goes_last_starts_threads_that_do_and_leaves_others_alone() -> None:
    mine = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    def started() -> tuple[int, int]:
        with ThreadPoolExecutor(1) as inner:
            theirs = inner.submit(lambda: os.getpriority(os.PRIO_PROCESS, threading.get_native_id())).result()
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id()), theirs

    with ThreadPoolExecutor(1, initializer=go_last) as pool:
        assert pool.submit(started).result() == (min(mine + 10, 19), min(mine + 10, 19))
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == mine
