"""What was accepted and is not parsed yet: its bytes lie in the files folder, so nothing can lose it any more."""

from __future__ import annotations

from dataclasses import dataclass

from rag.library.database import Database, now
from rag.types import Source


@dataclass(frozen=True, slots=True)
class Job:
    """Bytes that were accepted for a collection and are not parsed yet."""

    collection: str
    document_id: str
    source: Source


class Queue:
    """Keeps account of what is still to be parsed."""

    _database: Database

    def accept(self, collection_id: int, document_id: str, source: Source) -> None:
        """Write down that `source` is to be ingested; its bytes already lie in the files folder."""
        with self._database.write() as db:
            db.execute(
                "INSERT OR REPLACE INTO jobs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    collection_id, source.uri, document_id, source.sha256, source.media_type, source.size,
                    source.mtime_ns, source.etag, now(),
                ),
            )  # fmt: skip

    def jobs(self) -> list[Job]:
        """Return what was accepted and is not parsed yet, oldest first."""
        with self._database.read() as db:
            rows = db.execute(
                "SELECT jobs.*, name FROM jobs JOIN collections ON id = collection_id ORDER BY jobs.rowid"
            ).fetchall()
        return [
            Job(
                row["name"],
                row["document_id"],
                Source(row["uri"], row["media_type"], row["size"], row["sha256"], row["mtime_ns"], row["etag"]),
            )
            for row in rows
        ]
