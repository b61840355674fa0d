"""Questions go first."""

import threading
import time

from rag.priority import Priority


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
