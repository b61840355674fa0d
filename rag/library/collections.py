"""The collections of a home: names, numbers and sizes."""

from __future__ import annotations

from rag.errors import InputError, NotFound
from rag.library.database import Database, now
from rag.library.transactions import SCHEDULE_VECTOR_REMOVALS, delete_orphans, withdraw_jobs
from rag.types import CollectionInfo

DEFAULT_COLLECTION = "main"


class Collections:
    """Creates, lists and removes collections. All other parts know a collection by its number."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[CollectionInfo]:
        """Return every collection with its counts of documents and chunks."""
        with self._database.read() as db:
            rows = db.execute(
                """SELECT name, count(DISTINCT holdings.document_id) AS documents,
                          (SELECT count(*) FROM chunks WHERE document_id IN
                              (SELECT document_id FROM holdings WHERE collection_id = collections.id)) AS chunks
                   FROM collections LEFT JOIN holdings ON collection_id = collections.id
                   GROUP BY collections.id ORDER BY name"""
            ).fetchall()
        return [CollectionInfo(row["name"], row["documents"], row["chunks"]) for row in rows]

    def searchable(self) -> list[tuple[int, str]]:
        """Return (number, name) of the collections that have chunks."""
        with self._database.read() as db:
            rows = db.execute(
                """SELECT id, name FROM collections WHERE EXISTS (
                       SELECT 1 FROM holdings JOIN chunks ON chunks.document_id = holdings.document_id
                       WHERE collection_id = collections.id) ORDER BY name"""
            ).fetchall()
        return [(int(row["id"]), str(row["name"])) for row in rows]

    def numbers(self) -> list[int]:
        """Return the numbers of all collections, ordered by name."""
        with self._database.read() as db:
            return [int(row["id"]) for row in db.execute("SELECT id FROM collections ORDER BY name")]

    def number(self, name: str) -> int:
        """Return the number of a collection; raises NotFound, which lists the existing names."""
        with self._database.read() as db:
            row = db.execute("SELECT id FROM collections WHERE name = ?", (name,)).fetchone()
            if row is not None:
                return int(row["id"])
            names = [str(known["name"]) for known in db.execute("SELECT name FROM collections ORDER BY name")]
        message = f"There is no collection {name!r}."
        raise NotFound(message, remedy=f"There are: {', '.join(names)}." if names else "There are none yet.")

    def name(self, number: int) -> str:
        """Return the name of a collection; "" if there is none of that number."""
        with self._database.read() as db:
            row = db.execute("SELECT name FROM collections WHERE id = ?", (number,)).fetchone()
        return "" if row is None else str(row["name"])

    def create(self, name: str) -> int:
        """Return the number of the collection `name`, creating the collection if necessary."""
        name = _checked(name)
        with self._database.write() as db:
            db.execute("INSERT OR IGNORE INTO collections (name, created) VALUES (?, ?)", (name, now()))
        return self.number(name)

    def rename(self, name: str, new: str) -> None:
        """Give a collection another name, which no other has. Raises NotFound and InputError."""
        number, new = self.number(name), _checked(new)
        with self._database.write() as db:
            if db.execute("SELECT 1 FROM collections WHERE name = ? AND id != ?", (new, number)).fetchone():
                message = f"There is a collection {new!r} already."
                raise InputError(message, remedy="Move the documents into it, or choose another name.")
            db.execute("UPDATE collections SET name = ? WHERE id = ?", (new, number))

    def remove(self, name: str) -> None:
        """Remove a collection and every document that no other collection holds."""
        number = self.number(name)
        with self._database.write() as db:
            db.execute(f"{SCHEDULE_VECTOR_REMOVALS} WHERE collection_id = ?", (number,))
            withdraw_jobs(db, "collection_id = ?", (number,))
            db.execute("DELETE FROM collections WHERE id = ?", (number,))
            delete_orphans(db)


def _checked(name: str) -> str:
    name = name.strip()
    if not name or len(name) > 100 or not name.isprintable():
        message = f"{name!r} is no name for a collection."
        raise InputError(message, remedy="Use 1 to 100 printable characters.")
    return name
