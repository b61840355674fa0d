"""Conversations: kept in order, listed, searched, renamed, removed and brought back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.errors import InputError, NotFound
from rag.library.conversations import Conversations
from rag.library.database import Database


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Conversations]:
    database = Database(tmp_path / "library.db")
    yield Conversations(database)
    database.close()


def asked(kept: Conversations, *questions: str) -> str:
    key = kept.begin(questions[0])
    for question in questions:
        kept.add(key, question, f'{{"question": "{question}"}}')
    return key


def test_exchanges_come_back_in_their_order(kept: Conversations) -> None:
    key = asked(kept, "What is a heap?", "And a trie?")
    kept.update(key, 1, "And a trie? A tree.", "changed")
    assert kept.exchanges(key) == ['{"question": "What is a heap?"}', "changed"]


def test_the_latest_conversation_comes_first(kept: Conversations) -> None:
    first, second = asked(kept, "What is a heap?"), asked(kept, "What is a trie?")
    assert [one.conversation_id for one in kept.all()] == [second, first]
    assert [(one.title, one.exchanges) for one in kept.all()] == [("What is a trie?", 1), ("What is a heap?", 1)]


def test_one_in_which_nothing_was_asked_is_not_listed(kept: Conversations) -> None:
    kept.begin("nothing yet")
    assert kept.all() == []


def test_a_search_looks_into_titles_questions_and_answers(kept: Conversations) -> None:
    key = asked(kept, "What is a heap?", "Wie schnell ist STRASSEN?")
    asked(kept, "What is a trie?")
    assert [one.conversation_id for one in kept.all("strassen HEAP")] == [key]
    assert kept.all("strassen trie") == []
    kept.update(key, 1, "Wie schnell ist STRASSEN? Schneller als der trie.", "{}")
    assert [one.conversation_id for one in kept.all("strassen trie")] == [key]


def test_it_can_be_renamed(kept: Conversations) -> None:
    key = asked(kept, "What is a heap?")
    kept.rename(key, "  Week 3:\n heaps ")
    assert [one.title for one in kept.all()] == ["Week 3: heaps"]
    with pytest.raises(InputError):
        kept.rename(key, "  ")
    with pytest.raises(NotFound):
        kept.rename("nothing", "x")


def test_a_removal_can_be_undone_until_it_is_purged(kept: Conversations) -> None:
    key = asked(kept, "What is a heap?")
    kept.remove(key)
    assert kept.all() == []
    with pytest.raises(NotFound):
        kept.exchanges(key)
    with pytest.raises(NotFound):
        kept.add(key, "And then?", "{}")
    kept.restore(key)
    assert len(kept.exchanges(key)) == 1
    kept.remove(key)
    kept.purge()
    with pytest.raises(NotFound):
        kept.restore(key)
