"""The conversations of the page: each with its exchanges, as the page packs them, oldest first.

A removed conversation stays for a while, so that the removal can be undone.
"""

from __future__ import annotations

import secrets
import sqlite3
from dataclasses import dataclass

from rag.errors import InputError, NotFound
from rag.library.database import Database, now

LONGEST_TITLE = 200  # characters
_LISTED = "SELECT id, title, created, changed, (SELECT count(*) FROM exchanges WHERE conversation_id = id) AS exchanges"


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation, as listed."""

    conversation_id: str
    title: str
    created: str  # ISO 8601, UTC
    changed: str  # likewise
    exchanges: int


class Conversations:
    """Reads and changes the conversations of a home."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, title: str) -> str:
        """Begin a conversation; return its id."""
        key, moment = secrets.token_hex(8), now()
        with self._database.write() as db:
            db.execute(
                "INSERT INTO conversations (id, title, created, changed) VALUES (?, ?, ?, ?)",
                (key, _title(title), moment, moment),
            )
        return key

    def add(self, conversation_id: str, words: str, packed: str) -> int:
        """Add an exchange at the end, with the words that it is found by; return its number, from 0.

        Raises NotFound for a removed conversation.
        """
        with self._database.write() as db:
            _touch(db, conversation_id)
            row = db.execute(
                "SELECT coalesce(max(number) + 1, 0) FROM exchanges WHERE conversation_id = ?", (conversation_id,)
            ).fetchone()
            db.execute("INSERT INTO exchanges VALUES (?, ?, ?, ?)", (conversation_id, row[0], words, packed))
            return int(row[0])

    def update(self, conversation_id: str, number: int, words: str, packed: str) -> None:
        """Store an exchange as it is now; nothing happens if it was removed."""
        with self._database.write() as db:
            changed = (words, packed, conversation_id, number)
            db.execute("UPDATE exchanges SET words = ?, packed = ? WHERE conversation_id = ? AND number = ?", changed)

    def exchanges(self, conversation_id: str) -> list[str]:
        """Return the packed exchanges of a conversation, in order; raises NotFound."""
        with self._database.read() as db:
            there = db.execute(
                "SELECT 1 FROM conversations WHERE id = ? AND removed IS NULL", (conversation_id,)
            ).fetchone()
            rows = db.execute(
                "SELECT packed FROM exchanges WHERE conversation_id = ? ORDER BY number", (conversation_id,)
            ).fetchall()
        if there is None:
            raise _not_there(conversation_id)
        return [str(row["packed"]) for row in rows]

    def all(self, words: str = "") -> list[Conversation]:
        """Return the conversations, the latest first; with `words`, those in which each stands, in any case."""
        with self._database.read() as db:
            rows = db.execute(f"{_LISTED} FROM conversations WHERE removed IS NULL ORDER BY changed DESC, rowid DESC")
            listed = [Conversation(*row) for row in rows.fetchall() if row["exchanges"]]
            if not (wanted := words.casefold().split()):
                return listed
            told = {one.conversation_id: one.title for one in listed}
            for key, said in db.execute("SELECT conversation_id, words FROM exchanges"):
                told[key] = f"{told.get(key, '')}\n{said}"
        return [one for one in listed if _holds(told[one.conversation_id], wanted)]

    def rename(self, conversation_id: str, title: str) -> None:
        """Give a conversation another title; raises InputError for an empty one, NotFound."""
        if not title.strip():
            message = "A conversation needs a name."
            raise InputError(message, remedy="Type one.")
        with self._database.write() as db:
            changed = db.execute("UPDATE conversations SET title = ? WHERE id = ?", (_title(title), conversation_id))
            if not changed.rowcount:
                raise _not_there(conversation_id)

    def remove(self, conversation_id: str) -> None:
        """Remove a conversation; `restore` brings it back until `purge`."""
        with self._database.write() as db:
            db.execute("UPDATE conversations SET removed = ? WHERE id = ?", (now(), conversation_id))

    def restore(self, conversation_id: str) -> None:
        """Bring a removed conversation back; raises NotFound if it is purged."""
        with self._database.write() as db:
            changed = db.execute("UPDATE conversations SET removed = NULL WHERE id = ?", (conversation_id,))
            if not changed.rowcount:
                raise _not_there(conversation_id)

    def purge(self) -> None:
        """Delete the removed conversations for good, and those in which nothing was asked."""
        with self._database.write() as db:
            db.execute(
                """DELETE FROM conversations WHERE removed IS NOT NULL
                   OR NOT EXISTS (SELECT 1 FROM exchanges WHERE conversation_id = id)"""
            )


def _touch(db: sqlite3.Connection, conversation_id: str) -> None:
    where = "WHERE id = ? AND removed IS NULL"
    if not db.execute(f"UPDATE conversations SET changed = ? {where}", (now(), conversation_id)).rowcount:
        raise _not_there(conversation_id)


def _title(told: str) -> str:
    return " ".join(told.split())[:LONGEST_TITLE]


def _holds(text: str, wanted: list[str]) -> bool:
    folded = text.casefold()
    return all(word in folded for word in wanted)


def _not_there(conversation_id: str) -> NotFound:
    return NotFound(f"There is no conversation {conversation_id!r} any more.", remedy="Begin a new one.")
