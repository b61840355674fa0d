"""Questions go first."""

import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from rag.platform.priority import Priority, go_last


def test_nobody_waits_when_nobody_asks() -> None:
    began = time.perf_counter()
    Priority().give_way()
    assert time.perf_counter() - began < 1


def test_an_ingestion_waits_until_the_last_question_is_answered() -> None:
    priority = Priority()
    order: list[str] = []

    def ingest() -> None:
        priority.give_way(longest=30)
        order.append("ingested")

    with priority.asking():
        thread = threading.Thread(target=ingest)
        with priority.asking():
            thread.start()
        time.sleep(0.05)
        order.append("answered")
    thread.join()
    assert order == ["answered", "ingested"]


def test_a_conversation_without_a_pause_does_not_stop_an_ingestion() -> None:
    priority = Priority()
    began = time.perf_counter()
    with priority.asking():
        priority.give_way(longest=0.05)
    assert 0.05 <= time.perf_counter() - began < 5


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
