"""What was accepted and is not parsed yet: its bytes lie in the files folder, so nothing can lose it any more."""

from __future__ import annotations

from dataclasses import dataclass

from rag.library.database import Database, now
from rag.library.membership import leave_files, withdraw
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
            withdraw(db, "collection_id = ? AND uri = ?", (collection_id, source.uri))  # an older version's
            db.execute(
                "INSERT INTO jobs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    collection_id, source.uri, document_id, source.sha256, source.media_type, source.size,
                    source.mtime_ns, source.etag, now(),
                ),
            )  # fmt: skip
            db.execute("DELETE FROM file_removals WHERE sha256 = ?", (source.sha256,))

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

    def withdraw(self, job: Job) -> None:
        """Take a job out of the queue: its file has become what is held already."""
        with self._database.write() as db:
            where = "uri = ? AND document_id = ? AND collection_id = (SELECT id FROM collections WHERE name = ?)"
            withdraw(db, where, (job.source.uri, job.document_id, job.collection))

    # ---- originals that may have to go

    def expect_file(self, sha256: str) -> None:
        """Write down that an original is about to be kept: a kill before anybody needs it leaves it to be removed."""
        with self._database.write() as db:
            leave_files(db, [sha256])

    def file_removals(self) -> list[tuple[str, bool]]:
        """Return (sha256, whether somebody needs it) of originals that may have to go."""
        with self._database.read() as db:
            rows = db.execute(
                """SELECT sha256, EXISTS (SELECT 1 FROM documents WHERE documents.sha256 = file_removals.sha256)
                          OR EXISTS (SELECT 1 FROM jobs WHERE jobs.sha256 = file_removals.sha256) AS needed
                   FROM file_removals"""
            ).fetchall()
        return [(str(row["sha256"]), bool(row["needed"])) for row in rows]

    def file_removed(self, sha256: str) -> None:
        """Write down that nothing is left to do about an original."""
        with self._database.write() as db:
            db.execute("DELETE FROM file_removals WHERE sha256 = ?", (sha256,))
